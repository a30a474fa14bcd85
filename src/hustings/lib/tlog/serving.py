"""A witness over HTTP, from the standard library alone: two addresses, short questions, hard limits.

Meant to stand behind a TLS proxy. It writes one line for each question, without the asker's address.
"""

import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from typing import Any

from hustings.lib.tlog.deadlines import Deadlines
from hustings.lib.tlog.witness import LARGEST_BODY, Answer, Witness

MOST_CONNECTIONS = 64
SILENCE_S = 10.0
CONNECTION_S = 60.0


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness. `tell` gets a line for each question."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        address: tuple[str, int],
        witness: Witness,
        tell: Callable[[str], None] = lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201
        *,
        silence_s: float = SILENCE_S,
        connection_s: float = CONNECTION_S,
    ) -> None:
        self.witness, self.tell, self.silence_s, self.connection_s = witness, tell, silence_s, connection_s
        self.deadlines = Deadlines()
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """A thread for each connection, up to the limit; further ones are closed at once."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._places.release()
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The whole life of a connection."""
        try:
            with self.deadlines.within(self.connection_s, request):
                super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A peer that goes away is no fault of ours; anything else is told without its address."""
        fault = sys.exception()
        if not isinstance(fault, ConnectionError | TimeoutError):
            self.tell(f"fault: {type(fault).__name__}")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "hustings-witness"
    sys_version = ""
    # Head and body leave together: apart, the second waits for the other side's delayed acknowledgement.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True
    server: WitnessServer
    connection: socket

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.silence_s)

    def do_POST(self) -> None:
        if self.path != "/add-checkpoint":
            self._answer(Answer(404, b"there is nothing here\n"), close=True)
            return
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit() and len(length) < 10):
            self._answer(Answer(411, b"say how long the body is\n"), close=True)
        elif int(length) > LARGEST_BODY:
            self._answer(Answer(413, f"a body has at most {LARGEST_BODY} bytes\n".encode()), close=True)
        else:
            body = self.rfile.read(int(length))
            if len(body) < int(length):
                self.close_connection = True
                return
            self._answer(self.server.witness.add_checkpoint(body))

    def do_GET(self) -> None:
        parts = self.path.split("/")
        if len(parts) == 3 and parts[2] == "checkpoint":
            self._answer(self.server.witness.checkpoint(parts[1]))
        else:
            self._answer(Answer(404, b"there is nothing here\n"))

    def _answer(self, answer: Answer, *, close: bool = False) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if close:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(answer.body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        status = int(code) if isinstance(code, HTTPStatus | int) else code
        self.server.tell(f"{self.command} {status}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Nothing: the lines of the standard library hold the asker's address."""
