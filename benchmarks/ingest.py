"""`hustings bench ingest`: from a file to playable, and what the renditions cost.

- `cpu_ratio`: processor seconds of the whole pipeline (probe, packet pass, loudness, remux or first look, ladder,
  poster in WebP and AVIF, covers, storyboard) ÷ those of one hand-written FFmpeg command that makes the same
  renditions and nothing else, over ten films, each measured right after the other.
- `playable_compatible_s`: seconds from the last byte of a 30 s film in H.264 and AAC to *playable*, over HTTP with a
  running worker (see `upload`). `engine_compatible_s` is the part of FFmpeg in it.
- `playable_other_ratio`: the same for the others, ÷ their duration; the median. The worst is given beside it.

The hand-written command decodes once, splits, scales each size from the source and encodes the sound for each, with
the same x264 settings: what a careful person would type.
"""

import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.clips import prepare
from benchmarks.machine import result
from benchmarks.upload import waits
from hustings.lib import ffmpeg as media
from hustings.lib.ffmpeg import FFmpeg, Limits, Rung, Source, quality
from hustings.lib.ffmpeg.run import run as run_ffmpeg

ROOT = Path(__file__).parents[1]
T = TypeVar("T")
FOLDER = ROOT / "var" / "bench" / "ingest"
LIMITS = Limits(nice=0)
ACCEPTED = media.Accepted()


@dataclass
class Measured:
    """One film. Times in seconds; `stages` are wall seconds."""

    name: str
    duration: float
    compatible: bool
    cpu: float
    reference_cpu: float
    playable: float
    stages: dict[str, float]

    def line(self) -> dict[str, object]:
        return {
            "film": self.name,
            "seconds": round(self.duration, 1),
            "cpu_s": round(self.cpu, 2),
            "reference_cpu_s": round(self.reference_cpu, 2),
            "cpu_ratio": round(self.cpu / self.reference_cpu, 3),
            "playable_s": round(self.playable, 2),
            "playable_ratio": round(self.playable / self.duration, 3),
            "stages_s": {name: round(seconds, 2) for name, seconds in self.stages.items()},
        }


def spent() -> float:
    """Processor seconds of this process and of the children it has waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class Stages:
    """Wall time of each step, in the order they were taken."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def take(self, name: str, act: Callable[[], T]) -> T:
        started = time.perf_counter()
        done = act()
        self.seconds[name] = time.perf_counter() - started
        return done


def measure(tool: FFmpeg, path: Path) -> Measured:
    """The pipeline as the worker runs it, then the hand-written command."""
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    try:
        stages = Stages()
        before, started = spent(), time.perf_counter()
        seen = stages.take(
            "inspect", lambda: media.inspect(tool, path, accepted=ACCEPTED, limits=LIMITS, workdir=folder)
        )
        if seen.source is None or seen.refusals:
            raise SystemExit(f"{path.name} was refused: {[refusal.code for refusal in seen.refusals]}")
        source = seen.source
        compatible = media.can_remux(source, media.Playable())
        playable = 0.0
        if compatible:
            stages.take("remux", lambda: media.remux(tool, source, path, folder=folder, limits=LIMITS))
            playable = time.perf_counter() - started
        elif media.is_heavy(source):
            stages.take("first look", lambda: media.first_look(tool, source, path, folder=folder, limits=LIMITS))
            playable = time.perf_counter() - started
        done = stages.take("encode", lambda: media.transcode(tool, source, path, folder=folder, limits=LIMITS))
        playable = playable or time.perf_counter() - started
        stages.take("draw", lambda: media.draw(done))
        cpu = spent() - before
        before = spent()
        by_hand(tool, source, path, folder)
        return Measured(path.name, source.duration, compatible, cpu, spent() - before, playable, stages.seconds)
    finally:
        shutil.rmtree(folder)


def by_hand(tool: FFmpeg, source: Source, path: Path, folder: Path) -> None:
    """One command: decode once, every size from the source, sound encoded for each file."""
    rungs = media.ladder(source)
    top = rungs[-1]
    colour = (
        "zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p,"
        if source.colour.hdr
        else ""
    )
    start = f"[0:v]scale={top.width}:{top.height}:flags=bicubic,{colour}fps={top.fps},format=yuv420p,split={len(rungs)}"
    graph = start + "".join(f"[i{n}]" for n in range(len(rungs)))
    for number, rung in enumerate(rungs):
        graph += f";[i{number}]fps={rung.fps},scale={rung.width}:{rung.height}:flags=bicubic[o{number}]"
    arguments = ["-v", "error", "-y", "-i", str(path), "-filter_complex", graph]
    for number, rung in enumerate(rungs):
        arguments += _output(number, rung, source)
    outcome = run_ffmpeg(tool, arguments, workdir=folder, limits=LIMITS)
    if not outcome.ok:
        raise SystemExit(f"the hand-written command failed on {path.name}:\n{outcome.stderr}")


def _output(number: int, rung: Rung, source: Source) -> list[str]:
    sound = ["-map", "0:a:0", "-c:a", "aac", "-b:a", f"{quality.AUDIO_KBPS}k", "-ac", "2", "-ar", "48000"]
    return [
        "-map", f"[o{number}]", *(sound if source.audio else []),
        "-c:v", "libx264", "-preset", rung.effort.preset, "-x264-params", rung.effort.params, "-profile:v", "high",
        "-crf", str(rung.crf), "-maxrate", f"{rung.kbps}k", "-bufsize", f"{rung.kbps * 2}k",
        "-g", str(round(rung.fps * 2)), "-movflags", "+faststart", f"hand-{rung.edge}.mp4",
    ]  # fmt: skip


def run() -> dict[str, object]:
    """Measure ten films: the engine alone, then as a person feels it."""
    tool = media.find()
    films = prepare(tool.path, FOLDER)
    load = os.getloadavg()[0]  # other work on the machine spoils wall times, and hardly processor seconds
    measured = [measure(tool, film) for film in films]
    felt = waits(films)
    compatible = [film for film in measured if film.compatible and film.duration > 20]
    others = {film.name: felt[film.name]["playable_s"] / film.duration for film in measured if not film.compatible}
    return result(
        "ingest",
        {
            "cpu_ratio": round(sum(film.cpu for film in measured) / sum(film.reference_cpu for film in measured), 3),
            "playable_compatible_s": round(max(felt[film.name]["playable_s"] for film in compatible), 3),
            "playable_other_ratio": round(statistics.median(others.values()), 3),
            "cpu_ratio_worst": round(max(film.cpu / film.reference_cpu for film in measured), 3),
            "playable_other_ratio_worst": round(max(others.values()), 3),
            "engine_compatible_s": round(max(film.playable for film in compatible), 3),
        },
        {
            "ffmpeg": tool.version,
            "load_before": round(load, 2),
            "films": [film.line() for film in measured],
            "over_http_s": {name: {what: round(s, 3) for what, s in told.items()} for name, told in felt.items()},
        },
    )


if __name__ == "__main__":
    import json

    print(json.dumps(run(), indent=1))
