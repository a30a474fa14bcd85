"""What the gate stores: about nobody, and declared all the same."""

from hustings.lib.records import Field, Table, technical

FIELDS: list[Field] = [
    *technical(
        "trust.Cell",
        id="The row's key: there is one row.",
        name="Which cell this database belongs to.",
        region="Which region its data stays in.",
        stamped_at="When the database was first prepared.",
        list_sha256="Which list of destinations the public log last heard of.",
        list_places="The places on that list, to say what was added and removed.",
    ),
    *technical(
        "trust.EgressTraffic",
        id="The row's key, never shown.",
        day="On which day.",
        place="To which declared place.",
        connections="How many connections were opened.",
        bytes_out="How many bytes were sent.",
        bytes_in="How many bytes came back.",
    ),
    *technical(
        "trust.EgressRefusal",
        id="The row's key, never shown.",
        day="On which day.",
        kind="What sort of attempt was refused.",
        caller="Which part of the code tried.",
        count="How often.",
    ),
]
TABLES: list[Table] = [Table("trust.Cell", backed_up=False), Table("trust.EgressTraffic"), Table("trust.EgressRefusal")]
