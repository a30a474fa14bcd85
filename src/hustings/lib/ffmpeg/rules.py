"""Which films are accepted, and which need no encoding to be played. Pure decisions on plain values."""

import math
from dataclasses import dataclass, field

from .source import Source

_SLACK = 0.1  # seconds: a camera's "one second" may be 29 pictures
_SMALLEST = 16
_LIE_FACTOR = 4

BROWSER_PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})


@dataclass(frozen=True)
class Refusal:
    """A fault of a file: stable `code`, what is wrong, what to do, and the numbers a translation needs."""

    code: str
    message: str
    hint: str
    params: dict[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True)
class Accepted:
    """What a deployment accepts. Seconds, bytes, and pixels of one coded picture."""

    shortest: float = 1.0
    longest: float = 180.0
    largest: int = 1 << 30
    pixels: int = 4096 * 4096


@dataclass(frozen=True)
class Playable:
    """What every browser plays as it is, within the top rung: the terms of a remux."""

    edge: int = 1080
    longest_edge: int = 2560
    bits_per_second: float = 12_000_000
    fps: float = 61
    gop: float = 10.0


def empty_file() -> Refusal:
    return Refusal("empty_file", "The file is empty.", "Check that it plays on your own device, then upload it again.")


def not_a_video() -> Refusal:
    return Refusal(
        "not_a_video",
        "This is not a video file.",
        "Choose a video, such as an MP4, MOV or WebM file.",
    )


def playlist_refused() -> Refusal:
    return Refusal(
        "playlist_refused",
        "This is a playlist, which points at videos elsewhere.",
        "Upload the video file itself.",
    )


def truncated() -> Refusal:
    return Refusal(
        "truncated",
        "The file is cut off: its end is missing.",
        "Copy it from the camera again, check that it plays to the end, then upload it again.",
    )


def no_video_stream() -> Refusal:
    return Refusal(
        "no_video_stream",
        "There is sound in this file but no picture.",
        "Add a picture in a video editor, then upload the video it makes.",
    )


def no_frames() -> Refusal:
    return Refusal(
        "no_frames",
        "There are no moving pictures in this file.",
        "Save it again in your video editor with at least one second of film.",
    )


def unsupported_codec(codec: str) -> Refusal:
    return Refusal(
        "unsupported_codec",
        f"The server cannot read this kind of video ({codec}).",
        "Save it as H.264 in an MP4 file in your video editor, then upload that file.",
        {"codec": codec},
    )


def too_many_pixels(limit: int) -> Refusal:
    side = math.isqrt(limit)
    return Refusal(
        "too_many_pixels",
        "The picture is too large.",
        f"Save it at 1080p; the most is {side} × {side} pixels.",
        {"limit": limit},
    )


def too_large(size: int, limit: int) -> Refusal:
    return Refusal(
        "too_large",
        f"The file is larger than {_sized(limit)}.",
        "Save it at 1080p with a lower quality setting, or cut it shorter.",
        {"bytes": size, "limit": limit},
    )


def too_long(limit: float) -> Refusal:
    return Refusal(
        "too_long",
        f"The video is longer than {_spoken(limit)}.",
        "Cut it shorter, then upload it again.",
        {"limit": limit},
    )


def judge(source: Source, accepted: Accepted, decodable: frozenset[str] | None = None) -> list[Refusal]:
    """Every fault of a film that could be opened, most telling first; empty when it is welcome.

    `decodable` are the codec names this FFmpeg can decode; without it codecs are not judged.
    """
    faults = []
    if source.bytes > accepted.largest:
        faults.append(too_large(source.bytes, accepted.largest))
    if decodable is not None and source.codec not in decodable:
        faults.append(unsupported_codec(source.codec))
    if source.width * source.height > accepted.pixels:
        faults.append(too_many_pixels(accepted.pixels))
    elif min(source.width, source.height) < _SMALLEST:
        faults.append(_too_small())
    faults += _of_time(source, accepted)
    return faults


def _of_time(source: Source, accepted: Accepted) -> list[Refusal]:
    missing = (source.claimed or 0.0) - source.duration
    if source.torn or (missing > max(1.0, 0.25 * source.duration) and not _lies(source)):
        return [truncated()]
    if _lies(source):
        return [_duration_lie(source)]
    if source.frames < 2 or not source.fps:
        return [no_frames()]
    if source.duration < accepted.shortest - _SLACK:
        return [_too_short(accepted.shortest)]
    if source.duration > accepted.longest + _SLACK:
        return [too_long(accepted.longest)]
    return []


def _lies(source: Source) -> bool:
    """A header that promises a multiple of what follows was not torn: a torn file is mostly there."""
    claimed = source.claimed or 0.0
    return not source.torn and claimed > 60 and claimed > _LIE_FACTOR * max(source.duration, 1.0)


def _too_small() -> Refusal:
    return Refusal(
        "too_small",
        "The picture is too small to see.",
        f"Upload a video of at least {_SMALLEST} × {_SMALLEST} pixels.",
        {"limit": _SMALLEST},
    )


def _too_short(limit: float) -> Refusal:
    return Refusal(
        "too_short",
        f"The video is shorter than {_spoken(limit)}.",
        "Upload a longer piece of it.",
        {"limit": limit},
    )


def _duration_lie(source: Source) -> Refusal:
    return Refusal(
        "duration_lie",
        f"The file says it lasts {_spoken(source.claimed or 0)}, but holds {_spoken(source.duration)}.",
        "Save it again in your video editor, then upload that file.",
        {"claimed": round(source.claimed or 0, 1), "measured": round(source.duration, 1)},
    )


def can_remux(source: Source, playable: Playable) -> bool:
    """Whether browsers play this film as it is, once its index is moved to the front.

    A quarter turn is no obstacle: every phone held upright writes one, and every browser obeys it.
    """
    return (
        source.container.startswith("mov,mp4")
        and source.codec == "h264"
        and source.profile in BROWSER_PROFILES
        and source.pixel_format in {"yuv420p", "yuvj420p"}
        and not source.interlaced
        and not source.colour.hdr
        and source.sar == 1
        and source.rotation in {0, 90, 180, 270}
        and source.width % 2 == source.height % 2 == 0
        and source.short_edge <= playable.edge
        and max(source.display_width, source.display_height) <= playable.longest_edge
        and source.bitrate <= playable.bits_per_second
        and source.fps <= playable.fps
        and source.starts_on_key
        and source.longest_gop <= playable.gop
        and (source.audio is None or _browser_audio(source))
    )


def _browser_audio(source: Source) -> bool:
    audio = source.audio
    return (
        audio is not None
        and audio.codec == "aac"
        and audio.profile in {"LC", "HE-AAC", "HE-AACv2"}
        and audio.channels in {"mono", "stereo"}
    )


def _sized(size: int) -> str:
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def _spoken(seconds: float) -> str:
    """`90` as `1 minute 30 seconds`: limits are read by people."""
    whole = round(seconds)
    if whole < 1:
        return "less than a second"
    parts = []
    for unit, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        count, whole = divmod(whole, unit)
        if count:
            parts.append(f"{count} {name}{'s' if count > 1 else ''}")
    return " ".join(parts[:2])
