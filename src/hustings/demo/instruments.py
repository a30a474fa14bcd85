"""The voices of the demonstration's music: each gives one note, or one stroke, as a mono array at 48 kHz.

Pitch is a MIDI number, length is in seconds, level is about -1 to 1. Bright sounds are built from partials below
15 kHz, so that nothing folds back over the top of the band, and noise is always filtered: nothing here hisses.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
Sound = NDArray[np.float32]
Voice = Callable[[float, float], Sound]


def hertz(pitch: float) -> float:
    return float(440.0 * 2 ** ((pitch - 69) / 12))


def clock(seconds: float) -> Sound:
    return np.arange(max(1, round(seconds * RATE)), dtype=np.float32) / np.float32(RATE)


def shaped(sound: Sound, attack: float, release: float) -> Sound:
    """Raised-cosine edges, so that no note begins or ends with a click."""
    size = len(sound)
    a, r = min(size // 2, max(2, round(attack * RATE))), min(size // 2, max(2, round(release * RATE)))
    sound = sound.copy()
    sound[:a] *= 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, a, dtype=np.float32))
    sound[-r:] *= 0.5 + 0.5 * np.cos(np.linspace(0, np.pi, r, dtype=np.float32))
    return sound


@lru_cache(maxsize=256)
def cycle(pitch: int, slope: float, soft: float, odd: bool = False) -> Sound:
    """One period in 4096 points: partials fall as 1/n**slope and exp(-n/soft)."""
    phase = np.linspace(0, 2 * np.pi, 4096, endpoint=False)
    table = np.zeros(4096)
    for n in range(1, max(2, int(15_000 / hertz(pitch))), 2 if odd else 1):
        level = n**-slope * np.exp(-n / soft)
        if level < 1e-4:
            break
        table += level * np.sin(n * phase)
    return np.asarray(table / np.abs(table).max(), np.float32)


def wavetable(pitch: float, seconds: float, table: Sound, vibrato: float = 0.0, phase: float = 0.0) -> Sound:
    t = clock(seconds).astype(np.float64)
    turns = hertz(pitch) * t + phase
    if vibrato:
        depth = vibrato * np.clip(t / 0.4, 0, 1)
        turns += hertz(pitch) * depth * -np.cos(2 * np.pi * 5.1 * t) / (2 * np.pi * 5.1)
    return np.asarray(table[(turns * 4096).astype(np.int64) & 4095])


def partials(pitch: float, seconds: float, parts: Sequence[tuple[float, float, float]]) -> Sound:
    """The sum of (ratio, level, decay per second) sines."""
    t = clock(seconds)
    base, total = hertz(pitch), np.zeros_like(t)
    for ratio, level, decay in parts:
        if base * ratio < 15_000:
            total += (
                np.float32(level) * np.sin(np.float32(2 * np.pi * base * ratio) * t) * np.exp(-np.float32(decay) * t)
            )
    return total


# --- Pitched voices -------------------------------------------------------------------------------------------------


def keys(pitch: float, seconds: float) -> Sound:
    """An electric piano: two-operator FM whose brightness dies faster than its loudness, and a small tine."""
    t = clock(seconds + 0.35)
    w = np.float32(2 * np.pi * hertz(pitch))
    index = 1.1 * np.exp(-5 * t) + 0.25
    body = np.sin(w * t + index * np.sin(w * t)) * np.exp(-1.5 * t)
    tine = 0.06 * np.sin(w * 7 * t) * np.exp(-18 * t)
    tremolo = 1 - 0.1 * (0.5 + 0.5 * np.sin(2 * np.pi * 4.6 * t))
    return shaped(((body + tine) * tremolo * 0.8).astype(np.float32), 0.004, 0.3)


def piano(pitch: float, seconds: float) -> Sound:
    """A felted upright: stretched partials in slightly detuned pairs."""
    parts = []
    for n in range(1, 9):
        stretch = n * (1 + 0.0004 * n * n) ** 0.5
        level = 0.55 * n**-1.5 * np.exp(-n * max(0.0, pitch - 48) / 90)
        decay = 0.9 + 0.55 * n + (pitch - 60) * 0.03
        parts += [(stretch, level, decay), (stretch * 1.0007, level * 0.7, decay * 0.8)]
    return shaped(partials(pitch, seconds + 0.6, parts), 0.008, 0.5)


def marimba(pitch: float, seconds: float) -> Sound:
    return shaped(partials(pitch, 0.9, [(1, 0.9, 5.5), (3.93, 0.22, 16), (9.2, 0.05, 38)]), 0.003, 0.2)


def kalimba(pitch: float, seconds: float) -> Sound:
    return shaped(partials(pitch, 1.4, [(1, 0.8, 3.2), (2, 0.08, 5), (5.42, 0.14, 14)]), 0.003, 0.3)


def bell(pitch: float, seconds: float) -> Sound:
    parts = [(1, 0.6, 1.3), (2, 0.22, 2.2), (2.76, 0.15, 3.4), (5.4, 0.06, 6)]
    return shaped(partials(pitch, 2.6, parts), 0.004, 0.8)


def flute(pitch: float, seconds: float) -> Sound:
    tone = wavetable(pitch, seconds + 0.1, cycle(round(pitch), 2.2, 3.0), vibrato=0.006)
    return shaped(tone * 0.6, 0.06, 0.12)


def lead(pitch: float, seconds: float) -> Sound:
    tone = wavetable(pitch, seconds + 0.1, cycle(round(pitch), 1.1, 5.0), vibrato=0.004)
    return shaped((tone + wavetable(pitch + 0.07, seconds + 0.1, cycle(round(pitch), 1.1, 5.0))) * 0.35, 0.012, 0.1)


def chip(pitch: float, seconds: float) -> Sound:
    """A square wave without its top: the sound of a small console, kind to the ear."""
    tone = wavetable(pitch, seconds, cycle(round(pitch), 1.0, 7.0, odd=True), vibrato=0.003)
    return shaped(tone * np.exp(-2.2 * clock(seconds)) * 0.55, 0.003, 0.03)


def string(pitch: float, seconds: float) -> Sound:
    """A plucked string after Karplus and Strong (1983), one period at a time."""
    period = RATE / hertz(pitch) - 0.5  # averaging two neighbours delays by half a sample
    length = int(period)
    part = period - length
    spectrum = np.fft.rfft(np.random.default_rng(round(pitch * 10)).uniform(-1, 1, length))
    spectrum *= np.exp(-np.arange(len(spectrum)) * hertz(pitch) / 2600)  # a soft fingertip
    spectrum[0] = 0
    table = np.fft.irfft(spectrum, length)
    size = round((seconds + 0.9) * RATE)
    sound = np.zeros(size)
    sound[2 : length + 2] = table / np.abs(table).max()
    loss = 0.9965 - 0.00008 * max(0.0, pitch - 40)
    for start in range(length + 2, size, length):
        stop = min(start + length, size)
        last, older, oldest = (sound[start - length - i : stop - length - i] for i in range(3))
        sound[start:stop] = loss * 0.5 * ((1 - part) * last + older + part * oldest)
    return shaped(sound[2:].astype(np.float32) * 0.7, 0.001, 0.4)


def pluck(pitch: float, seconds: float) -> Sound:
    """A synthesiser pluck: a bright and a dull saw, the bright one dying first, as a closing filter would have it."""
    t = clock(min(1.0, seconds + 0.3))
    bright = wavetable(pitch, t.size / RATE, cycle(round(pitch), 1.0, 14.0))
    dull = wavetable(pitch + 0.04, t.size / RATE, cycle(round(pitch), 1.4, 2.5))
    return shaped(0.4 * bright * np.exp(-15 * t) + 0.5 * dull * np.exp(-5 * t), 0.003, 0.1)


def saw(pitch: float, seconds: float) -> Sound:
    """A wide stab: three detuned saws."""
    table = cycle(round(pitch), 1.0, 7.0)
    total = sum((wavetable(pitch + d, seconds, table, phase=p) for d, p in ((-0.09, 0.1), (0, 0.5), (0.1, 0.8))))
    return shaped(np.asarray(total, dtype=np.float32) * 0.22 * np.exp(-1.2 * clock(seconds)), 0.006, 0.08)


def pad(pitch: float, seconds: float) -> Sound:
    table = cycle(round(pitch), 1.2, 4.0)
    total = sum(
        (wavetable(pitch + d, seconds + 0.7, table, phase=p) for d, p in ((-0.08, 0.2), (0.02, 0.6), (0.09, 0.9)))
    )
    return shaped(np.asarray(total, dtype=np.float32) * 0.2, 0.35, 0.7)


def strings(pitch: float, seconds: float) -> Sound:
    table = cycle(round(pitch), 1.1, 6.0)
    total = sum(
        (wavetable(pitch + d, seconds + 0.3, table, 0.004, p) for d, p in ((-0.06, 0.3), (0, 0.7), (0.07, 0.1)))
    )
    return shaped(np.asarray(total, dtype=np.float32) * 0.22, 0.14, 0.3)


def spiccato(pitch: float, seconds: float) -> Sound:
    return shaped(strings(pitch, 0.16) * np.exp(-5 * clock(0.46)) * 2.2, 0.01, 0.1)


def organ(pitch: float, seconds: float) -> Sound:
    parts = [(0.5, 0.2, 0.0), (1, 0.4, 0.0), (2, 0.2, 0.0), (3, 0.1, 0.0), (4, 0.06, 0.0)]
    return shaped(partials(pitch, seconds + 0.08, parts), 0.02, 0.1)


def bass(pitch: float, seconds: float) -> Sound:
    t = clock(seconds + 0.05)
    body = wavetable(pitch, t.size / RATE, cycle(round(pitch), 1.3, 3.5))
    return shaped(
        np.tanh(1.4 * (0.6 * body + 0.5 * np.sin(2 * np.pi * hertz(pitch) * t))) * np.exp(-1.4 * t) * 0.8, 0.005, 0.05
    )


def sub(pitch: float, seconds: float) -> Sound:
    """A sine with a little warmth, so that a phone's speaker still finds a note in it."""
    t = clock(seconds + 0.06)
    warm = np.sin(2 * np.pi * hertz(pitch) * t) + 0.22 * np.sin(4 * np.pi * hertz(pitch) * t)
    return shaped((np.tanh(1.5 * warm) * 0.75 * np.exp(-0.7 * t)).astype(np.float32), 0.008, 0.06)


