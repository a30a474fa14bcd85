"""What accounts holds, with the tables that allauth and Django's sessions keep on its behalf."""

from datetime import timedelta

from hustings.accounts.rules import INVITATION_STANDS
from hustings.lib.records import (
    NEVER_WRITTEN,
    UNTIL_CLOSED,
    UNTIL_UNDONE,
    Basis,
    End,
    Expiry,
    Field,
    Reader,
    Retention,
    Store,
    Table,
    Through,
    Topic,
    about_people,
    technical,
)

ACCOUNT = "accounts.Account"
MEMBERSHIP = "accounts.Membership"
INVITATION = "accounts.Invitation"
STAFF_ROLE = "accounts.StaffRole"
EMAIL = "account.EmailAddress"
CONFIRMATION = "account.EmailConfirmation"
KEY = "mfa.Authenticator"
SESSION_ROW = "usersessions.UserSession"
SESSION = "sessions.Session"
IDENTITY = "socialaccount.SocialAccount"
PROVIDER_TOKEN = "socialaccount.SocialToken"  # noqa: S105 - a table's name
PROVIDER = "socialaccount.SocialApp"

PROFILE = Topic("profile", data=("user.account",))
SIGN_IN = Topic("sign-in", data=("user.authorization",), use="essential.service.authentication")
ADDRESS = SIGN_IN.holding("user.contact.email")
AGE = Topic("age", data=("user.demographic.age_range",), use="essential.legal_obligation", basis=Basis.LEGAL)
PREFERENCES = Topic("preferences", data=("user.account.settings",), use="functional.service")
ABOUT_ACCOUNT = Topic("account", data=("user.account",))
STAFF = Topic(
    "staff", data=("user.workplace",), use="essential.legal_obligation", basis=Basis.LEGAL, subject="employee"
)
ORGANISATIONS = Topic("organisations", data=("user.workplace",))
SESSIONS = Topic("sessions", data=("user.authorization",), use="essential.service.security")
PROTECTION = Topic(
    "protection",
    data=("user.unique_id.pseudonymous",),
    use="essential.service.security",
    basis=Basis.LEGITIMATE,
    subject="visitor",
)
SINGLE_SIGN_ON = Topic("single-sign-on", data=("user.authorization",), use="essential.service.authentication")

EVERYONE, SELF, SERVER = (Reader.EVERYONE,), (Reader.SELF,), (Reader.SERVER,)
SELF_AND_SERVER = (Reader.SELF, Reader.SERVER)

UNTIL_IT_ENDS = Retention(
    "membership", "until the membership ends or either account is closed", (End.UNDONE, End.CLOSURE)
)
INVITATION_FORGOTTEN = Expiry("accounts.invitations", INVITATION, "at", INVITATION_STANDS)
FORTNIGHT = Retention(
    "invitation", "until the person accepts, and at most 14 days", (End.UNDONE, INVITATION_FORGOTTEN, End.CLOSURE)
)
WHILE_STAFF = Retention("staff-role", "until the role is taken back or the account closed", (End.UNDONE, End.CLOSURE))
A_MINUTE = Retention("closing", "from the closing to the erasure that follows it", (End.CLOSURE,))
SESSION_OVER = Expiry("accounts.sessions", SESSION, "expire_date", timedelta())
# A list entry is made in the request in which the session is, and a moment earlier: it gets an hour.
LISTED_SESSION_OVER = Expiry(
    "accounts.listed-sessions",
    SESSION_ROW,
    "created_at",
    timedelta(hours=1),
    by="hustings.accounts.jobs:forget_listed_sessions",
)
LIMIT_OVER = Expiry(
    "accounts.limits", "hustings_cache", "expires", timedelta(), by="hustings.accounts.jobs:forget_limits"
)
AS_THE_SESSION = Retention(
    "session",
    "until the session ends, 30 days after signing in unless the operator says otherwise",
    (End.UNDONE, SESSION_OVER, End.CLOSURE),
)
AS_THE_LISTED_SESSION = Retention(
    "listed-session", "until the session ends, and at most an hour", (End.UNDONE, LISTED_SESSION_OVER, End.CLOSURE)
)
A_LIMIT = Retention("limit", "until the limit is over, from a minute to a day", (LIMIT_OVER,))

