"""Writing an entry: its form, what may stand in it, what it costs, and what becomes of it with the transaction."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from hustings.lib import clock
from hustings.lib.errors import NotFoundError
from hustings.lib.tlog import commitments
from hustings.lib.tlog.schemas import KINDS
from hustings.trust import log
from hustings.trust.log.errors import EntryRefusedError
from hustings.trust.log.kinds import VERSIONS
from hustings.trust.models import LogEntry

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


def test_the_leaf_is_fixed_when_it_is_written() -> None:
    at = datetime(2026, 3, 4, 5, 6, 7, 891_000, tzinfo=UTC)
    with clock.set_to(at):
        written = log.append("moderation_reversal", REVERSAL)
    found = log.entry(written)
    assert orjson.loads(found.leaf) == {**REVERSAL, "kind": "moderation_reversal", "v": 1, "at": "2026-03-04T05:06:07Z"}
    assert found.leaf == orjson.dumps(orjson.loads(found.leaf), option=orjson.OPT_SORT_KEYS)
    assert (found.index, found.kind, found.at) == (None, "moderation_reversal", at.replace(microsecond=0))


def test_an_entry_goes_with_its_transaction() -> None:
    with transaction.atomic():
        log.append("moderation_reversal", REVERSAL)
        transaction.set_rollback(True)
    assert not LogEntry.objects.exists()


def test_a_secret_stands_in_the_leaf_as_a_commitment_alone() -> None:
    written = log.append("moderation_reversal", REVERSAL, secrets={"account": "olwen-the-member"}, subject=12)
    leaf = log.entry(written).leaf
    row = LogEntry.objects.get(pk=written)
    assert b"olwen" not in leaf
    assert b"olwen" not in bytes(row.sealed or b""), "the opening is sealed"
    [opened] = log.openings(12)
    opening = opened.openings["account"]
    assert opening.value == "olwen-the-member"
    assert len(bytes.fromhex(opening.salt)) == 32
    commitments.check(
        "moderation_reversal",
        "account",
        bytes.fromhex(opening.salt),
        opening.value,
        orjson.loads(leaf)["commitments"]["account"],
    )


def test_equal_secrets_look_different() -> None:
    leaves = [
        log.entry(log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12)).leaf
        for _ in range(2)
    ]
    assert leaves[0] != leaves[1]


def test_openings_are_each_persons_own() -> None:
    log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12)
    log.append("moderation_reversal", REVERSAL, secrets={"account": "13"}, subject=13)
    assert [one.openings["account"].value for one in log.openings(12)] == ["12"]
    assert log.openings(14) == []


def test_what_the_law_keeps_back_is_not_told_before_its_day(moved_clock: Any) -> None:
    day = datetime(2026, 5, 1, tzinfo=UTC)
    moved_clock(day - timedelta(days=30))
    log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12, disclose_after=day)
    assert log.openings(12) == []
    moved_clock(day)
    assert len(log.openings(12)) == 1


def test_a_receipts_openings_are_its_own() -> None:
    written, openings = log.append_open("key_erased", {"reason": "closure", "people": "1"}, secrets={"key": "mark"})
    row = LogEntry.objects.get(pk=written)
    assert (row.subject, row.sealed) == (None, None)
    commitment = log.entry(written).value["commitments"]["key"]
    commitments.check("key_erased", "key", bytes.fromhex(openings["key"].salt), "mark", commitment)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("gossip", {}),
        ("moderation_reversal", {}),
        ("moderation_reversal", {**REVERSAL, "note": "She wrote to us and said that she was sorry."}),
        ("moderation_reversal", {**REVERSAL, "cause": "because Olwen asked us to"}),
        ("moderation_reversal", {**REVERSAL, "at": "2026-01-01T00:00:00Z"}),
        ("moderation_reversal", {**REVERSAL, "decision": -1}),
        ("key_erased", {"reason": "closure", "people": "3"}),
    ],
)
def test_what_does_not_fit_its_kind_is_refused(kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(EntryRefusedError):
        log.append(kind, body)
    assert not LogEntry.objects.exists()


def test_secrets_need_somebody_whose_they_are() -> None:
    with pytest.raises(EntryRefusedError):
        log.append("moderation_reversal", REVERSAL, secrets={"account": "12"})


def test_every_kind_of_the_issue_can_be_written() -> None:
    assert KINDS.keys() >= {
        "access",
        "disclosure_due",
        "lawful_request",
        "moderation_decision",
        "moderation_reversal",
        "closure_receipt",
        "key_erased",
        "ranking_changed",
        "build_deployed",
        "data_map_changed",
        "egress_changed",
        "estate_restriction",
        "exemption",
        "official_account_opened",
        "official_account_closed",
    }
    assert VERSIONS.keys() == KINDS.keys()


def test_an_entry_that_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        log.entry(404)


def test_writing_costs_one_row() -> None:
    log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12)
    statements = [query["sql"].split()[0] for query in queries.captured_queries]
    assert statements.count("INSERT") == 1
    assert len(statements) <= 2, "the person's key may be looked up again"


def test_writing_takes_well_under_a_millisecond() -> None:
    """Not a benchmark (`hustings bench log`), but a slip by a factor of ten should not pass."""
    took = []
    for _ in range(200):
        begun = time.perf_counter()
        log.append("moderation_reversal", REVERSAL, secrets={"account": "12"}, subject=12)
        took.append(time.perf_counter() - begun)
    assert sorted(took)[100] < 0.003
