"""Carry out plans: the acts that a worker performs on one film in one folder of its own.

Every act is safe to repeat in an empty folder and leaves nothing outside it. The caller owns the folder, removes it,
and moves finished files to where they are served from.
"""

import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from . import mp4, plan, poster, quality
from .binary import FFmpeg
from .errors import DecodeError, DiskFullError, NoFFmpegError
from .limits import Limits, input_arguments
from .plan import Frames, Plan
from .poster import Poster, Storyboard
from .run import failure, run
from .source import Source

Progress = Callable[[float], None]
"""Called with 0 to 1, about four times a second. An exception from it ends the run."""


@dataclass(frozen=True)
class Rendition:
    """One finished file. `edge` is the short edge by name; `mime` carries the codecs parameter."""

    edge: int
    width: int
    height: int
    path: Path
    bytes: int
    mime: str


@dataclass(frozen=True)
class Transcoded:
    """What one decode gave: renditions, smallest first, and the raw pictures for `draw`."""

    renditions: tuple[Rendition, ...]
    covers: Frames | None
    story: Frames | None
    folder: Path
    cpu: float


@dataclass(frozen=True)
class Pictures:
    """What a page shows of a film. `covers` are pairs of seconds and a small WebP."""

    poster: Poster
    covers: tuple[tuple[float, Path], ...]
    storyboard: Storyboard | None


def remux(ffmpeg: FFmpeg, source: Source, path: Path, *, folder: Path, limits: Limits) -> Rendition:
    """Make a compatible film playable as it is (see `rules.can_remux`). A 30 s clip takes under 0.1 s."""
    made = plan.remux(source, "source.mp4")
    quick = limits.scaled(wall=120, cpu=120)
    _carry_out(ffmpeg, made, path, folder=folder, limits=quick, on_progress=None)
    return _rendition(folder / "source.mp4", source.short_edge, source.display_width, source.display_height)


def first_look(
    ffmpeg: FFmpeg, source: Source, path: Path, *, folder: Path, limits: Limits, on_progress: Progress | None = None
) -> Rendition:
    """A small rendition of a heavy film (see `plan.is_heavy`), to be watched while the ladder is made."""
    made = plan.first(source, "first.mp4")
    _carry_out(ffmpeg, made, path, folder=folder, limits=limits, on_progress=on_progress)
    return _renditions(made, folder)[0]


def transcode(
    ffmpeg: FFmpeg,
    source: Source,
    path: Path,
    *,
    folder: Path,
    limits: Limits,
    edges: tuple[int, ...] = quality.EDGES,
    on_progress: Progress | None = None,
) -> Transcoded:
    """The whole ladder in H.264, with the pictures for poster and storyboard, out of one decode."""
    made = plan.whole(source, plan.ladder(source, edges))
    cpu = _carry_out(ffmpeg, made, path, folder=folder, limits=limits, on_progress=on_progress)
    return Transcoded(_renditions(made, folder), made.covers, made.story, folder, cpu)


def transcode_av1(
    ffmpeg: FFmpeg,
    source: Source,
    path: Path,
    *,
    folder: Path,
    limits: Limits,
    edges: tuple[int, ...] = quality.EDGES,
    on_progress: Progress | None = None,
) -> Transcoded:
    """The ladder in AV1 only. Raises `NoFFmpegError` where this FFmpeg has no SVT-AV1."""
    if ffmpeg.av1_encoder is None:
        raise NoFFmpegError(f"{ffmpeg.path} lacks libsvtav1")
    made = plan.av1(source, plan.ladder(source, edges), ffmpeg.av1_encoder)
    cpu = _carry_out(ffmpeg, made, path, folder=folder, limits=limits, on_progress=on_progress)
    return Transcoded(_renditions(made, folder), None, None, folder, cpu)


