"""What the log's tables hold, for the data map. The leaves themselves are public and hold nothing about a person."""

from hustings.lib.records import (
    AS_THE_ROW,
    TECHNICAL,
    Basis,
    End,
    Field,
    Reader,
    Retention,
    Store,
    Table,
    Topic,
    about_people,
    technical,
)

ENTRY = "trust.LogEntry"
OPENINGS = Topic("openings", data=("user",), use="essential.legal_obligation", basis=Basis.LEGAL)
UNTIL_FORGOTTEN = Retention(
    "openings",
    "until the account is closed; what stays in the public log then says nothing about anybody",
    (End.CLOSURE,),
)

FIELDS: list[Field] = [
    *about_people(
        ENTRY,
        OPENINGS,
        UNTIL_FORGOTTEN,
        (Reader.SELF,),
        subject="Whom the entry is about, so that they can see it.",
        sealed="What shows the meaning of the entry's commitments, sealed under that person's key.",
        disclose_after="From when the law lets that person be told.",
    ),
    *technical(
        ENTRY,
        id="The row's key, never shown.",
        kind="What sort of entry it is.",
        at="When it was written.",
        leaf="The entry as it stands in the public log.",
        index="Its place in the public log.",
    ),
    *technical(
        "trust.LogState",
        id="There is one row.",
        size="How many entries have a place.",
        root="The root of the tree over them.",
        latest_at="The latest time any entry carries.",
        published_size="How many entries the published checkpoint covers.",
        checkpoint="The published checkpoint.",
        published_at="When it was published.",
        tidied_tiles="How many full tiles have lost their incomplete forms.",
        holder="Which folder's sequencer may write.",
        lease_until="Until when.",
        fence="How often that changed hands.",
        fault="What keeps the log from going on.",
        fault_message="The same in words.",
        clock_back_index="The last entry that was written by a clock that had gone back.",
        clock_back_s="By how many seconds.",
    ),
    *technical(
        "trust.LogCount",
        kind="A kind of entry.",
        entries="How many of it the log holds.",
    ),
    *technical(
        "trust.LogWitness",
        name="A witness that the policy names.",
        size="How many entries its last cosignature covers.",
        cosigned_at="When it cosigned.",
        asked_at="When it was last asked.",
        answer="Why it did not cosign then.",
    ),
]
TABLES: list[Table] = [
    Table(
        ENTRY,
        subjects=("subject",),
        forgets=("subject",),
        erased="anonymise",
        why="The public log keeps its entries; who they are about, and the openings that show it, go.",
    ),
    Table("trust.LogState"),
    Table("trust.LogCount"),
    Table("trust.LogWitness"),
]

STORES: list[Store] = [
    Store("log", TECHNICAL, "The public log as files; it holds nothing about anybody.", AS_THE_ROW, (Reader.EVERYONE,))
]
