"""Reads weights.toml once. An unknown or missing name fails at start, not at three in the morning."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Vector:
    hashtags: float
    author: float
    sound: float
    words: float
    language: float


@dataclass(frozen=True, slots=True)
class Interests:
    merge_above: float
    learn: float
    learn_recent: float
    learn_dislike: float
    fade: float
    fade_dislike: float
    fade_facts: float
    events_used: int


@dataclass(frozen=True, slots=True)
class Gain:
    skip_s: float
    skip: float
    completion_from: float
    completion: float
    replay: float
    share_midpoint: float
    share_slope: float
    like: float
    comment: float
    save: float
    share: float
    follow: float
    not_interested: float
    less_from: float
    report: float


@dataclass(frozen=True, slots=True)
class Quality:
    prior: float
    prior_views: float
    day_half_life_h: float
    week_half_life_h: float
    long_view: float
    like: float
    share: float
    comment: float
    save: float


@dataclass(frozen=True, slots=True)
class FreshRules:
    owed_impressions: int
    days: float


@dataclass(frozen=True, slots=True)
class Sources:
    following: int
    similar: int
    popular_day: int
    popular_week: int
    fresh: int
    explore: int
    everything: int
    fresh_rules: FreshRules


@dataclass(frozen=True, slots=True)
class Ranker:
    interest: float
    recent: float
    dislike: float
    author: float
    hashtag: float
    following: float
    quality: float
    popular_day: float
    popular_week: float
    fresh: float
    fresh_half_life_h: float
    language: float
    noise: float


@dataclass(frozen=True, slots=True)
class LessFrom:
    kept_of: int


@dataclass(frozen=True, slots=True)
class Spread:
    pool: int
    author_again: float
    likeness: float
    likeness_window: int
    explore_every: int
    by_chance: float


@dataclass(frozen=True, slots=True)
class Explain:
    reasons: int
    author: float
    hashtag: float
    similar: float


@dataclass(frozen=True, slots=True)
class Weights:
    """The whole file; each field is one of its tables."""

    vector: Vector
    interests: Interests
    gain: Gain
    quality: Quality
    sources: Sources
    ranker: Ranker
    less_from: LessFrom
    spread: Spread
    explain: Explain


def _build(kind: Any, table: dict[str, Any], where: str) -> Any:
    known = {field.name: field.type for field in fields(kind)}
    if wrong := known.keys() ^ table.keys():
        raise ValueError(f"weights.toml, [{where}]: unknown or missing: {', '.join(sorted(wrong))}")
    return kind(
        **{
            name: _build(known[name], value, f"{where}.{name}".lstrip(".")) if isinstance(value, dict) else value
            for name, value in table.items()
        }
    )


def read(text: str) -> Weights:
    """The weights that a file's text holds. ValueError names what is unknown or missing."""
    weights: Weights = _build(Weights, tomllib.loads(text), "")
    return weights


@cache
def current() -> Weights:
    """The weights this process serves with."""
    return read(text())


@cache
def text() -> str:
    """The file as this process read it, once: what is hashed for the public log is what serves."""
    return Path(__file__).with_name("weights.toml").read_text()
