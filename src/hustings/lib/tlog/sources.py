"""Where a log is read from: a folder, or any web server that serves its files. Nothing it sends is believed.

Every file has a largest size and a latest moment. Redirects are not followed: the address that was checked is the
address that was named. Compression is unpacked no further than the file's largest size.
"""

import contextlib
import http.client
import os
import re
import socket
import ssl
import stat
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Protocol
from urllib.parse import unquote, urlsplit

from hustings.lib.tlog.deadlines import DEADLINES
from hustings.lib.tlog.errors import AddressError, MissingFileError, OversizedFileError, UnreachableError
from hustings.lib.tlog.words import plain

ATTEMPTS = 3
MEMORY = 64 * 1024 * 1024  # of all files that are on their way into this process at one time
_CHUNK = 64 * 1024
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}", re.ASCII)
_TRY_AGAIN = {429, 500, 502, 503, 504}


class Source(Protocol):
    """The files of a log by their paths under its prefix."""

    @property
    def address(self) -> str:
        """What the person named, in one spelling."""
        ...

    @property
    def parallel(self) -> int:
        """How many files are worth asking for at once."""
        ...

    def get(self, path: str, limit: int) -> bytes:
        """A whole file of at most `limit` bytes; raises MissingFileError, OversizedFileError, UnreachableError."""
        ...

    def close(self) -> None:
        """Let go of connections. The source may still be used."""
        ...


def source_of(where: str, *, wait_s: float = 10.0, whole_s: float = 60.0) -> "Source":
    """The source for an https, http or file address, or a folder; AddressError when it is none of these."""
    if "://" not in where:
        return _folder(Path(where), where)
    try:
        parts = urlsplit(where)
        port = parts.port
    except ValueError as fault:
        raise AddressError(f"“{plain(where)}” is no address: {fault}") from None
    if parts.query or parts.fragment or parts.username is not None or "\\" in where or not where.isprintable():
        raise AddressError("a log's address has no query, no fragment, no user name and no unusual characters")
    if parts.scheme == "file":
        if parts.netloc not in {"", "localhost"}:
            raise AddressError("a file address names a folder of this machine: file:///path")
        return _folder(Path(unquote(parts.path)), where)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise AddressError(f"“{plain(where)}” is no https, http or file address")
    if not all("!" <= c <= "~" for c in parts.path):
        raise AddressError("a log's address has ASCII characters only; write others as %XX")
    if any(part in {".", ".."} for part in unquote(parts.path).split("/")):
        raise AddressError("a log's address has no “.” and no “..” between its slashes")
    return HttpSource(parts.scheme == "https", _host(parts.hostname), port, parts.path.rstrip("/"), wait_s, whole_s)


def _host(name: str) -> str:
    try:
        host = name if name.isascii() else name.encode("idna").decode()
    except UnicodeError:
        raise AddressError(f"“{plain(name)}” is no name of a server") from None
    if _HOST.fullmatch(host) is None:
        raise AddressError(f"“{plain(name)}” is no name of a server")
    return host