FIELDS: list[Field] = [
    *about_people(
        ACCOUNT,
        PROFILE.holding("user.account.username"),
        UNTIL_CLOSED,
        EVERYONE,
        handle="The name by which an account is found and addressed.",
    ),
    *about_people(
        ACCOUNT,
        PROFILE.holding("user.name"),
        UNTIL_CLOSED,
        EVERYONE,
        name="What others read beside what somebody publishes.",
    ),
    *about_people(
        ACCOUNT,
        PROFILE,
        UNTIL_CLOSED,
        EVERYONE,
        kind="Whether the account is a person or an organisation.",
        official="That the operator has checked whose account it is.",
    ),
    *about_people(
        ACCOUNT,
        PROFILE.holding("user.content.public"),
        UNTIL_CLOSED,
        EVERYONE,
        bio="What somebody says about themselves.",
    ),
    *about_people(
        ACCOUNT,
        PROFILE.holding("user.content.self_image"),
        UNTIL_CLOSED,
        EVERYONE,
        avatar="The file name of the profile picture.",
    ),
    *about_people(
        ACCOUNT,
        PROFILE.holding("user.account.username"),
        UNTIL_CLOSED,
        SERVER,
        skeleton="The handle in the form in which look-alikes are equal.",
        name_skeleton="The name in the form in which look-alikes are equal.",
    ),
    *about_people(
        ACCOUNT,
        SIGN_IN.holding("user.authorization.password").secretly(),
        UNTIL_CLOSED,
        SERVER,
        password="Argon2 hash of the password, to check it.",  # noqa: S106 - a description
    ),
    *about_people(ACCOUNT, SIGN_IN, UNTIL_CLOSED, SERVER, is_active="Whether the account may sign in and be shown."),
    *about_people(
        ACCOUNT,
        AGE,
        UNTIL_CLOSED,
        SELF_AND_SERVER,
        age_band="13-15, 16-17 or 18+, for rules that protect the young. No date of birth is asked.",
    ),
    *about_people(
        ACCOUNT,
        PREFERENCES,
        UNTIL_CLOSED,
        SELF,
        preferences="Language, theme, captions and the like, kept so that they follow to another device.",
    ),
    *about_people(
        ACCOUNT,
        ABOUT_ACCOUNT,
        UNTIL_CLOSED,
        (Reader.SELF, Reader.OPERATOR),
        created_at="Since when the account exists.",
        is_operator="That the person runs this server.",
    ),
    *about_people(
        ACCOUNT,
        ABOUT_ACCOUNT,
        A_MINUTE,
        (Reader.SELF, Reader.OPERATOR),
        closing_since="That the account was closed and waits to be erased.",
    ),
    *technical(ACCOUNT, id="The row's key, never shown."),
    *about_people(
        MEMBERSHIP,
        ORGANISATIONS,
        UNTIL_IT_ENDS,
        (Reader.MEMBERS,),
        organisation="For whom the person may act.",
        person="Who may act.",
        role="What they may do: owner, editor or analyst.",
        since="Since when.",
    ),
    *technical(MEMBERSHIP, id="The row's key, never shown."),
    *about_people(
        INVITATION,
        ORGANISATIONS,
        FORTNIGHT,
        (Reader.SELF, Reader.OWNERS),
        organisation="Which organisation asks.",
        person="Who is asked to join.",
        role="As what: owner, editor or analyst.",
        invited_by="Which owner asked.",
        state="Whether it waits for an answer, was declined or was taken back, so that nobody is asked again at once.",
        at="When they were asked.",
    ),
    *technical(INVITATION, id="The row's key, never shown."),
    *about_people(
        STAFF_ROLE,
        STAFF,
        WHILE_STAFF,
        (Reader.SELF, Reader.STAFF),
        account="Who works for the service.",
        role="As what: moderator, support, security, auditor, privacy officer or operator.",
        since="Since when.",
    ),
    *about_people(
        STAFF_ROLE, STAFF, WHILE_STAFF, (Reader.STAFF,), given_by="Who gave the role; empty: the command line."
    ),
    *technical(STAFF_ROLE, id="The row's key, never shown."),
    *about_people(
        EMAIL,
        ADDRESS,
        UNTIL_UNDONE,
        SELF,
        email="Optional: where to send what lets somebody back in.",
        verified="Whether the address was shown to be the person's.",
        primary="Which of several addresses is written to.",
        user="Whose address it is.",
    ),
    *technical(EMAIL, id="The row's key."),
    *about_people(
        CONFIRMATION,
        ADDRESS.secretly(),
        NEVER_WRITTEN,
        (Reader.NOBODY,),
        email_address="The address to be confirmed; confirmations are signed links and leave no row.",
        created="When the confirmation was asked for.",
        sent="When it was sent.",
        key="What the link carries.",
    ),
    *technical(CONFIRMATION, id="The row's key."),
    *about_people(
        KEY,
        SIGN_IN,
        UNTIL_UNDONE,
        SELF_AND_SERVER,
        user="Whose key it is.",
        type="Passkey, code generator or recovery codes.",
        created_at="When it was added, to tell keys apart.",
        last_used_at="When it was last used, so that its owner sees a use that was not theirs.",
    ),
    *about_people(
        KEY,
        SIGN_IN.holding("user.authorization.credentials").secretly(),
        UNTIL_UNDONE,
        SERVER,
        data="The public key, or the encrypted secret of a code generator, and the name its owner gave it.",
    ),
    *technical(KEY, id="The row's key."),
    *about_people(
        SESSION_ROW,
        SESSIONS,
        AS_THE_LISTED_SESSION,
        SELF,
        user="Whose session it is.",
        created_at="When the person signed in.",
        last_seen_at="The same as when they signed in: later visits are not recorded.",
    ),
    *about_people(
        SESSION_ROW,
        SESSIONS.holding("user.device"),
        AS_THE_LISTED_SESSION,
        SELF,
        user_agent="Browser and system in a word each, to recognise the session by.",
    ),
    *about_people(
        SESSION_ROW,
        SESSIONS.holding("user.device.cookie_id").secretly(),
        AS_THE_LISTED_SESSION,
        SERVER,
        session_key="Which session to end.",
    ),
    *technical(
        SESSION_ROW,
        id="The row's key.",
        ip="Always 0.0.0.0: the column must have a value, and we keep no address.",
        data="Always empty.",
    ),
    *about_people(
        SESSION,
        SESSIONS.holding("user.device.cookie_id").secretly(),
        AS_THE_SESSION,
        SERVER,
        session_key="What the cookie carries.",
        session_data="Who is signed in and how they proved it; for ten minutes also what a new person chose.",
        expire_date="When the session ends.",
    ),
    *about_people(
        IDENTITY,
        SINGLE_SIGN_ON,
        UNTIL_CLOSED,
        SERVER,
        user="Whose identity it is.",
        provider="Which single sign-on the operator connected.",
        last_login="When the person last came through it; the library's column.",
        date_joined="When the person first came through it.",
    ),
    *about_people(
        IDENTITY,
        SINGLE_SIGN_ON.holding("user.unique_id.pseudonymous"),
        UNTIL_CLOSED,
        SERVER,
        uid="The identifier by which it knows the person.",
    ),
    *technical(IDENTITY, id="The row's key.", extra_data="Always empty: nothing else the provider tells is kept."),
    *about_people(
        PROVIDER_TOKEN,
        SINGLE_SIGN_ON.holding("user.authorization.credentials").secretly(),
        NEVER_WRITTEN,
        (Reader.NOBODY,),
        account="Whose token it would be; tokens are not stored.",
        app="For which provider.",
        token="The provider's token.",  # noqa: S106 - a description
        token_secret="Its secret.",  # noqa: S106 - a description
        expires_at="Its end.",
    ),
    *technical(PROVIDER_TOKEN, id="The row's key."),
    *technical(
        PROVIDER,
        id="The row's key.",
        provider="Never written: the provider is configured by the operator's settings.",
        provider_id="Never written, as the provider.",
        name="Never written, as the provider.",
        client_id="Never written, as the provider.",
        secret="Never written, as the provider.",  # noqa: S106 - a description
        key="Never written, as the provider.",
        settings="Never written, as the provider.",
    ),
]

