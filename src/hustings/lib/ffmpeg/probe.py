"""Open a file from a stranger, count its packets, and say what it is or why it is refused.

Two runs of FFmpeg: one opens the file and describes it, one lists its packets and measures its loudness. Neither
decodes a picture. Together they take under 0.1 s for a clip of 30 s.
"""

import math
import re
import secrets
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from . import header, loudness, mp4, rules
from .binary import FFmpeg
from .errors import MediaError
from .limits import Limits, input_arguments, is_regular_file
from .packets import Listing, Rhythm, Track, rhythm
from .rules import Accepted, Refusal
from .run import Outcome, run, trouble
from .source import Audio, Source

_LOOK = 20.0  # seconds for describing a file
_COUNT = 90.0  # seconds for counting its packets: 1 GB from a slow disk
_SNIFF = 4096

_PLAYLIST = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:#EXTM3U|ffconcat version|\[playlist\]|\[reference\]"
    rb"|(?:<\?xml[^>]*\?>\s*)?<(?:MPD|smil|asx|playlist)\b"
    rb"|v=0\r?\n|file ['\"]?[\w./:\\-]+|(?:https?|file|rtsp)://)",
    re.IGNORECASE,
)
_TORN = ("partial file", "File ended prematurely")
_HUGE = ("exceeds specified max pixel count", "Picture size")
_COMPLAINT = re.compile(r"^\[[^\]]+ @ 0x[0-9a-f]+\].*$", re.MULTILINE)


@dataclass(frozen=True)
class Inspection:
    """What was found. With refusals there may still be a `source`, when the file could be opened."""

    source: Source | None
    refusals: tuple[Refusal, ...]
    cpu: float = 0.0


def inspect(ffmpeg: FFmpeg, path: Path, *, accepted: Accepted, limits: Limits, workdir: Path) -> Inspection:
    """Judge the file at `path`. A bad file is an answer, not an exception.

    Raises what has nothing to do with the file, or cannot be told from it: `StalledError`, `OutOfMemoryError`,
    `EngineDiedError`, `DiskFullError`, `NoFFmpegError`; and `TooCostlyError` for a file that eats the processor.
    """
    early = _before_opening(path, accepted)
    if early is not None:
        return Inspection(None, (early,))
    mark = secrets.token_hex(16)
    looked = run(
        ffmpeg,
        [*input_arguments(path, limits), *header.describe(mark)],
        workdir=workdir,
        limits=limits.scaled(wall=_LOOK, cpu=round(_LOOK)),
    )
    said = header.own_words(looked.stderr, mark)
    _raise_trouble(looked, said)
    found = header.read(looked.stderr, mark)
    fault = _on_opening(ffmpeg, path, found or header.guess(looked.stderr), said, accepted)
    if fault is not None or found is None:
        return Inspection(None, (fault or rules.not_a_video(),), looked.cpu)
    listing, counted = _count(ffmpeg, path, found, longest=accepted.longest, limits=limits, workdir=workdir)
    source = _source(path, found, listing, counted)
    cpu = looked.cpu + counted.cpu
    if listing.enough:
        return Inspection(source, (rules.too_long(accepted.longest),), cpu)
    return Inspection(source, tuple(rules.judge(source, accepted, ffmpeg.decodable)), cpu)


def _before_opening(path: Path, accepted: Accepted) -> Refusal | None:
    if not is_regular_file(path):
        return rules.not_a_video()
    size = path.stat().st_size
    if size == 0:
        return rules.empty_file()
    if size > accepted.largest:
        return rules.too_large(size, accepted.largest)
    with path.open("rb") as file:
        # Only for a better sentence: what keeps playlists out is the list of containers in `limits`.
        return rules.playlist_refused() if _PLAYLIST.match(file.read(_SNIFF)) else None


def _on_opening(
    ffmpeg: FFmpeg, path: Path, found: header.Header | None, said: str, accepted: Accepted
) -> Refusal | None:
    """What the header alone rules out."""
    if _complains(said, _HUGE):
        return rules.too_many_pixels(accepted.pixels)
    if found is None:
        return _unopened(path, said)
    if found.video is None:
        return rules.no_video_stream()
    if not found.video.width or found.video.codec not in ffmpeg.decodable:
        return _undecodable(found.video)
    return None


