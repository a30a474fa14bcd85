"""What the keys' own tables hold, for the data map."""

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

KEY = "trust.PersonKey"
KEYS = Topic(
    "keys",
    data=("user.unique_id.pseudonymous",),
    use="essential.service.security",
    basis=Basis.LEGAL,
    secret=True,
)
FOR_EVER = Retention(
    "tombstone",
    "the key until the account is closed; that it was erased for good, so that nothing is sealed for them again",
    (End.OVERWRITTEN,),
)

FIELDS: list[Field] = [
    *about_people(
        KEY,
        KEYS,
        FOR_EVER,
        (Reader.SERVER,),
        subject="Whose key it is.",
        made_at="When it was made: with the first thing that was sealed.",
        erased_at="When it was erased.",
    ),
    *technical(
        KEY,
        wrapped="The key itself, wrapped by the cell's key; empty once it is erased.",
        kek_id="Which of the cell's keys wraps it.",
        mark="The key's name in the public log when it is erased; nobody without the key can make it.",
        traces="Whether the database's own files may still hold the erased key.",
    ),
    *technical(
        "trust.CellKey",
        id="The name of one of the cell's keys; the key itself is not in the database.",
        state="Whether it is the current one, going, or destroyed.",
        made_at="Since when.",
        destroyed_at="When it was destroyed.",
    ),
]
TABLES: list[Table] = [
    Table(
        KEY,
        subjects=("subject",),
        erased="keep",
        exported=False,
        why="A key opens what is sealed and is told to nobody; what stays of it is that it was erased.",
        backed_up=False,  # keys and what they open never lie in one place; the keys have a mirror of their own
    ),
    Table("trust.CellKey", backed_up=False),
]

STORES: list[Store] = [
    Store(
        "keys",
        TECHNICAL,
        "The cell's key and the log's; about nobody, and no backup holds them.",
        AS_THE_ROW,
        (Reader.SERVER,),
    )
]