SECRETS = "It proves who somebody is: whoever stole an export must not get in with it."

# In the order in which a closure erases them: a session is found through the list of sessions.
TABLES: list[Table] = [
    Table(
        SESSION,
        through=Through("session_key", SESSION_ROW, "session_key", "user_id"),
        exported=False,
        why=SECRETS,
        backed_up=False,
    ),
    Table(SESSION_ROW, subjects=("user_id",), backed_up=False),
    Table(CONFIRMATION, subjects=("email_address__user_id",), exported=False, why=SECRETS, backed_up=False),
    Table(EMAIL, subjects=("user_id",)),
    Table(KEY, subjects=("user_id",)),
    Table(PROVIDER_TOKEN, subjects=("account__user_id",), exported=False, why=SECRETS),
    Table(IDENTITY, subjects=("user_id",)),
    Table(PROVIDER),
    Table(MEMBERSHIP, subjects=("person_id", "organisation_id")),
    Table(INVITATION, subjects=("person_id", "organisation_id", "invited_by_id"), forgets=("invited_by_id",)),
    Table(STAFF_ROLE, subjects=("account_id", "given_by_id"), forgets=("given_by_id",)),
    Table(ACCOUNT, subjects=("id",)),
]

STORES: list[Store] = [
    Store(
        "media/avatars",
        PROFILE.holding("user.content.self_image"),
        "Profile pictures, without what the camera wrote into them.",
        UNTIL_CLOSED,
        EVERYONE,
    ),
    Store(
        "table:hustings_cache",
        PROTECTION,
        "How often something was tried, to stop guessing; under keyed hashes that show no address and no handle.",
        A_LIMIT,
        SERVER,
    ),
]
