"""What accounts holds, with the tables that allauth and Django's sessions keep on its behalf."""

from hustings.lib.records import Field, about_people, technical

UNTIL_CLOSED = "until the account is closed"
EVERYONE = "everyone"
SELF = "the person"
SERVER = "the server, to check what somebody proves"
MEMBERS = "the organisation's members"

ACCOUNT = "accounts.Account"
MEMBERSHIP = "accounts.Membership"
EMAIL = "account.EmailAddress"
CONFIRMATION = "account.EmailConfirmation"
KEY = "mfa.Authenticator"
SESSION_ROW = "usersessions.UserSession"
SESSION = "sessions.Session"
IDENTITY = "socialaccount.SocialAccount"
PROVIDER_TOKEN = "socialaccount.SocialToken"  # noqa: S105 - a table's name
PROVIDER = "socialaccount.SocialApp"

FIELDS: list[Field] = [
    *about_people(
        ACCOUNT,
        "profile",
        UNTIL_CLOSED,
        EVERYONE,
        handle="The name by which an account is found and addressed.",
        name="What others read beside what somebody publishes.",
        bio="What somebody says about themselves.",
        avatar="The file name of the profile picture.",
        kind="Whether the account is a person or an organisation.",
        official="That the operator has checked whose account it is.",
    ),
    *about_people(
        ACCOUNT,
        "profile",
        UNTIL_CLOSED,
        "nobody; compared when a handle or name is chosen",
        skeleton="The handle in the form in which look-alikes are equal.",
        name_skeleton="The name in the form in which look-alikes are equal.",
    ),
    *about_people(
        ACCOUNT,
        "sign-in",
        UNTIL_CLOSED,
        SERVER,
        password="Argon2 hash of the password, to check it.",  # noqa: S106 - a description
        is_active="Whether the account may sign in and be shown.",
    ),
    *about_people(
        ACCOUNT,
        "age",
        UNTIL_CLOSED,
        f"{SELF}, and the server where a rule depends on it",
        age_band="13-15, 16-17 or 18+, for rules that protect the young. No date of birth is asked.",
    ),
    *about_people(
        ACCOUNT,
        "preferences",
        UNTIL_CLOSED,
        SELF,
        preferences="Language, theme, captions and the like, kept so that they follow to another device.",
    ),
    *about_people(
        ACCOUNT,
        "account",
        UNTIL_CLOSED,
        f"{SELF} and the operator",
        created_at="Since when the account exists.",
        is_operator="That the person runs this server.",
        closing_since="That the account was closed and waits to be erased; a minute at most.",
    ),
    *technical(ACCOUNT, id="The row's key, never shown."),
    *about_people(
        MEMBERSHIP,
        "organisations",
        "until the membership or an account ends",
        MEMBERS,
        organisation="For whom the person may act.",
        person="Who may act.",
        role="What they may do: owner, editor or analyst.",
        since="Since when.",
    ),
    *technical(MEMBERSHIP, id="The row's key, never shown."),
    *about_people(
        EMAIL,
        "sign-in",
        f"until the person removes it, or {UNTIL_CLOSED}",
        SELF,
        email="Optional: where to send what lets somebody back in.",
        verified="Whether the address was shown to be the person's.",
        primary="Which of several addresses is written to.",
        user="Whose address it is.",
    ),
    *technical(EMAIL, id="The row's key."),
    *about_people(
        CONFIRMATION,
        "sign-in",
        "never written: confirmations are signed links",
        "nobody",
        email_address="The address to be confirmed.",
        created="When the confirmation was asked for.",
        sent="When it was sent.",
        key="What the link carries.",
    ),
    *technical(CONFIRMATION, id="The row's key."),
    *about_people(
        KEY,
        "sign-in",
        f"until the person removes it, or {UNTIL_CLOSED}",
        f"{SELF} (name and dates), {SERVER}",
        user="Whose key it is.",
        type="Passkey, code generator or recovery codes.",
        data="The public key, or the encrypted secret of a code generator, and the name its owner gave it.",
        created_at="When it was added, to tell keys apart.",
        last_used_at="When it was last used, so that its owner sees a use that was not theirs.",
    ),
    *technical(KEY, id="The row's key."),
    *about_people(
        SESSION_ROW,
        "sessions",
        "until the session ends, 30 days at most",
        SELF,
        user="Whose session it is.",
        created_at="When the person signed in.",
        user_agent="Browser and system in a word each, to recognise the session by.",
        session_key="Which session to end.",
        last_seen_at="The same as created_at: later visits are not recorded.",
    ),
    *technical(
        SESSION_ROW,
        id="The row's key.",
        ip="Always 0.0.0.0: the column must have a value, and we keep no address.",
        data="Always empty.",
    ),
    *about_people(
        SESSION,
        "sessions",
        "until the session ends, 30 days at most",
        "the server",
        session_key="What the cookie carries.",
        session_data="Who is signed in and how they proved it; for ten minutes also what a new person chose.",
        expire_date="When the session ends.",
    ),
    *about_people(
        IDENTITY,
        "single sign-on",
        UNTIL_CLOSED,
        SERVER,
        user="Whose identity it is.",
        provider="Which single sign-on the operator connected.",
        uid="The identifier by which it knows the person.",
        last_login="When the person last came through it; the library's column.",
        date_joined="When the person first came through it.",
    ),
    *technical(IDENTITY, id="The row's key.", extra_data="Always empty: nothing else the provider tells is kept."),
    *about_people(
        PROVIDER_TOKEN,
        "single sign-on",
        "never written: tokens are not stored",
        "nobody",
        account="Whose token it would be.",
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
        provider_id="Likewise.",
        name="Likewise.",
        client_id="Likewise.",
        secret="Likewise.",  # noqa: S106 - a description
        key="Likewise.",
        settings="Likewise.",
    ),
]
