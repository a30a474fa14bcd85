"""What a browser sends to us: every address, field, header and cookie there may be, and what each is for.

A test records every byte that a real browser sends (web/e2e/test_wire.py) and asks `complaints` about each request;
another compares the fields here with the API's own description, so that neither can grow without the other. Pure:
no Django, no disk.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

# The two cookies, and what each is for.
COOKIES: Mapping[str, str] = {
    "sessionid": "Who is signed in. Set by signing in, for 30 days unless the operator says otherwise.",
    "csrftoken": "A random word that a change must repeat, so that no other site can make one. About nobody.",
}

# What the browser keeps for the person in front of it: area and name, `*` for any ending.
STORED: Mapping[str, str] = {
    "localStorage:hustings.language": "The language that was chosen.",
    "localStorage:hustings.preferences": "Theme, captions and the like.",
    "localStorage:hustings.sound": "Whether clips play with sound.",
    "localStorage:hustings.publish_as": "In whose name one published last.",
    "localStorage:hustings.uploads": "Uploads that were cut off, so that they can go on.",
    "sessionStorage:hustings.history": "What was watched in this tab while signed out; gone with the tab.",
    "sessionStorage:hustings.searches": "What was searched for in this tab; gone with the tab.",
    "caches:client-*": "The program's own files, so that it opens without a connection; no clip and no answer.",
}

# Headers that every browser sends by itself or by the protocol. None is kept.
HEADERS: Mapping[str, str] = {
    "host": "Which server is meant.",
    "connection": "The protocol's own.",
    "proxy-connection": "The protocol's own.",
    "content-length": "How long the body is.",
    "content-type": "What the body is.",
    "transfer-encoding": "The protocol's own.",
    "accept": "What kind of answer is understood.",
    "accept-encoding": "Which compressions are understood.",
    "accept-language": "Which languages are preferred: the page comes in one of ours.",
    "cache-control": "Whether a kept copy will do.",
    "pragma": "Whether a kept copy will do.",
    "if-none-match": "Which copy is kept already.",
    "if-modified-since": "Which copy is kept already.",
    "range": "Which part of a film is wanted.",
    "if-range": "Of which copy.",
    "origin": "Which page asks: changes from other sites are refused.",
    "referer": "From which of our pages one comes; sent to us alone.",
    "cookie": "See the cookies.",
    "user-agent": "The browser's name; a word each of browser and system stands in one's own list of sessions.",
    "upgrade-insecure-requests": "The browser's own; not read.",
    "priority": "The browser's own; not read.",
    "purpose": "The browser's own; not read.",
    "sec-purpose": "The browser's own; not read.",
    "sec-fetch-site": "The browser's own; not read.",
    "sec-fetch-mode": "The browser's own; not read.",
    "sec-fetch-dest": "The browser's own; not read.",
    "sec-fetch-user": "The browser's own; not read.",
    "sec-fetch-storage-access": "The browser's own; not read.",
    "sec-gpc": "The browser's own; not read.",
    "dnt": "The browser's own; not read.",
    "save-data": "That the person asked for fewer bytes; not read.",
    # The three hints that Chromium sends unasked. We ask for no other (no answer carries Accept-CH).
    "sec-ch-ua": "The browser's own; not read.",
    "sec-ch-ua-mobile": "The browser's own; not read.",
    "sec-ch-ua-platform": "The browser's own; not read.",
    "service-worker": "That the file is to be a service worker.",
    "service-worker-navigation-preload": "The protocol's own.",
    "x-csrftoken": "The cookie's word repeated, which shows that a change comes from our own page.",
}

TUS = {
    "tus-resumable": "Which version of the upload protocol is spoken.",
    "upload-length": "How large the film is.",
    "upload-offset": "How much of it has come.",
    "upload-metadata": "The file's name and kind, and in whose name it is published.",
    "upload-checksum": "A checksum of this part.",
    "upload-defer-length": "The protocol's own.",
}
UPLOAD_METADATA = {
    "filename": "What the file is called, to tell uploads apart.",
    "filetype": "What kind of film it is.",
    "account": "In whose name it is published.",
}

CURSOR = {"cursor": "Where the list goes on.", "limit": "How many of it."}
ANY = "*"  # at the end of a field's name: whatever is inside, as a protocol defines it


@dataclass(frozen=True)
class Call:
    """One address, `{}` for one segment of any value: what its query, its body and its own headers may name.

    `fields` are those of a JSON body, or of a form, dotted, `[]` for each of a list. `raw` says what a body that is
    neither may be, and is then not looked into: media.
    """

    methods: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""

    def matches(self, method: str, path: str) -> bool:
        return method in self.methods.split() and re.fullmatch(_pattern(self.path), path) is not None


def _pattern(path: str) -> str:
    return "".join({"{}": "[^/]+", "{*}": ".*"}.get(part, re.escape(part)) for part in re.split(r"(\{\*?\})", path))


_PROFILE = {"name": "What others read.", "bio": "What one says about oneself."}
_PREFERENCES = {
    "preferences": "How one likes it.",
    **{
        f"preferences.{name}": "How one likes it."
        for name in (
            "language",
            "theme",
            "autoplay",
            "captions",
            "data_saver",
            "hide_counts",
            "plain_feed",
            "break_after_min",
            "quiet",
            "sound",
        )
    },
}
_PASSKEY = {"credential": "What a passkey answers, as WebAuthn defines it.", "credential.*": "WebAuthn's own."}
_SIGN_UP = {
    "username": "The handle one wants.",
    "age_band": "13-15, 16-17 or 18+; never a date of birth.",
    "name": "What others read, or what a passkey is called.",
}

_LANG = {"lang": "In which language."}
_FOR = {"for": "For which of one's organisations."}
_CSRF = {"csrfmiddlewaretoken": "The cookie's word repeated."}
_PAGE = {
    "next": "Where to go after signing in.",
    "as": "Of which of one's organisations.",
    "in": "From which list of clips one came.",
    "t": "At which second.",
    "error": "What kept somebody from signing in.",
}
_PAGES = (
    "/",
    "/following",
    "/v/{}",
    "/@{}",
    "/@{}/feed.atom",
    "/t/{}",
    "/t/{}/feed.atom",
    "/s/{}",
    "/inbox",
    "/saved",
    "/liked",
    "/signin",
    "/signup",
    "/signup/provider",
    "/reset-password",
    "/reset-password/{}",
    "/verify-email/{}",
    "/upload{*}",
    "/settings{*}",
    "/embed/{}",
    "/plain-{}",
    "/sw.js",
    "/manifest.webmanifest",
    "/robots.txt",
    "/favicon.ico",
    "/.well-known/security.txt",
)

# The API's own, in the order of its description; then what it does not describe.
CALLS: tuple[Call, ...] = (
    Call("GET", "/api/v1/accounts/{}"),
    Call("GET", "/api/v1/accounts/{}/notice"),
    Call("PUT DELETE", "/api/v1/accounts/{}/block"),
    Call("PUT DELETE", "/api/v1/accounts/{}/follow"),
    Call("PUT DELETE", "/api/v1/accounts/{}/mute"),
    Call("GET", "/api/v1/accounts/{}/clips", query=CURSOR),
    Call("GET DELETE", "/api/v1/clips/{}"),
    Call(
        "PATCH",
        "/api/v1/clips/{}",
        fields={
            "caption": "What one says about the clip.",
            "language": "The language it is in.",
            "visibility": "Who may watch it.",
            "allow_comments": "Whether one wants comments.",
            "cover_time": "Which moment is its cover.",
        },
    ),
    Call("POST", "/api/v1/clips/{}/publish", fields={"at": "When it is to go out."}),
    Call("POST", "/api/v1/clips/{}/unpublish"),
    Call("GET", "/api/v1/clips/{}/status"),
    Call("PUT DELETE", "/api/v1/clips/{}/tracks/{}", raw="captions"),
    Call("GET", "/api/v1/clips/{}/comments", query=CURSOR),
    Call(
        "POST",
        "/api/v1/clips/{}/comments",
        fields={"text": "What one says.", "reply_to": "Which comment it answers.", "as": "In whose name."},
    ),
    Call("PUT DELETE", "/api/v1/clips/{}/like"),
    Call("PUT DELETE", "/api/v1/clips/{}/save"),
    Call("POST", "/api/v1/clips/{}/share"),
    Call("DELETE", "/api/v1/comments/{}"),
    Call("PUT DELETE", "/api/v1/comments/{}/like"),
    Call("GET", "/api/v1/comments/{}/replies", query=CURSOR),
    Call(
        "POST",
        "/api/v1/events",
        fields={
            "key": "The batch's own random name, so that it counts once.",
            "events": "What was done with clips.",
            "events[].clip": "With which clip.",
            "events[].kind": "What was done.",
            "events[].watched_s": "For how many seconds it was watched.",
            "events[].loops": "How often it began anew.",
            "events[].page": "Which page of the feed it stood on.",
        },
    ),
    Call("GET", "/api/v1/explore"),
    Call(
        "POST",
        "/api/v1/feed",
        fields={
            "count": "How many clips are wanted.",
            "held": "Which clips are waiting in this tab, so that none comes twice.",
            "language": "Which languages are understood.",
            "history": "Signed out: what this tab has watched. Used for the answer and forgotten with it.",
            "history[].clip": "Which clip.",
            "history[].share": "How much of it was watched.",
            "history[].actions": "What else was done with it.",
            "history[].gap_s": "How many seconds after the one before.",
        },
    ),
    Call("GET", "/api/v1/feed/following", query={"cursor": CURSOR["cursor"], "count": "How many clips are wanted."}),
    Call("POST", "/api/v1/feed/reset"),
    Call("GET", "/api/v1/hashtags/{}/clips", query=CURSOR),
    Call("GET", "/api/v1/languages"),
    Call("GET DELETE", "/api/v1/me"),
    Call("PATCH", "/api/v1/me", fields=_PROFILE | _PREFERENCES),
    Call("PUT DELETE", "/api/v1/me/avatar", raw="a picture"),
    Call("GET", "/api/v1/me/blocked", query=CURSOR),
    Call("GET", "/api/v1/me/muted", query=CURSOR),
    Call("GET", "/api/v1/me/liked", query=CURSOR),
    Call("GET", "/api/v1/me/saved", query=CURSOR),
    Call(
        "GET",
        "/api/v1/me/clips",
        query=CURSOR | {"state": "Which of one's clips.", "account": "Of which of one's organisations."},
    ),
    Call("GET", "/api/v1/me/csrf"),
    Call("GET POST DELETE", "/api/v1/me/export", query={"account": "Of which of one's organisations."}),
    Call("GET", "/api/v1/me/invitations"),
    Call("PUT DELETE", "/api/v1/me/invitations/{}"),
    Call("GET", "/api/v1/me/proof"),
    Call("GET", "/api/v1/me/muted-words"),
    Call("PUT", "/api/v1/me/muted-words", fields={"words": "What one does not want to see."}),
    Call("GET", "/api/v1/me/notifications", query=CURSOR | {"as": "Of which of one's organisations."}),
    Call("POST", "/api/v1/me/notifications/read", query={"as": "Of which of one's organisations."}),
    Call("GET", "/api/v1/organisations"),
    Call("POST", "/api/v1/organisations", fields=_PROFILE | {"handle": "The handle it is to have."}),
    Call("DELETE", "/api/v1/organisations/{}"),
    Call("PATCH", "/api/v1/organisations/{}", fields=_PROFILE | _PREFERENCES),
    Call("PUT", "/api/v1/organisations/{}/avatar", raw="a picture"),
    Call("GET", "/api/v1/organisations/{}/invitations"),
    Call("PUT", "/api/v1/organisations/{}/invitations/{}", fields={"role": "What somebody is asked to be there."}),
    Call("DELETE", "/api/v1/organisations/{}/invitations/{}"),
    Call("GET", "/api/v1/organisations/{}/members"),
    Call("DELETE", "/api/v1/organisations/{}/members/{}"),
    Call("PUT", "/api/v1/organisations/{}/members/{}", fields={"role": "What somebody may do in its name."}),
    Call(
        "POST",
        "/api/v1/reports",
        fields={
            "kind": "What sort of thing is reported.",
            "id": "Which one.",
            "reason": "Which rule it breaks.",
            "text": "What one adds.",
            "moment_s": "At which second.",
        },
    ),
    Call("GET", "/api/v1/reports/{}"),
    Call(
        "GET",
        "/api/v1/search",
        query={"q": "What is searched for; answered and forgotten.", "kind": "Where.", "cursor": CURSOR["cursor"]},
    ),
    Call("GET", "/api/v1/sign-in"),
    Call("POST", "/api/v1/signup/passkey/begin", fields=_SIGN_UP),
    Call("POST", "/api/v1/signup/passkey/complete", fields={"name": _SIGN_UP["name"], **_PASSKEY}),
    Call("GET", "/api/v1/sounds/{}/clips", query=CURSOR),
    # Uploads, in tus 1.0. The film's own bytes are what one came to send.
    Call("OPTIONS", "/api/v1/uploads/", headers=TUS),
    Call("POST", "/api/v1/uploads/", headers=TUS, raw="the film"),
    Call("PATCH", "/api/v1/uploads/{}", headers=TUS, raw="the film"),
    Call("HEAD DELETE", "/api/v1/uploads/{}", headers=TUS),
    # Sign-in, as django-allauth's headless protocol has it.
    Call("POST", "/_allauth/browser/v1/auth/login", fields={"username": "Who.", "password": "To prove it."}),
    Call(
        "POST",
        "/_allauth/browser/v1/auth/signup",
        fields=_SIGN_UP | {"password": "To prove it later.", "email": "Optional: to get back in."},
    ),
    Call("GET DELETE", "/_allauth/browser/v1/auth/session"),
    Call("GET", "/_allauth/browser/v1/auth/webauthn/{}"),
    Call("POST", "/_allauth/browser/v1/auth/webauthn/{}", fields=_PASSKEY),
    Call("POST", "/_allauth/browser/v1/auth/2fa/{}", fields={"code": "The six digits, or a recovery code."}),
    Call("POST", "/_allauth/browser/v1/auth/reauthenticate", fields={"password": "To prove it again."}),
    Call("POST", "/_allauth/browser/v1/auth/provider/signup", fields=_SIGN_UP),
    Call(
        "POST",
        "/_allauth/browser/v1/auth/provider/redirect",
        fields={
            "provider": "Which single sign-on.",
            "process": "That one signs in.",
            "callback_url": "Where to come back to.",
            "csrfmiddlewaretoken": "The cookie's word repeated.",
        },
    ),
    Call("POST", "/_allauth/browser/v1/auth/password/request", fields={"email": "Where to send the link."}),
    Call(
        "GET",
        "/_allauth/browser/v1/auth/password/reset",
        headers={"x-password-reset-key": "The key of the link."},
    ),
    Call(
        "POST",
        "/_allauth/browser/v1/auth/password/reset",
        fields={"key": "The key of the link.", "password": "The new one."},
    ),
    Call(
        "GET",
        "/_allauth/browser/v1/auth/email/verify",
        headers={"x-email-verification-key": "The key of the link."},
    ),
    Call("POST", "/_allauth/browser/v1/auth/email/verify", fields={"key": "The key of the link."}),
    Call("GET", "/_allauth/browser/v1/account/email"),
    Call("POST PUT DELETE PATCH", "/_allauth/browser/v1/account/email", fields={"email": "Which address."}),
    Call(
        "POST",
        "/_allauth/browser/v1/account/password/change",
        fields={"current_password": "To prove it.", "new_password": "The new one."},
    ),
    Call("GET", "/_allauth/browser/v1/account/authenticators"),
    Call("GET", "/_allauth/browser/v1/account/authenticators/{*}"),
    Call("POST DELETE", "/_allauth/browser/v1/account/authenticators/totp", fields={"code": "The six digits."}),
    Call("POST", "/_allauth/browser/v1/account/authenticators/recovery-codes"),
    Call(
        "POST PUT DELETE",
        "/_allauth/browser/v1/account/authenticators/webauthn",
        query={"passwordless": "That the key is to sign in alone."},
        fields={
            "name": "What one calls the key.",
            "id": "Which key.",
            "authenticators": "Which keys.",
            "passwordless": "That the key is to sign in alone.",
            **_PASSKEY,
        },
    ),
    Call("GET", "/_allauth/browser/v1/auth/sessions"),
    Call("DELETE", "/_allauth/browser/v1/auth/sessions", fields={"sessions": "Which sessions to end."}),
    Call("GET", "/_allauth/browser/v1/config"),
    # Pages, the client's own files, media.
    Call("GET HEAD", "/media/{*}"),
    Call("GET HEAD", "/client/{*}"),
    Call("GET", "/trust/data", query={"topic": "Which part of the map.", **_LANG}),
    Call("GET", "/trust/log", query={"kind": "Which entries.", "before": "Where the list goes on.", **_LANG}),
    Call("GET", "/trust/confirm", query={"next": "Where one wanted to go.", **_LANG}),
    Call(
        "POST",
        "/trust/confirm",
        query={"next": "Where one wanted to go.", **_LANG},
        fields={"password": "To prove it again.", "next": "Where one wanted to go.", **_CSRF},
    ),
    Call("GET", "/trust/export", query=_FOR | _LANG),
    Call("POST", "/trust/export", query=_FOR | _LANG, fields={"act": "To ask or to cancel.", **_FOR, **_CSRF}),
    Call("GET", "/trust/correct", query=_FOR | _LANG),
    Call(
        "POST",
        "/trust/correct",
        query=_FOR | _LANG,
        fields={"column": "Which thing is wrong.", "text": "What is wrong with it.", **_FOR, **_CSRF},
    ),
    Call("GET", "/trust/import", query=_FOR | _LANG),
    Call("POST", "/trust/import", query=_FOR | _LANG, fields={"file": "The archive one brings.", **_FOR, **_CSRF}),
    Call(
        "GET",
        "/trust/import/{}",
        query={"matched": "How many films fitted.", "brought": "How many films came.", **_LANG},
    ),
    Call(
        "POST",
        "/trust/import/{}",
        query=_LANG,
        fields={
            "act": "What is to be done with it.",
            "kind": "What of it is wanted.",
            "keep_visibility": "That clips stay as visible as they were.",
            "file": "A film that belongs to it.",
            **_CSRF,
        },
    ),
    *(
        Call(
            "POST",
            path,
            query=_LANG,
            fields={
                "act": "To close, or to take it back.",
                "comments": "What becomes of one's comments.",
                "words": "What is to stand in the account's place.",
                "link": "Where one can be found instead.",
                "archive": "Whether a package for the public record is wanted.",
                "days": "For how many days it can be taken back.",
                "password": "To prove it again.",
                "handle": "The handle, to be sure that it is meant.",
                **_CSRF,
            },
        )
        for path in ("/trust/close", "/trust/close/@{}", "/trust/closing/{}")
    ),
    Call("GET HEAD", "/trust{*}", query=_LANG),
    Call("GET HEAD", "/log/{*}"),
    Call(
        "GET",
        "/search",
        query={"q": "What is searched for.", "kind": "Where."},
    ),
    Call(
        "GET",
        "/oembed",
        query={"url": "Which clip.", "maxwidth": "How wide.", "maxheight": "How high.", "format": "How."},
    ),
    *(Call("GET HEAD", path, query=_PAGE) for path in _PAGES),
)


@dataclass(frozen=True)
class Request:
    """One request as it went over the wire: `target` as in its first line, headers in order, body as sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The value of a header, empty when it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def complaints(request: Request, host: str) -> Iterator[str]:
    """Everything in the request that is not declared, in a line each; `host` is ours, with its port."""
    parts = urlsplit(request.target)
    sent_to = parts.netloc or request.header("host")
    if sent_to != host or parts.scheme not in {"", "http"}:
        yield f"a request went to {sent_to or request.target}"
        return
    where = f"{request.method} {parts.path}"
    call = next((one for one in CALLS if one.matches(request.method, parts.path)), None)
    if call is None:
        yield f"{where}: nobody declared this address"
        return
    for name, _ in parse_qsl(parts.query, keep_blank_values=True):
        if name not in call.query:
            yield f"{where}: nobody declared the parameter {name}"
    for name, value in request.headers:
        yield from (f"{where}: {fault}" for fault in _header(name.lower(), value, call))
    yield from (f"{where}: {fault}" for fault in _body(request, call))


