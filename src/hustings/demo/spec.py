"""What a clip is: who publishes it, what it says, how long it lasts, and the scene that draws it."""

import re
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import numpy as np

from hustings.demo.graphics import Draw, Stage
from hustings.demo.music import tempo

Scene = Callable[[Stage], Draw]


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip. `lines` are its captions; `[…]` describes sound that is not speech."""

    key: str
    author: str
    seconds: float
    mood: str
    sound: str
    caption: str
    lines: tuple[str, ...]
    topics: tuple[str, ...]
    language: str
    scene: Scene

    @property
    def seed(self) -> int:
        return zlib.crc32(self.key.encode())

    @property
    def hashtags(self) -> tuple[str, ...]:
        return tuple(re.findall(r"#(\w+)", self.caption))

    def stage(self) -> Stage:
        return Stage(self.seconds, tempo(self.mood, self.seconds).beat, np.random.default_rng(self.seed))


CLIPS: dict[str, Clip] = {}


@lru_cache(maxsize=1)
def programme() -> dict[str, Any]:
    """The words of `programme.toml`, by clip."""
    return tomllib.loads((files("hustings.demo") / "programme.toml").read_text(encoding="utf-8"))


def scene(key: str) -> Callable[[Scene], Scene]:
    """Joins the scene below it to its entry in the programme."""

    def register(draws: Scene) -> Scene:
        if key in CLIPS:
            raise ValueError(f"two scenes are called {key}")
        words = programme()[key]
        CLIPS[key] = Clip(
            key=key,
            author=words["by"],
            seconds=float(words["seconds"]),
            mood=words["mood"],
            sound=words["sound"],
            caption=words["caption"],
            lines=tuple(words["lines"]),
            topics=tuple(words["topics"]),
            language=words.get("language", "en"),
            scene=draws,
        )
        return draws

    return register


def vtt(made: Clip) -> str:
    """The caption track as WebVTT (W3C). A line has a fixed share of the time, and more the longer it is."""
    weights = [20 + len(line) for line in made.lines]
    at, cues = 0.0, []
    for line, weight in zip(made.lines, weights, strict=True):
        end = at + made.seconds * weight / sum(weights)
        cues.append(f"{_stamp(at)} --> {_stamp(min(end - 0.04, made.seconds))}\n{line}\n")
        at = end
    return "WEBVTT\n\n" + "\n".join(cues)


def _stamp(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds // 60) % 60:02d}:{seconds % 60:06.3f}"
