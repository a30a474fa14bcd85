"""What the map's own table holds: about nobody."""

from hustings.lib.records import Field, Table, technical

FIELDS: list[Field] = technical(
    "trust.MapState",
    id="There is one row.",
    sha256="Which data map the public log last heard of.",
    lines="A fingerprint of each of its lines, to say what was added, changed and removed.",
)
TABLES: list[Table] = [Table("trust.MapState")]
