"""A name server of the test's own, servers on the loopback, and the gate as it is in production."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hustings.trust.egress import declared, hook, tally
from trust.egress.stage import Respond


@pytest.fixture(autouse=True)
def _own_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a list and a tally of its own."""
    monkeypatch.setattr(declared, "_list", declared._List(providers=[]))
    monkeypatch.setattr(tally, "_tally", tally._Tally())
    monkeypatch.setattr(hook, "_pins", {})


@pytest.fixture
def production(settings: Any) -> None:
    """The gate as shut as it is in production."""
    settings.EGRESS_DEVELOPMENT = False


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What the name server answers: fill it. What it was asked is under the key `asked`."""
    known: dict[str, list[str]] = {"asked": []}
    before = hook._real_getaddrinfo

    def answer(host: Any, port: Any, *arguments: Any, **named: Any) -> list[Any]:
        if host not in known:
            return before(host, port, *arguments, **named)
        hook._on_look_up(host)  # as Python tells the hook before it asks
        known["asked"].append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host]]

    monkeypatch.setattr(hook, "_real_getaddrinfo", answer)
    return known


@pytest.fixture
def server() -> Iterator[Callable[[Respond], int]]:
    """`server(respond)` answers every request on the loopback with `respond(handler)`; the port."""
    running: list[ThreadingHTTPServer] = []

    def start(respond: Respond) -> int:
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                respond(self)

            do_POST = do_HEAD = do_GET  # noqa: N815 - the names http.server looks for

        found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        found.daemon_threads = True
        threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(found)
        return int(found.server_address[1])

    yield start
    for one in running:
        one.shutdown()
        one.server_close()
