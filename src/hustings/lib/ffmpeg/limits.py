"""What one run of FFmpeg may touch and use.

A file from a stranger is read by a large C program. So each run reads one regular file through
`file:` and nothing else, with demuxers that cannot refer to other files, on a clock, with a
ceiling on memory, processor time and output, in a process group of its own.
"""

import os
import resource
import shutil
import signal
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

GIB = 1 << 30

# Containers that hold their own media. Whatever names other files or addresses is left out: hls, dash,
# concat, image2, sdp, rtsp, lavfi, and the text formats, whose "video" FFmpeg would draw.
CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,live_flv,mpegts,mpeg,mpegvideo,mpegtsraw,ogg,mxf,gxf,"
    "gif,apng,webp_anim,nut,rm,dv,wtv,h264,hevc,vvc,m4v,ivf,obu,av1,vc1,vc1test,h263,h261,cavsvideo,dirac,"
    "mjpeg,yuv4mpegpipe,nsv,pva,dhav,ty,ivr,mtv,roq,smk,bink,swf,r3d,amv,nuv,mv,"
    # Sound only: let in so that the refusal can say "no picture" instead of "not a video".
    "mp3,aac,wav,flac,aiff,caf,w64,ac3,eac3,amr,opus,au"
)


@dataclass(frozen=True)
class Limits:
    """Ceilings for one run. Sizes in bytes, times in seconds.

    `memory` bounds the address space, of which FFmpeg's threads reserve far more than they use: a
    1080p ladder reserves 2 GiB and touches half of one.
    """

    wall: float = 1200.0
    cpu: int = 1800
    memory: int = 6 * GIB
    file: int = 2 * GIB
    pixels: int = 4096 * 4096
    nice: int = 10
    kept_output: int = 64 * 1024

    def scaled(self, *, wall: float, cpu: int) -> "Limits":
        """The same ceilings with less time, for a short run somebody waits for: it goes before any ladder."""
        return Limits(
            wall=min(self.wall, wall),
            cpu=min(self.cpu, cpu),
            memory=self.memory,
            file=self.file,
            pixels=self.pixels,
            nice=0,
            kept_output=self.kept_output,
        )


def is_regular_file(path: Path) -> bool:
    """False for a pipe, a device or a socket, which could be read without end, and for a missing file."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def input_arguments(path: Path, limits: Limits) -> list[str]:
    """Arguments that open `path` and only `path`.

    `file:` with an absolute path makes every name plain: `-i`, `concat:a|b`, `%03d` and `http:` are then
    nothing but characters. `max_pixels` stops a decoder before it asks for the memory of a huge picture.
    """
    return [
        "-hide_banner",
        "-nostdin",
        "-nostats",
        "-protocol_whitelist",
        "file,pipe",
        "-format_whitelist",
        CONTAINERS,
        "-max_pixels",
        str(limits.pixels),
        "-i",
        f"file:{path.absolute()}",
    ]


def environment(workdir: Path) -> dict[str, str]:
    """Nothing of ours but what a dynamically linked FFmpeg needs to start."""
    kept = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH") if key in os.environ}
    return {
        **kept,
        "LC_ALL": "C",
        "HOME": str(workdir),
        "TMPDIR": str(workdir),
        "AV_LOG_FORCE_NOCOLOR": "1",
    }


@lru_cache(maxsize=1)
def launcher() -> tuple[str, ...]:
    """A prefix that ties FFmpeg's life to ours and denies it new privileges, where util-linux has it.

    A worker that is killed outright cannot kill its child; the kernel then does.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or not sys.platform.startswith("linux"):
        return ()
    return (setpriv, "--pdeathsig", "KILL", "--no-new-privs", "--")


def confine(pid: int, limits: Limits) -> None:
    """Put the ceilings on a process that was just started.

    Done from outside, because code between fork and exec is unsafe in a process with threads. The
    instant before the ceilings hold does not matter: they bound totals.
    """
    ceilings: Mapping[int, tuple[int, int]] = {
        resource.RLIMIT_CPU: (limits.cpu, limits.cpu + 5),
        resource.RLIMIT_AS: (limits.memory, limits.memory),
        resource.RLIMIT_FSIZE: (limits.file, limits.file),
        resource.RLIMIT_CORE: (0, 0),
    }
    with suppress(ProcessLookupError):
        if hasattr(resource, "prlimit"):  # Linux
            for kind, ceiling in ceilings.items():
                resource.prlimit(pid, kind, ceiling)
        if limits.nice > os.getpriority(os.PRIO_PROCESS, pid):  # only root may go the other way
            os.setpriority(os.PRIO_PROCESS, pid, limits.nice)


def end(pid: int) -> None:
    """Kill the whole group of a process that was started in a session of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
