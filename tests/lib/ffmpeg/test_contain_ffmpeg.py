"""FFmpeg is kept within time, memory and space, and says in our terms how it ended."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hustings.lib.errors import Severity
from hustings.lib.ffmpeg import (
    DecodeError,
    DiskFullError,
    EngineDiedError,
    FFmpeg,
    Limits,
    NoFFmpegError,
    OutOfMemoryError,
    OutputTooLargeError,
    StalledError,
    TooCostlyError,
    find,
)
from hustings.lib.ffmpeg.run import Outcome, failure, run

pytestmark = pytest.mark.ffmpeg

Film = Callable[[str], Path]
ENDLESS = ("-f", "lavfi", "-i", "testsrc2=size=320x320:rate=30")


def said(code: int, stderr: str = "") -> Outcome:
    return Outcome(code=code, stderr=stderr, cpu=0, wall=0)


def test_an_endless_run_is_ended_with_its_group(ffmpeg: FFmpeg, folder: Path) -> None:
    started = time.monotonic()
    with pytest.raises(StalledError) as caught:
        run(ffmpeg, [*ENDLESS, "-f", "null", "-"], workdir=folder, limits=Limits(wall=0.5))
    assert time.monotonic() - started < 3
    assert caught.value.severity is Severity.TRANSIENT


def test_processor_time_is_bounded(ffmpeg: FFmpeg, folder: Path) -> None:
    outcome = run(ffmpeg, [*ENDLESS, "-f", "null", "-"], workdir=folder, limits=Limits(cpu=1, wall=30))
    assert not outcome.ok
    error = failure(outcome)
    assert isinstance(error, TooCostlyError)
    assert error.severity is Severity.PERMANENT


def test_memory_is_bounded(ffmpeg: FFmpeg, folder: Path) -> None:
    big = ("-f", "lavfi", "-i", "testsrc2=size=3840x2160:rate=30:duration=5")
    outcome = run(ffmpeg, [*big, "-c:v", "libx264", "-f", "null", "-"], workdir=folder, limits=Limits(memory=500 << 20))
    assert not outcome.ok
    error = failure(outcome)
    assert isinstance(error, OutOfMemoryError)
    assert error.severity is Severity.TRANSIENT


def test_output_is_bounded(ffmpeg: FFmpeg, folder: Path) -> None:
    outcome = run(
        ffmpeg,
        [*ENDLESS, "-t", "5", "-f", "rawvideo", "out.raw"],
        workdir=folder,
        limits=Limits(file=1 << 20),
    )
    assert isinstance(failure(outcome), OutputTooLargeError)
    assert (folder / "out.raw").stat().st_size <= 1 << 20


def test_complaints_are_kept_within_bounds(ffmpeg: FFmpeg, folder: Path) -> None:
    outcome = run(
        ffmpeg,
        ["-v", "trace", *ENDLESS, "-t", "3", "-f", "null", "-"],
        workdir=folder,
        limits=Limits(kept_output=4096),
    )
    assert outcome.ok
    assert 2000 < len(outcome.stderr) <= 4096
    assert outcome.stderr.startswith("ffmpeg version") or "ffmpeg" in outcome.stderr[:400]


def test_a_caller_who_has_seen_enough_ends_it(ffmpeg: FFmpeg, folder: Path) -> None:
    lines: list[str] = []

    def three(line: str) -> bool:
        lines.append(line)
        return len(lines) < 3

    outcome = run(ffmpeg, [*ENDLESS, "-f", "framecrc", "-"], workdir=folder, limits=Limits(wall=20), on_line=three)
    assert outcome.stopped
    assert outcome.ok
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (said(1, "[out#0] Error writing trailer: No space left on device"), DiskFullError),
        (said(1, "Error: Cannot allocate memory"), OutOfMemoryError),
        (said(-signal.SIGKILL), OutOfMemoryError),
        (said(-signal.SIGXCPU), TooCostlyError),
        (said(-signal.SIGXFSZ), OutputTooLargeError),
        (said(-signal.SIGSEGV), EngineDiedError),
        (said(-signal.SIGTERM), EngineDiedError),
        (said(255, "Exiting normally, received signal 15."), EngineDiedError),
        (said(255, "Exiting normally, received signal 24."), TooCostlyError),
        (said(256 - errno.ENOMEM), OutOfMemoryError),
        (said(256 - errno.EAGAIN), OutOfMemoryError),
        (said(256 - errno.ENOSPC), DiskFullError),
        (said(256 - errno.EMFILE), EngineDiedError),
        (said(127, "ffmpeg: error while loading shared libraries: libx265.so.199"), EngineDiedError),
        (said(1), EngineDiedError),  # not a word
        (said(1, "[h264 @ 0x55] pthread_create failed: Resource temporarily unavailable"), OutOfMemoryError),
        (said(183, "Invalid data found when processing input"), DecodeError),
    ],
)
def test_endings_are_told_apart(outcome: Outcome, kind: type[Exception]) -> None:
    assert type(failure(outcome)) is kind


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends orphans")
def test_a_killed_worker_takes_ffmpeg_with_it(ffmpeg: FFmpeg, folder: Path) -> None:
    """A worker that is killed outright cannot tidy up; the kernel does it."""
    worker = subprocess.Popen(
        [
            sys.executable, "-c",
            textwrap.dedent(f"""
                import sys
                sys.path[:0] = {sys.path!r}
                from pathlib import Path
                from hustings.lib.ffmpeg import Limits, find
                from hustings.lib.ffmpeg.run import run
                run(find({ffmpeg.path!r}), {[*ENDLESS, "-f", "rawvideo", "out.raw"]!r},
                    workdir=Path({str(folder)!r}), limits=Limits(wall=60, file=1 << 34, nice=19))
            """),
        ]
    )  # fmt: skip
    out = folder / "out.raw"
    deadline = time.monotonic() + 20
    while not (out.exists() and out.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    time.sleep(0.3)
    size = out.stat().st_size
    time.sleep(0.3)
    assert out.stat().st_size == size
    out.unlink()


def test_the_named_binary_wins(ffmpeg: FFmpeg, tmp_path: Path) -> None:
    link = tmp_path / "my-ffmpeg"
    link.symlink_to(ffmpeg.path)
    assert find(str(link)).path == str(link)
    assert find(str(link)).encoders >= {"libx264", "aac"}


@pytest.mark.parametrize("content", [None, "#!/bin/sh\nexit 1\n", "#!/bin/sh\necho ffmpeg version 0\n"])
def test_no_usable_ffmpeg_is_fatal_and_says_what_to_do(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "ffmpeg"
    if content is not None:
        path.write_text(content)
        path.chmod(0o755)
    with pytest.raises(NoFFmpegError) as caught:
        find(str(path))
    assert caught.value.severity is Severity.FATAL
    assert "HUSTINGS_FFMPEG" in caught.value.hint


def test_the_environment_is_not_handed_on(ffmpeg: FFmpeg, folder: Path) -> None:
    script = folder / "spy"
    script.write_text("#!/bin/sh\nenv\n")
    script.chmod(0o755)
    lines: list[str] = []
    os.environ["HUSTINGS_SPY"] = "secret"
    try:
        spy = FFmpeg(str(script), "", frozenset(), frozenset())
        run(spy, [], workdir=folder, limits=Limits(), on_line=lambda line: not lines.append(line))
    finally:
        del os.environ["HUSTINGS_SPY"]
    assert f"TMPDIR={folder}" in lines
    assert not [line for line in lines if "secret" in line]
