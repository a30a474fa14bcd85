"""The list: what the settings imply, what rooms declare, and what the operator adds in a file.

Derived, not typed twice: whoever sets an SMTP server has declared it. Read again whenever it may have
changed; in production that is once.
"""

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from hustings.trust.egress import rules
from hustings.trust.egress.errors import CellError
from hustings.trust.egress.rules import Destination, Program

Provider = Callable[[], Iterable[Destination | Program]]


@dataclass
class _List:
    declared: dict[str, Destination] = field(default_factory=dict)
    programs: dict[str, Program] = field(default_factory=dict)
    providers: list[Provider] = field(default_factory=list)
    known: tuple[Destination, ...] | None = None
    startable: tuple[Program, ...] = ()


_list = _List()


def declare(
    host: str,
    port: int,
    *,
    purpose: str,
    purpose_cy: str = "",
    region: str = "",
    categories: Iterable[str] = (),
    transfer: str = "",
    private: bool = False,
) -> None:
    """Put a place on the list, from code that knows it only when it runs. `region` is the cell's for the loopback.

    `purpose` is a sentence for the public, or a key of the back office's words. Declaring again replaces.
    """
    place = Destination(
        host=host.lower().rstrip("."),
        port=port,
        purpose=purpose,
        purpose_cy=purpose_cy,
        region=region or (settings.REGION if rules.is_loopback(host) else ""),
        categories=tuple(categories),
        transfer=transfer,
        private=private or rules.is_loopback(host),
        because=str(sys._getframe(1).f_globals.get("__name__", "")),  # noqa: SLF001 - the caller's module
    )
    faults = rules.destination_faults(settings.REGION, [place])
    if faults:
        raise CellError(faults)
    _list.declared[place.place] = place
    forget()


def declare_program(name: str, *, purpose: str, region: str = "", categories: Iterable[str] = ()) -> None:
    """Let a program be started, by the name of its file or its whole path. Declaring again replaces."""
    _list.programs[name] = Program(name, purpose, region, tuple(categories))
    forget()


def provide(provider: Provider) -> None:
    """A room tells what follows from its own settings; asked each time the list is read. Called at start-up."""
    _list.providers.append(provider)
    forget()


def forget(**_: Any) -> None:
    """Read the list anew at the next look: something changed."""
    _list.known = None


def destinations() -> tuple[Destination, ...]:
    """Every place that may be reached, by place."""
    known = _list.known
    if known is None:
        known, _list.startable = _read()
        _list.known = known
    return known


def programs() -> tuple[Program, ...]:
    """Every program that rooms and settings declare; our own, FFmpeg and git's local verbs need no line."""
    destinations()
    return _list.startable


def _read() -> tuple[tuple[Destination, ...], tuple[Program, ...]]:
    told = [*_from_settings(), *(entry for provider in _list.providers for entry in provider())]
    derived = [entry for entry in told if isinstance(entry, Destination)]
    derived += _list.declared.values()
    startable = {entry.name: entry for entry in told if isinstance(entry, Program)} | _list.programs
    added, faults = operators_list()
    if faults:
        raise CellError({"HUSTINGS_EGRESS": f"HUSTINGS_EGRESS: {' '.join(faults.values())}"})
    return tuple(rules.merged(derived, added)), tuple(startable.values())


def operators_list() -> tuple[list[Destination], dict[str, str]]:
    """What the operator's file declares, and what is wrong with it."""
    if not settings.EGRESS:
        return [], {}
    try:
        text = Path(settings.EGRESS).read_text()
    except (OSError, UnicodeDecodeError) as fault:
        return [], {"file": f"{settings.EGRESS} cannot be read: {getattr(fault, 'strerror', None) or fault}."}
    return rules.read_list(text)


# --- What the settings imply ------------------------------------------------------------------------------


def _from_settings() -> Iterator[Destination | Program]:
    yield from _database()
    yield from _mail()
    yield from _sign_in()
    yield from _object_store()
    yield from _key_program()


def database_place() -> Destination | None:
    """The database server; None for SQLite and for a socket file of this machine."""
    return next(_database(), None)


def _database() -> Iterator[Destination]:
    database: dict[str, Any] = settings.DATABASES["default"]
    host = str(database.get("HOST") or "")
    if "sqlite" in database["ENGINE"] or not host or host.startswith("/"):
        return
    yield Destination(
        host=host.lower(),
        port=int(database.get("PORT") or 5432),
        purpose="trust.egress.database",
        because="HUSTINGS_DATABASE_URL",
        region=_region(settings.DATABASE_REGION, host),
        categories=("user",),
        private=True,
        measured="connections",  # libpq opens the connection: the gate sees that it did, not how much went over it
    )


def _mail() -> Iterator[Destination]:
    if settings.EMAIL_HOST and settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        yield Destination(
            host=settings.EMAIL_HOST.lower(),
            port=settings.EMAIL_PORT,
            purpose="trust.egress.mail",
            because="HUSTINGS_EMAIL_HOST",
            region=_region(settings.EMAIL_REGION, settings.EMAIL_HOST),
            categories=("user.account.username", "user.contact.email"),
            private=True,
        )


def _sign_in() -> Iterator[Destination]:
    issuer = _of_url(settings.OIDC_URL)
    if issuer is not None:
        host, port = issuer
        yield Destination(
            host=host,
            port=port,
            purpose="trust.egress.sign_in",
            because="HUSTINGS_OIDC_URL",
            region=_region(settings.OIDC_REGION, host),
            # A one-time code that stands for the person who is signing in; what the issuer knows it knows already.
            categories=("user.unique_id",),
            private=True,
        )


def _object_store() -> Iterator[Destination]:
    backend: Any = settings.STORAGES["default"]
    options = backend.get("OPTIONS", {})
    store = _of_url(str(options.get("endpoint_url") or ""))
    if store is not None:
        host, port = store
        yield Destination(
            host=host,
            port=port,
            purpose="trust.egress.media",
            because="HUSTINGS_MEDIA",
            region=_region(settings.MEDIA_REGION, host),
            categories=("user.content",),
            private=True,
        )


def _key_program() -> Iterator[Program]:
    """The operator's key program: what it connects to is its own; where that is, the settings must say."""
    if settings.KEYS_DRIVER == "command" and (words := shlex.split(settings.KEYS_COMMAND)):
        yield Program(words[0], "trust.egress.keys", settings.KEYS_REGION, ("user.authorization.credentials",))


def _region(declared: str, host: str) -> str:
    return declared or (settings.REGION if rules.is_loopback(host) else "")


def _of_url(url: str) -> tuple[str, int] | None:
    """Host and port of an address; None for an empty one."""
    parts = urlsplit(url)
    if not parts.hostname:
        return None
    return parts.hostname.lower(), parts.port or (443 if parts.scheme == "https" else 80)
