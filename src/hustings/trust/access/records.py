"""What the ledger's tables hold, for the data map: about whom was looked at, and about the staff who looked."""

from datetime import timedelta

from hustings.lib.records import Basis, End, Expiry, Field, Reader, Retention, Table, Topic, about_people, technical

ENTRY, CASE, REQUEST = "trust.AccessEntry", "trust.AccessCase", "trust.AccessRequest"
SESSION, PSEUDONYM, LOGIN = "trust.StaffSession", "trust.StaffPseudonymKey", "trust.DatabaseLogin"
LAWFUL, MONTH = "trust.LawfulRequest", "trust.LawfulMonth"

_DUTY = "essential.legal_obligation"
LOOKED_AT = Topic("looks", data=("user.unique_id.pseudonymous",), use=_DUTY, basis=Basis.LEGAL)
STAFF = Topic("staff", data=("user.workplace",), use=_DUTY, basis=Basis.LEGAL, subject="employee")
YEARS = timedelta(days=6 * 365)

SIX_YEARS = Retention(
    "looks",
    "{n} days, about six years: as long as somebody can be held to account for it",
    (Expiry("trust.looks", ENTRY, "started_at", YEARS),),
)
CASES_END = Retention(
    "cases",
    "{n} days, about six years, after it was opened",
    (Expiry("trust.cases", CASE, "opened_at", YEARS),),
)
REQUESTS_END = Retention(
    "look-requests",
    "{n} days, about six years, after it was asked for",
    (Expiry("trust.look-requests", REQUEST, "asked_at", YEARS),),
)
A_DAY = Retention(
    "staff-session",
    "until the session ends, and {n} day longer at most",
    (Expiry("trust.staff-sessions", SESSION, "ends_at", timedelta(days=1)), End.OVERWRITTEN),
)
KEYS_END = Retention(
    "pseudonyms",
    "{n} days, about six years: as long as the entries that it names people in",
    (Expiry("trust.pseudonyms", PSEUDONYM, "made_at", YEARS),),
)
REGISTER = Retention(
    "lawful",
    "{n} days, about ten years",
    (Expiry("trust.lawful", LAWFUL, "recorded_at", timedelta(days=3650)),),
)
WHILE_GIVEN = Retention("login", "until the login is taken away or the account closed", (End.UNDONE, End.CLOSURE))

