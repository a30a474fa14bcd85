"""What exports, imports and requests for correction hold about people, for the data map."""

from datetime import timedelta

from hustings.lib.records import (
    Basis,
    End,
    Expiry,
    Field,
    Reader,
    Retention,
    Store,
    Table,
    Topic,
    about_people,
    technical,
)

EXPORT, IMPORT, ITEM, CORRECTION = "trust.Export", "trust.Import", "trust.ImportItem", "trust.Correction"

RIGHTS = Topic("rights", data=("user.account",), use="essential.legal_obligation", basis=Basis.LEGAL)
CONTENT = RIGHTS.holding("user.content.private")

ROWS_OVER = Expiry("rights.exports", EXPORT, "asked_at", timedelta(days=30), where={"state__in": ("expired", "failed")})
FILES_OVER = Expiry(
    "rights.archives", EXPORT, "expires_at", timedelta(), by="hustings.trust.rights.exporting:delete_expired"
)
IMPORTS_OVER = Expiry(
    "rights.imports", IMPORT, "expires_at", timedelta(), by="hustings.trust.rights.importing:forget_expired"
)
ANSWERED = Expiry("rights.corrections", CORRECTION, "decided_at", timedelta(days=365))

A_MONTH = Retention("exports", "for {n} days, the archive itself for seven", (ROWS_OVER, End.CLOSURE))
SEVEN_DAYS = Retention("archives", "for seven days after it was made", (FILES_OVER, End.CLOSURE))
WHILE_IMPORTING = Retention(
    "imports",
    "until the import is over, at most 30 days; what was not taken after a day",
    (IMPORTS_OVER, End.UNDONE, End.CLOSURE),
)
A_YEAR = Retention("corrections", "for {n} days after the answer", (ANSWERED, End.CLOSURE))

SELF, SELF_AND_SERVER = (Reader.SELF,), (Reader.SELF, Reader.SERVER)
SELF_AND_STAFF = (Reader.SELF, Reader.STAFF)


def _work(model: str, retention: Retention, what: str) -> list[Field]:
    """The columns that exports and imports share."""
    return [
        *about_people(
            model,
            RIGHTS,
            retention,
            SELF_AND_SERVER,
            account_id=f"Whose data it {what}.",
            asked_by="Who asked, when it is an organisation's.",
            asked_at="When.",
            expires_at="When it is deleted.",
            state="How far it is.",
        ),
        *technical(
            model,
            id="The row's key.",
            key="Its address.",
            done="Bytes done.",
            total="Bytes in all.",
            fault="What keeps it from going on.",
            attempts="How often it was begun.",
            rest_until="When it is tried again.",
            lease_key="Which worker has it.",
            lease_until="Until when a worker has it.",
        ),
    ]


FIELDS: list[Field] = [
    *_work(EXPORT, A_MONTH, "holds"),
    *about_people(EXPORT, RIGHTS, A_MONTH, SELF, ready_at="When it was ready."),
    *technical(EXPORT, size="How large the archive is.", sha256="Its fingerprint."),
    *_work(IMPORT, WHILE_IMPORTING, "becomes"),
    *about_people(
        IMPORT,
        RIGHTS,
        WHILE_IMPORTING,
        SELF_AND_SERVER,
        source="From which app it comes.",
        summary="How much of what it would bring in, and how much it leaves out, as numbers.",
        chosen="What the person ticked.",
        finished_at="When it was over; it can be undone for a day from then.",
    ),
    *about_people(
        ITEM,
        CONTENT,
        WHILE_IMPORTING,
        SELF_AND_SERVER,
        account_id="Who brings it.",
        detail="What the archive says of one thing to be brought in, such as a clip's caption and date.",
        kind="What sort of thing.",
        state="Whether it was taken.",
        result="What it became here.",
        number="Its place in the archive.",
    ),
    *technical(ITEM, id="The row's key.", batch="Of which import.", fault="Why it could not be taken."),
    *about_people(
        CORRECTION,
        CONTENT,
        A_YEAR,
        SELF_AND_STAFF,
        account_id="Whose data is said to be wrong.",
        asked_by="Who says so.",
        column="What is wrong, as the data map names it.",
        text="What is right, in the person's words.",
        state="Whether it is decided.",
        answer="What was answered.",
        asked_at="When it was asked.",
        decided_at="When it was answered.",
    ),
    *about_people(CORRECTION, CONTENT, A_YEAR, (Reader.STAFF,), decided_by="Who answered."),
    *technical(CORRECTION, id="The row's key.", key="Its address."),
]

TABLES: list[Table] = [
    Table(ITEM, subjects=("account_id",), backed_up=False),
    Table(IMPORT, subjects=("account_id", "asked_by"), forgets=("asked_by",), backed_up=False),
    Table(EXPORT, subjects=("account_id", "asked_by"), forgets=("asked_by",), backed_up=False),
    Table(CORRECTION, subjects=("account_id", "asked_by", "decided_by"), forgets=("asked_by", "decided_by")),
]

STORES: list[Store] = [
    Store("exports", CONTENT, "Archives that people asked for, until they have fetched them.", SEVEN_DAYS, SELF),
    Store("imports", CONTENT, "Archives and films that people bring, until they are read.", WHILE_IMPORTING, SELF),
]
