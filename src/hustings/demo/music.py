"""Plays a mood for exactly as long as a clip lasts, as a loop without a seam.

Everything is written into a buffer that wraps: a note or an echo that runs past the end comes in at the beginning,
so the last sample leads into the first. The tempo bends a little so that whole bars fill the clip, which lets pictures
land on the beat.
Loudness follows ITU-R BS.1770-4.
"""

import math
import wave as wav
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hustings.demo.instruments import RATE, VOICES, Sound
from hustings.demo.moods import MOODS, Layer, Mood

SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
}
LOUDNESS, CEILING = -14.0, 0.62  # LUFS, and a sample peak that leaves room for what AAC adds
Stereo = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Tempo:
    bars: int
    beats: int
    beat: float  # seconds


def tempo(mood: str, seconds: float) -> Tempo:
    """The number of whole bars that fills the clip nearest to the mood's own speed; even numbers are preferred."""
    wanted = MOODS[mood]

    def cost(bars: int) -> float:
        bpm = bars * wanted.beats * 60 / seconds
        return abs(math.log(bpm / wanted.bpm)) + (0.06 if bars % 2 else 0.0)

    bars = min(range(2, 17), key=cost)
    return Tempo(bars, wanted.beats, seconds / (bars * wanted.beats))


class Score:
    """Which chord sounds in which bar, and how it is laid out, in MIDI numbers."""

    def __init__(self, mood: Mood, time: Tempo, dice: np.random.Generator) -> None:
        self.mood, self.time = mood, time
        self.scale = SCALES[mood.scale]
        self.key = 48 + int(dice.choice(mood.keys)) - 5
        degrees = [int(c) - 1 for c in str(dice.choice(mood.chords))]
        # Two bars alone change chord twice in each; a remainder repeats the end, which is what leads back.
        self.slots = time.bars * (2 if time.bars < 4 and time.beats == 4 else 1)
        rest = self.slots % 4
        self.degrees = degrees * (self.slots // 4) + degrees[4 - rest :] * (rest > 0)

    def pitch(self, degree: int) -> int:
        return self.key + self.scale[degree % 7] + 12 * (degree // 7)

    def chord(self, step: int) -> int:
        """The degree that sounds at a sixteenth."""
        steps = self.time.bars * self.time.beats * 4
        return self.degrees[step * self.slots // steps]

    def tone(self, degree: int, index: int) -> int:
        """Thirds stacked on a degree; past the chord's own tones, an octave up."""
        tones = self.mood.tones
        return self.pitch(degree + 2 * (index % tones)) + 12 * (index // tones)

    @lru_cache(maxsize=64)  # noqa: B019 a score lives for one clip
    def voicing(self, degree: int) -> tuple[int, ...]:
        """The chord near middle C, turned so that it moves little from one to the next."""
        notes = [self.tone(degree, i) for i in range(self.mood.tones)]
        return tuple(sorted(56 + (note - 56) % 12 for note in notes))


class Desk:
    """The mixing desk: three stereo buses of the clip's length."""

    def __init__(self, seconds: float) -> None:
        self.size = round(seconds * RATE)
        self.dry, self.ducked, self.send = (np.zeros((2, self.size), np.float32) for _ in range(3))
        self.kicks: list[float] = []

    def add(self, sound: Sound, at: float, layer: Layer, gain: float, pan: float = 0.0) -> None:
        angle = (layer.pan + pan + 1) * math.pi / 4
        sides = np.array([[math.cos(angle)], [math.sin(angle)]], np.float32) * np.float32(gain * 1.41)
        bus = self.ducked if layer.ducks else self.dry
        start, done = round(at * RATE) % self.size, 0
        while done < len(sound):
            part = sound[done : done + self.size - start] * sides
            bus[:, start : start + part.shape[1]] += part
            if layer.wet:
                self.send[:, start : start + part.shape[1]] += part * np.float32(layer.wet)
            done, start = done + part.shape[1], 0


@dataclass(frozen=True, slots=True)
class Note:
    step: int  # sixteenths from the start
    pitch: float
    hold: float  # sixteenths
    level: float
    pan: float = 0.0


def notes(layer: Layer, score: Score, dice: np.random.Generator) -> list[Note]:
    """What one player plays, from its pattern and the chords."""
    bar = score.time.beats * 4
    steps = range(layer.enters * bar, score.time.bars * bar)
    marks = [(step, layer.pattern[step % len(layer.pattern)]) for step in steps]
    struck = [(step, mark) for step, mark in marks if mark != "."]
    if layer.play == "melody":
        return melody(layer, score, dice)
    if layer.play == "stroke":
        return [Note(step, 0, 1, 1.0 if mark == "x" else 0.5) for step, mark in struck]
    shift = 12 * (layer.octave - 4)
    if layer.play == "line":
        return [
            Note(s, score.tone(score.chord(s), int(m)) + shift, layer.hold, 1.0 - 0.12 * (s % 2)) for s, m in struck
        ]
    # A chord that is held is struck again where the harmony changes inside the bar.
    if layer.hold >= bar:
        struck = [(s, "x") for s in steps if s % bar == 0 or score.chord(s) != score.chord(s - 1)]
    hold = layer.hold if score.slots == score.time.bars else min(layer.hold, bar * score.time.bars / score.slots)
    return [
        Note(s, pitch + shift, hold, 0.55 if mark == "o" else 1.0, (i % 2 * 2 - 1) * 0.5)
        for s, mark in struck
        for i, pitch in enumerate(score.voicing(score.chord(s)))
    ]


def melody(layer: Layer, score: Score, dice: np.random.Generator) -> list[Note]:
    """A tune of one-bar phrases A A' A B: chord tones where the bar leans, small steps between, and room to breathe."""
    bar = score.time.beats * 4
    hits = [step for step in range(bar) if layer.pattern[step % len(layer.pattern)] != "."]
    shapes = []
    for _ in range(2):
        place, contour = int(dice.integers(0, 3)) * 2, []
        for hit in hits:
            place += int(dice.choice((-2, -1, -1, 1, 1, 2)))
            if hit % 4 == 0:
                place = 2 * round(place / 2)
            place = min(6, max(-1, place))
            contour.append(place)
        shapes.append(contour)
    made = []
    for number in range(layer.enters, score.time.bars):
        contour = shapes[1 if number % 4 == 3 else 0]
        for i, hit in enumerate(hits):
            if number % 4 == 1 and i == len(hits) - 1:
                continue  # the answer ends early
            step = number * bar + hit
            degree = score.chord(step)
            pitch = score.pitch(degree + contour[i]) + 12 * (layer.octave - 4)
            made.append(Note(step, pitch if pitch < 84 else pitch - 12, layer.hold, 1.0 if hit % 4 == 0 else 0.8))
    return made


def play(mood: str, seconds: float, seed: int) -> Stereo:
    """The finished loop, shape (2, samples)."""
    piece, time, dice = MOODS[mood], tempo(mood, seconds), np.random.default_rng(seed)
    score, desk, sixteenth = Score(piece, time, dice), Desk(seconds), time.beat / 4
    made: dict[tuple[str, float, float], Sound] = {}
    for layer in piece.layers:
        loose = 0.0 if layer.voice in {"kick", "bass", "sub"} else 0.0025
        for note in notes(layer, score, dice):
            key = (layer.voice, note.pitch, note.hold)
            if key not in made:
                made[key] = VOICES[layer.voice](note.pitch, note.hold * sixteenth)
            late = piece.swing * sixteenth * (note.step % 2) + float(dice.normal(0, 1)) * loose
            desk.add(made[key], note.step * sixteenth + late, layer, note.level * layer.gain, note.pan)
            if layer.voice == "kick":
                desk.kicks.append(note.step * sixteenth)
    return master(desk, piece, time)


# --- The mix --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _hall(seconds: float, size: int) -> NDArray[np.complex64]:
    """The spectrum of a room: two decaying noises, the bright one shorter, folded into `size` samples."""
    dice, length = np.random.default_rng(11), round(seconds * RATE)
    t = np.arange(length) / RATE
    tail = np.zeros((2, -(-length // size) * size), np.float32)
    for low, high, life, level in ((180, 2200, seconds, 1.0), (2200, 7500, seconds * 0.55, 0.6)):
        f = np.fft.rfftfreq(length, 1 / RATE) + 1e-6
        gate = 1 / (1 + (low / f) ** 4) / (1 + (f / high) ** 4)
        noise = np.fft.irfft(np.fft.rfft(dice.standard_normal((2, length))) * gate, length)
        tail[:, :length] += (level * noise * np.exp(-6.9 * t / life)).astype(np.float32)
    tail = np.roll(tail, round(0.018 * RATE), axis=1)
    folded = tail.reshape(2, -1, size).sum(axis=1)
    return np.asarray(np.fft.rfft(folded / np.sqrt((folded**2).sum(axis=1, keepdims=True))), np.complex64)


def _echo(send: Stereo, delay: float, level: float) -> Stereo:
    """Three repeats that change sides, each softer."""
    total, shift = np.zeros_like(send), round(delay * RATE)
    for i in range(1, 4):
        total += np.roll(send[:: -1 if i % 2 else 1], shift * i, axis=1) * np.float32(level * 0.55 ** (i - 1))
    return total


def _duck(desk: Desk, depth: float, beat: float) -> Sound:
    """The gain that makes room for each kick and comes back within a beat."""
    gain = np.ones(desk.size, np.float32)
    length = round(min(beat, 0.36) * RATE)
    dip = 1 - np.float32(depth) * (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, length, dtype=np.float32))) ** 1.5
    for kick in desk.kicks:
        where = (round(kick * RATE) + np.arange(length)) % desk.size
        gain[where] = np.minimum(gain[where], dip)
    return gain


def master(desk: Desk, piece: Mood, time: Tempo) -> Stereo:
    mix = desk.dry + desk.ducked * _duck(desk, piece.duck, time.beat)
    send = desk.send
    if piece.echo:
        repeats = _echo(send, time.beat * 0.75, piece.echo)
        mix, send = mix + repeats, send + repeats
    wet = np.fft.irfft(np.fft.rfft(send) * _hall(piece.room, desk.size), desk.size)
    level = math.sqrt(float((send**2).mean()) / max(1e-9, float((wet**2).mean())))
    mix = mix + (wet * level * piece.wet * 0.7).astype(np.float32)
    f = np.fft.rfftfreq(desk.size, 1 / RATE) + 1e-6
    # Small speakers have no low octaves: a tilt of 1.8 dB an octave moves the weight to where they can sing.
    tilt = (np.clip(f, 45, 9000) / 700) ** (1.8 / 6.02) / (1 + (30 / f) ** 4) / (1 + (f / 15_000) ** 8)
    mix = np.fft.irfft(np.fft.rfft(mix) * tilt, desk.size).astype(np.float32)
    for _ in range(3):  # what the limiter takes is given back, twice
        mix = _limited(mix * np.float32(10 ** ((LOUDNESS - loudness(mix)) / 20)))
    # A clip may begin on a full stroke: an encoder that is given it from nothing overshoots, so it is let in gently.
    attack, end = round(0.02 * RATE), round(0.004 * RATE)
    mix[:, :attack] *= np.sin(np.linspace(0, np.pi / 2, attack, dtype=np.float32)) ** 2
    mix[:, -end:] *= np.linspace(1, 0, end, dtype=np.float32)
    return mix


def _limited(mix: Stereo) -> Stereo:
    """Holds peaks under the ceiling by turning the whole mix down around them, slowly enough not to be heard."""
    block = 64
    size = mix.shape[1] // block * block
    peaks = np.abs(mix[:, :size]).reshape(2, -1, block).max(axis=(0, 2))
    peaks[-1] = max(peaks[-1], float(np.abs(mix[:, size:]).max(initial=0)))
    gain = np.minimum(1.0, CEILING / np.maximum(peaks, 1e-6))
    reach = 5
    around = np.lib.stride_tricks.sliding_window_view(np.pad(gain, 2 * reach, mode="wrap"), 2 * reach + 1).min(axis=1)
    window = np.hanning(2 * reach + 3)[1:-1]
    smooth = np.convolve(around, window / window.sum(), mode="valid")
    at = (np.arange(mix.shape[1]) - block / 2) / block
    return np.clip(mix * np.interp(at, np.arange(len(smooth)), smooth).astype(np.float32), -CEILING, CEILING)


def loudness(mix: Stereo) -> float:
    """Integrated loudness in LUFS after ITU-R BS.1770-4: K weighting, 400 ms blocks, both gates."""
    size = mix.shape[1]
    f = np.fft.rfftfreq(size, 1 / RATE)
    z = np.exp(-2j * np.pi * f / RATE)
    shelf = (1.53512485958697 - 2.69169618940638 * z + 1.19839281085285 * z**2) / (
        1 - 1.69065929318241 * z + 0.73248077421585 * z**2
    )
    high = (1 - 2 * z + z**2) / (1 - 1.99004745483398 * z + 0.99007225036621 * z**2)
    weighted = np.fft.irfft(np.fft.rfft(mix) * shelf * high, size)
    hop = RATE // 10
    power = (weighted[:, : size // hop * hop] ** 2).reshape(2, -1, hop).mean(axis=2).sum(axis=0)
    blocks = np.lib.stride_tricks.sliding_window_view(power, 4).mean(axis=1)
    blocks = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(blocks):
        return -70.0
    kept = blocks[blocks > blocks.mean() * 0.1]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def write_wav(mix: Stereo, path: Path) -> None:
    """16-bit PCM."""
    with wav.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((mix.T * 32_767).astype("<i2").tobytes())