def upright(pitch: float, seconds: float) -> Sound:
    return shaped(
        partials(pitch, min(1.3, seconds + 0.3), [(1, 0.9, 2.6), (2, 0.4, 4.5), (3, 0.16, 8), (4, 0.06, 14)]),
        0.006,
        0.15,
    )


# --- Strokes --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def band(seconds: float, low: float, high: float, seed: int = 1) -> Sound:
    """Noise between two frequencies, with edges an octave soft; peak 1."""
    size = round(seconds * RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(size))
    f = np.fft.rfftfreq(size, 1 / RATE) + 1e-6
    spectrum *= 1 / (1 + (low / f) ** 6) / (1 + (f / high) ** 6)
    noise = np.fft.irfft(spectrum, size)
    return np.asarray(noise / np.abs(noise).max(), np.float32)


def kick(_p: float, _s: float) -> Sound:
    t = clock(0.38)
    turns = 46 * t + (150 - 46) / 28 * (1 - np.exp(-28 * t))
    return shaped((np.sin(2 * np.pi * turns) * np.exp(-7.5 * t)).astype(np.float32), 0.002, 0.08)


def thud(_p: float, _s: float) -> Sound:
    """A soft kick, for quiet music."""
    t = clock(0.3)
    turns = 48 * t + 40 / 30 * (1 - np.exp(-30 * t))
    return shaped((np.sin(2 * np.pi * turns) * np.exp(-9 * t)).astype(np.float32), 0.006, 0.08)