def draw(done: Transcoded) -> Pictures | None:
    """Poster, covers and storyboard of a finished run. The raw pictures are removed."""
    if done.covers is None or done.story is None:
        return None
    candidates = poster.read(done.folder, done.covers)
    if not len(candidates):
        return None
    times = done.covers.times
    chosen = poster.best(candidates)
    try:
        drawn = Pictures(
            poster=poster.draw_poster(candidates[chosen], done.folder, time=times[chosen]),
            covers=tuple(zip(times, poster.draw_covers(candidates, done.folder), strict=False)),
            storyboard=poster.draw_storyboard(poster.read(done.folder, done.story), done.story, done.folder),
        )
    except OSError as error:
        raise DiskFullError(str(error)) from error
    for frames in (done.covers, done.story):
        (done.folder / frames.name).unlink(missing_ok=True)
    return drawn


def cover_at(ffmpeg: FFmpeg, path: Path, time: float, *, folder: Path, limits: Limits, name: str = "poster") -> Poster:
    """A poster from the picture shown at `time` seconds of a rendition, when a person chose another cover."""
    still = folder / "still.png"
    arguments = ["-v", "error", "-y", "-ss", f"{max(0.0, time):.3f}", *input_arguments(path, limits)]
    arguments += ["-map", "0:v:0", "-frames:v", "1", "-f", "image2", "-update", "1", still.name]
    outcome = run(ffmpeg, arguments, workdir=folder, limits=limits.scaled(wall=30, cpu=30))
    if not outcome.ok:
        raise failure(outcome)
    if not still.exists():
        raise DecodeError(f"no picture at {time} s")
    try:
        with Image.open(still, formats=("PNG",)) as image:
            image.thumbnail((quality.LONGEST_EDGE, quality.LONGEST_EDGE))
            return poster.draw_poster(image.convert("RGB"), folder, time=time, name=name)
    finally:
        still.unlink(missing_ok=True)


def _carry_out(
    ffmpeg: FFmpeg, made: Plan, path: Path, *, folder: Path, limits: Limits, on_progress: Progress | None
) -> float:
    """Run a plan; answers processor seconds. Half-made files are removed before it raises."""
    try:
        for name, text in made.files.items():
            (folder / name).write_text(text)
        cpu = _run(ffmpeg, made, path, folder=folder, limits=limits, on_progress=on_progress)
    except BaseException as error:
        _remove(folder, (*made.names, *(frames.name for frames in (made.covers, made.story) if frames)))
        if isinstance(error, OSError):
            raise DiskFullError(str(error)) from error
        raise
    finally:
        _remove(folder, tuple(made.files))
    return cpu


def _run(
    ffmpeg: FFmpeg, made: Plan, path: Path, *, folder: Path, limits: Limits, on_progress: Progress | None
) -> float:
    def watch(line: str) -> bool:
        key, _, value = line.partition("=")
        if on_progress is not None and key == "out_time_us" and value.strip().lstrip("-").isdigit():
            on_progress(min(1.0, max(0.0, int(value) / 1e6 / max(made.duration, 0.001))))
        return True

    arguments = [*input_arguments(path, limits), *made.arguments]
    outcome = run(ffmpeg, arguments, workdir=folder, limits=limits, on_line=watch)
    if not outcome.ok:
        raise failure(outcome)
    outputs = [folder / name for name in made.names]
    if not all(output.exists() and output.stat().st_size for output in outputs):
        raise DecodeError(f"FFmpeg made no film\n{outcome.stderr}")
    return outcome.cpu


def _remove(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        with suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def room_for(source: Source, folder: Path) -> bool:
    """Whether `folder` has room for all that a ladder of this film may write, twice over for faststart."""
    rungs = plan.ladder(source)
    media = sum(rung.kbps + quality.AUDIO_KBPS for rung in rungs) * 125 * source.duration
    raw = rungs[-1].width * rungs[-1].height * 3 * quality.COVERS
    return shutil.disk_usage(folder).free > 2 * media + raw + (16 << 20)


def _renditions(made: Plan, folder: Path) -> tuple[Rendition, ...]:
    return tuple(
        _rendition(folder / name, rung.edge, rung.width, rung.height)
        for rung, name in zip(made.rungs, made.names, strict=True)
    )


def _rendition(path: Path, edge: int, width: int, height: int) -> Rendition:
    return Rendition(edge, width, height, path, path.stat().st_size, mp4.mime(path))
