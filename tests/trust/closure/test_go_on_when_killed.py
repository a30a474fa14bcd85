"""Killed at any step, twice, with real signals; and each step failing, before it lands and after: nothing is lost or counted twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from typing import Any

import pytest

from trust.closure.live import Site

pytestmark = pytest.mark.own_database

# For each way: a life is lived and its closure begun; a child works on it and kills itself (or the step raises) at the
# point, twice; then it is worked on to its end, and the receipt and the database are looked at.
_BREAK = """
import importlib, json, os, signal, django
django.setup()
from django.db import connections
from hustings.trust.api import service, Wish, ask_to_close

def forked(act):
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def place(point):
    module, _, name = point.rpartition(".")
    there = importlib.import_module(module)
    return (getattr(there, name.split(":")[0]), name.split(":")[1]) if ":" in name else (there, name)

def armed(point, nth, when, how):
    holder, name = place(point)
    real, left = getattr(holder, name), [nth]
    def dying(*arguments, **named):
        left[0] -= 1
        if left[0] == 0 and when == "before":
            how()
        answer = real(*arguments, **named)
        if left[0] == 0:
            how()
        return answer
    setattr(holder, name, dying)
    return lambda: setattr(holder, name, real)

def kill():
    os.kill(os.getpid(), signal.SIGKILL)

def fail():
    raise OSError(5, "Input/output error")

with service():
    from cast import person
    from trust.closure.living import live
    from hustings.lib import receipts
    from hustings.trust.closure import asking, machine, receipting
    from hustings.trust.closure.models import Closure, ClosureRecord
    from hustings.trust.log import sequence_once
    from django.conf import settings
    from hustings.accounts.models import Account

    def free(row):
        Closure.objects.filter(pk=row.pk).update(lease_until=None)

    def work(row):
        for _ in range(4):
            machine.advance(row.pk)
            now = Closure.objects.get(pk=row.pk)
            if now.error or now.state == "receipt":
                break
            if now.entry:
                sequence_once()

    told = []
    for number, (point, nth, when, way) in enumerate(json.loads(os.environ["WAYS"])):
        a, b, c = (person(f"{name}_{os.getpid()}_{number}") for name in ("olwen", "sian", "meredith"))
        live(a, b, c)
        secret = ask_to_close(a.id, Wish())
        row = asking.by_secret(secret)
        broken = 0
        for _ in range(2):
            if way == "kill":
                def child():
                    armed(point, nth, when, kill)
                    work(row)
                broken += forked(child) == -signal.SIGKILL
            else:
                disarm = armed(point, nth, when, fail)
                work(row)
                disarm()
                now = asking.by_secret(secret)
                if now.error:
                    broken += 1
            free(row)
        for _ in range(3):
            if asking.by_secret(secret).state != "receipt":
                work(row)
                free(row)
        now = asking.by_secret(secret)
        found = {"way": [point, nth, when, way], "state": now.state, "error": now.error, "broken": broken}
        if now.state == "receipt":
            receipt = receipts.read(receipting.opened(now, secret))
            receipts.check(receipt)
            rows = receipt.statement["erased"]["rows"]
            found["rows"] = {f"{d}.{w}": n for d, some in rows.items() for w, n in some.items()}
            found["files"] = receipt.statement["erased"]["files"]
        found["there"] = Account.objects.filter(pk=a.id).exists()
        found["media"] = len(list((settings.MEDIA_ROOT / "clips").iterdir()))
        found["records"] = ClosureRecord.objects.count()
        told.append(found)
