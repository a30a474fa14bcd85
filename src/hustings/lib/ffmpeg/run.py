"""Run one FFmpeg command inside its limits, and say in our own terms how it ended."""

import errno
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .binary import FFmpeg
from .errors import (
    DecodeError,
    DiskFullError,
    EngineDiedError,
    MediaError,
    NoFFmpegError,
    OutOfMemoryError,
    OutputTooLargeError,
    StalledError,
    TooCostlyError,
)
from .limits import Limits, confine, end, environment, launcher

_CHUNK = 1 << 16
_POLL = 0.25
_LONGEST_LINE = 1 << 20

OnLine = Callable[[str], bool]
"""Called with each line of standard output; answers whether to go on."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `cpu` counts user and system seconds; `stopped` says the caller had seen enough."""

    code: int
    stderr: str
    cpu: float
    wall: float
    stopped: bool = False

    @property
    def ok(self) -> bool:
        return self.code == 0 or self.stopped


def run(
    ffmpeg: FFmpeg,
    arguments: Sequence[str],
    *,
    workdir: Path,
    limits: Limits,
    on_line: OnLine | None = None,
) -> Outcome:
    """Run FFmpeg in `workdir` and answer how it ended, also when FFmpeg itself failed.

    Raises `StalledError` at the wall clock limit and `NoFFmpegError` when it does not start. An exception
    from `on_line` ends the run and passes through: that is how a caller cancels.
    """
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            [*launcher(), ffmpeg.path, *arguments],
            cwd=workdir,
            env=environment(workdir),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise NoFFmpegError(str(error)) from error
    with process:
        confine(process.pid, limits)
        pump = _Pump(process, limits.kept_output, on_line)
        try:
            alive = pump.until(started + limits.wall)
        finally:
            if not pump.drained:
                end(process.pid)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if not alive:
        raise StalledError(f"wall clock limit of {limits.wall:.0f} s\n{pump.stderr()}")
    return Outcome(
        code=process.returncode,
        stderr=pump.stderr(),
        cpu=usage.ru_utime + usage.ru_stime,
        wall=time.monotonic() - started,
        stopped=pump.stopped,
    )


class _Pump:
    """Reads both pipes as they fill, keeps the head and tail of the complaints, hands on the lines."""

    def __init__(self, process: subprocess.Popen[bytes], kept: int, on_line: OnLine | None) -> None:
        self._process = process
        self._half = kept // 2
        self._on_line = on_line
        self._head = bytearray()
        self._tail = bytearray()
        self._line = bytearray()
        self.stopped = False
        self.drained = False

    def until(self, deadline: float) -> bool:
        """Read until FFmpeg closes its pipes or `on_line` has enough. False when the deadline came first."""
        with selectors.DefaultSelector() as selector:
            for pipe, take in ((self._process.stdout, self._take_line), (self._process.stderr, self._keep)):
                if pipe is not None:
                    selector.register(pipe, selectors.EVENT_READ, take)
            while selector.get_map():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                for key, _ in selector.select(min(left, _POLL)):
                    chunk = os.read(key.fd, _CHUNK)
                    if not chunk:
                        selector.unregister(key.fileobj)
                    key.data(chunk)
                    if self.stopped:
                        return True
        self.drained = True
        return True

    def stderr(self) -> str:
        return (bytes(self._head) + bytes(self._tail)).decode(errors="replace")

    def _keep(self, chunk: bytes) -> None:
        room = self._half - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:] if room > 0 else chunk
        del self._tail[: -self._half]

    def _take_line(self, chunk: bytes) -> None:
        if self._on_line is None:
            return
        self._line += chunk
        *lines, rest = self._line.split(b"\n")
        self._line = rest[-_LONGEST_LINE:]
        for line in lines:
            if not self._on_line(line.decode(errors="replace")):
                self.stopped = True
                return


# What FFmpeg says when the machine lacks something. Only for text that no film had a hand in: see `header.own_words`.
_SAID = (
    (("No space left on device", "Disk quota exceeded"), DiskFullError),
    (
        (
            "Cannot allocate memory",
            "malloc of size",
            "Out of memory",
            "Error code: -12",
            "std::bad_alloc",
            "Resource temporarily unavailable",  # EAGAIN: no further thread or process may be made
            "pthread_create",
            "thread creation failed",
            "Cannot create thread",
            "Failed to create thread",
            # Its arguments are ours and tested: an encoder that does not open lacks memory or threads.
            "Error while opening encoder",
        ),
        OutOfMemoryError,
    ),
    (("File too large",), OutputTooLargeError),
)


_BY_CODE: dict[int, type[MediaError]] = {
    -signal.SIGXCPU: TooCostlyError,
    -signal.SIGXFSZ: OutputTooLargeError,
    # Only the kernel kills a run that we did not: it was short of memory, or out of CPU's grace.
    -signal.SIGKILL: OutOfMemoryError,
    # FFmpeg ends with the low byte of the error that ended it.
    256 - errno.ENOMEM: OutOfMemoryError,
    256 - errno.EAGAIN: OutOfMemoryError,
    256 - errno.ENOSPC: DiskFullError,
    256 - errno.EDQUOT: DiskFullError,
    256 - errno.EMFILE: EngineDiedError,
    256 - errno.ENFILE: EngineDiedError,
    # It never began: what starts it, or the loader of its libraries, says so in this way.
    126: EngineDiedError,
    127: EngineDiedError,
}
_CAUGHT = re.compile(r"^Exiting normally, received signal (\d+)\.$", re.MULTILINE)


def failure(outcome: Outcome, said: str | None = None) -> MediaError:
    """The error that fits a run that ended badly: by what ended it, else by what FFmpeg said.

    `said` is the part of the complaints to believe, where the film's own words stand among them; all of them
    when left out, which is right for runs that print no titles (`-v error`).
    """
    text = outcome.stderr if said is None else said
    kind = trouble(outcome, text) or DecodeError
    return kind(f"exit {outcome.code}\n{outcome.stderr[-4000:]}")


def trouble(outcome: Outcome, said: str) -> type[MediaError] | None:
    """What went wrong that is not the film's fault, also in a run that ended well; None when nothing did.

    Any other signal than those of our limits is worth another try: a crash may be the film's doing, but nobody
    can tell it from a thread that got no memory, and the tries are counted.
    """
    if outcome.stopped:
        return None  # we ended it ourselves
    kind = _BY_CODE.get(outcome.code)
    caught = _CAUGHT.search(said)
    if kind is None and caught is not None:
        # FFmpeg catches some, and closes its files before it goes.
        kind = _BY_CODE.get(-int(caught[1]), EngineDiedError)
    if kind is None and (outcome.code < 0 or (outcome.code > 0 and not outcome.stderr)):
        kind = EngineDiedError
    return kind or next((k for words, k in _SAID if any(word in said for word in words)), None)