WHY_KEPT = (
    "Who looked at whose data, and why, must stay answerable after both are gone. What remains of a closed account is "
    "its number, which leads nowhere; the openings in the public log are destroyed."
)
FIELDS: list[Field] = [
    *about_people(
        ENTRY,
        LOOKED_AT,
        SIX_YEARS,
        (Reader.SELF, Reader.STAFF),
        public_id="Its name in addresses.",
        subject="Whose data was looked at.",
        reason="Why, from the closed list.",
        reason_text="Why, in words for that person.",
        case="For which case.",
        fields="Which fields were chosen.",
        read="Which of them were read.",
        rows="How many rows were read.",
        method="By what means: a screen, a command, a database shell.",
        started_at="When the reading began.",
        ended_at="When it ended.",
        break_glass="Whether the second person was skipped in an emergency.",
        justification="Why that could not wait.",
        review="Whether somebody else found it justified.",
        disclose_after="From when the law lets that person be told.",
        disclosed_at="When the public log said that they are told.",
    ),
    *about_people(
        ENTRY,
        STAFF,
        SIX_YEARS,
        (Reader.STAFF,),
        actor="Who looked.",
        reviewed_by="Who reviewed a look without a second person.",
        review_note="What the reviewer said.",
    ),
    *about_people(
        ENTRY,
        STAFF,
        SIX_YEARS,
        (Reader.SELF, Reader.STAFF),
        role="In what role.",
        employer="For whom who looked works.",
        employed_by="Whether that is us, a company that works for us, or an authority.",
        office_country="In which country their office is.",
        physical_country="In which country they were.",
    ),
    *technical(
        ENTRY,
        id="The row's key.",
        log_entry="Its entry in the public log.",
        request="The approved request that it rests on.",
        review_due="Until when a look without a second person must be reviewed.",
        reviewed_at="When it was.",
        authority="The lawful request that it answers.",
        asked_in="The transaction in which a database shell asked.",
    ),
    *about_people(
        CASE,
        LOOKED_AT,
        CASES_END,
        (Reader.STAFF,),
        reference="Its name, which an access must give.",
        kind="What kind of work it is.",
        subject="Whom it is about, when it is about one person.",
        summary="What it is about.",
        opened_at="Since when.",
        closed_at="Until when.",
    ),
    *about_people(CASE, STAFF, CASES_END, (Reader.STAFF,), opened_by="Who opened it."),
    *technical(CASE, id="The row's key."),
    *about_people(
        REQUEST,
        LOOKED_AT,
        REQUESTS_END,
        (Reader.STAFF,),
        public_id="Its name in addresses.",
        subject="Whose data somebody wants to look at.",
        reason="Why, from the closed list.",
        reason_text="Why, in words.",
        case="For which case.",
        fields="Which fields.",
        why_two="Why a second person must agree.",
        disclose_after="From when the law lets that person be told.",
        state="Whether it was agreed to.",
        asked_at="When it was asked for.",
        note="What the second person said.",
    ),
    *about_people(
        REQUEST,
        STAFF,
        REQUESTS_END,
        (Reader.STAFF,),
        actor="Who asks.",
        decided_by="Who agreed or refused.",
        decided_at="When.",
    ),
    *technical(
        REQUEST,
        id="The row's key.",
        authority="The lawful request that it answers.",
        expires_at="Until when it can be decided.",
        usable_until="Until when an approval can be used.",
    ),
    *about_people(
        SESSION,
        STAFF,
        A_DAY,
        (Reader.SELF, Reader.SERVER),
        actor="Who works.",
        employer="For whom.",
        employed_by="Whether that is us, a company that works for us, or an authority.",
        office_country="In which country their office is.",
        physical_country="In which country they are.",
        started_at="Since when.",
        ends_at="Until when at most.",
    ),
    *about_people(
        PSEUDONYM,
        STAFF.secretly(),
        KEYS_END,
        (Reader.SERVER,),
        month="For which month.",
        key="What makes the names of staff in the public log of that month.",
        made_at="When it was first needed.",
    ),
    *about_people(
        LOGIN,
        STAFF,
        WHILE_GIVEN,
        (Reader.OPERATOR,),
        login="A login of the database.",
        actor="Which person of the staff it was given to.",
        given_at="When.",
    ),
    *about_people(LAWFUL, STAFF, REGISTER, (Reader.STAFF,), recorded_by="Who recorded it."),
    *technical(
        LAWFUL,
        id="The row's key.",
        reference="Its name here.",
        order="The authority's own reference.",
        country="The authority's country.",
        authority="Which authority.",
        authority_kind="What kind of authority.",
        kind="What was asked for.",
        outcome="What came of it.",
        legal_basis="By which law.",
        accounts="How many accounts it concerns; not which.",
        disclose_after="Until when the law keeps it quiet.",
        recorded_at="When it was recorded.",
        decided_at="When it was answered.",
        log_entry="Its entry in the public log.",
        outcome_entry="The entry that says what came of it.",
        openings="What shows the meaning of that entry's commitments.",
    ),
    *technical(
        MONTH,
        month="A month that is over.",
        requests="How many lawful requests it had.",
        log_entry="The entry of the public log that says so when there were none.",
    ),
]
TABLES: list[Table] = [
    Table(ENTRY, subjects=("subject", "actor"), erased="keep", why=WHY_KEPT),
    Table(CASE, subjects=("subject", "opened_by"), erased="keep", why=WHY_KEPT, exported=False),
    Table(REQUEST, subjects=("subject", "actor"), erased="keep", why=WHY_KEPT, exported=False),
    Table(SESSION, subjects=("actor",), backed_up=False),
    Table(PSEUDONYM, why="A month's key belongs to nobody; without the ledger it names no one."),
    Table(LOGIN, subjects=("actor",)),
    Table(LAWFUL, subjects=("recorded_by",), erased="keep", why="The register of lawful requests is public as counts."),
    Table(MONTH),
]
