"""A clip's content vector: 64 signed bytes made of what its author said about it.

Each feature (a hashtag, the author, the sound, the language, a word) has a fixed pseudo-random
direction; a clip is the weighted sum of its directions. Two clips that share features point the same
way, no table has to be learnt, and a clip has its vector in the moment it is published. (Random
indexing: Kanerva, Kristofersson, Holst 2000; feature hashing: Weinberger et al. 2009.) A learnt
vector may take its place behind the same form.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hustings.feed.weights import Vector

DIMENSIONS = 64
# Unit vectors of 64 numbers rarely have one above a half; one fixed scale keeps integer products
# comparable between clips and between the server and a browser.
SCALE = 254.0
DIRECTIONS = 32_768  # features share these by their hash; 8 MB
_SEED = 20_260_101  # part of the format: another seed is another space

Floats = NDArray[np.float32]
Bytes = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Features:
    """What a vector is made of."""

    hashtags: Sequence[str]
    author_id: int
    sound_id: int | None
    language: str
    words: Iterable[str]


def key(feature: str) -> int:
    """A feature's number below 2^32; the same in every process and every year."""
    return zlib.crc32(feature.encode())


@cache
def _directions() -> Floats:
    """(DIRECTIONS, 64), each of length 1."""
    dice = np.random.Generator(np.random.PCG64(_SEED))
    made = dice.standard_normal((DIRECTIONS, DIMENSIONS), dtype=np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def contents(weights: Vector, clips: Sequence[Features]) -> Bytes:
    """The vectors of `clips`, (n, 64) int8."""
    places: list[int] = []
    shares: list[float] = []
    starts: list[int] = []
    for clip in clips:
        starts.append(len(places))
        groups: list[tuple[float, list[str]]] = [
            (weights.hashtags, [f"#{tag}" for tag in clip.hashtags]),
            (weights.words, sorted(set(clip.words) - set(clip.hashtags))),
            (weights.author, [f"@{clip.author_id}"]),
            (weights.language, [f"in {clip.language}"]),
        ]
        if clip.sound_id is not None:
            groups.append((weights.sound, [f"sound {clip.sound_id}"]))
        for weight, features in groups:
            if features:
                # A clip with ten hashtags is no more about them than a clip with two.
                shares += [weight / len(features) ** 0.5] * len(features)
                places += [key(feature) % DIRECTIONS for feature in features]
    if not clips:
        return np.zeros((0, DIMENSIONS), np.int8)
    parts = _directions()[places] * np.array(shares, np.float32)[:, None]
    return packed(np.add.reduceat(parts, starts, axis=0))


def packed(vectors: Floats) -> Bytes:
    """Rows of `vectors` at length 1 as signed bytes; zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled = np.rint(vectors * (SCALE / np.maximum(lengths, 1e-6)))
    small: Bytes = np.clip(scaled, -127, 127).astype(np.int8)
    return small


def unpacked(vectors: Bytes) -> Floats:
    """The float form of packed rows, of about length 1."""
    return vectors.astype(np.float32) / np.float32(SCALE)