def snare(_p: float, _s: float) -> Sound:
    t = clock(0.24)
    body = 0.5 * np.sin(2 * np.pi * 185 * t) * np.exp(-24 * t)
    return shaped(body + 0.45 * band(0.24, 900, 6500) * np.exp(-17 * t), 0.002, 0.05)


def brush(_p: float, _s: float) -> Sound:
    return shaped(0.4 * band(0.3, 1200, 5200, 2) * np.exp(-12 * clock(0.3)), 0.012, 0.1)


def clap(_p: float, _s: float) -> Sound:
    t = clock(0.28)
    hands = sum(np.where(t >= s, np.exp(-60 * (t - s)), 0) for s in (0.0, 0.011, 0.021)) + 0.7 * np.exp(-15 * t)
    return shaped((0.3 * band(0.28, 900, 3600, 3) * hands).astype(np.float32), 0.002, 0.06)


def rim(_p: float, _s: float) -> Sound:
    t = clock(0.07)
    return shaped(
        (0.5 * np.sin(2 * np.pi * 1650 * t) + 0.4 * np.sin(2 * np.pi * 820 * t)).astype(np.float32) * np.exp(-65 * t),
        0.001,
        0.02,
    )


def hat(_p: float, _s: float) -> Sound:
    return shaped(0.32 * band(0.08, 6500, 11_500, 4) * np.exp(-55 * clock(0.08)), 0.002, 0.02)


def cymbal(_p: float, _s: float) -> Sound:
    return shaped(0.28 * band(0.3, 6000, 11_000, 5) * np.exp(-13 * clock(0.3)), 0.004, 0.1)


def shaker(_p: float, _s: float) -> Sound:
    return shaped(0.28 * band(0.11, 4800, 9500, 6) * np.exp(-24 * clock(0.11)), 0.018, 0.04)


def tick(_p: float, _s: float) -> Sound:
    t = clock(0.06)
    return shaped((0.5 * np.sin(2 * np.pi * 2100 * t)).astype(np.float32) * np.exp(-90 * t), 0.001, 0.02)


def drum(_p: float, _s: float) -> Sound:
    """A large soft drum."""
    t = clock(0.9)
    turns = 62 * t + 30 / 18 * (1 - np.exp(-18 * t))
    return shaped((np.sin(2 * np.pi * turns) * np.exp(-4.5 * t)).astype(np.float32), 0.004, 0.3)


VOICES: dict[str, Voice] = {
    voice.__name__: voice
    for voice in (
        keys, piano, marimba, kalimba, bell, flute, lead, chip, string, pluck, saw, pad, strings, spiccato, organ,
        bass, sub, upright, kick, thud, snare, brush, clap, rim, hat, cymbal, shaker, tick, drum,
    )
}  # fmt: skip
