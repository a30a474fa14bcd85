"""What a person waits for: a film sent over tus to a running server, with `hustings worker` beside it.

The clock starts when the last byte has been handed to the socket and stops when the clip's state, asked for as the
client asks, says *playable*. Part of `hustings bench ingest`.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

ROOT = Path(__file__).parents[1]
WATCHABLE = {"playable", "ready"}
PATIENCE_S = 300.0
TOKEN = "t" * 32

_PERSON = """
import json, django
django.setup()
from hustings.trust.api import service_from_here
service_from_here()
from hustings.site.database import prepare
prepare()
from django.contrib.auth import get_user_model
from django.test import Client
from hustings.accounts import api
client = Client()
client.force_login(get_user_model().objects.get(pk=api.create_person("bench")))
print(client.cookies["sessionid"].value)
"""


def waits(films: list[Path]) -> dict[str, dict[str, float]]:
    """For each film, one after the other: seconds from its last byte to *playable* and to *ready*."""
    with tempfile.TemporaryDirectory(prefix="hustings-bench-") as data:
        env = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")}
        env |= {
            "HUSTINGS_DATA": data,
            "HUSTINGS_SECRET_KEY": "bench",
            "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
        }
        session = _output(_PERSON, env)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        with _running(env, "worker"), _running(env, "serve", "--port", str(port), "--processes", "1"):
            person = _Person(port, session)
            person.wait_for_server()
            time.sleep(3)  # the worker's processes are warm, as they are on any day but the first
            return {film.name: person.upload(film) for film in films}


def _output(source: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", source], cwd=ROOT, env=env, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip().splitlines()[-1]


@contextmanager
def _running(env: dict[str, str], *verb: str) -> Iterator[None]:
    command = [sys.executable, "-m", "hustings", *verb]
    process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class _Person:
    """Somebody signed in, on one connection."""

    def __init__(self, port: int, session: str) -> None:
        self._port = port
        self._headers = {
            "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "Tus-Resumable": "1.0.0",
        }
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def wait_for_server(self) -> None:
        for _ in range(300):
            try:
                self._ask("GET", "/api/v1/languages")
            except OSError:
                self._line.close()
                time.sleep(0.2)
            else:
                return
        raise RuntimeError("the server did not answer within a minute")

    def _ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[Message, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._line.request(method, path, body, self._headers | named)
        answer = self._line.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {said[:300]!r}")
        return answer.headers, said

    def upload(self, film: Path) -> dict[str, float]:
        body = film.read_bytes()
        made, _ = self._ask("POST", "/api/v1/uploads/", Upload_Length=str(len(body)))
        clip = made["Hustings-Clip"]
        sent = _Sent(body)
        headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        headers["Content-Length"] = str(len(body))
        self._line.request("PATCH", made["Location"], sent, self._headers | headers)
        answer = self._line.getresponse()
        answer.read()
        if answer.status != 204:
            raise RuntimeError(f"{film.name}: {answer.status}")
        answered = time.perf_counter() - sent.at
        playable = self._until(clip, WATCHABLE, sent.at)
        return {"answered_s": answered, "playable_s": playable, "ready_s": self._until(clip, {"ready"}, sent.at)}

    def _until(self, clip: str, states: set[str], since: float) -> float:
        while True:
            _, said = self._ask("GET", f"/api/v1/clips/{clip}/status")
            status = json.loads(said)
            if status["state"] in states:
                return time.perf_counter() - since
            if status["state"] == "refused" or time.perf_counter() - since > PATIENCE_S:
                raise RuntimeError(f"{clip}: {status}")
            time.sleep(0.02)


class _Sent:
    """A body that remembers when its last byte was taken."""

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)
        self.at = 0.0

    def read(self, size: int = -1) -> bytes:
        block = bytes(self._body[: 1 << 18 if size < 0 else size])
        self._body = self._body[len(block) :]
        if block:
            self.at = time.perf_counter()
        return block


if __name__ == "__main__":
    for name, seconds in waits([Path(film) for film in sys.argv[1:]]).items():
        print(name, {what: round(value, 3) for what, value in seconds.items()})