def _folder(path: Path, where: str) -> "FolderSource":
    if not path.is_dir():
        raise AddressError(f"“{plain(where)}” is neither a web address nor a folder that can be read")
    return FolderSource(str(path.resolve()))


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A log's files in a folder of this machine."""

    root: str
    parallel: int = 1

    @property
    def address(self) -> str:
        """The folder."""
        return self.root

    def get(self, path: str, limit: int) -> bytes:
        """A file under the folder. Only a plain file is opened: a copied log may hold pipes and devices."""
        try:
            file = os.open(os.path.join(self.root, path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # noqa: PTH118 - a million times
        except (FileNotFoundError, NotADirectoryError):
            raise MissingFileError(path) from None
        except OSError as fault:
            raise UnreachableError(path, f"cannot be read: {fault.strerror}") from None
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise MissingFileError(path, "is not a file")
            data = os.read(file, limit + 1)
            while len(data) <= limit and (more := os.read(file, limit + 1 - len(data))):
                data += more
        except OSError as fault:
            raise UnreachableError(path, f"cannot be read: {fault.strerror}") from None
        finally:
            os.close(file)
        if len(data) > limit:
            raise OversizedFileError(path, limit)
        return data

    def close(self) -> None:
        """A folder keeps nothing open."""


class _Memory:
    """So many bytes may be on their way at once; whoever would exceed it waits."""

    def __init__(self, most: int) -> None:
        self._free = self._most = most
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def holding(self, size: int) -> Iterator[None]:
        size = min(size, self._most)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()


_memory = _Memory(MEMORY)


class _PassingError(Exception):
    """The server may answer when asked again."""


@dataclass(frozen=True, slots=True)
class HttpSource:
    """A log's files on a web server, over connections that stay open and that threads share in turn.

    `wait_s` is the longest silence, `whole_s` the longest time for one file, with all attempts.
    """

    tls: bool
    host: str
    port: int | None
    prefix: str
    wait_s: float = 10.0
    whole_s: float = 60.0
    parallel: int = 8

    @property
    def address(self) -> str:
        """The log's prefix, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http{'s' * self.tls}://{host}{f':{self.port}' if self.port else ''}{self.prefix}"

    def get(self, path: str, limit: int) -> bytes:
        """A file from the server, asked for up to three times when the server is busy or goes away."""
        end = time.monotonic() + self.whole_s
        why = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(min(0.3, self.wait_s / 10) * 4 ** (attempt - 1))
            left = end - time.monotonic()
            if left <= 0:
                break
            try:
                data = self._get(path, limit, left)
            except _PassingError as fault:
                why = str(fault)
            except ssl.SSLCertVerificationError as fault:
                raise UnreachableError(path, f"the server's certificate is not good: {fault.verify_message}") from None
            except (OSError, http.client.HTTPException, EOFError, ValueError) as fault:
                why = _reason(fault)
            else:
                if time.monotonic() < end:
                    return data
        if time.monotonic() >= end:
            why = f"it took longer than {self.whole_s:g} seconds"
        raise UnreachableError(path, f"{self.address} did not send it: {why}")

    def close(self) -> None:
        """Close the connections that wait for a next question."""
        with _lock:
            idle = _idle.pop(self, [])
        for connection in idle:
            connection.close()

    def _get(self, path: str, limit: int, seconds: float) -> bytes:
        connection = self._connection()
        try:
            if connection.sock is None:
                connection.connect()
            with DEADLINES.within(seconds, connection.sock):
                connection.request(
                    "GET",
                    f"{self.prefix}/{path}",
                    headers={"Accept-Encoding": "gzip, identity", "User-Agent": "hustings-log-verify"},
                )
                answer = connection.getresponse()
                if answer.status != http.client.OK:
                    self._refuse(path, answer)
                with _memory.holding(limit if answer.length is None else min(answer.length, limit)):
                    data = _body(path, answer, limit)
        except BaseException:
            connection.close()
            raise
        if answer.will_close or not answer.isclosed():
            connection.close()
        else:
            with _lock:
                _idle.setdefault(self, []).append(connection)
        return data

    def _refuse(self, path: str, answer: http.client.HTTPResponse) -> NoReturn:
        status = answer.status
        if status in {404, 410}:
            raise MissingFileError(path)
        if 300 <= status < 400:
            to = plain(answer.headers.get("Location", "elsewhere"))
            raise UnreachableError(path, f"{self.address} sends on to {to}; name that address if you mean it")
        if status in _TRY_AGAIN:
            raise _PassingError(f"it answered with status {status}")
        raise UnreachableError(path, f"{self.address} answered with status {status}")

    def _connection(self) -> http.client.HTTPConnection:
        with _lock:
            idle = _idle.get(self)
            if idle:
                return idle.pop()
        kind = http.client.HTTPSConnection if self.tls else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=self.wait_s)


_lock = threading.Lock()
_idle: dict[HttpSource, list[http.client.HTTPConnection]] = {}


def _body(path: str, answer: http.client.HTTPResponse, limit: int) -> bytes:
    """The body, unpacked when it is packed; OversizedFileError at the first byte too many."""
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise UnreachableError(path, f"was sent packed as “{plain(encoding)}”, which was not asked for")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
    parts: list[bytes] = []
    size = 0
    while chunk := answer.read(_CHUNK):
        if unpacker is not None:
            try:
                chunk = unpacker.decompress(chunk, limit + 1 - size)
            except zlib.error:
                raise UnreachableError(path, "is packed wrongly") from None
            if unpacker.unused_data:
                raise UnreachableError(path, "is packed wrongly: something follows its end")
        size += len(chunk)
        parts.append(chunk)
        if size > limit or (unpacker is not None and unpacker.unconsumed_tail):
            raise OversizedFileError(path, limit)
    if answer.length:
        raise EOFError("the connection ended in the middle of the file")
    if unpacker is not None and not unpacker.eof:
        raise UnreachableError(path, "is packed wrongly: it stops in the middle")
    return b"".join(parts)


def _reason(fault: BaseException) -> str:
    if isinstance(fault, TimeoutError):
        return "it took too long"
    if isinstance(fault, socket.gaierror):
        return "its name is not known"
    if isinstance(fault, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(fault, http.client.HTTPException) and not str(fault):
        return "it broke off"
    return plain(str(fault)) or type(fault).__name__
