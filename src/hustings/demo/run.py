"""`hustings demo`: from nothing to a feed one can watch, in one command, and again where it stopped.

Four processes work beside each other: one renders clips, one takes them in, one makes their renditions, one answers
the browser; this one hands each clip over and shows how far it is. All of them end with it.
"""

import fcntl
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Self

from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, connection
from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from hustings.demo import cast, seed
from hustings.demo.clips import CLIPS, ORDER
from hustings.demo.render import sweep
from hustings.lib.errors import HustingsError
from hustings.trust.api import begin_log_anew, declare
from hustings.videos import api as videos

FIRST = 8  # clips that must be there before the address is printed
READY_S = 30.0  # the server has so long to answer
NOTE = "This folder holds a demonstration of Hustings. `hustings demo --reset` empties it.\n"

console = Console(highlight=False)


class DemoRefusal(SystemExit):
    """Says why, and ends with 2."""

    def __init__(self, why: str) -> None:
        console.print(f"[red]hustings demo:[/] {why}")
        super().__init__(2)


def run(*, port: int = 8000, clips: int | None = None, reset: bool = False, serve: bool = True) -> None:
    """Sets up what is missing, serves it until Ctrl-C; without `serve`, ends when all clips can be watched."""
    folder = Path(settings.DATA) / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        if serve:
            _refuse_taken(port)
        _own_ground(folder, reset=reset)
        with _Troupe(folder, port) as troupe:
            try:
                _play(troupe, folder, ORDER[:clips], port if serve else None)
            except KeyboardInterrupt:
                console.print("\nThe demonstration ends. `hustings demo` goes on where it stopped.")


# --- The ground it stands on ----------------------------------------------------------------------------------------


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoRefusal(f"a demonstration is running in {folder.parent} already. End it first.") from None
        yield


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise DemoRefusal(f"port {port} is in use. Try `hustings demo --port {port + 1}`.") from None


def _own_ground(folder: Path, *, reset: bool) -> None:
    """Migrates; refuses to mix with an installation that people use, and to empty one."""
    note = folder / "README"
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    if not note.exists() and _inhabited():
        raise DemoRefusal(
            f"{folder.parent} is in use, and not by a demonstration. Give it a folder of its own: "
            "HUSTINGS_DATA=var/demo hustings demo"
        )
    if reset and note.exists():
        call_command("flush", interactive=False, verbosity=0)
        begin_log_anew()
        for used in (settings.MEDIA_ROOT, settings.UPLOADS_ROOT, folder / "clips"):
            shutil.rmtree(used, ignore_errors=True)
        (folder / "programme.json").unlink(missing_ok=True)
    note.write_text(NOTE)
    sweep(folder / "clips")


def _inhabited() -> bool:
    with connection.cursor() as cursor:
        # Asked of the table itself: a yes or no about any account at all is no domain's business.
        cursor.execute("SELECT 1 FROM accounts_account LIMIT 1")
        return cursor.fetchone() is not None


# --- The processes --------------------------------------------------------------------------------------------------


