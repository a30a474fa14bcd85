"""What the tables of backups hold, for the data map: about nobody."""

from hustings.lib.records import Field, Table, technical

FIELDS: list[Field] = [
    *technical(
        "trust.Backup",
        name="The name of a snapshot, which is when it was made.",
        place="Where it lies.",
        made_at="When it was made.",
        ends_on="From which day on the next backup removes it.",
        rows="How many rows it holds.",
        files="How many files it holds.",
        size="How many bytes it added.",
        gone_at="When it was removed.",
        restored_at="When this database was restored from it.",
    ),
    *technical(
        "trust.KeysMirror",
        place="Where people's keys are mirrored to.",
        made_at="When that was last done.",
        keys="How many keys the mirror holds.",
    ),
]
TABLES: list[Table] = [Table("trust.Backup", backed_up=False), Table("trust.KeysMirror", backed_up=False)]
