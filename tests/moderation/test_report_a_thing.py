"""Somebody, signed in or not, reports a thing and asks what became of it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from cast import Visitor
from hustings.accounts import api as accounts
from hustings.moderation import api
from hustings.moderation.models import Report

REPORTS = "/api/v1/reports"

pytestmark = pytest.mark.django_db


def clip(**changes: Any) -> dict[str, Any]:
    return {"kind": "clip", "id": "7sXk2mPq9Zt", "reason": "misleading"} | changes


def report(visitor: Visitor, **changes: Any) -> str:
    receipt: str = visitor.ask("POST", REPORTS, clip(**changes), status=201)["receipt"]
    return receipt


@pytest.mark.parametrize("who", ["anonymous", "as_stranger"])
def test_works(who: str, request: pytest.FixtureRequest) -> None:
    visitor: Visitor = request.getfixturevalue(who)
    receipt = report(visitor, text=" The chart\u202e is cut off. ", moment_s=3.5)
    kept = Report.objects.get()
    assert (kept.text, kept.moment_s) == ("The chart is cut off.", 3.5)
    assert kept.reporter_id == (visitor.who.id if visitor.who else None)
    said = Visitor().ask("GET", f"{REPORTS}/{receipt}")
    assert said == {
        "state": "open",
        "kind": "clip",
        "reason": "misleading",
        "created_at": kept.created_at.isoformat(),
    }
    assert not visitor.cookies or visitor.who


@pytest.mark.parametrize("who", ["anonymous", "as_stranger"])
def test_pressing_twice_is_one_report(who: str, request: pytest.FixtureRequest) -> None:
    visitor: Visitor = request.getfixturevalue(who)
    first = report(visitor)
    assert report(visitor, reason="hate") == first
    assert report(visitor, kind="account", id="council") != first
    assert Report.objects.count() == 2


def test_two_people_are_two_reports(as_stranger: Visitor, as_owner: Visitor) -> None:
    assert report(as_stranger) != report(as_owner)
    here, there = Visitor(REMOTE_ADDR="198.51.100.1"), Visitor(REMOTE_ADDR="198.51.100.2")
    assert report(here) != report(there)


def test_one_household_is_one_reporter() -> None:
    here, there = Visitor(REMOTE_ADDR="2001:db8:1:2::1"), Visitor(REMOTE_ADDR="2001:db8:1:2:ffff::9")
    assert report(here) == report(there)


def test_after_a_decision_it_may_be_reported_anew(as_stranger: Visitor) -> None:
    first = report(as_stranger)
    Report.objects.update(state="decided")
    assert report(as_stranger) != first
    assert as_stranger.ask("GET", f"{REPORTS}/{first}")["state"] == "decided"


def test_every_fault_is_named_and_nothing_kept(anonymous: Visitor) -> None:
    bad = clip(kind="person", id="../../etc/passwd", reason="boring", text="a" * 2001, moment_s=-1)
    said = anonymous.ask("POST", REPORTS, bad, status=422)
    assert said["fields"].keys() == {"kind", "id", "reason", "text", "moment_s"}
    assert not Report.objects.exists()


@pytest.mark.parametrize("moment", [86_401, -0.1])
def test_moments_that_cannot_be(anonymous: Visitor, moment: float) -> None:
    anonymous.ask("POST", REPORTS, clip(moment_s=moment), status=422)


@pytest.mark.parametrize("receipt", ["missing", "1" * 22, "a%2fb"])
def test_a_receipt_of_nothing(anonymous: Visitor, receipt: str) -> None:
    anonymous.ask("GET", f"{REPORTS}/{receipt}", status=404)


@pytest.mark.parametrize("who", ["anonymous", "as_stranger"])
def test_twenty_an_hour(who: str, request: pytest.FixtureRequest, moved_clock: Any) -> None:
    visitor: Visitor = request.getfixturevalue(who)
    moved_clock(datetime(2030, 5, 1, 10, 45, tzinfo=UTC))
    for number in range(20):
        report(visitor, id=f"clip{number}")
    refused = visitor.post(REPORTS, clip(), content_type="application/json")
    assert (refused.status_code, refused.json()["params"]["retry_after"]) == (429, 15 * 60)
    moved_clock(datetime(2030, 5, 1, 11, 0, tzinfo=UTC))
    report(visitor)


def test_tomorrow_nobody_knows_who_it_was(anonymous: Visitor, moved_clock: Any) -> None:
    moved_clock(datetime(2030, 5, 1, 23, 59, tzinfo=UTC))
    first = report(anonymous)
    moved_clock(datetime(2030, 5, 2, 0, 1, tzinfo=UTC))
    assert report(anonymous) != first


def test_no_address_is_stored(anonymous: Visitor) -> None:
    anonymous = Visitor(REMOTE_ADDR="198.51.100.23")
    report(anonymous)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM hustings_cache")
        kept = str(cursor.fetchall())
        cursor.execute("SELECT * FROM moderation_report")
        kept += str(cursor.fetchall())
    assert "198.51.100" not in kept


def test_other_sites_cannot_report_as_somebody(stranger: accounts.Author) -> None:
    strict = Visitor(stranger, enforce_csrf_checks=True)
    assert strict.ask("POST", REPORTS, clip(), status=403)["code"] == "csrf"
    strict.ask("GET", "/api/v1/me/csrf")
    strict.ask("POST", REPORTS, clip(), status=201, X_CSRFToken=strict.cookies["csrftoken"].value)


def test_a_report_outlives_its_reporter(
    as_stranger: Visitor, stranger: accounts.Author, settle: Callable[[], int]
) -> None:
    receipt = report(as_stranger)
    accounts.close(stranger.id)
    settle()
    assert Report.objects.get().reporter_id is None
    assert api.standing(receipt).state == "open"
