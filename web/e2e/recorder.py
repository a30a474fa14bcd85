"""A line between a browser and the server that writes down every byte the browser sends, whoever it is meant for.

Not the browser's own account of itself: Chromium is told that every name in the world lives here
(`--host-resolver-rules`), so pages, workers, beacons and its own services all come through, and what is not HTTP is
seen too. Only what the browser sends is kept; answers pass by.
"""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from hustings.trust.datamap.wire import Request

CHUNK = 65_536


@dataclass
class Line:
    """One connection of the browser: what it sent, in order."""

    sent: bytearray = field(default_factory=bytearray)


@dataclass
class Recorder:
    """Listens on a free port of the loopback and passes everything on to `server` (host, port)."""

    server: tuple[str, int]
    lines: list[Line] = field(default_factory=list)
    port: int = 0
    _listener: socket.socket | None = None
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._listener is not None
        # A close alone leaves the thread waiting in `accept`, with the socket in its hands.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            line = Line()
            self.lines.append(line)
            self._start(self._carry, browser, line)

    def _carry(self, browser: socket.socket, line: Line) -> None:
        with browser, contextlib.suppress(OSError), socket.create_connection(self.server, timeout=30) as server:
            server.settimeout(None)
            back = threading.Thread(target=_pass_on, args=(server, browser, None), daemon=True)
            back.start()
            _pass_on(browser, server, line.sent)
            back.join()

    def mark(self) -> list[int]:
        """Where each line stands now, for `since`."""
        return [len(line.sent) for line in self.lines]

    def since(self, mark: list[int]) -> int:
        """How many bytes the browser has sent since."""
        return sum(self.mark()) - sum(mark)

    def requests(self) -> list[Request]:
        """Every request so far; what is not HTTP becomes a request of the method `BYTES`."""
        return [request for line in list(self.lines) for request in parse(bytes(line.sent))]


def _pass_on(source: socket.socket, target: socket.socket, kept: bytearray | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            if kept is not None:
                kept += data
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def parse(sent: bytes) -> list[Request]:
    """The HTTP/1.1 requests of one connection (RFC 9112), the last one perhaps cut off."""
    found: list[Request] = []
    while sent:
        head, gap, rest = sent.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        if not gap and re.match(r"[A-Z]+( |$)", lines[0]):
            return found  # it was still being sent
        first = lines[0].split(" ")
        if len(first) != 3 or not first[2].startswith("HTTP/1."):
            return [*found, Request("BYTES", f"//{server_name(sent) or sent[:24].hex()}/", ())]
        headers = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:]))
        request = Request(first[0], first[1], headers)
        body, sent = _body(request, rest)
        found.append(Request(first[0], first[1], headers, body))
    return found


def _body(request: Request, rest: bytes) -> tuple[bytes, bytes]:
    """(the body, what follows it)."""
    if request.header("transfer-encoding").lower() == "chunked":
        body = b""
        while True:
            size, _, rest = rest.partition(b"\r\n")
            length = int(size.split(b";")[0] or b"0", 16)
            if not length:
                return body, rest.partition(b"\r\n")[2]
            body, rest = body + rest[:length], rest[length + 2 :]
    length = int(request.header("content-length") or 0)
    return rest[:length], rest[length:]


def server_name(sent: bytes) -> str:
    """Whom a TLS handshake is for (the ClientHello's server_name, RFC 6066), empty when the bytes are none.

    All that is seen of a connection to anybody else: enough to say to whom it was.
    """
    found = re.search(rb"\x00\x00..\x00(?:.)\x00..((?:[a-z0-9-]+\.)+[a-z]{2,})", sent, re.DOTALL)
    return found.group(1).decode() if sent[:1] == b"\x16" and found else ""
