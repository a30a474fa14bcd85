"""Real processes and real SIGKILLs, on a database file of their own: nothing is lost, doubled or signed twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.own_database

ROOT = Path(__file__).parents[3]

_PREPARE = """
import django
django.setup()
from hustings.site.database import prepare
from hustings.trust.api import service_from_here
service_from_here()
prepare()
print("{}")
"""

_SET_UP = """
import json, os, random, signal, sys, threading, time
import django
django.setup()
from django.db import connections
from hustings.trust import log
from hustings.trust.api import service_from_here
from hustings.trust.log import jobs, sequencing, signing
from hustings.trust.models import LogEntry, LogState
from trust.log import reading_the_log as outsider
from trust.log.breaking import BreakingDisk
from hustings.lib.merkle import leaf_hash, root_of

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}
root = signing.log_root()
service_from_here()

def forked(act):
    connections.close_all()
    child = os.fork()
    if child == 0:
        service_from_here()
        act()
        os._exit(0)
    return child

def ended(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def look(seen):
    if (root / "checkpoint").exists():
        outsider.published(root)
        found = outsider.checkpoint(root)
        seen.append((found.size, found.root))

def finish(seen):
    log.sequence_once()
    entries = outsider.published(root)
    assert entries == outsider.in_the_database()
    said = [json.loads(entry) for entry in entries]
    numbers = [one["standing_days"] for one in said if one["kind"] == "moderation_reversal"]
    hashes = [leaf_hash(entry) for entry in entries]
    for size, signed in seen:
        assert root_of(hashes[:size]) == signed, size
    return numbers
"""

# Killed before and after every call to the disk of a batch, by itself, without any `finally`.
_EACH_CALL = (
    _SET_UP
    + """
seen, written, killed = [], 0, 0
for at in range(1, int(os.environ["CALLS"]) + 1):
    for way in ("lost", "landed", "torn"):
        for _ in range(7):
            log.append("moderation_reversal", {**REVERSAL, "standing_days": written})
            written += 1
        code = ended(forked(lambda: sequencing.Sequencer(disk=BreakingDisk(at, way, die)).once()))
        assert code in (0, -signal.SIGKILL), code
        killed += code == -signal.SIGKILL
        look(seen)
assert finish(seen) == list(range(written))
print(json.dumps({"written": written, "killed": killed, "seen": len(seen)}))
"""
)

# One process writes entries all the time. Two want to publish them, of whom one may; either is killed at any moment.
_AT_RANDOM = (
    _SET_UP
    + """
jobs.BATCH_S = jobs.LOOK_S = 0.01
jobs.LONGEST_WAIT_S = jobs.STAND_BY_S = 0.02
stop = root.parent / "stop"
dice = random.Random(int(os.environ["SEED"]))

def write():
    number = 0
    while not stop.exists():
        log.append("moderation_reversal", {**REVERSAL, "standing_days": number})
        number += 1
        time.sleep(0.001)
    (root.parent / "written").write_text(str(number))

writer = forked(write)
seen, killed = [], 0
publishers = [forked(lambda: jobs.Writer().run())]
for _ in range(int(os.environ["ROUNDS"])):
    publishers.append(forked(lambda: jobs.Writer().run()))
    time.sleep(dice.uniform(0.02, 0.25))
    publisher = publishers.pop(dice.randrange(2))
    os.kill(publisher, signal.SIGKILL)
    killed += ended(publisher) == -signal.SIGKILL
    look(seen)
os.kill(publishers[0], signal.SIGKILL)
ended(publishers[0])
stop.touch()
assert ended(writer) == 0
numbers = finish(seen)
assert numbers == list(range(int((root.parent / "written").read_text()))), "in order, each once"
print(json.dumps({"written": len(numbers), "killed": killed, "seen": len(set(seen))}))
"""
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    python(tmp_path, _PREPARE)
    return tmp_path


def python(root: Path, source: str, **more: str) -> Any:
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")} | {
        "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}",
        "HUSTINGS_DATA": str(root),
        "HUSTINGS_SECRET_KEY": "only-for-tests",
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-c", source], env=env, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])


def test_before_and_after_every_call_to_the_disk(site: Path) -> None:
    told = python(site, _EACH_CALL, CALLS="22")
    assert told["killed"] >= 40
    assert told["seen"] >= 40


@pytest.mark.parametrize("seed", [1, 2])
def test_at_any_moment_while_entries_come_in(site: Path, seed: int) -> None:
    told = python(site, _AT_RANDOM, SEED=str(seed), ROUNDS="25")
    assert told["killed"] == 25
    assert told["written"] > 100
    assert told["seen"] > 3, "it did publish in between"