def _header(name: str, value: str, call: Call) -> Iterator[str]:
    if name not in HEADERS and name not in call.headers:
        yield f"nobody declared the header {name}"
    elif name == "cookie":
        for pair in value.split(";"):
            cookie = pair.partition("=")[0].strip()
            if cookie not in COOKIES:
                yield f"nobody declared the cookie {cookie}"
    elif name == "upload-metadata":
        for pair in value.split(","):
            key = pair.strip().partition(" ")[0]
            if key not in UPLOAD_METADATA:
                yield f"nobody declared the upload's {key}"


def _body(request: Request, call: Call) -> Iterator[str]:
    if not request.body or call.raw:
        return
    kind = request.header("content-type").partition(";")[0].strip().lower()
    if kind == "application/json":
        try:
            names = set(_names(json.loads(request.body)))
        except ValueError:
            yield "a body that says it is JSON and is not"
            return
    elif kind == "multipart/form-data":
        # The parts' own bytes are the files that somebody chose, and are not looked into.
        names = {
            name.decode() for name in re.findall(rb'\r\nContent-Disposition: form-data; name="([^"]*)"', request.body)
        }
    elif kind == "application/x-www-form-urlencoded":
        names = {name for name, _ in parse_qsl(request.body.decode(errors="replace"), keep_blank_values=True)}
    else:
        yield f"nobody declared a body of {kind or 'no kind'}, {len(request.body)} bytes"
        return
    wild = tuple(name.removesuffix(ANY) for name in call.fields if name.endswith(ANY))
    for name in sorted(names):
        if name not in call.fields and not (wild and name.startswith(wild)):
            yield f"nobody declared the field {unquote(name)}"


def _names(value: object, before: str = "") -> Iterator[str]:
    """The dotted name of every field of a JSON value, `[]` for each of a list; keys that hold data are names too."""
    if isinstance(value, dict):
        for key, inner in value.items():
            name = f"{before}.{key}" if before else str(key)
            yield name
            yield from _names(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner, f"{before}[]")


def stored_complaints(kept: Mapping[str, list[str]]) -> Iterator[str]:
    """What a browser holds that is not declared; `kept` is names by area, such as `localStorage`."""
    for area, names in kept.items():
        for name in names:
            place = f"{area}:{name}"
            if not any(_fits(place, known) for known in STORED):
                yield f"nobody declared what is kept in {place}"


def _fits(place: str, known: str) -> bool:
    return place.startswith(known.removesuffix(ANY)) if known.endswith(ANY) else place == known
