"""Every setting, read from `HUSTINGS_*` variables in this one place.

`hustings check` reports what is wrong with them; `docs/operate/settings.md` lists them all and a
test holds it to that.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hustings.site import environment as env

# A page is ranked with one small matrix product; OpenBLAS threads spin for longer than it takes.
# Must be set before NumPy is first imported. Measured: 8.0 ms with two threads, 2.9 with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

DATA = env.folder("DATA", "var", "Folder for the database, media, uploads and the secret key.")
DEBUG = env.switch("DEBUG", default=False, about="Development only: verbose errors.")
PUBLIC_URL = env.text(
    "PUBLIC_URL", "http://localhost:8000", "The address people use; links, passkeys and embeds carry it."
).rstrip("/")
SITE_NAME = env.text("SITE_NAME", "Hustings", "The name shown in titles and on sign-in pages.")
OPERATOR_EMAIL = env.text("OPERATOR_EMAIL", "", "Where people can write; shown on the about page.")

# --- The cell: one region, one database, one media store. What a mismatch does: docs/operate/cells.md. ------
CELL = env.text("CELL", "local", "This cell's name: small letters, digits and hyphens, such as `uk`.")
REGION = env.text("REGION", "local", "The region that this cell keeps its data in, such as `uk`.")
DATABASE_REGION = env.text("DATABASE_REGION", "", "Where the database is; must be said when it is on another machine.")
MEDIA_REGION = env.text("MEDIA_REGION", "", "Where media and uploads are; must be said when they are elsewhere.")
BACKUP_REGION = env.text("BACKUP_REGION", "", "Where backups go; must be said when that is elsewhere.")
KEYS_REGION = env.text("KEYS_REGION", "", "Where the cell's key is; must be said when a command or service holds it.")
KEYS_DRIVER = env.text("KEYS_DRIVER", "file", "Where the cell's key is kept: `file` (DATA/keys/cell-key) or `command`.")
KEYS_COMMAND = env.text("KEYS_COMMAND", "", "The program that wraps and unwraps people's keys, with its arguments.")
EMAIL_REGION = env.text("EMAIL_REGION", "", "Where the SMTP server is; must be said when it is on another machine.")
OIDC_REGION = env.text("OIDC_REGION", "", "Where the OpenID Connect issuer is; must be said when there is one.")
EGRESS = env.text("EGRESS", "", "A TOML file of further places that this server may connect to; empty: none.")
EGRESS_DEVELOPMENT = env.switch(
    "EGRESS_DEVELOPMENT",
    default=DEBUG,
    about="Development and tests: every loopback port and every local program may be used. Never in production.",
)

# --- The public log: docs/operate/log.md ---------------------------------------------------------------------
LOG_ORIGIN = env.text("LOG_ORIGIN", "", "The public log's name for ever; empty: PUBLIC_URL's host, at first start.")
LOG_POLICY = env.text("LOG_POLICY", "", "A file of witnesses for the public log (C2SP tlog-policy); empty: none.")

# --- Backups: docs/operate/backup.md -------------------------------------------------------------------------
BACKUPS = env.text("BACKUPS", "", "The folder of `hustings backup` when none is named; on another disk than DATA.")
BACKUPS_KEYS = env.text("BACKUPS_KEYS", "", "The folder of the keys' mirror when none is named; never with BACKUPS.")
BACKUP_DAYS = env.integer("BACKUP_DAYS", 35, "Days after which the next backup removes a snapshot; 0: never.")

_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS = [
    *env.words("ALLOWED_HOSTS", [], "More host names the server answers to, besides PUBLIC_URL's and the loopback's."),
    *sorted({_public.hostname or "localhost", "localhost", "127.0.0.1"}),
]
SECURE = _public.scheme == "https"


def _secret_key() -> str:
    """The operator's key, or one made once and kept beside the data, readable by its owner alone."""
    given = env.text("SECRET_KEY", "", "Signs sessions. Made and kept under DATA when not given.")
    if given:
        return given
    path: Path = DATA / "secret-key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(48)
        # Written aside and linked, so that two processes starting at once agree on one key.
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        aside.touch(mode=0o600)
        aside.write_text(key)
        try:
            os.link(aside, path)
        except FileExistsError:
            key = path.read_text().strip()
        finally:
            aside.unlink()
        return key


SECRET_KEY = _secret_key()


