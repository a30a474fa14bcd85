"""`hustings log verify` of a log with a million entries, as an outsider runs it: part of `hustings bench log`.

- `verify_1m_s`: seconds of the whole command, from its start to its last line: every entry's form, every tile, the
  root, the signature; nothing remembered.
- `verify_1m_mb`: the most memory that the command and all its processes held at one time (proportional set size,
  where the system tells it), in MB.

The log is written once into a temporary folder by `hustings.lib.tlog.writing`: accesses with commitments, mostly,
and every other kind now and then, about 400 bytes each.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.machine import result
from hustings.lib.tlog.entries import encode
from hustings.lib.tlog.notes import Signer
from hustings.lib.tlog.schemas import BUCKETS, REASONS
from hustings.lib.tlog.writing import write_log

ENTRIES = int(os.environ.get("HUSTINGS_BENCH_LOG_ENTRIES", "1000000"))
ORIGIN = "log.example/hustings"
_BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
_COUNTRIES = ["GB", "IE", "FR", "SG", "US"]
_CATEGORIES = ["user.contact.email", "user.name", "user.content", "user.behavior", "user.account"]


def entries(count: int, dice: random.Random) -> Iterator[bytes]:
    """Entries as a server would write them, a minute or so apart."""
    at = _BEGAN
    for number in range(count):
        at += timedelta(seconds=dice.randrange(120))
        instant = f"{at:%Y-%m-%dT%H:%M:%SZ}"
        kind, body, secrets = _entry(number, dice)
        yield encode(kind, 1, instant, body, {name: dice.randbytes(32).hex() for name in secrets})


def _entry(number: int, dice: random.Random) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    if number % 10 == 3:
        body = {
            "action": "remove",
            "content": "video",
            "rule": "harassment",
            "ground": "terms",
            "source": "notice",
            "automated": "no",
            "detected_by_machine": False,
            "decision": f"d-{number}",
        }
        return "moderation_decision", body, ("content", "account")
    if number % 10 == 7:
        return "key_erased", {"reason": "closure", "people": "1"}, ("subject", "key")
    if number % 1000 == 1:
        body = {"build": dice.randbytes(32).hex(), "version": f"1.{number // 1000}"}
        return "build_deployed", body, ()
    country = dice.choice(_COUNTRIES)
    body = {
        "reason": dice.choice(REASONS),
        "role": "moderator",
        "categories": dice.sample(_CATEGORIES, 2),
        "records": dice.choice(BUCKETS),
        "method": "screen",
        "office_country": country,
        "physical_country": country,
        "break_glass": number % 5000 == 0,
        "region": "uk",
        "actor": f"staff-{dice.randrange(200)}",
    }
    if number % 500 == 0:
        body["disclose_after"] = "2030-01-01"
    return "access", body, ("subject", "case")


def run() -> dict[str, Any]:
    """Write the log, verify it as an outsider, say how long it took."""
    with tempfile.TemporaryDirectory(prefix="hustings-bench-log-") as name:
        folder = Path(name)
        signer = Signer.generate(ORIGIN)
        began = time.perf_counter()
        write_log(folder / "log", entries(ENTRIES, random.Random(3)), ORIGIN, [signer])
        wrote = time.perf_counter() - began
        before = _cpu()
        seconds, megabytes, answer = _verify(folder, str(signer.verifier))
        cpu = _cpu() - before
        stored = sum(file.stat().st_size for file in (folder / "log").rglob("*") if file.is_file())
    if answer["size"] != ENTRIES or not answer["ok"]:
        raise RuntimeError(f"the log did not verify: {answer}")
    return result(
        "log_verify",
        {"verify_1m_s": round(seconds, 2), "verify_1m_mb": round(megabytes)},
        {
            "entries": ENTRIES,
            "bytes_per_entry": round(stored / ENTRIES),
            "write_s": round(wrote, 1),
            "verify_cpu_s": round(cpu, 1),
            "load_average": round(os.getloadavg()[0], 1),
        },
    )


def _verify(folder: Path, key: str) -> tuple[float, float, dict[str, Any]]:
    command = [sys.executable, "-m", "hustings.site.cli", "log", "verify", str(folder / "log"), "--key", key]
    began = time.perf_counter()
    with subprocess.Popen(
        [*command, "--state", str(folder / "state"), "--json"], stdout=subprocess.PIPE, text=True
    ) as process:
        most = _Watched(process.pid)
        out, _ = process.communicate()
        seconds = time.perf_counter() - began
        most.stop()
    return seconds, most.megabytes, json.loads(out)


def _cpu() -> float:
    """Processor seconds of all the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Watched:
    """The most memory that a process and those below it held, looked at twenty times a second."""

    def __init__(self, pid: int) -> None:
        self.pid, self.megabytes = pid, 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.megabytes = max(self.megabytes, sum(map(_held, _family(self.pid))) / 1024)


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _held(pid: int) -> int:
    """Kilobytes; pages that several processes share are counted once among them."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
