"""Turn a film into one FFmpeg command: one decode, every rendition, the covers and the storyboard.

Pure: a `Source` goes in, arguments and a list of what they will write come out. Scaling is a chain, each rung
made from the one above it, which is a third cheaper than each from the source and looks the same. The sound is
corrected and encoded once; FFmpeg's `tee` writes it into every rendition.
"""

import math
from dataclasses import dataclass, field, replace
from fractions import Fraction

from . import loudness, quality, tonemap
from .quality import Effort
from .source import Source

_STANDARD_DEFINITION = 576  # lines: silent streams up to here are BT.601, above it BT.709


@dataclass(frozen=True)
class Rung:
    """One size of a film. `edge` is its name (the short edge), `width` × `height` its even size."""

    edge: int
    width: int
    height: int
    fps: Fraction
    effort: Effort
    crf: int
    kbps: int


@dataclass(frozen=True)
class Frames:
    """A file of raw RGB pictures (8 bits, no padding), one after another; `times` in seconds."""

    name: str
    width: int
    height: int
    times: tuple[float, ...]


@dataclass(frozen=True)
class Plan:
    """One command. `arguments` follow the input; `files` must be written into the folder first."""

    arguments: tuple[str, ...]
    rungs: tuple[Rung, ...]
    names: tuple[str, ...]
    duration: float
    covers: Frames | None = None
    story: Frames | None = None
    files: dict[str, str] = field(default_factory=dict)


def ladder(source: Source, edges: tuple[int, ...] = quality.EDGES) -> tuple[Rung, ...]:
    """The sizes of a film, smallest first: never above the source, its shape kept."""
    short, long = source.short_edge, max(source.display_width, source.display_height)
    fitting = [edge for edge in sorted(edges) if edge <= short] or [short]
    top_fps = rate(source.fps, quality.MOST_FPS)
    decoded = _decoded(source)
    rungs: list[Rung] = []
    for edge in fitting:
        scale = min(edge / short, quality.LONGEST_EDGE / long)
        width, height = _even(source.display_width, scale), _even(source.display_height, scale)
        if rungs and (rungs[-1].width, rungs[-1].height) == (width, height):
            continue
        fps = top_fps if edge == fitting[-1] else rate(top_fps, quality.SMALL_FPS)
        grade = quality.grade(edge)
        rungs.append(
            Rung(
                edge=edge,
                width=width,
                height=height,
                fps=fps,
                effort=quality.effort(edge, decoded=decoded),
                crf=grade.crf,
                kbps=round(grade.kbps * (1.5 if fps > 31 else 1)),
            )
        )
    return tuple(rungs)


def _decoded(source: Source) -> float:
    """Megapixels a second that the source makes us decode and scale."""
    return source.width * source.height * float(source.fps) / 1e6


def rate(fps: Fraction, most: Fraction) -> Fraction:
    """`fps` divided by the smallest whole number that brings it to `most`: no picture is shown unevenly."""
    # 29.97 and 59.94 count as 30 and 60, and the ceiling is a hair above so that rounding never halves a film.
    parts = max(1, math.ceil(fps / (most * Fraction(101, 100))))
    return max(fps / parts, min(quality.LEAST_FPS, most))


