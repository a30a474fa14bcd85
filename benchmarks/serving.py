"""A real server for a benchmark: the site of `feed_site`, and `hustings serve` on it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DATA = ROOT / "var" / "bench" / "feed"


def environment() -> dict[str, str]:
    """As an operator would have it. HUSTINGS_BENCH_DATABASE_URL chooses PostgreSQL."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")}
    url = os.environ.get("HUSTINGS_BENCH_DATABASE_URL", "sqlite")
    return ours | {"HUSTINGS_DATA": str(DATA), "HUSTINGS_DATABASE_URL": url, "HUSTINGS_SECRET_KEY": "bench"}


def site(step: str) -> str:
    """Run a step of `feed_site`; its last line."""
    DATA.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.feed_site", step],
        cwd=ROOT, env=environment(), check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return done.stdout.strip().rpartition("\n")[2]


def cookies() -> list[str]:
    """Session keys of the site's viewers."""
    found: list[str] = json.loads((DATA / "built.json").read_text())["cookies"]
    return found


@dataclass(frozen=True)
class Server:
    """A running server: its port, and its process group."""

    port: int
    group: int

    def cpu_seconds(self) -> float:
        """What all its processes have used so far: the figure that a busy machine does not spoil."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it ended meanwhile
                continue
            if int(fields[2]) == self.group:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def server(processes: int = 2) -> Iterator[Server]:
    """`hustings serve` until the block ends; begins once a page was answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "hustings", "serve", "--port", str(port), "--processes", str(processes)],
        cwd=ROOT, env=environment(), start_new_session=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port, running)
        yield Server(port, running.pid)
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/feed", b"{}", {"Content-Type": "application/json"})
    for _ in range(600):
        if running.poll() is not None:
            raise RuntimeError(f"the server ended with {running.returncode}")
        try:
            with urllib.request.urlopen(asked, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError("the server did not answer within two minutes")
