"""`hustings bench log`: the public log, what a recorded access costs, what a closure takes.

- `entries_per_s`: entries that one process writes as fast as it can, each in a transaction of its own with three
  sealed openings, until the worker's checkpoint covers the last of them: written, placed, in tiles, flushed, signed.
- `checkpoint_p95_s`: from an entry's commit until the file `checkpoint` covers it, while 1,000 a second come in.
- `verify_1m_s`, `verify_1m_mb`: see `log_verify.py`. `access_overhead_ms`: see `access_cost.py`. `closure_s`: see
  `closure.py`.

The worker is a real one (`hustings worker`) in a folder of its own; every batch is flushed to the disk as always.
HUSTINGS_BENCH_DATABASE_URL names an empty PostgreSQL database to use instead of SQLite.
"""

import importlib
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from benchmarks.machine import result
from benchmarks.serving import Server

ROOT = Path(__file__).parents[1]
SECONDS = float(os.environ.get("HUSTINGS_BENCH_LOG_SECONDS") or os.environ.get("BENCH_LOG_SECONDS", "20"))
RATE = 1_000  # entries a second, for the delay
PEOPLE = 500
_OTHERS = {
    "log_verify": ("verify_1m_s", "verify_1m_mb"),
    "access_cost": ("access_overhead_ms",),
    "closure": ("closure_s",),
}


def run() -> dict[str, Any]:
    """All figures of the trust layer; what cannot be measured in this tree is named in `config.missing`."""
    measured = _in_a_site_of_its_own()
    figures: dict[str, float] = measured["figures"]
    config: dict[str, Any] = measured["config"]
    missing = []
    for name, wanted in _OTHERS.items():
        try:
            found = importlib.import_module(f"benchmarks.{name}").run()
        except ModuleNotFoundError:
            missing += wanted
            continue
        figures |= {figure: found.get("figures", found)[figure] for figure in wanted}
        config |= found.get("config", {})
    if missing:
        config["missing"] = missing
    return result("log", figures, config | {"load_average": round(os.getloadavg()[0], 1)})


