"""Counted per place and day: connections and bytes as the kernel saw them, refusals by kind, nothing about anybody."""

from __future__ import annotations

import socket
import threading
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError

from hustings.lib import clock
from hustings.trust.api import declare, request
from hustings.trust.egress import jobs, measure, tally
from hustings.trust.egress.errors import UndeclaredEgressError
from hustings.trust.egress.models import EgressRefusal, EgressTraffic
from trust.egress.stage import say


def counted(place: str) -> list[int]:
    return tally._tally.sums.traffic[clock.now().date(), place]


@pytest.fixture
def sink() -> Any:
    """A server that reads to the end, then answers ten bytes; (port, received)."""
    listener = socket.create_server(("127.0.0.1", 0))
    received: list[int] = []

    def run() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with sock:
                count = 0
                while chunk := sock.recv(65536):
                    count += len(chunk)
                sock.sendall(b"0123456789")
                received.append(count)

    threading.Thread(target=run, daemon=True).start()
    yield listener.getsockname()[1], received
    listener.close()


def test_bytes_are_what_went_over_the_wire_to_the_byte(sink: Any) -> None:
    port, received = sink
    declare("127.0.0.1", port, purpose="To send.")
    for size in (1, 70_000, 3_000_000):
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(b"x" * size)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(100):
                pass
    assert received == [1, 70_000, 3_000_000]
    assert counted(f"127.0.0.1:{port}") == [3, 3_070_001, 30]


def test_a_library_s_connections_are_counted_as_ours(server: Any) -> None:
    port = server(say(b"y" * 5000))
    declare("127.0.0.1", port, purpose="To ask.")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        answer.read()
    request("GET", f"http://127.0.0.1:{port}/")
    connections, out, back = counted(f"127.0.0.1:{port}")
    assert connections == 2
    assert back > 10_000
    assert 0 < out < 1000


def test_a_connection_that_did_not_come_about_moves_no_bytes() -> None:
    declare("127.0.0.1", 1, purpose="To ask.")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 1))
    assert counted("127.0.0.1:1") == [1, 0, 0]
    assert not measure._open


def test_those_who_come_to_us_are_not_counted(sink: Any) -> None:
    port, _ = sink
    with socket.create_connection(("127.0.0.1", port)) as sock:  # development: not on the list
        sock.sendall(b"x")
    assert not tally._tally.sums


def test_connections_that_are_lost_track_of_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch, sink: Any) -> None:
    monkeypatch.setattr(measure, "_MOST", 3)
    declare("127.0.0.1", sink[0], purpose="To ask.")
    for _ in range(6):
        sock = socket.create_connection(("127.0.0.1", sink[0]))
        socket.close(sock.detach())
    assert len(measure._open) <= 3


@pytest.mark.django_db
def test_counts_become_rows_of_the_day_and_add_up() -> None:
    for _ in range(2):
        tally.connected("a.example:443")
        tally.moved("a.example:443", bytes_out=10, bytes_in=20)
        tally.refused("name", "requests")
        tally.flush()
    tally.flush()
    assert list(EgressTraffic.objects.values_list("place", "connections", "bytes_out", "bytes_in")) == [
        ("a.example:443", 2, 20, 40)
    ]
    assert list(EgressRefusal.objects.values_list("kind", "caller", "count")) == [("name", "requests", 2)]


@pytest.mark.django_db
def test_what_cannot_be_written_now_is_written_later(monkeypatch: pytest.MonkeyPatch) -> None:
    tally.connected("a.example:443")
    tally.refused("name", "requests")

    def broken(_: Any) -> None:
        tally.connected("a.example:443")  # and life goes on meanwhile
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(tally, "_write", broken)
        with pytest.raises(OperationalError):
            tally.flush()
    tally.flush()
    assert EgressTraffic.objects.get().connections == 2
    assert EgressRefusal.objects.get().count == 1


@pytest.mark.django_db
def test_a_row_that_another_process_made_at_the_same_moment_is_added_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The update finds nothing, and before the row is made somebody else has made it."""
    real = EgressTraffic.objects.filter

    def late(**key: Any) -> Any:
        rows = real(**key)
        monkeypatch.setattr(EgressTraffic._default_manager, "filter", real)

        class Late:
            asked = 0

            def update(self, **changes: Any) -> int:
                Late.asked += 1
                if Late.asked == 1:
                    EgressTraffic.objects.create(**key, connections=5)
                    return 0
                return int(rows.update(**changes))

        return Late()

    monkeypatch.setattr(EgressTraffic._default_manager, "filter", late)
    tally.connected("a.example:443")
    tally.flush()
    assert EgressTraffic.objects.get().connections == 6


@pytest.mark.django_db
def test_after_a_request_it_is_written_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    tally.connected("a.example:443")
    tally._tally.written = tally.time.monotonic()
    tally.flush_now_and_then()
    assert not EgressTraffic.objects.exists()
    tally._tally.written -= tally.EVERY_S + 1
    tally.flush_now_and_then()
    assert EgressTraffic.objects.exists()


@pytest.mark.django_db
def test_counts_are_forgotten_after_thirteen_months(moved_clock: Callable[[datetime], None]) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    moved_clock(begin)
    tally.connected("a.example:443")
    tally.refused("name", "requests")
    tally.flush()
    moved_clock(begin + tally.KEEP)
    tally.forget_old()
    assert EgressTraffic.objects.exists()
    moved_clock(begin + tally.KEEP + timedelta(days=1))
    tally.forget_old()
    assert not EgressTraffic.objects.exists()
    assert not EgressRefusal.objects.exists()
    assert tally.forget_old in jobs.SWEEPS


@pytest.mark.django_db
def test_a_refusal_is_counted_once_and_without_the_place() -> None:
    with pytest.raises(UndeclaredEgressError):
        socket.create_connection(("olwen.tracker.example", 443))
    tally.flush()
    row = EgressRefusal.objects.get()
    assert (row.kind, row.count) == ("name", 1)
    assert "olwen" not in f"{row.caller} {row}"