def _unopened(path: Path, stderr: str) -> Refusal:
    with path.open("rb") as file:
        start = file.read(12)
    if start[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free"} and "moov atom not found" in stderr:
        return rules.truncated()
    return rules.not_a_video()


def _undecodable(video: header.VideoLine) -> Refusal:
    if not video.width and video.codec != "none":
        return rules.no_frames()
    return rules.unsupported_codec(video.codec)


def _complains(said: str, words: tuple[str, ...]) -> bool:
    """Whether a part of FFmpeg says one of these. `said` is `header.own_words`: a film may say anything."""
    return any(word in line for line in _COMPLAINT.findall(said) for word in words)


def _raise_trouble(outcome: Outcome, said: str) -> None:
    """What the machine lacks, and a run that was killed, must not be told as the file's fault.

    A run that lacked memory may end well all the same, with half of what it should have found.
    """
    kind: type[MediaError] | None = trouble(outcome, said)
    if kind is not None:
        raise kind(f"exit {outcome.code}\n{outcome.stderr[-4000:]}")


def _count(
    ffmpeg: FFmpeg, path: Path, found: header.Header, *, longest: float, limits: Limits, workdir: Path
) -> tuple[Listing, Outcome]:
    listing = Listing(longest=longest + 2.0)
    video, audio = found.video, found.audio
    assert video is not None
    arguments = [*input_arguments(path, limits), "-map", f"0:{video.index}"]
    if audio is not None:
        arguments += ["-map", f"0:{audio.index}"]
    mark = secrets.token_hex(16)
    arguments += ["-c", "copy", "-copyinkf:v", *header.marked(mark), "-f", "framecrc", "pipe:1"]
    if audio is not None:
        arguments += ["-map", f"0:{audio.index}", *header.marked(mark), "-af", loudness.METER, "-f", "null", "-"]
    outcome = run(
        ffmpeg,
        arguments,
        workdir=workdir,
        limits=limits.scaled(wall=_COUNT, cpu=round(_COUNT)),
        on_line=listing.take,
    )
    outcome = replace(outcome, stderr=header.own_words(outcome.stderr, mark))
    _raise_trouble(outcome, outcome.stderr)
    if audio is not None and not outcome.ok:
        # Sound that cannot be decoded ends the run for the picture too: count again, without the sound.
        mute = replace(found, audios=())
        return _count(ffmpeg, path, mute, longest=longest, limits=limits, workdir=workdir)
    return listing, outcome


def _source(path: Path, found: header.Header, listing: Listing, counted: Outcome) -> Source:
    video = found.video
    assert video is not None
    pictures = listing.tracks.get(0, Track())
    beat = rhythm(pictures)
    # A last picture without a length lasts as long as the usual one.
    last = max(pictures.times, default=0) * pictures.base + (1 / beat.fps if beat.fps else 0)
    video_end = max(pictures.seconds, float(last)) if pictures.count else 0.0
    audio = _audio(found, listing, counted)
    width, height = pictures.width or video.width, pictures.height or video.height
    sar = _square(video.sar)
    shown = _displayed(width, height, sar, video.rotation)
    return Source(
        container=found.container,
        codec=pictures.codec or video.codec,
        profile=video.profile,
        pixel_format=video.pixel_format,
        width=width,
        height=height,
        sar=sar,
        rotation=video.rotation,
        display_width=shown[0],
        display_height=shown[1],
        interlaced=video.interlaced,
        fps=beat.fps,
        vfr=beat.vfr,
        frames=pictures.count,
        starts_on_key=pictures.first_is_key,
        longest_gop=beat.longest_gop,
        duration=_duration(video_end, audio, beat),
        claimed=_claimed(path, found),
        video_end=video_end,
        torn=_torn(found, listing, counted),
        colour=video.colour,
        audio=audio,
        bytes=path.stat().st_size,
        video_index=video.index,
    )


def _torn(found: header.Header, listing: Listing, counted: Outcome) -> bool:
    """Whether the end is missing. A broadcast stream has no end to miss: its recording stops anywhere."""
    if found.container.startswith("mpeg"):
        return False
    return _complains(counted.stderr, _TORN) or any(track.ends_corrupt for track in listing.tracks.values())


def _claimed(path: Path, found: header.Header) -> float | None:
    """The longest that any header says: FFmpeg mends a wrong one, but other players will show it."""
    said = [found.claimed, mp4.claimed(path) if found.container.startswith("mov,mp4") else None]
    return max((seconds for seconds in said if seconds is not None), default=None)


def _audio(found: header.Header, listing: Listing, counted: Outcome) -> Audio | None:
    line, track = found.audio, listing.tracks.get(1)
    if line is None or track is None or track.count == 0:
        return None
    return Audio(
        index=line.index,
        codec=track.codec or line.codec,
        profile=line.profile,
        channels=line.channels,
        rate=line.rate,
        end=track.seconds,
        loudness=loudness.read(counted.stderr),
    )


def _duration(video_end: float, audio: Audio | None, beat: Rhythm) -> float:
    """The picture's length; sound that goes on for longer than a few pictures counts, over a still."""
    if audio is None or not beat.fps or audio.end < video_end + 0.25:
        return video_end
    return audio.end


def _square(sar: Fraction) -> Fraction:
    """Pixel shapes within a hundredth of square come from rounding in an editor, and nobody sees them."""
    return Fraction(1) if abs(sar - 1) < Fraction(1, 100) else sar


def _displayed(width: int, height: int, sar: Fraction, rotation: float) -> tuple[int, int]:
    """Pixel shape and rotation applied. Pixels are made square by growing, so that nothing is lost."""
    wide = width * max(sar, Fraction(1))
    high = height / min(sar, Fraction(1))
    # FFmpeg turns a film by quarter turns, and by other angles inside the same frame.
    turned = math.isclose(rotation % 180, 90, abs_tol=1)
    across, down = round(wide), round(high)
    return (down, across) if turned else (across, down)
