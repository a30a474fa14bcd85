"""The one HTTP client of our own code: declared places only, on a clock, with a ceiling on what is read.

Every call says what it wants and how much it will take. No proxy from the environment, no cookies, no
connection kept, no redirect that the caller did not allow, and none to an undeclared place. The process's
hook (`hook.py`) holds whoever does not use it to the same list.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from hustings.trust.egress import declared, hook
from hustings.trust.egress.errors import AnswerTooLargeError, EgressFailedError

_CHUNK = 1 << 16
_SEE_OTHER = frozenset({301, 302, 303})
_SAME_AGAIN = frozenset({307, 308})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any status. Header names in small letters; `url` is where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class _Target:
    """An address taken apart once, so that the check and the connection speak of the same thing."""

    url: str
    host: str
    port: int
    path: str
    secure: bool


@dataclass
class _Clock:
    """The time left for a whole call. At its end the connection is cut, whatever the other side dribbles."""

    until: float
    late: bool = False
    sock: socket.socket | None = field(default=None)

    @property
    def left(self) -> float:
        return max(0.001, self.until - time.monotonic())

    def cut(self) -> None:
        self.late = True
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


def request(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 10.0,
    max_bytes: int = 1_000_000,
    redirects: int = 0,
) -> Answer:
    """Ask another server; answers whatever status came back.

    `timeout_s` holds for all of it together, but for the name's look-up, which the system bounds. At most
    `max_bytes` of body are read. Up to `redirects` redirects are followed, never from https to http.

    Raises UndeclaredEgressError (nothing was sent), EgressFailedError (unreachable, late, not HTTP) and
    AnswerTooLargeError.
    """
    clock = _Clock(time.monotonic() + timeout_s)
    for _ in range(redirects + 1):
        target = _target(url)
        answer = _ask(method, target, body=body, headers=dict(headers or {}), clock=clock, max_bytes=max_bytes)
        onward = answer.headers.get("location")
        if not redirects or onward is None or answer.status not in _SEE_OTHER | _SAME_AGAIN:
            return answer
        url = urljoin(target.url, onward)
        if target.secure and not url.lower().startswith("https:"):
            hook.refuse("redirect", f"a redirect from {target.host} out of https")
        if answer.status in _SEE_OTHER and method != "HEAD":
            method, body = "GET", b""
        if (_target(url).host, _target(url).port) != (target.host, target.port):
            # What proves who we are to one server is not for the next.
            headers = {name: value for name, value in (headers or {}).items() if name.lower() != "authorization"}
    raise EgressFailedError(f"{url}: more than {redirects} redirects.")


def _target(url: str) -> _Target:
    """Take an address apart. Refuses what is not http(s), carries a name and password, or is not on the list."""
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode() if parts.hostname else ""
    except ValueError:
        parts, port, host = urlsplit(""), None, ""
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or any(c <= " " for c in url):
        hook.refuse("address", "an address that is not plain http or https")
    secure = parts.scheme == "https"
    port = port or (443 if secure else 80)
    if not any(known.host == host and known.port == port for known in declared.destinations()):
        hook.refuse("name", f"{host}:{port}")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(url, host, port, path, secure)


def _ask(
    method: str, target: _Target, *, body: bytes, headers: dict[str, str], clock: _Clock, max_bytes: int
) -> Answer:
    watch = threading.Timer(clock.left, clock.cut)
    watch.daemon = True
    watch.start()
    connection = http.client.HTTPConnection(target.host, target.port)
    try:
        connection.sock = _connect(target, clock)
        # Ports that are everybody's are not written, as browsers do; some servers compare the text.
        default = target.port == (443 if target.secure else 80)
        host = f"[{target.host}]" if ":" in target.host else target.host
        connection.request(
            method,
            target.path,
            body or None,
            {"Host": host if default else f"{host}:{target.port}", "Accept-Encoding": "identity",
             "Connection": "close", "User-Agent": "Hustings", **headers},
        )  # fmt: skip
        answer = connection.getresponse()
        read = _read(answer, max_bytes, target)
        if clock.late:
            raise EgressFailedError(f"{target.host}:{target.port} took too long.")
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, named, read, target.url)
    except (OSError, http.client.HTTPException) as fault:
        why = "took too long" if clock.late else f"did not answer ({type(fault).__name__})"
        raise EgressFailedError(f"{target.host}:{target.port} {why}.") from fault
    finally:
        watch.cancel()
        connection.close()
        clock.sock = None


def _connect(target: _Target, clock: _Clock) -> socket.socket:
    """Connect to one of the addresses that the name stood for at the one look-up."""
    sock = socket.create_connection((target.host, target.port), timeout=clock.left)
    clock.sock = sock
    if target.secure:
        try:
            sock = _trust().wrap_socket(sock, server_hostname=target.host)
        except BaseException:
            sock.close()
            raise
        clock.sock = sock
    sock.settimeout(clock.left)
    if clock.late:
        sock.close()
        raise TimeoutError
    return sock


def _read(answer: http.client.HTTPResponse, most: int, target: _Target) -> bytes:
    told = answer.length
    read = bytearray()
    if told is None or told <= most:
        while chunk := answer.read1(_CHUNK):
            read += chunk
            if len(read) > most:
                break
        else:
            return bytes(read)
    raise AnswerTooLargeError(f"{target.host}:{target.port} sent more than {most} bytes.")


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The system's certificate authorities, TLS 1.2 or later."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
