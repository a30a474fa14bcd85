"""Which FFmpeg to run, and what it can do."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from .errors import NoFFmpegError

NEEDED_ENCODERS = frozenset({"libx264", "aac"})


@dataclass(frozen=True)
class FFmpeg:
    """One FFmpeg binary. `decodable` holds codec names (`hevc`), `encoders` encoder names (`libx264`)."""

    path: str
    version: str
    encoders: frozenset[str]
    decodable: frozenset[str]

    @property
    def av1_encoder(self) -> str | None:
        """SVT-AV1 where it is there; libaom is ten times slower and so no answer."""
        return "libsvtav1" if "libsvtav1" in self.encoders else None


def find(explicit: str = "") -> FFmpeg:
    """The FFmpeg at `explicit` (HUSTINGS_FFMPEG), else on PATH, else the one imageio-ffmpeg brings.

    Raises `NoFFmpegError` when there is none, when it does not start, or when it cannot encode
    H.264 and AAC.
    """
    return _examine(_locate(explicit))


def _locate(explicit: str) -> str:
    if explicit:
        found = shutil.which(explicit)
        if found is None:
            raise NoFFmpegError(f"HUSTINGS_FFMPEG={explicit!r} is not a program")
        return str(Path(found).absolute())
    found = shutil.which("ffmpeg")
    if found is not None:
        return str(Path(found).absolute())
    try:
        return str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise NoFFmpegError(str(error)) from error


@lru_cache(maxsize=8)
def _examine(path: str) -> FFmpeg:
    version = _ask(path, "-version")
    encoders = _ask(path, "-hide_banner", "-encoders")
    codecs = _ask(path, "-hide_banner", "-codecs")
    named = re.search(r"ffmpeg version (\S+)", version)
    ffmpeg = FFmpeg(
        path=path,
        version=named[1] if named else "unknown",
        encoders=frozenset(re.findall(r"^ [VAS][.A-Z]{5} (\S+)", encoders, re.MULTILINE)),
        decodable=frozenset(re.findall(r"^ D[.A-Z]{5} (\S+)", codecs, re.MULTILINE)),
    )
    missing = NEEDED_ENCODERS - ffmpeg.encoders
    if missing:
        raise NoFFmpegError(f"{path} lacks {', '.join(sorted(missing))}")
    return ffmpeg


def _ask(path: str, *arguments: str) -> str:
    try:
        done = subprocess.run([path, *arguments], capture_output=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoFFmpegError(str(error)) from error
    return done.stdout.decode(errors="replace")
