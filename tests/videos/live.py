"""A real server and real workers in processes of their own, on a database and folders of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

_PEOPLE = """
import json, django
django.setup()
from hustings.trust.api import service_from_here
service_from_here()
from hustings.site.database import prepare
prepare()
from django.contrib.auth import get_user_model
from django.test import Client
from hustings.accounts import api
key = api.create_person("olwen")
client = Client()
client.force_login(get_user_model().objects.get(pk=key))
print(json.dumps({"id": key, "session": client.cookies["sessionid"].value}))
"""


class Site:
    """Where a test's own site lies, and how to look into it from outside."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")} | {
            "DJANGO_SETTINGS_MODULE": "videos.live_settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}",
            "HUSTINGS_DATA": str(root),
            "HUSTINGS_SECRET_KEY": "only-for-tests",
        }
        self.port = _free_port()
        made = self.python(_PEOPLE)
        self.owner = int(made["id"])
        self.session = str(made["session"])
        self.uploads = root / "uploads"
        self.media = root / "media"

    def python(self, source: str, **more: str) -> Any:
        """Run a script in the site's environment; the JSON it printed last."""
        done = subprocess.run(
            [sys.executable, "-c", source],
            env=self.env | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        printed: Any = json.loads(done.stdout.strip().splitlines()[-1])
        return printed

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of a query, read from outside as SQLite allows."""
        with sqlite3.connect(self.root / "hustings.sqlite3", timeout=20) as database:
            found: tuple[Any, ...] | None = database.execute(sql, values).fetchone()
        database.close()
        return found

    def state(self, clip: str) -> str:
        row = self.row("SELECT state FROM videos_video WHERE public_id = ?", clip)
        return str(row[0]) if row else "gone"

    def write(self, sql: str, *values: object) -> None:
        with sqlite3.connect(self.root / "hustings.sqlite3", timeout=20) as database:
            database.execute(sql, values)
        database.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def served(self) -> Iterator[None]:
        """The server runs inside the block."""
        with self._running("serve", "--port", str(self.port), "--processes", "1"):
            wait_for(lambda: _answers(self.address), 30)
            yield

    @contextmanager
    def worked(self) -> Iterator[int]:
        """Both workers run inside the block; the id of the process that minds them."""
        with self._running("worker") as process:
            yield process.pid

    @contextmanager
    def _running(self, *verb: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.root / f"{verb[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "hustings", *verb],
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"{address}/api/v1/languages", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True


def wait_for(test: Any, seconds: float, step: float = 0.02) -> float:
    """Wait until `test` holds; how long it took."""
    begun = time.monotonic()
    while not test():
        assert time.monotonic() - begun < seconds, "it never came to pass"
        time.sleep(step)
    return time.monotonic() - begun
