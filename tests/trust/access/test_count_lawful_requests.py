"""The register of lawful requests: recorded with the order committed, public as counts, with a zero that can be proved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.lib.tlog import commitments
from hustings.trust import log
from hustings.trust.access import lawful
from hustings.trust.access.lawful import Order
from hustings.trust.access.models import LawfulMonth, LawfulRequest
from hustings.trust.access.rules import Half, months_between
from hustings.trust.log.models import LogEntry

Move = Callable[[datetime], None]
ORDER = Order("CO/4711/2026", "GB", "High Court", "court", "user_data", accounts=3)


def said(index: int = -1) -> dict[str, object]:
    return dict(log.entry(list(LogEntry.objects.filter(kind="lawful_request").order_by("pk"))[index].pk).value)


def test_recorded_with_the_order_committed(officer: Author) -> None:
    reference = lawful.record(officer.id, ORDER)
    entry = said()
    assert (entry["country"], entry["request"], entry["outcome"]) == ("GB", "user_data", "received")
    assert entry["accounts"] == "2-5"
    row = LawfulRequest.objects.get(reference=reference)
    raw = log.entry(row.log_entry or 0).leaf.decode()
    assert "4711" not in raw
    assert "High Court" not in raw
    salt, value = row.openings["reference"]
    assert value == "CO/4711/2026"
    commitments.check(
        "lawful_request",
        "reference",
        bytes.fromhex(salt),
        value,
        str(entry["commitments"]["reference"]),  # type: ignore[index]
    )


def test_answered_once(officer: Author) -> None:
    reference = lawful.record(officer.id, ORDER)
    with pytest.raises(InvalidInputError, match="not right"):
        lawful.answer(reference, "complied")  # no place in the log yet to point at
    log.sequence_once()
    lawful.answer(reference, "refused")
    lawful.answer(reference, "refused")
    assert LogEntry.objects.filter(kind="lawful_request").count() == 2
    assert said()["outcome"] == "refused"
    assert said()["request_entry"] == 0
    with pytest.raises(InvalidInputError):
        lawful.answer(reference, "forgotten")
    with pytest.raises(NotFoundError):
        lawful.answer("LR-none", "refused")


def test_every_fault_is_named(officer: Author) -> None:
    with pytest.raises(InvalidInputError) as wrong:
        lawful.record(officer.id, Order("", "England", "", "king", "gossip", "x" * 81, -1))
    assert wrong.value.fields.keys() == {
        "order", "country", "authority", "authority_kind", "kind", "legal_basis", "accounts",
    }  # fmt: skip
    assert not LawfulRequest.objects.exists()


def test_each_month_without_one_has_its_entry(officer: Author, moved_clock: Move, anonymous: Visitor) -> None:
    moved_clock(datetime(2026, 3, 10, tzinfo=UTC))
    log.append("key_erased", {"reason": "request", "people": "1"})  # the log begins in March
    lawful.close_months()
    assert not LawfulMonth.objects.exists(), "March is not over"
    moved_clock(datetime(2026, 4, 20, tzinfo=UTC))
    lawful.record(officer.id, ORDER)
    moved_clock(datetime(2026, 7, 2, tzinfo=UTC))
    lawful.close_months()
    lawful.close_months()
    assert dict(LawfulMonth.objects.values_list("month", "requests")) == {
        "2026-03": 0, "2026-04": 1, "2026-05": 0, "2026-06": 0,
    }  # fmt: skip
    zeros = [said(n)["period"] for n in range(-3, 0)]
    assert zeros == ["2026-03", "2026-05", "2026-06"]
    log.sequence_once()

    halves = lawful.half_years()
    assert [str(half.half) for half in halves] == ["2026-H2", "2026-H1"]
    assert [half.total for half in halves] == [0, 1]
    assert [zero.month for zero in halves[1].zeros] == ["2026-03", "2026-05", "2026-06"]
    page = anonymous.get("/trust/requests").content.decode()
    assert "January to June 2026: one request" in page
    assert "July to December 2026: no request" in page
    assert page.count("When this month has ended without a request") == 1
    assert "Data about people" in page
    assert f"/trust/log/{halves[1].zeros[0].index}" in page
    assert "High Court" not in page
    assert "CO/4711" not in page
    assert "Ionawr i Fehefin 2026: un cais" in anonymous.get("/trust/requests?lang=cy").content.decode()


def test_the_staff_screen(officer: Author, auditor: Author, desk: Callable[[Author], Visitor]) -> None:
    given = {
        "act": "record", "order": "CO/1", "country": "gb", "authority": "Met Police", "authority_kind": "police",
        "kind": "emergency", "accounts": "1",
    }  # fmt: skip
    assert desk(auditor).post("/staff/lawful", given).status_code == 422
    assert desk(officer).post("/staff/lawful", given | {"accounts": "many"}).status_code == 422
    assert not LawfulRequest.objects.exists()
    assert desk(officer).post("/staff/lawful", given).status_code == 302
    log.sequence_once()
    reference = LawfulRequest.objects.get().reference
    answer = {"act": "answer", "reference": reference, "outcome": "complied"}
    assert desk(officer).post("/staff/lawful", answer).status_code == 302
    assert LawfulRequest.objects.get().outcome == "complied"


def test_months_and_halves() -> None:
    assert months_between("2025-11", "2026-02") == ["2025-11", "2025-12", "2026-01"]
    assert months_between("2026-02", "2026-02") == []
    assert Half.of(datetime(2026, 7, 1, tzinfo=UTC).date()).months[0] == "2026-07"
