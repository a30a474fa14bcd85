"""Every promise of the data map that a clock keeps: what is over goes, what is not stays."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django_tasks_db.models import DBTaskResult

from cast import person
from hustings.accounts.api import Author
from hustings.accounts.models import Invitation
from hustings.community.models import Notification, NotificationActor, Pace
from hustings.feed.models import Change, EventBatch
from hustings.lib import clock
from hustings.lib.records import End, Expiry, Retention
from hustings.trust import datamap
from hustings.trust.datamap import retention
from hustings.trust.models import (
    AccessCase,
    AccessEntry,
    AccessRequest,
    Closure,
    Correction,
    Export,
    Import,
    LawfulRequest,
    StaffPseudonymKey,
    StaffSession,
)
from hustings.videos.models import Upload, Video
from published import published

Make = Callable[[Author, datetime, str], Any]


def _events(who: Author, at: datetime, name: str) -> EventBatch:
    return EventBatch.objects.create(account_id=who.id, at=at, count=1, events=[])


def _notification(who: Author, at: datetime, name: str) -> Notification:
    row = Notification.objects.create(account_id=who.id, kind="like", topic=f"like:{name}", count=1, updated_at=at)
    NotificationActor.objects.create(notification=row, account_id=who.id)
    return row


def _upload(who: Author, at: datetime, name: str) -> Upload:
    video = Video.objects.create(author_id=who.id, state="receiving")
    return Upload.objects.create(video=video, owner_id=who.id, length=10, expires_at=at)


def _session(who: Author, at: datetime, name: str) -> Session:
    return Session.objects.create(session_key=name, session_data="", expire_date=at)


def _listed_session(who: Author, at: datetime, name: str) -> UserSession:
    """Old enough both; the younger one's session is still there."""
    if name == "younger":
        Session.objects.create(session_key=name, session_data="", expire_date=at + timedelta(days=9))
    return UserSession.objects.create(
        user_id=who.id, session_key=name, ip="192.0.2.1", user_agent="Firefox", created_at=at
    )


def _task(who: Author, at: datetime, name: str) -> DBTaskResult:
    return DBTaskResult.objects.create(
        status="SUCCESSFUL",
        task_path="a.b",
        args_kwargs={"args": [], "kwargs": {}},
        backend_name="default",
        finished_at=at,
        run_after=at,
        exception_class_path="",
        traceback="",
    )


# How a row of each rule comes to be whose clock began at a moment.
MAKE: dict[str, Make] = {
    "accounts.invitations": lambda who, at, name: Invitation.objects.create(
        organisation_id=person(name).id, person_id=who.id, role="editor", at=at
    ),
    "feed.events": _events,
    "feed.changes": lambda who, at, _: Change.objects.create(author_id=who.id, at=at),
    "community.notifications": _notification,
    "community.paces": lambda who, at, name: Pace.objects.create(account_id=who.id, act=name, minute=at),
    "videos.refused": lambda who, at, _: published(who, created_at=at, state="refused"),
    "videos.uploads": _upload,
    "accounts.sessions": _session,
    "accounts.listed-sessions": _listed_session,
    "site.tasks": _task,
    "rights.exports": lambda who, at, _: Export.objects.create(account_id=who.id, state="expired", asked_at=at),
    "rights.imports": lambda who, at, _: Import.objects.create(account_id=who.id, state="done", expires_at=at),
    "rights.corrections": lambda who, at, _: Correction.objects.create(account_id=who.id, text="x", decided_at=at),
}
MAKE |= {
    "trust.looks": lambda who, at, _: AccessEntry.objects.create(actor=who.id, subject=who.id, started_at=at),
    "trust.cases": lambda who, at, name: AccessCase.objects.create(reference=name, opened_by=who.id, opened_at=at),
    "trust.look-requests": lambda who, at, _: AccessRequest.objects.create(
        actor=who.id, subject=who.id, asked_at=at, expires_at=at
    ),
    "trust.staff-sessions": lambda who, at, name: StaffSession.objects.create(actor=who.id + len(name), ends_at=at),
    "trust.pseudonyms": lambda _, at, name: StaffPseudonymKey.objects.create(month=name, made_at=at),
    "trust.lawful": lambda who, at, name: LawfulRequest.objects.create(
        reference=name, recorded_by=who.id, recorded_at=at
    ),
}
MAKE["trust.closures"] = lambda who, at, name: Closure.objects.create(
    secret_sha256=f"{name}{who.id}", kind="person", state="receipt", closed_at=at
)
# Those whose rows are no model's have a test of their own below; archives in rights/test_ask_for_an_export.py.
APART = {"accounts.limits", "rights.archives"}

RULES = retention.rules()


def test_every_rule_is_tried() -> None:
    assert MAKE.keys() | APART == RULES.keys()


@pytest.mark.parametrize("name", sorted(MAKE))
def test_the_older_goes_and_the_younger_stays(
    name: str, owner: Author, moved_clock: Callable[[datetime], None]
) -> None:
    rule, start = RULES[name], clock.now()
    moved_clock(start)
    older = MAKE[name](owner, start, "older")
    younger = MAKE[name](owner, start + timedelta(minutes=2), "younger")
    moved_clock(start + retention.limit(rule) - timedelta(minutes=1))
    retention.enforce(rule)
    assert _there(older), "it went before its time"
    moved_clock(start + retention.limit(rule) + timedelta(minutes=1))
    for _ in range(2):
        retention.enforce(rule)
        assert not _there(older)
        assert _there(younger)


def _there(row: Any) -> bool:
    return bool(type(row)._base_manager.filter(pk=row.pk).exists())