def _in_a_site_of_its_own() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hustings-bench-", dir=os.environ.get("HUSTINGS_BENCH_DIR")) as folder:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")}
        env = ours | {
            "HUSTINGS_DATA": folder,
            "HUSTINGS_SECRET_KEY": "bench",
            "HUSTINGS_DATABASE_URL": os.environ.get("HUSTINGS_BENCH_DATABASE_URL", "sqlite"),
            "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
            "BENCH_LOG_SECONDS": str(SECONDS),
        }
        # One worker's processes only: rendition workers have nothing to do here.
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.log", "--measure"], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE
        )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def measure() -> dict[str, Any]:
    """In the process with its own folder and database."""
    import django

    django.setup()
    from hustings.site.database import prepare
    from hustings.trust.api import service_from_here

    service_from_here()
    prepare()
    with _worker() as group:
        _published(1)
        # Everybody's key is made and known then.
        writing = sorted(took for took, _ in [_write(number) for number in range(PEOPLE)])
        steady = _steadily()
        full = _as_fast_as_it_can(group)
    figures = {"entries_per_s": round(full["rate"]), "checkpoint_p95_s": round(steady["p95"], 2)}
    config = {
        "rate": RATE,
        "seconds": SECONDS,
        "checkpoint_p50_s": round(steady["p50"], 2),
        "checkpoint_max_s": round(steady["max"], 2),
        "kept_up_with": round(steady["rate"]),
        "checkpoint_p95_at_full_speed_s": round(full["p95"], 2),
        "append_p50_ms": round(steady["append_p50_ms"], 3),
        "append_p95_ms": round(steady["append_p95_ms"], 3),
        "first_append_p50_ms": round(1_000 * writing[len(writing) // 2], 3),
        # What a busy machine does not spoil: processor time of the writing process, and of the worker.
        "writer_cpu_us_per_entry": round(full["writer_us"]),
        "worker_cpu_us_per_entry": round(full["worker_us"]),
        "database": os.environ["HUSTINGS_DATABASE_URL"].partition(":")[0],
    }
    return {"figures": figures, "config": config}


@contextmanager
def _worker() -> Iterator[int]:
    """A worker's process group."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hustings", "worker", "--queue", "default"], start_new_session=True
    )
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class _Watch:
    """Looks at the checkpoint every few milliseconds, as an outsider would: when it covered how many entries."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.005):
            size = _size()
            if not self.seen or size > self.seen[-1][1]:
                self.seen.append((time.monotonic(), size))


def _size() -> int:
    from hustings.trust.log import signing

    try:
        return int((signing.log_root() / "checkpoint").read_text().split("\n")[1])
    except FileNotFoundError:
        return 0


def _published(size: int) -> None:
    until = time.monotonic() + 120
    while _size() < size:
        if time.monotonic() > until:
            raise RuntimeError(f"the worker did not publish {size} entries")
        time.sleep(0.005)


def _write(number: int) -> tuple[float, int]:
    """One entry as a recorded access makes it; seconds it took, and its id."""
    from hustings.trust import log

    body = {
        "reason": "moderation",
        "role": "moderator",
        "categories": ["user.contact.email", "user.account"],
        "records": "1",
        "method": "screen",
        "office_country": "GB",
        "physical_country": "GB",
        "break_glass": False,
        "actor": f"staff-{number % 20}",
    }
    secrets = {"subject": f"account-{number % PEOPLE}", "reason": "a report", "ticket": f"case-{number}"}
    begun = time.perf_counter()
    written = log.append("access", body, secrets=secrets, subject=1 + number % PEOPLE)
    return time.perf_counter() - begun, written


def _steadily() -> dict[str, float]:
    """RATE a second, evenly; an entry that is late because the machine was busy is not made up for."""
    took, commits = [], {}
    begun = time.monotonic()
    with _Watch() as watch:
        for number in range(int(RATE * SECONDS)):
            due = begun + number / RATE
            if (wait := due - time.monotonic()) > 0:
                time.sleep(wait)
            seconds, written = _write(number)
            took.append(seconds)
            commits[written] = time.monotonic()
        elapsed = time.monotonic() - begun
        _wait_for(commits)
    return _delays(commits, watch.seen) | {
        "rate": len(commits) / elapsed,
        "append_p50_ms": 1_000 * statistics.median(took),
        "append_p95_ms": 1_000 * statistics.quantiles(took, n=20)[-1],
    }


def _as_fast_as_it_can(group: int) -> dict[str, float]:
    commits = {}
    worker, writer = Server(0, group), time.process_time()
    worked = worker.cpu_seconds()
    begun = time.monotonic()
    with _Watch() as watch:
        number = 0
        while time.monotonic() - begun < SECONDS:
            _, written = _write(number)
            commits[written] = time.monotonic()
            number += 1
        writer = time.process_time() - writer
        _wait_for(commits)
        elapsed = time.monotonic() - begun
        worked = worker.cpu_seconds() - worked
    return _delays(commits, watch.seen) | {
        "rate": len(commits) / elapsed,
        "writer_us": 1e6 * writer / len(commits),
        "worker_us": 1e6 * worked / len(commits),
    }


def _wait_for(commits: dict[int, float]) -> None:
    from hustings.trust.models import LogEntry

    total = LogEntry.objects.count()
    _published(total)
    time.sleep(0.05)


def _delays(commits: dict[int, float], seen: list[tuple[float, int]]) -> dict[str, float]:
    from bisect import bisect_right

    from hustings.trust.models import LogEntry

    first = min(commits)
    places = dict(LogEntry.objects.filter(pk__gte=first).values_list("pk", "index"))
    sizes = [size for _, size in seen]
    delays = sorted(seen[bisect_right(sizes, places[written])][0] - committed for written, committed in commits.items())
    return {
        "p50": delays[len(delays) // 2],
        "p95": delays[int(0.95 * len(delays))],
        "max": delays[-1],
    }


if __name__ == "__main__":
    print(json.dumps(measure() if "--measure" in sys.argv else run()))