def _database() -> dict[str, object]:
    """`sqlite` (a file under DATA) or `postgres://user:password@host:port/name`."""
    url = env.text(
        "DATABASE_URL",
        "sqlite",
        "`sqlite`, `sqlite:/path/to/file` or `postgres://user:password@host:port/name`.",
    )
    if url.startswith("sqlite"):
        path = url.partition(":")[2] or str(DATA / "hustings.sqlite3")
        return {
            "ENGINE": "hustings.trust.access.backends.sqlite3",
            "NAME": path,
            "OPTIONS": {
                # A writer waits for its turn instead of failing; and it takes the write lock at BEGIN,
                # because a read transaction that upgrades fails at once however long one would wait.
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000;"
                    "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
                    # What is deleted or overwritten is zeroed in its page, not merely forgotten.
                    "PRAGMA secure_delete=FAST;"
                ),
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise env.SettingError(f"HUSTINGS_DATABASE_URL: {parts.scheme!r} is neither sqlite nor postgres")
    return {
        "ENGINE": "hustings.trust.access.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }


DATABASES = {"default": {**_database(), "CONN_MAX_AGE": 600}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "hustings.trust",
    "hustings.trust.office",
    "hustings.accounts",
    "hustings.moderation",
    "hustings.videos",
    "hustings.community",
    "hustings.feed",
    "hustings.pages",
    "hustings.site",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.headless",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "hustings.site.headers.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hustings.trust.scopes.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "hustings.trust.scopes.staff_screens",
]

ROOT_URLCONF = "hustings.site.urls"
WSGI_APPLICATION = "hustings.site.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("cy", "Cymraeg")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# The built client lies in the package. Its file names carry hashes, so they may be cached for ever, and
# each has a .br and a .gz beside it, made once by the build.
CLIENT_ROOT = Path(__file__).parent / "client"
CLIENT_URL = STATIC_URL = "/client/"
STATIC_ROOT = CLIENT_ROOT
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/client/assets/.+-[\w-]{8}\.\w+$"
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MIMETYPES = {".webmanifest": "application/manifest+json"}

MEDIA_ROOT = env.folder("MEDIA", "$DATA/media", "Folder of the published media.", DATA=DATA)
UPLOADS_ROOT = env.folder(
    "UPLOADS", "$DATA/uploads", "Folder of uploads in progress; same disk as MEDIA is fastest.", DATA=DATA
)
EXPORTS_ROOT = env.folder(
    "EXPORTS", "$DATA/exports", "Folder of archives that people asked for; never served by a proxy.", DATA=DATA
)
IMPORTS_ROOT = env.folder("IMPORTS", "$DATA/imports", "Folder of archives that people bring.", DATA=DATA)
IMPORT_MAX_BYTES = env.integer("IMPORT_MAX_BYTES", 4_000_000_000, "Largest archive or film of an import, in bytes.")
PUBLIC_RECORD = env.folder(
    "PUBLIC_RECORD", "$DATA/public-record", "Folder for packages for the public record, made before closing.", DATA=DATA
)
MEDIA_ACCEL = env.text(
    "MEDIA_ACCEL", "", "Internal prefix for nginx's X-Accel-Redirect; empty: the server sends media itself."
)

STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(MEDIA_ROOT), "base_url": "/media/"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

TASKS = {
    "default": {
        "BACKEND": "hustings.site.work.ServiceBackend",
        "QUEUES": ["default", "renditions"],
    }
}

# --- Videos: what is accepted. Each limit can be moved by the operator. -----------------------------
VIDEO_MAX_BYTES = env.integer("VIDEO_MAX_BYTES", 1_000_000_000, "Largest upload, in bytes.")
VIDEO_MIN_SECONDS = env.number("VIDEO_MIN_SECONDS", 1.0, "Shortest clip, in seconds.")
VIDEO_MAX_SECONDS = env.number("VIDEO_MAX_SECONDS", 180.0, "Longest clip, in seconds.")
VIDEO_MAX_PIXELS = env.integer("VIDEO_MAX_PIXELS", 8192 * 4320, "Largest frame of a source, in pixels.")
VIDEO_TOP_EDGE = env.integer("VIDEO_TOP_EDGE", 1080, "Short edge of the largest rendition: 360, 540, 720 or 1080.")
VIDEO_AV1 = env.switch("VIDEO_AV1", default=False, about="Also encode popular clips as AV1.")
VIDEO_AV1_VIEWS = env.integer("VIDEO_AV1_VIEWS", 1000, "Views after which a clip counts as popular for AV1.")
VIDEO_JOB_ATTEMPTS = env.integer(
    "VIDEO_JOB_ATTEMPTS", 4, "How often the processing of a clip is started before it is refused."
)
UPLOAD_EXPIRES_HOURS = env.integer("UPLOAD_EXPIRES_HOURS", 24, "An upload not continued for this long is removed.")
UPLOAD_OPEN_PER_ACCOUNT = env.integer("UPLOAD_OPEN_PER_ACCOUNT", 10, "Uploads an account may have open at once.")
FFMPEG = env.text("FFMPEG", "", "FFmpeg's path; empty: the one on PATH, else the one of imageio-ffmpeg.")
FFMPEG_MEMORY_MB = env.integer("FFMPEG_MEMORY_MB", 4096, "Address space of one FFmpeg, in MiB.")
FFMPEG_CPU_SECONDS = env.integer("FFMPEG_CPU_SECONDS", 1800, "CPU seconds one FFmpeg may use.")
WORKER_RENDITIONS = env.integer("WORKER_RENDITIONS", 1, "Ladders one `hustings worker` encodes at a time.")

# --- The feed ---------------------------------------------------------------------------------------
EVENT_DAYS = env.integer("EVENT_DAYS", 180, "Days for which a signed-in viewer's watching events are kept.")
FEED_CARDS = env.integer(
    "FEED_CARDS", 100_000, "Clips whose JSON each server process keeps in memory; about 2 kB each."
)

# --- Sign-in: django-allauth, headless; nothing about authentication is written here by hand. -------
AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("handle", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# An open session alone must not be enough to add an address and then take the account over by mail.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ["browser"]
HEADLESS_ADAPTER = "hustings.accounts.adapter.HeadlessAdapter"
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": PUBLIC_URL + "/verify-email/{key}",
    "account_reset_password": PUBLIC_URL + "/reset-password",
    "account_reset_password_from_key": PUBLIC_URL + "/reset-password/{key}",
    "account_signup": PUBLIC_URL + "/signup",
    "socialaccount_login_error": PUBLIC_URL + "/signin?error=provider",
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "hustings.pages.faults.refused_token"
SESSION_COOKIE_AGE = env.integer("SESSION_DAYS", 30, "Days a sign-in lasts.") * 86_400
CSRF_COOKIE_AGE = SESSION_COOKIE_AGE

ACCOUNT_ADAPTER = "hustings.accounts.adapter.AccountAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "hustings.accounts.forms.SignupForm"
# An address is never required; where no mail can be sent, the adapter refuses to take one.
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = "handle"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None  # kept once, in allauth's EmailAddress
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or key is told to the address, where there is one
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # the session at hand stays, Django ends the others
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Counted in the shared cache, under keyed hashes of addresses. "key" is the handle seen from one
# address, so that a stranger who fails on purpose does not shut the person out; the last line holds
# for a handle wherever the attempts come from.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "login_failed_anywhere": "100/h/key",
    "signup": "20/m/ip",
}
MFA_ADAPTER = "hustings.accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # a handle is what one signs in with; the address gives no right
MFA_TOTP_ISSUER = SITE_NAME
USERSESSIONS_TRACK_ACTIVITY = False  # when somebody was last here is not kept
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer(
    "TRUSTED_PROXIES", 0, "Proxies before this server that append to X-Forwarded-For; 0: it is ignored."
)

OIDC_URL = env.text("OIDC_URL", "", "OpenID Connect issuer that people may sign in with; empty: none.")
OIDC_NAME = env.text("OIDC_NAME", "Single sign-on", "What the button for it says.")
OIDC_CLIENT_ID = env.text("OIDC_CLIENT_ID", "", "This server's client id at the issuer.")
OIDC_CLIENT_SECRET = env.text("OIDC_CLIENT_SECRET", "", "The client's secret; or OIDC_CLIENT_SECRET_FILE.")
if OIDC_URL:
    if not OIDC_CLIENT_ID:
        raise env.SettingError("HUSTINGS_OIDC_CLIENT_ID: needed when HUSTINGS_OIDC_URL is set")
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "SCOPE": ["openid"],  # who it is, and nothing about them
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": OIDC_NAME,
                    "client_id": OIDC_CLIENT_ID,
                    "secret": OIDC_CLIENT_SECRET,
                    "settings": {"server_url": OIDC_URL},
                }
            ],
        }
    }
SOCIALACCOUNT_ADAPTER = "hustings.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False  # everybody chooses a handle and answers the question about age
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "", "SMTP server; empty: no mail is sent and no address is asked for.")
EMAIL_PORT = env.integer("EMAIL_PORT", 587, "SMTP port.")
EMAIL_HOST_USER = env.text("EMAIL_USER", "", "SMTP user.")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD", "", "SMTP password; or EMAIL_PASSWORD_FILE.")
EMAIL_USE_TLS = env.switch("EMAIL_TLS", default=True, about="STARTTLS towards the SMTP server.")
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "hustings@localhost", "Sender of mail.")
if not EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
ACCOUNT_EMAIL_VERIFICATION = "optional" if EMAIL_HOST else "none"

# --- Limits of request bodies: media travels by tus, which reads its own stream. -------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

# In the database, because limits must hold across processes. The key function keeps addresses out of it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "hustings_cache",
        "KEY_FUNCTION": "hustings.site.database.cache_key",
        # A full cache forgets at random, and limits with it; the sweep keeps it far from full.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {
        "handlers": ["stderr"],
        "level": env.text("LOG_LEVEL", "WARNING", "DEBUG, INFO, WARNING or ERROR."),
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
