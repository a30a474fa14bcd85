"""Hustings' media engine: from a stranger's file to what a browser plays. Plain Python, no Django.

    ffmpeg = find(settings.HUSTINGS_FFMPEG)
    seen = inspect(ffmpeg, path, accepted=Accepted(), limits=Limits(), workdir=folder)
    if seen.refusals: …                                   # each has code, message, hint, params
    if can_remux(seen.source, Playable()): remux(…)       # playable at once
    elif is_heavy(seen.source): first_look(…)             # playable soon, in a small size
    done = transcode(ffmpeg, seen.source, path, folder=folder, limits=Limits(), on_progress=…)
    pictures = draw(done)                                 # poster, covers, storyboard, ThumbHash

A run that fails raises a `MediaError` subclass with a severity: transient ones are worth another try. README.md
says what each step owns.
"""

from .binary import FFmpeg, find
from .engine import (
    Pictures,
    Progress,
    Rendition,
    Transcoded,
    cover_at,
    draw,
    first_look,
    remux,
    room_for,
    transcode,
    transcode_av1,
)
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
from .limits import Limits
from .plan import Plan, Rung, is_heavy, ladder
from .poster import Poster, Storyboard
from .probe import Inspection, inspect
from .rules import Accepted, Playable, Refusal, can_remux, judge
from .source import Audio, Colour, Loudness, Source

__all__ = [
    "Accepted", "Audio", "Colour", "DecodeError", "DiskFullError", "EngineDiedError", "FFmpeg", "Inspection", "Limits",
    "Loudness", "MediaError", "NoFFmpegError", "OutOfMemoryError", "OutputTooLargeError", "Pictures", "Plan",
    "Playable", "Poster", "Progress", "Refusal", "Rendition", "Rung", "Source", "StalledError", "Storyboard",
    "TooCostlyError", "Transcoded", "can_remux", "cover_at", "draw", "find", "first_look", "inspect", "is_heavy",
    "judge", "ladder", "remux", "room_for", "transcode", "transcode_av1",
]  # fmt: skip
