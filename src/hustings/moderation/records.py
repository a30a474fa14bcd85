"""What moderation holds."""

from hustings.lib.records import Field, about_people, technical

REPORT = "moderation.Report"
UNTIL_MODERATED = "until the moderation work sets a time; the reporter is forgotten when they close their account"

FIELDS: list[Field] = [
    *about_people(
        REPORT,
        "reports",
        UNTIL_MODERATED,
        "moderators",
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
        "reports",
        UNTIL_MODERATED,
        "whoever holds it",
        receipt="The address under which a reporter sees what became of the report.",
        state="Whether it is decided.",
    ),
    *technical(REPORT, id="The row's key, never shown."),
]
