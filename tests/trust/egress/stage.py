"""A stranger's library, as far as the gate can tell; and servers that say what a test tells them to."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

Respond = Callable[[BaseHTTPRequestHandler], None]


def ask(url: str) -> bytes:
    """Fetch an address as any library would."""
    with urllib.request.urlopen(url, timeout=1) as answer:
        return bytes(answer.read())


def say(body: bytes, status: int = 200, *, read: bool = True, **headers: str) -> Respond:
    """Answer with a body."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        if read:
            handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return respond