def _even(length: int, scale: float) -> int:
    """To the nearest even number, never above the source: 4:2:0 colour has one sample for two pixels."""
    return max(2, min(round(length * scale / 2) * 2, length // 2 * 2))


def whole(source: Source, rungs: tuple[Rung, ...]) -> Plan:
    """The ladder in H.264 with covers and storyboard."""
    descending = tuple(reversed(rungs))
    cover_rung = next((rung for rung in descending if rung.edge <= quality.POSTER_EDGE), descending[-1])
    covers = _covers(source, cover_rung)
    story = _story(source, descending[-1])
    graph = _Graph(source, descending)
    graph.rungs()
    graph.side(cover_rung, covers.times, "covers", covers)
    graph.side(descending[-1], story.times, "story", story)
    names = tuple(f"{rung.edge}.mp4" for rung in descending)
    arguments = [
        *graph.arguments(),
        *_encode(source, descending, names),
        *_raw("covers", covers),
        *_raw("story", story),
    ]
    return Plan(
        arguments=(*_QUIET, *arguments),
        rungs=rungs,
        names=tuple(reversed(names)),
        duration=source.duration,
        covers=covers,
        story=story,
        files=graph.files,
    )


def is_heavy(source: Source) -> bool:
    """Whether the ladder takes longer than people like to wait: 1080p and more, HDR's colours."""
    return source.colour.hdr or _decoded(source) > quality.FIRST_ABOVE


def first(source: Source, name: str) -> Plan:
    """One small rendition and nothing else, so that a heavy film can be watched while its ladder is made.

    It costs a second decode; its picture is a phone's for as long as the ladder takes.
    """
    (rung,) = ladder(source, (quality.FIRST_EDGE,))
    rung = replace(rung, fps=rate(source.fps, quality.SMALL_FPS), effort=quality.FIRST)
    graph = _Graph(source, (rung,))
    graph.rungs()
    arguments = [*graph.arguments(), *_encode(source, (rung,), (name,))]
    return Plan((*_QUIET, *arguments), (rung,), (name,), source.duration, files=graph.files)


def av1(source: Source, rungs: tuple[Rung, ...], encoder: str) -> Plan:
    """The ladder in AV1, for a film that turned out popular: about 40 % fewer bytes for several times the computing."""
    descending = tuple(reversed(rungs))
    graph = _Graph(source, descending)
    graph.rungs()
    names = tuple(f"{rung.edge}.av1.mp4" for rung in descending)
    arguments = [*graph.arguments(), *_encode(source, descending, names, encoder=encoder)]
    return Plan((*_QUIET, *arguments), rungs, tuple(reversed(names)), source.duration, files=graph.files)


_QUIET = ("-v", "error", "-y", "-progress", "pipe:1", "-stats_period", "0.25")


def remux(source: Source, name: str) -> Plan:
    """The film as it is, index first, and without what a phone writes about its owner: place, device, time."""
    maps = ["-map", f"0:{source.video_index}"]
    if source.audio is not None:
        maps += ["-map", f"0:{source.audio.index}"]
    return Plan(
        (
            *_QUIET, *maps, "-c", "copy", "-tag:v", "avc1", "-write_tmcd", "0",
            *_ANONYMOUS, "-movflags", "+faststart", "-f", "mp4", name,
        ),
        rungs=(),
        names=(name,),
        duration=source.duration,
    )  # fmt: skip


_ANONYMOUS = (
    "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-fflags", "+bitexact",
)  # fmt: skip


class _Graph:
    """The filter graph, written from the source down the chain of rungs."""

    def __init__(self, source: Source, descending: tuple[Rung, ...]) -> None:
        self._source = source
        self._rungs = descending
        self._sides: dict[Rung, list[str]] = {}
        self._chains: list[str] = []
        self.files: dict[str, str] = {}

    def rungs(self) -> None:
        if self._source.audio is not None:
            sound = loudness.correction(self._source.audio.loudness)
            self._chains.append(f"[0:{self._source.audio.index}]{sound}[sound]")

    def side(self, rung: Rung, times: tuple[float, ...], label: str, frames: Frames) -> None:
        """Let single pictures of `rung` out as RGB. They are named by number: the rung has a constant rate."""
        numbers = sorted({round(time * rung.fps) for time in times})
        wanted = "+".join(f"eq(n\\,{number})" for number in numbers)
        # An explicit scale holds the conversion to RGB behind `select`; left to itself, FFmpeg would
        # convert every picture before choosing five of them.
        scale = f"scale={frames.width}:{frames.height}:flags=area"
        self._sides.setdefault(rung, []).append(label)
        self._chains.append(f"[{label}-in]select='{wanted}',{scale},format=rgb24[{label}]")

    def arguments(self) -> list[str]:
        chains = list(self._chains)
        feed = self._opening()
        for number, rung in enumerate(self._rungs):
            below = self._rungs[number + 1] if number + 1 < len(self._rungs) else None
            outlets = [f"[v{number}]", *(f"[{label}-in]" for label in self._sides.get(rung, []))]
            if below is not None:
                outlets.append(f"[to{number + 1}]")
            split = f",split={len(outlets)}" if len(outlets) > 1 else ""
            chains.append(f"{feed}{split}{''.join(outlets)}")
            if below is not None:
                slower = f"fps={below.fps}," if below.fps != rung.fps else ""
                feed = f"[to{number + 1}]{slower}scale={below.width}:{below.height}:flags=bicubic"
        return ["-filter_complex", ";".join(chains)]

    def _opening(self) -> str:
        """From the decoder to the top rung: whole pictures, even steps, its size, standard colour."""
        source, top = self._source, self._rungs[0]
        filters = []
        if source.interlaced:
            filters.append("bwdif=mode=send_frame")
        filters.append(f"fps={top.fps}:start_time=0")
        pause = source.duration - source.video_end
        if pause > 0.05:  # the sound goes on over the last picture
            filters.append(f"tpad=stop_mode=clone:stop_duration={pause:.3f}")
        filters += self._colour(f"scale={top.width}:{top.height}:flags=bicubic")
        filters += ["setsar=1", "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"]
        return f"[0:{source.video_index}]{','.join(filters)}"

    def _colour(self, scale: str) -> list[str]:
        colour = self._source.colour
        standard = "out_color_matrix=bt709:out_range=tv"
        if colour.hdr:
            self.files["hdr.cube"] = tonemap.cube(colour.transfer)
            # 16 bits per channel: FFmpeg has fast code for it, and the steps of PQ stay invisible.
            return [
                f"{scale}:in_color_matrix=bt2020",
                "format=gbrp16le",
                "lut3d=hdr.cube",
                f"scale={standard}",
                "format=yuv420p",
            ]
        return [f"{scale}{self._read_as()}:{standard}", "format=yuv420p"]

    def _read_as(self) -> str:
        """How to read a film that does not say what its colours mean."""
        source = self._source
        if source.pixel_format.startswith(("rgb", "bgr", "gbr", "pal8", "argb", "abgr", "gray", "mono")):
            return ""
        if source.colour.matrix:
            return ""
        small = min(source.width, source.height) <= _STANDARD_DEFINITION
        return ":in_color_matrix=" + ("bt601" if small else "bt709")


def _encode(
    source: Source, descending: tuple[Rung, ...], names: tuple[str, ...], encoder: str = "libx264"
) -> list[str]:
    arguments = []
    for number in range(len(descending)):
        arguments += ["-map", f"[v{number}]"]
    arguments += ["-c:v", encoder, "-pix_fmt", "yuv420p"]
    for number, rung in enumerate(descending):
        arguments += _x264(number, rung) if encoder == "libx264" else _svt(number, rung)
    sound = ""
    if source.audio is not None:
        arguments += [
            "-map", "[sound]", "-c:a", "aac", "-b:a", f"{quality.AUDIO_KBPS}k", "-ar", str(quality.AUDIO_RATE),
        ]  # fmt: skip
        sound = ",a"
    arguments += [
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv",
        *_ANONYMOUS, "-t", f"{source.duration:.3f}",
    ]  # fmt: skip
    outputs = (rf"[f=mp4:select=\'v:{number}{sound}\':movflags=+faststart]{name}" for number, name in enumerate(names))
    return [*arguments, "-f", "tee", "|".join(outputs)]


def _gop(rung: Rung) -> str:
    return str(round(rung.fps * Fraction(quality.KEY_EVERY)))


def _x264(number: int, rung: Rung) -> list[str]:
    return [
        f"-preset:v:{number}", rung.effort.preset, f"-x264-params:v:{number}", rung.effort.params,
        f"-profile:v:{number}", "high", f"-crf:v:{number}", str(rung.crf), f"-maxrate:v:{number}", f"{rung.kbps}k",
        f"-bufsize:v:{number}", f"{rung.kbps * 2}k", f"-g:v:{number}", _gop(rung),
    ]  # fmt: skip


def _svt(number: int, rung: Rung) -> list[str]:
    return [
        f"-preset:v:{number}", str(quality.AV1_PRESET), f"-crf:v:{number}", str(quality.AV1_CRF),
        f"-g:v:{number}", _gop(rung),
    ]  # fmt: skip


def _raw(label: str, frames: Frames) -> list[str]:
    return ["-map", f"[{label}]", "-fps_mode", "passthrough", "-f", "rawvideo", frames.name]


def _covers(source: Source, rung: Rung) -> Frames:
    """Candidates for the poster, evenly spread, the first picture among them."""
    last = max(0.0, source.video_end - 2 / float(rung.fps))
    times = sorted({round(_on_grid(last * n / quality.COVERS, rung.fps), 3) for n in range(quality.COVERS)})
    return Frames("covers.rgb", rung.width, rung.height, tuple(times))


def _story(source: Source, rung: Rung) -> Frames:
    """Small pictures at an even interval, for the strip above the progress bar."""
    interval = max(quality.STORY_INTERVAL, math.ceil(source.duration * 2 / quality.STORY_MOST) / 2)
    step = max(1, round(interval * rung.fps))
    count = max(1, math.ceil((source.duration * float(rung.fps) - 1) / step))
    scale = quality.STORY_EDGE / min(rung.width, rung.height)
    times = tuple(n * step / float(rung.fps) for n in range(min(count, quality.STORY_MOST)))
    width, height = (max(2, round(side * min(scale, 1.0))) for side in (rung.width, rung.height))
    return Frames("story.rgb", width, height, times)


def _on_grid(time: float, fps: Fraction) -> float:
    return math.floor(time * fps) / float(fps)
