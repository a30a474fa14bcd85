"""What moderation holds."""

from hustings.lib.records import Basis, End, Field, Reader, Retention, Table, Topic, about_people, technical

REPORT = "moderation.Report"
REPORTS = Topic("reports", data=("user.content.private",), use="essential.legal_obligation", basis=Basis.LEGAL)
UNTIL_MODERATED = Retention(
    "report",
    "until the moderation work sets a time; the reporter is forgotten when they close their account",
    (End.CLOSURE,),
)

FIELDS: list[Field] = [
    *about_people(
        REPORT,
        REPORTS,
        UNTIL_MODERATED,
        (Reader.STAFF,),
        reporter="Who reported, when signed in: to answer them and to count a report once. Empty otherwise.",
        text="What the reporter adds in their own words.",
        kind="What sort of thing is reported.",
        ref="Which one.",
        reason="Which rule it is said to break.",
        moment_s="At which second of a clip.",
        created_at="When it was reported.",
    ),
    *about_people(
        REPORT,
        REPORTS,
        UNTIL_MODERATED,
        (Reader.HOLDER,),
        receipt="The address under which a reporter sees what became of the report.",
        state="Whether it is decided.",
    ),
    *technical(REPORT, id="The row's key, never shown."),
]

TABLES: list[Table] = [
    Table(
        REPORT,
        subjects=("reporter_id",),
        forgets=("reporter_id",),
        erased="anonymise",
        why="What was reported must still be decided; it stands without the name of who reported it.",
    )
]
