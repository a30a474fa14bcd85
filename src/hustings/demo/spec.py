"""What a clip is: who publishes it, what it says, how long it lasts, and the scene that draws it."""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hustings.demo.graphics import Draw, Stage
from hustings.demo.music import tempo

Scene = Callable[[Stage], Draw]


@dataclass(frozen=True, slots=True)
class Clip:
    """`lines` are the captions, spread over the clip by their length; `[…]` describes sound that is not speech."""

    key: str
    author: str
    seconds: float
    mood: str
    sound: str
    caption: str
    lines: tuple[str, ...]
    scene: Scene
    topics: tuple[str, ...]
    language: str = "en"

    @property
    def seed(self) -> int:
        return zlib.crc32(self.key.encode())

    @property
    def hashtags(self) -> tuple[str, ...]:
        return tuple(re.findall(r"#(\w+)", self.caption))

    def stage(self) -> Stage:
        return Stage(self.seconds, tempo(self.mood, self.seconds).beat, np.random.default_rng(self.seed))


CLIPS: dict[str, Clip] = {}


def clip(
    key: str,
    *,
    by: str,
    seconds: float,
    mood: str,
    sound: str,
    caption: str,
    lines: tuple[str, ...],
    topics: tuple[str, ...],
    language: str = "en",
) -> Callable[[Scene], Scene]:
    """Registers the scene below it as a clip."""

    def register(scene: Scene) -> Scene:
        if key in CLIPS:
            raise ValueError(f"two clips are called {key}")
        CLIPS[key] = Clip(key, by, seconds, mood, sound, caption, lines, scene, topics, language)
        return scene

    return register


def vtt(made: Clip) -> str:
    """The caption track as WebVTT (W3C). Each line has at least a share of time, then time by its length."""
    weights = [20 + len(line) for line in made.lines]
    at, cues = 0.0, []
    for line, weight in zip(made.lines, weights, strict=True):
        end = at + made.seconds * weight / sum(weights)
        cues.append(f"{_stamp(at)} --> {_stamp(min(end - 0.04, made.seconds))}\n{line}\n")
        at = end
    return "WEBVTT\n\n" + "\n".join(cues)


def _stamp(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds // 60) % 60:02d}:{seconds % 60:06.3f}"
