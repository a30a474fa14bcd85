"""Three cells side by side, as real processes: what people gave to one is nowhere in the others.

Each cell has its own folder, its own database (PostgreSQL where the tests run on it, else SQLite), its
own mail server and its own people, who sign up, publish a film of their own, comment, watch and search.
Then every byte that each cell holds is searched for what belongs to the other two. No process may open
another cell's stores, or reach its server.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests

pytestmark = pytest.mark.ffmpeg

ROOT = Path(__file__).parents[2]
REGIONS = ("uk", "us", "sg")
POSTGRES = os.environ.get("HUSTINGS_DATABASE_URL", "sqlite")
PASSWORD = "a long enough phrase"


class Mailbox(socketserver.ThreadingTCPServer):
    """As much of an SMTP server (RFC 5321) as Django's sender asks for; every mail is kept."""

    daemon_threads = True

    def __init__(self) -> None:
        self.mails: list[bytes] = []
        super().__init__(("127.0.0.1", 0), _Smtp)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class _Smtp(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.wfile.write(b"220 mail\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b""
                while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                    mail += line
                self.server.mails.append(mail)
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


class Cell:
    """One cell: where it lies, what it runs, and who its people are."""

    def __init__(self, region: str, root: Path) -> None:
        self.region, self.root = region, root
        self.port = free_port()
        self.mailbox = Mailbox()
        self.address = f"http://127.0.0.1:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}
        self.env = inherited | {
            "PYTHONPATH": str(ROOT / "src"),
            "HUSTINGS_DATA": str(root),
            "HUSTINGS_CELL": region,
            "HUSTINGS_REGION": region,
            "HUSTINGS_PUBLIC_URL": self.address,
            "HUSTINGS_EMAIL_HOST": "127.0.0.1",
            "HUSTINGS_EMAIL_PORT": str(self.mailbox.server_address[1]),
            "HUSTINGS_EMAIL_TLS": "off",
            "HUSTINGS_LOG_LEVEL": "INFO",
        }
        if POSTGRES != "sqlite":
            self.env["HUSTINGS_DATABASE_URL"] = urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{self.database}"))
        self.secrets: dict[str, str] = {}  # what: the words by which it would be found
        self.said: dict[str, Any] = {}  # what its own page said at the end of the day

    @property
    def database(self) -> str:
        return f"hustings_cell_{self.region}_{os.getpid()}"

    def run(self, *verb: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hustings", *verb],
            env=self.env | more, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def script(self, source: str, **more: str) -> subprocess.CompletedProcess[str]:
        """What somebody writes in a hurry, in this cell's environment."""
        env = self.env | {"DJANGO_SETTINGS_MODULE": "hustings.site.settings"} | more
        return subprocess.run(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{source}"],
            env=env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    @contextmanager
    def running(self) -> Iterator[None]:
        with ExitStack() as stack:
            for verb in (["serve", "--port", str(self.port), "--processes", "1"], ["worker"]):
                log = stack.enter_context((self.root / f"{verb[0]}.log").open("ab"))
                process = subprocess.Popen(
                    [sys.executable, "-m", "hustings", *verb],
                    env=self.env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip
                stack.callback(end, process)
            wait_for(lambda: requests.get(f"{self.address}/api/v1/languages", timeout=5).ok, f"{self.region} answers")
            yield

    def held(self) -> Iterator[tuple[str, bytes]]:
        """Every byte of this cell: (where, what): files of every kind, and the whole database."""
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(self.root)), path.read_bytes()
        if POSTGRES != "sqlite":
            url = self.env["HUSTINGS_DATABASE_URL"]
            for form in (["--inserts"], []):  # values as words, and as PostgreSQL copies them
                dump = subprocess.run(["pg_dump", *form, url], capture_output=True, check=True).stdout
                yield f"pg_dump {' '.join(form)}", dump
        for number, mail in enumerate(self.mailbox.mails):
            yield f"mail {number}", mail


class Person:
    """Somebody of one cell, at their browser."""

    def __init__(self, cell: Cell, handle: str, name: str) -> None:
        self.cell, self.handle = cell, handle
        self.browser = requests.Session()
        self.browser.trust_env = False
        email = f"{handle}@{cell.region}-people.example"
        self.ask("POST", "/_allauth/browser/v1/auth/signup", {
            "username": handle, "password": PASSWORD, "age_band": "18+", "name": name, "email": email,
        })  # fmt: skip
        self.ask("PATCH", "/api/v1/me", {"bio": f"Biography of {name} in {cell.region}"})
        cell.secrets |= {
            f"handle of {handle}": handle,
            f"name of {handle}": name,
            f"bio of {handle}": f"Biography of {name}",
            f"address of {handle}": email,
        }

    def ask(self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None) -> Any:
        """As the client does: with its cookie, and the token that proves that it is the client."""
        if method != "GET" and "csrftoken" not in self.browser.cookies:
            self.browser.get(f"{self.cell.address}/api/v1/me/csrf", timeout=20)
        said = self.browser.request(
            method, f"{self.cell.address}{path}", timeout=20,
            headers={"X-CSRFToken": self.browser.cookies.get("csrftoken", ""), "Referer": f"{self.cell.address}/"}
            | (headers or {}),
            **({"data": body} if isinstance(body, bytes) else {"json": body}),
        )  # fmt: skip
        assert said.ok, f"{method} {path}: {said.status_code} {said.text[:500]}"
        return said.json() if said.headers.get("Content-Type", "").startswith("application/json") else said

    def publish(self, film: bytes, caption: str) -> str:
        """Upload by tus, publish, and wait until it plays."""
        tus = {"Tus-Resumable": "1.0.0"}
        begun = self.ask("POST", "/api/v1/uploads/", b"", headers=tus | {"Upload-Length": str(len(film))})
        more = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        done = self.ask("PATCH", urlsplit(begun.headers["Location"]).path, film, headers=tus | more)
        clip = str(done.headers["Hustings-Clip"])
        self.ask("PATCH", f"/api/v1/clips/{clip}", {"caption": caption, "language": "en"})
        self.ask("POST", f"/api/v1/clips/{clip}/publish", {})
        wait_for(
            lambda: self.ask("GET", f"/api/v1/clips/{clip}/status")["state"] in {"playable", "ready"},
            f"{clip} plays", 90,
        )  # fmt: skip
        self.cell.secrets |= {f"caption of {clip}": caption, f"clip {clip}": clip}
        return clip

    def comment(self, clip: str, text: str) -> None:
        written = self.ask("POST", f"/api/v1/clips/{clip}/comments", {"text": text})
        self.cell.secrets |= {f"comment on {clip}": text, f"id of a comment on {clip}": written["comment"]["id"]}


def live(cell: Cell, film: bytes) -> None:
    """A day in a cell."""
    author = Person(cell, f"gwenllian_{cell.region}", f"Gwenllian Prydderch-{cell.region.title()}")
    viewer = Person(cell, f"caradog_{cell.region}", f"Caradog Ednyfed-{cell.region.title()}")
    clip = author.publish(film, f"A caption that was written in {cell.region} about #harbours{cell.region}")
    viewer.comment(clip, f"A comment that was written in {cell.region} and stays there")
    viewer.ask("PUT", f"/api/v1/clips/{clip}/like")
    viewer.ask("PUT", f"/api/v1/accounts/{author.handle}/follow")
    events = [{"clip": clip, "kind": "watch", "watched_s": 1.5, "loops": 0}]
    assert viewer.ask("POST", "/api/v1/events", {"events": events}) == {"accepted": 1}
    found = viewer.ask("GET", f"/api/v1/search?q=harbours{cell.region}")
    assert clip in json.dumps(found)
    assert viewer.ask("POST", "/api/v1/feed", {}) is not None
    wait_for(lambda: len(cell.mailbox.mails) >= 2, "the mails", 20)


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Cell]]:
    """Three cells after a day of use, at rest."""
    if POSTGRES != "sqlite" and shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not there: install Debian's `postgresql-client`")
    root = tmp_path_factory.mktemp("cells")
    made = {region: Cell(region, root / region) for region in REGIONS}
    with ExitStack() as stack:
        for cell in made.values():
            stack.callback(cell.mailbox.server_close)
            stack.callback(cell.mailbox.shutdown)
            if POSTGRES != "sqlite":
                create_database(cell.database)
                stack.callback(drop_database, cell.database)
            done = cell.run("migrate")
            assert done.returncode == 0, done.stderr
        with ExitStack() as day:
            for cell in made.values():
                day.enter_context(cell.running())
            for number, cell in enumerate(made.values()):
                live(cell, draw_film(root / f"{cell.region}.mp4", number))
            wait_for(lambda: all(counted(cell) for cell in made.values()), "the counters", 60)
        yield made


def counted(cell: Cell) -> dict[str, Any] | None:
    """What the cell's own page says of its mail server, once something was counted."""
    said = requests.get(f"{cell.address}/trust/egress.json", timeout=20).json()
    port = cell.mailbox.server_address[1]
    found: dict[str, Any] = next(entry for entry in said["destinations"] if entry["port"] == port)
    cell.said = said
    return found if found["connections"] >= 2 else None


# --- What one cell holds is nowhere in another -------------------------------------------------------------


def test_every_cell_holds_its_own(cells: dict[str, Cell]) -> None:
    """So that the next test can fail: the same search finds everything where it belongs."""
    for cell in cells.values():
        everything = b"\n".join(content for _, content in cell.held())
        missing = [what for what, text in cell.secrets.items() if text.encode() not in everything]
        assert not missing, f"{cell.region}: the search does not find what is there"
        assert len(cell.secrets) == 12


@pytest.mark.parametrize("region", REGIONS)
def test_nothing_of_one_is_in_the_others(cells: dict[str, Cell], region: str) -> None:
    others = {what: text.encode() for cell in cells.values() if cell.region != region
              for what, text in cell.secrets.items()}  # fmt: skip
    for where, content in cells[region].held():
        assert not [what for what, text in others.items() if text in content], f"{region}/{where}"
        lower = content.lower()
        for other in set(REGIONS) - {region}:
            assert f"gwenllian_{other}".encode() not in lower, f"{region}/{where}"


def test_no_file_of_one_is_in_another(cells: dict[str, Cell]) -> None:
    """By content: films, pictures, keys. Stamps and empty files say nothing about anybody."""
    seen: dict[str, str] = {}
    for cell in cells.values():
        for folder in ("media", "keys", "log"):
            for path in (cell.root / folder).rglob("*"):
                if path.is_file() and path.stat().st_size:
                    digest = hashlib.sha256(path.read_bytes()).hexdigest()
                    assert seen.setdefault(digest, cell.region) == cell.region, path
    assert len(seen) > 20


def test_a_cell_s_mail_went_through_its_own_gate_and_was_counted(cells: dict[str, Cell]) -> None:
    for cell in cells.values():
        said = cell.said
        assert (said["cell"], said["region"]) == (cell.region, cell.region)
        mail = next(entry for entry in said["destinations"] if entry["port"] == cell.mailbox.server_address[1])
        sent = sum(len(one) for one in cell.mailbox.mails)
        assert mail["connections"] == len(cell.mailbox.mails) == 2
        assert sent <= mail["bytes_out"] < sent + 1000
        assert mail["bytes_in"] > 0
        assert said["refused"] == []
        assert {store["region"] for store in said["stores"]} == {cell.region}


# --- Nobody opens another's stores -------------------------------------------------------------------------


@pytest.mark.parametrize("verb", [["serve", "--port", "1"], ["worker", "--once"], ["migrate"]])
def test_a_process_with_another_cell_s_folder_does_not_start(cells: dict[str, Cell], verb: list[str]) -> None:
    uk, us = cells["uk"], cells["us"]
    before = digest_of(us)
    done = uk.run(*verb, HUSTINGS_DATA=str(us.root))
    assert done.returncode == 2
    assert (
        f"hustings: The folder {us.root} belongs to the cell us in region us, and this process is the cell uk in "
        "region uk. Correct the settings, or point them at this cell's own stores." in done.stderr
    )
    assert f"The key {us.root / 'keys' / 'cell-key'} belongs to the cell us" in done.stderr
    assert digest_of(us) == before


def test_a_process_with_another_cell_s_media_does_not_start(cells: dict[str, Cell]) -> None:
    uk, sg = cells["uk"], cells["sg"]
    done = uk.run("worker", "--once", HUSTINGS_MEDIA=str(sg.root / "media"))
    assert done.returncode == 2
    assert done.stderr.startswith(f"hustings: The folder {sg.root / 'media'} belongs to the cell sg in region sg")


@pytest.mark.parametrize(
    "verb", [["serve", "--port", "1"], ["worker", "--once"], ["migrate"], ["account", "create", "rhiannon"]]
)
def test_a_process_with_another_cell_s_database_does_not_start(cells: dict[str, Cell], verb: list[str]) -> None:
    uk, us = cells["uk"], cells["us"]
    done = uk.run(*verb, HUSTINGS_DATABASE_URL=database_of(us))
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(
        "hustings: The database belongs to the cell us in region us, and this process is the cell uk in region uk."
    )


def test_a_script_in_a_hurry_does_not_read_another_cell_s_database(cells: dict[str, Cell]) -> None:
    uk, us = cells["uk"], cells["us"]
    read = "from django.db import connection\nc = connection.cursor()\nc.execute('SELECT 1')\nprint(c.fetchone())"
    assert uk.script(read).stdout.strip() == "(1,)"
    done = uk.script(read, HUSTINGS_DATABASE_URL=database_of(us))
    assert done.returncode == 1
    assert "CellError: wrong_cell: The database belongs to the cell us" in done.stderr


def test_a_process_does_not_reach_another_cell_s_server(cells: dict[str, Cell]) -> None:
    uk = cells["uk"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        port = server.getsockname()[1]
        done = uk.script(f"import urllib.request\nurllib.request.urlopen('http://127.0.0.1:{port}/')")
        assert "UndeclaredEgressError" in done.stderr
        with pytest.raises(TimeoutError):
            server.accept()
        asked = uk.run("check", "--egress", f"http://127.0.0.1:{port}/")
    assert asked.stdout.startswith(f"127.0.0.1:{port}: refused. 127.0.0.1 is on the list for port")
    assert str(uk.mailbox.server_address[1]) in asked.stdout
    assert asked.returncode == 1


def test_a_store_in_another_region_does_not_start(cells: dict[str, Cell]) -> None:
    done = cells["uk"].run("worker", "--once", HUSTINGS_MEDIA_REGION="sg", HUSTINGS_DATABASE_REGION="us")
    assert done.returncode == 2
    assert "but the cell uk keeps its data in uk." in done.stderr
    assert done.stderr.count("hustings: ") == 2  # all faults at once


# --- The stage ---------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_for(test: Callable[[], object], what: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(requests.ConnectionError):
            if test():
                return
        time.sleep(0.1)
    pytest.fail(f"{what}: it never came to pass")


def end(process: subprocess.Popen[bytes]) -> None:
    """The process and what it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def draw_film(path: Path, number: int) -> bytes:
    """Two seconds that no other cell has: H.264, so that it plays at once."""
    from hustings.lib import ffmpeg

    tool = ffmpeg.find("")
    subprocess.run(
        [tool.path, "-v", "error", "-f", "lavfi", "-i", f"testsrc=size=360x640:rate=12:duration={2 + number}",
         "-vf", f"hue=h={number * 90}", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(path)],
        check=True,
    )  # fmt: skip
    return path.read_bytes()


def digest_of(cell: Cell) -> str:
    """Everything in the cell's folder: what must not change when a stranger looks in."""
    whole = hashlib.sha256()
    for path in sorted(cell.root.rglob("*")):
        whole.update(str(path).encode())
        if path.is_file() and path.suffix not in {".sqlite3-shm", ".sqlite3-wal"}:
            whole.update(path.read_bytes())
    return whole.hexdigest()


def database_of(cell: Cell) -> str:
    return cell.env.get("HUSTINGS_DATABASE_URL", f"sqlite:{cell.root / 'hustings.sqlite3'}")


def create_database(name: str) -> None:
    _administer(f'CREATE DATABASE "{name}"')


def drop_database(name: str) -> None:
    _administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _administer(statement: str) -> None:
    import psycopg

    with psycopg.connect(urlunsplit(urlsplit(POSTGRES)._replace(path="/postgres")), autocommit=True) as server:
        server.execute(statement.encode())