@pytest.mark.parametrize("name", sorted(name for name, rule in RULES.items() if not isinstance(rule.after, timedelta)))
def test_the_operator_moves_the_limit(name: str, owner: Author, settings: Any) -> None:
    rule = RULES[name]
    before = retention.limit(rule)
    setattr(settings, rule.after.name, getattr(settings, rule.after.name) / 2)  # type: ignore[union-attr]  # a Setting
    assert retention.limit(rule) == before / 2


def test_limits_that_are_over_are_forgotten(db: None, moved_clock: Callable[[datetime], None]) -> None:
    cache.set("older", 1, timeout=60)
    cache.set("younger", 1, timeout=600)
    moved_clock(clock.now() + timedelta(minutes=2))
    retention.enforce(RULES["accounts.limits"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM hustings_cache")
        assert cursor.fetchone()[0] == 1


def test_a_refused_clip_that_is_too_old_goes_and_an_accepted_one_stays(owner: Author) -> None:
    accepted = published(owner, created_at=clock.now() - timedelta(days=400))
    retention.enforce(RULES["videos.refused"])
    assert _there(accepted)


def test_the_upload_of_a_clip_that_is_ready_goes_without_the_clip(owner: Author) -> None:
    clip = published(owner)
    Upload.objects.create(video=clip, owner_id=owner.id, length=10, expires_at=clock.now() - timedelta(minutes=1))
    retention.enforce(RULES["videos.uploads"])
    assert not Upload.objects.exists()
    assert _there(clip)


# --- The sweep -----------------------------------------------------------------------------------------


def test_one_rule_that_fails_does_not_keep_the_others_from_running(
    owner: Author, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    old = _events(owner, clock.now() - timedelta(days=999), "old")
    monkeypatch.setattr(retention, "_ran", {"at": float("-inf")})
    monkeypatch.setattr("hustings.videos.sweeps.drop_refused", _broken)
    retention.sweep()
    assert not _there(old)
    assert "videos.refused" in caplog.text


def _broken(before: datetime) -> None:
    raise OSError("the disk is gone")


def test_the_sweep_looks_once_a_minute(owner: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_ran", {"at": float("-inf")})
    retention.sweep()
    old = _events(owner, clock.now() - timedelta(days=999), "old")
    retention.sweep()
    assert _there(old)


def test_a_killed_sweep_goes_on_where_it_stopped(owner: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        _events(owner, clock.now() - timedelta(days=999), "old")
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    rows = retention.due(RULES["feed.events"])
    rows.model.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[:2])).delete()  # one chunk, then killed
    retention.enforce(RULES["feed.events"])
    assert not EventBatch.objects.exists()


def test_rows_past_their_time_are_named(owner: Author) -> None:
    _events(owner, clock.now() - timedelta(days=999), "old")
    assert dict(retention.overdue()) == {"feed.events": 1}
    retention.enforce(RULES["feed.events"])
    assert dict(retention.overdue()) == {}


def test_hustings_check_names_them_too(owner: Author) -> None:
    from hustings.site.health import examine

    _events(owner, clock.now() - timedelta(days=999), "old")
    said = [finding for finding in examine() if finding.subject == "data map" and finding.bad]
    assert "feed.events: 1 rows are past their time" in [finding.message for finding in said]
    assert all(finding.hint for finding in said)


# --- No promise without somebody who keeps it -------------------------------------------------------------


def test_every_rule_names_a_column_that_is_there_and_declares_it() -> None:
    for rule in RULES.values():
        if rule.model in datamap.tables():
            assert apps.get_model(rule.model)._meta.get_field(rule.column)
            assert (rule.model, rule.column) in datamap.fields()
        if rule.by:
            assert callable(retention.job_of(rule))


def test_every_retention_has_an_end_that_somebody_brings_about() -> None:
    lines: list[Retention] = [line.retention for line in (*datamap.fields().values(), *datamap.stores())]
    assert all(kept.ends for kept in lines)


def test_a_word_for_days_stands_for_a_rule_that_has_days() -> None:
    for kept in {line.retention for line in (*datamap.fields().values(), *datamap.stores())}:
        if "{n}" in kept.words:
            (rule,) = kept.expiries
            assert retention.days(rule) > 0, kept.name


def test_two_rules_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    field = next(iter(datamap.fields().values()))
    other = Expiry("feed.events", field.model, field.name, timedelta(days=1))
    from dataclasses import replace

    odd = replace(field, retention=Retention("odd", "a day", (other, End.CLOSURE)))
    monkeypatch.setattr(retention, "lines", lambda: [*datamap.gathering.lines(), odd])
    with pytest.raises(ValueError, match=r"feed\.events"):
        retention.rules()


def test_nobody_elses_rows_go(owner: Author) -> None:
    """A person's own time does not run out because another's did."""
    other = person("nia")
    kept = _events(other, clock.now(), "new")
    _events(owner, clock.now() - timedelta(days=999), "old")
    retention.enforce(RULES["feed.events"])
    assert _there(kept)


def test_the_operators_page_lists_every_rule_with_its_length() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operate" / "retention.md").read_text()
    rows = re.findall(r"^\| `([\w.-]+)` \| `([\w.]+)` \| `(\w+)`[^|]* \| ([^|,]+?)(?:, `\w+`)? \|$", page, re.MULTILINE)
    assert sorted(rows) == sorted((rule.name, rule.model, rule.column, _length(rule)) for rule in RULES.values())


def _length(rule: Expiry) -> str:
    limit = retention.limit(rule)
    if not limit:
        return "at once"
    count, unit = (limit.days, "day") if limit.days else (limit.seconds // 3600, "hour")
    return f"{count} {unit}{'s' * (count != 1)}"