print(json.dumps(told))
"""

HOLDERS = {
    "hustings.pages.holdings.PagesHolder": "pages",
    "hustings.feed.holdings.FeedHolder": "feed",
    "hustings.videos.holdings.VideosHolder": "videos",
    "hustings.moderation.holdings.ModerationHolder": "moderation",
    "hustings.accounts.holdings.AccountsHolder": "accounts",
}
POINTS: list[tuple[str, int]] = [
    ("hustings.accounts.closing.Closing:announce", 1),
    ("hustings.trust.closure.journal.write", 1),
    ("hustings.trust.closure.machine._take_stock", 1),
    ("hustings.trust.closure.leases.beat", 1),
    ("hustings.trust.closure.leases.beat", 9),
    *[("hustings.trust.closure.machine._record", nth) for nth in (1, 2, 5, 9, 14, 20)],
    *[(f"{holder}:erase", 1) for holder in HOLDERS],
    ("hustings.community.leaving._lower", 2),
    ("hustings.community.leaving._gone", 4),
    ("hustings.videos.holdings._remove_files", 2),
    ("hustings.videos.holdings._raw_delete", 1),
    ("hustings.videos.holdings._raw_delete", 5),
    ("hustings.pages.holdings._merge", 1),
    ("hustings.accounts.avatars.remove", 1),
    ("hustings.trust.closure.machine.forget_openings", 1),
    ("hustings.trust.keys.people.erase_key", 1),
    ("hustings.trust.closure.sweeping.sweep", 1),
    ("hustings.trust.closure.receipting.draft", 1),
    ("hustings.trust.closure.receipting.bundle", 2),
    ("hustings.trust.closure.receipting.seal", 1),
]


def _ways(way: str) -> list[tuple[str, int, str, str]]:
    return [(point, nth, when, way) for point, nth in POINTS for when in ("before", "after")]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def whole(site: Site) -> dict[str, Any]:
    """What a closure that nothing disturbs says it erased."""
    [told] = site.python(_BREAK, WAYS=json.dumps([("hustings.trust.closure.journal.every", 1, "before", "fail")]))
    assert told["state"] == "receipt", told
    return dict(told)


@pytest.mark.parametrize("way", ["kill", "fail"])
def test_at_every_point_and_twice(site: Site, whole: dict[str, Any], way: str) -> None:
    for told in site.python(_BREAK, WAYS=json.dumps(_ways(way))):
        point = told["way"]
        assert told["broken"] >= 1, f"{point} was never reached"
        assert (told["state"], told["error"]) == ("receipt", ""), point
        assert told["rows"] == whole["rows"], point
        assert told["files"] == whole["files"], point
        assert not told["there"], point
        assert told["records"] == 0, point
        assert told["media"] == 0, point


def test_a_real_worker_is_killed_and_the_next_goes_on(site: Site) -> None:
    """Power off for the worker's processes in the middle; the account is large enough to have a middle."""
    begun = site.python(_BEGIN_LARGE)
    log = (site.root / "worker.log").open("ab")

    def worker() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "hustings", "worker"],
            env=site.env,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    first = worker()
    try:
        # Looked at from outside, as SQLite allows, because there are only seconds.
        _wait(lambda: 0 < _erased(site) < 11_000, 60)
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(10)
    stopped = _state(site, begun["secret"])
    assert stopped["state"] == "archived", stopped
    site.python(_RUN_OUT)
    second = worker()
    try:
        _wait(lambda: _state(site, begun["secret"])["state"] == "receipt", 120)
    finally:
        os.killpg(second.pid, signal.SIGTERM)
        second.wait(30)
        log.close()
    assert site.python(_LOOK_AT_RECEIPT, SECRET=begun["secret"]) == {"eventbatch": 12_000}


_BEGIN_LARGE = """
import json, django
django.setup()
from hustings.trust.api import service, Wish, ask_to_close
with service():
    from cast import person
    from hustings.feed.models import EventBatch
    who = person("gwen")
    for _ in range(12):
        EventBatch.objects.bulk_create([EventBatch(account_id=who.id, count=1, events=[[1, "watch", 2.0]]) for _ in range(1000)])
    print(json.dumps({"secret": ask_to_close(who.id, Wish())}))
"""
_STATE = """
import json, os, django
django.setup()
from hustings.trust.api import service
with service():
    from hustings.trust.closure import asking
    row = asking.by_secret(os.environ["SECRET"])
    print(json.dumps({"state": row.state, "erased": row.erased, "error": row.error}))
"""
_RUN_OUT = """
import json, django
django.setup()
from hustings.trust.api import service
with service():
    from hustings.trust.closure.models import Closure
    Closure.objects.update(lease_until=None, woken_at=None)
    print(json.dumps("ok"))
"""
_LOOK_AT_RECEIPT = """
import json, os, django
django.setup()
from hustings.trust.api import service
with service():
    from hustings.lib import receipts
    from hustings.trust.closure import asking, receipting
    row = asking.by_secret(os.environ["SECRET"])
    receipt = receipts.read(receipting.opened(row, os.environ["SECRET"]))
    receipts.check(receipt)
    print(json.dumps(receipt.statement["erased"]["rows"]["feed"]))
"""


def _state(site: Site, secret: str) -> dict[str, Any]:
    return dict(site.python(_STATE, SECRET=secret))


def _erased(site: Site) -> int:
    with sqlite3.connect(site.root / "hustings.sqlite3", timeout=20) as database:
        found = database.execute("SELECT max(erased) FROM trust_closure WHERE state = 'archived'").fetchone()[0]
    database.close()
    return int(found or 0)


def _wait(test: Any, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < until, "it never came to pass"
        time.sleep(0.01)
