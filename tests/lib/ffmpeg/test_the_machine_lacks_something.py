"""A good film on a machine that is short of memory, threads or mercy is never called a bad film."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hustings.lib.errors import Severity
from hustings.lib.ffmpeg import (
    FFmpeg,
    Inspection,
    Limits,
    MediaError,
    OutOfMemoryError,
    inspect,
    transcode,
)
from hustings.lib.ffmpeg import run as running
from hustings.lib.ffmpeg.rules import Accepted

pytestmark = pytest.mark.ffmpeg

Film = Callable[[str], Path]
Look = Callable[..., Inspection]
MIB = 1 << 20


@pytest.fixture
def from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ceiling on memory holds from FFmpeg's first instruction: a test has to be exact where a worker need not."""
    monkeypatch.setattr(running, "launcher", lambda: ("prlimit", f"--as={os.environ['HUSTINGS_TEST_AS']}", "--"))


@pytest.mark.parametrize("name", ["phone.mp4", "hevc.mp4", "vp9.webm", "old.avi", "stream.ts"])
def test_with_too_little_memory_it_is_tried_again(
    ffmpeg: FFmpeg, film: Film, folder: Path, monkeypatch: pytest.MonkeyPatch, from_the_start: None, name: str
) -> None:
    """From far too little to enough: each time the film is taken, or the machine is blamed. Never the film."""
    ended: list[str] = []
    for memory in (1, 4, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 192, 224, 256, 320, 384, 512, 768, 1024, 4096):
        monkeypatch.setenv("HUSTINGS_TEST_AS", str(memory * MIB))
        try:
            seen = inspect(ffmpeg, film(name), accepted=Accepted(), limits=Limits(memory=memory * MIB), workdir=folder)
        except MediaError as fault:
            ended.append("again" if fault.severity is Severity.TRANSIENT else f"{fault} {fault.detail[:500]}")
        else:
            ended.append("taken" if not seen.refusals else f"{memory} MiB: {seen.refusals}")
    assert set(ended) == {"again", "taken"}
    assert (ended[0], ended[-1]) == ("again", "taken")


def test_a_ladder_with_too_little_memory_is_tried_again(ffmpeg: FFmpeg, film: Film, folder: Path, look: Look) -> None:
    seen = look(film("phone.mp4"))
    assert seen.source is not None
    for memory in (64, 128, 200, 300):
        with pytest.raises(MediaError) as caught:
            transcode(ffmpeg, seen.source, film("phone.mp4"), folder=folder, limits=Limits(memory=memory * MIB))
        assert caught.value.severity is Severity.TRANSIENT, f"{memory} MiB: {caught.value} {caught.value.detail[:500]}"
        assert not list(folder.iterdir())


@contextmanager
def killing(monkeypatch: pytest.MonkeyPatch, which: int, how: signal.Signals) -> Iterator[list[int]]:
    """Somebody sends a signal to FFmpeg's `which`-th run, stopped at its beginning so that it cannot be done before."""
    started: list[int] = []
    real = running.confine

    def confine(pid: int, limits: Limits) -> None:
        real(pid, limits)
        started.append(pid)
        if len(started) == which:
            os.kill(pid, signal.SIGSTOP)

            def end() -> None:
                time.sleep(0.05)
                os.kill(pid, how)
                os.kill(pid, signal.SIGCONT)

            threading.Thread(target=end).start()

    with monkeypatch.context() as patched:
        patched.setattr(running, "confine", confine)
        yield started


@pytest.mark.parametrize("which", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_killed_while_it_looks_it_is_tried_again(
    look: Look, film: Film, monkeypatch: pytest.MonkeyPatch, which: int, how: signal.Signals
) -> None:
    film("phone.mp4")
    with killing(monkeypatch, which, how) as started, pytest.raises(MediaError) as caught:
        look(film("phone.mp4"))
    assert len(started) == which
    assert caught.value.severity is Severity.TRANSIENT
    assert isinstance(caught.value, OutOfMemoryError) is (how is signal.SIGKILL)
    assert not look(film("phone.mp4")).refusals, "the next try takes it"


def test_killed_while_it_encodes_it_is_tried_again(
    ffmpeg: FFmpeg, film: Film, folder: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = look(film("phone.mp4"))
    assert seen.source is not None
    with killing(monkeypatch, 1, signal.SIGKILL), pytest.raises(OutOfMemoryError):
        transcode(ffmpeg, seen.source, film("phone.mp4"), folder=folder, limits=Limits())
    assert not list(folder.iterdir())