class _Troupe:
    """The processes of a demonstration. Each leads its own session: Ctrl-C reaches only us, and we reach them."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.environment = {
            "HUSTINGS_PUBLIC_URL": f"http://localhost:{port}",
            **os.environ,
            "HUSTINGS_DATA": str(settings.DATA),
        }
        self.members: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        def leave(signum: int, frame: FrameType | None) -> None:
            raise KeyboardInterrupt

        signal.signal(signal.SIGTERM, leave)
        return self

    def __exit__(self, *_: object) -> None:
        for member in self.members.values():
            _signal(member, signal.SIGTERM)
        patience = time.monotonic() + 5
        for member in self.members.values():
            try:
                member.wait(max(0.1, patience - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(member, signal.SIGKILL)
                member.wait()

    def start(self, name: str, *arguments: str, kindness: int = 0, listen: bool = False) -> subprocess.Popen[str]:
        """Runs `python -m …` with its output in a file, or on a pipe to us; higher `kindness` gives way."""
        with (self.folder / f"{name}.log").open("a") as log:
            member = subprocess.Popen(
                [sys.executable, "-m", *arguments], env=self.environment, text=True, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if listen else log, stderr=log,
            )  # fmt: skip
        if kindness:
            os.setpriority(os.PRIO_PROCESS, member.pid, kindness)
        self.members[name] = member
        return member

    def fallen(self) -> str | None:
        """The name of a process that ended with a fault."""
        return next((name for name, member in self.members.items() if member.poll()), None)


def _signal(member: subprocess.Popen[str], what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(member.pid, what)


def _lines(source: IO[str], into: "queue.Queue[str]") -> None:
    for line in source:
        into.put(line.strip())


# --- The play -------------------------------------------------------------------------------------------------------


def _play(troupe: _Troupe, folder: Path, keys: tuple[str, ...], port: int | None) -> None:
    programme = seed.Programme(folder / "programme.json")
    waiting = [key for key in keys if not (programme.published(key) or seed.has_left(CLIPS[key].author))]
    rendered: queue.Queue[str] = queue.Queue()
    if waiting:
        jobs = str(max(1, min(4, os.cpu_count() or 1)))
        painter = troupe.start(
            "render", "hustings.demo.render", str(folder / "clips"), jobs, *waiting, kindness=4, listen=True
        )
        assert painter.stdout is not None
        threading.Thread(target=_lines, args=(painter.stdout, rendered), daemon=True).start()
    troupe.start("worker", "hustings", "worker", "--queue", "default")
    with _progress() as progress:
        bar = progress.add_task("Seating the cast", total=len(keys))
        stalls = seed.seat_cast()
        house = _House(troupe, programme, stalls, keys, folder)
        progress.update(bar, description="Rendering clips and music")
        opened = False
        while not house.full:
            house.take_in(rendered)
            progress.update(bar, completed=house.watchable)
            if port is None or opened:
                continue
            if house.watchable >= min(FIRST // 2, len(keys)) and "server" not in troupe.members:
                troupe.start("server", "hustings", "serve", "--port", str(port))
            if house.watchable >= min(FIRST, len(keys)):
                _open(troupe, port, progress)
                opened = True
                progress.update(bar, description="More clips arrive while you watch")
    if port is None:
        console.print(f"{len(keys)} clips are there. `hustings demo` serves them.")
        return
    console.print(f"All {len(keys)} clips are there. Ctrl-C ends the demonstration.")
    while (name := troupe.fallen()) is None:
        time.sleep(1)
    raise DemoRefusal(f"the {name} process ended. Its last words are in {folder / name}.log.")


def _progress() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console,
    )  # fmt: skip


class _House:
    """Clips on their way: rendered, handed in, watchable, applauded."""

    def __init__(
        self, troupe: _Troupe, programme: seed.Programme, stalls: seed.Stalls, keys: tuple[str, ...], folder: Path
    ) -> None:
        self.troupe, self.programme, self.stalls, self.keys, self.folder = troupe, programme, stalls, keys, folder
        self.open = {key for key in keys if programme.published(key)}
        self.seen: set[str] = set()
        self.gone = {key for key in keys if CLIPS[key].author not in stalls.ids}
        self.sounds: dict[str, int] = {}

    @property
    def watchable(self) -> int:
        return len(self.seen | self.gone)

    @property
    def full(self) -> bool:
        return self.watchable == len(self.keys) and self.programme.applauded >= set(self.keys) - self.gone

    def take_in(self, rendered: "queue.Queue[str]") -> None:
        """One round: hand in what was rendered, look what can be watched, and let one clip have its audience."""
        if (name := self.troupe.fallen()) is not None:
            raise DemoRefusal(f"the {name} process ended. Its last words are in {self.folder / name}.log.")
        with suppress(queue.Empty):
            self._hand_in(rendered.get(timeout=0.15), rendered)
        for key in sorted(self.open - self.seen - self.gone):
            self._look(key)
        try:
            self._applaud_one()
        except (HustingsError, IntegrityError):
            if not self._see_off():
                raise

    def _hand_in(self, key: str, rendered: "queue.Queue[str]") -> None:
        self._see_off()
        if key in self.gone:
            return
        try:
            seed.publish(self.programme, self.stalls, key, self.folder / "clips" / f"{key}.mp4", self.sounds)
            self.open.add(key)
        except (HustingsError, IntegrityError):
            if not self._see_off():
                raise
            rendered.put(key)

    def _see_off(self) -> bool:
        """Somebody who tries out closing may do so while clips still arrive: what was theirs comes no more."""
        if not seed.see_off(self.stalls):
            return False
        self.gone = {key for key in self.keys if CLIPS[key].author not in self.stalls.ids}
        self.sounds.clear()
        return True

    def _look(self, key: str) -> None:
        state = videos.state_of(self.programme.clips[key])
        if state in seed.WATCHABLE:
            self.seen.add(key)
            # It has been taken in: the rendered file has done its work, and the disk gets its room back.
            (self.folder / "clips" / f"{key}.mp4").unlink(missing_ok=True)
        elif state is None and self._see_off():
            return
        elif state == "refused" and not seed.settle_duplicate(self.programme, key):
            raise DemoRefusal(f"the clip {key} was refused; see {self.folder / 'worker.log'}.")

    def _applaud_one(self) -> None:
        """The audience comes when the doors are open: before that, every moment belongs to the first clips."""
        early = self.watchable < min(FIRST, len(self.keys))
        self._see_off()
        unheard = [key for key in self.keys if key in self.seen - self.gone and key not in self.programme.applauded]
        if early or not unheard:
            return
        if "renditions" not in self.troupe.members:
            self.troupe.start("renditions", "hustings", "worker", "--queue", "renditions", kindness=12)
        if not self.stalls.audience:
            seed.seat_audience(self.stalls)
        seed.applaud(self.programme, self.stalls, unheard[0])


def _open(troupe: _Troupe, port: int, progress: Progress) -> None:
    """Says where the server is, once it answers."""
    server = troupe.members["server"]
    declare("127.0.0.1", port, purpose="trust.egress.demonstration")
    until = time.monotonic() + READY_S
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    else:
        raise DemoRefusal(f"the server does not answer; see {troupe.folder / 'server.log'}.")
    person = cast.PEOPLE[0]
    progress.console.print(
        Panel(
            f"[bold]Watch:[/]    http://localhost:{port}\n"
            f"[bold]Sign in:[/]  {person.handle}, or any person of the demonstration\n"
            f"          password: {cast.PASSWORD}",
            title="Hustings is open",
            expand=False,
        )
    )
