"""Read what FFmpeg prints about an input: there is no ffprobe beside the binary that comes with us.

FFmpeg prints titles, tags and languages of the file as they are, line breaks included, so a file can print lines that
look like FFmpeg's own. It prints them where it describes the *input*. What we believe is its description of the
*output*, to which nothing of the file's words is copied and which begins with a word that the file cannot
know: made up for this one run, after the file was written.
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from .source import Colour

_INPUT = re.compile(r"^Input #0, (?P<container>\S+), from ", re.MULTILINE)
_DURATION = re.compile(r"^  Duration: (?:(\d+):(\d\d):(\d\d(?:\.\d+)?)|N/A)", re.MULTILINE)
_STREAM = re.compile(r"^  Stream #0:(?P<index>\d+)[^:]*: (?P<kind>Video|Audio|Unknown): (?P<what>.*)$")
_MAPPING = "Stream mapping:\n"
_MAPPED = re.compile(r"  Stream #0:(\d+) -> #0:(\d+) \(copy\)\n")
_CODEC = re.compile(r"(?P<codec>[\w.]+)(?: \((?P<first>[^()/]*(?:\([^)]*\))?)\))?")
_SIZE = re.compile(r"[ ,](?P<w>\d{1,6})x(?P<h>\d{1,6})(?: \[SAR (?P<sn>\d+):(?P<sd>\d+) DAR \d+:\d+\])?(?:,|$| )")
_FPS = re.compile(r"([\d.]+)(k?) fps")
_TBR = re.compile(r"([\d.]+)(k?) tbr")
_ROTATION = re.compile(r"display\s?matrix: rotation of (-?[\d.]+|-?nan) degrees", re.IGNORECASE)
_FIELDS = ("top first", "bottom first", "top coded first (swapped)", "bottom coded first (swapped)")


@dataclass(frozen=True)
class VideoLine:
    """One `Stream … Video:` line and the side data below it. `rotation` is in degrees clockwise."""

    index: int
    codec: str
    profile: str
    pixel_format: str
    width: int
    height: int
    sar: Fraction
    fps: float
    interlaced: bool
    colour: Colour
    picture: bool
    rotation: float = 0.0


@dataclass(frozen=True)
class AudioLine:
    """One `Stream … Audio:` line."""

    index: int
    codec: str
    profile: str
    rate: int
    channels: str
    default: bool


@dataclass(frozen=True)
class Header:
    """All that was read. `claimed` is the header's duration in seconds, None when it gives none."""

    container: str
    claimed: float | None
    videos: tuple[VideoLine, ...]
    audios: tuple[AudioLine, ...]

    @property
    def video(self) -> VideoLine | None:
        """The film: the first video stream that is not a cover picture."""
        return next((video for video in self.videos if not video.picture), None)

    @property
    def audio(self) -> AudioLine | None:
        """The track marked default, else the first: what a player would choose."""
        return next((audio for audio in self.audios if audio.default), next(iter(self.audios), None))


def describe(mark: str) -> list[str]:
    """Arguments of an output that FFmpeg describes and does not make. `mark` is a word made up for this run."""
    return ["-map", "0:v?", "-map", "0:a?", "-c", "copy", *marked(mark), "-t", "0", "-f", "null", "-"]


def marked(mark: str) -> list[str]:
    """Arguments that keep the film's words out of an output's description, and put `mark` at its beginning."""
    return ["-map_metadata", "-1", "-map_chapters", "-1", "-metadata", f"mark={mark}"]


def read(stderr: str, mark: str) -> Header | None:
    """What FFmpeg printed for `describe(mark)`; None when it did not come as far as describing.

    A header is only as good as its streams; the length that a film claims is believed when it is said once.
    """
    opened = _INPUT.search(stderr)
    before, found, after = stderr.partition(mark)
    if opened is None or not found:
        return None
    mapping = _mapping(stderr)
    videos, audios = _streams(after)
    return Header(
        opened["container"],
        _claimed(before[opened.start() :]),
        tuple(replace(video, index=mapping[video.index]) for video in videos if video.index in mapping),
        tuple(replace(audio, index=mapping[audio.index]) for audio in audios if audio.index in mapping),
    )


def guess(stderr: str) -> Header | None:
    """What FFmpeg printed of an input that it could not go on with: good for choosing a sentence, for nothing else."""
    opened = _INPUT.search(stderr)
    if opened is None:
        return None
    videos, audios = _streams(stderr[opened.start() :])
    return Header(opened["container"], None, tuple(videos), tuple(audios))


def own_words(stderr: str, mark: str) -> str:
    """The complaints without the description of the input, which is where a film can speak in FFmpeg's place.

    When FFmpeg never came to the output, what follows the description cannot be told from it and is left out.
    """
    opened = _INPUT.search(stderr)
    if opened is None:
        return stderr
    return stderr[: opened.start()] + stderr.partition(mark)[2]


def _streams(text: str) -> tuple[list[VideoLine], list[AudioLine]]:
    videos: list[VideoLine] = []
    audios: list[AudioLine] = []
    in_video = False
    # Not splitlines(), which knows line breaks that FFmpeg does not, and prints.
    for line in text.split("\n"):
        stream = _STREAM.match(line)
        if stream is None:
            in_video = in_video and line.startswith("   ")
            turn = _ROTATION.search(line) if in_video and line.startswith("      ") else None
            if turn is not None:
                videos[-1] = _turned(videos[-1], turn[1])
            continue
        in_video = stream["kind"] == "Video"
        if in_video:
            videos.append(_video(int(stream["index"]), stream["what"]))
        elif stream["kind"] == "Audio" and "none" not in stream["what"][:5]:
            audios.append(_audio(int(stream["index"]), stream["what"]))
    return videos, audios


def _mapping(stderr: str) -> dict[int, int]:
    """Output stream to input stream. FFmpeg prints it after the input's description, so the last one is its own."""
    lines = stderr.rpartition(_MAPPING)[2]
    found: dict[int, int] = {}
    at = 0
    while match := _MAPPED.match(lines, at):
        found[int(match[2])] = int(match[1])
        at = match.end()
    return found


def _claimed(text: str) -> float | None:
    said = list(_DURATION.finditer(text))
    if len(said) != 1 or said[0][1] is None:
        return None
    hours, minutes, seconds = said[0].groups()
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _turned(video: VideoLine, degrees: str) -> VideoLine:
    # FFmpeg prints counter-clockwise degrees; a phone held upright shows as -90.
    turn = 0.0 if "nan" in degrees else -float(degrees) % 360
    return VideoLine(**{**video.__dict__, "rotation": turn})


def _video(index: int, what: str) -> VideoLine:
    codec = _CODEC.match(what)
    size = _SIZE.search(what)
    parts = _split(what)
    pixels = parts[1].strip() if len(parts) > 1 else ""
    name, _, remarks = pixels.partition("(")
    declared = [part.strip() for part in remarks.rstrip(")").split(",")]
    sar = Fraction(int(size["sn"]), int(size["sd"])) if size and size["sn"] and int(size["sd"]) else Fraction(1)
    return VideoLine(
        index=index,
        codec=codec["codec"] if codec else "none",
        profile=_profile(codec),
        pixel_format=name.strip(),
        width=int(size["w"]) if size else 0,
        height=int(size["h"]) if size else 0,
        sar=sar or Fraction(1),
        fps=_rate(_FPS.search(what) or _TBR.search(what)),
        interlaced=any(part in _FIELDS for part in declared),
        colour=_colour(declared),
        picture="(attached pic)" in what,
    )


def _audio(index: int, what: str) -> AudioLine:
    codec = _CODEC.match(what)
    parts = [part.strip() for part in _split(what)]
    rate = next((int(part[:-3]) for part in parts if re.fullmatch(r"\d+ Hz", part)), 0)
    after = next((n for n, part in enumerate(parts) if part.endswith(" Hz")), len(parts))
    return AudioLine(
        index=index,
        codec=codec["codec"] if codec else "none",
        profile=_profile(codec),
        rate=rate,
        channels=parts[after + 1] if after + 1 < len(parts) else "",
        default="(default)" in what,
    )


def _profile(codec: re.Match[str] | None) -> str:
    # `h264 (High)` is a profile, `rawvideo (RGB[24] / 0x18424752)` is a tag: the pattern takes no slash.
    return (codec["first"] or "") if codec else ""


def _split(what: str) -> list[str]:
    """Split at the commas that are outside brackets."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(what):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(what[start:place])
            start = place + 1
    return [*parts, what[start:]]


def _rate(match: re.Match[str] | None) -> float:
    return float(match[1]) * (1000 if match[2] else 1) if match else 0.0


def _colour(declared: list[str]) -> Colour:
    """From remarks like `tv, bt2020nc/bt2020/smpte2084, progressive`; one word stands for all three."""
    known = {"bt709", "smpte170m", "bt470bg", "bt470m", "smpte240m", "fcc", "bt2020nc", "bt2020c", "gbr"}
    triple = next((part.split("/") for part in declared if "/" in part or part in known), [])
    if len(triple) == 1:
        triple *= 3
    matrix, primaries, transfer = (
        [("" if word == "unknown" else word) for word in triple] if len(triple) == 3 else ("", "", "")
    )
    return Colour(matrix, primaries, transfer, full_range="pc" in declared)
