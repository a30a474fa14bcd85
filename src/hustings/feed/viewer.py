"""A viewer as the feed knows them: a pure function of what they did.

`Memory` is the same for everybody. For a signed-in viewer it lies packed in one row and each batch
of events moves it on; for a signed-out viewer it is made from the history that the browser sends,
used for one page and dropped. Nothing here knows who the viewer is.

Taste is several interests (people like more than one thing, and their average is something nobody
likes: PinnerSage, KDD 2020), a mood that follows the last clips, and what was turned down.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from hustings.feed import packing, rules
from hustings.feed.catalogue import View
from hustings.feed.vectors import DIMENSIONS, Floats, unpacked
from hustings.feed.weights import Weights

INTERESTS = 5
REMEMBERED = 48  # authors and hashtags, each
LIKED = 24  # clips that may be named in "similar to"
LANGUAGES = 6
BATCHES = 16


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done with a clip that is in the catalogue."""

    row: int
    watched_s: float | None  # None: not a watch
    actions: tuple[str, ...] = ()


def _floats(*shape: int) -> Floats:
    return np.zeros(shape, np.float32)


@dataclass(slots=True)
class Memory:
    """Taste and history. Database ids throughout: rows differ between processes."""

    interests: Floats = field(default_factory=lambda: _floats(INTERESTS, DIMENSIONS))
    strength: Floats = field(default_factory=lambda: _floats(INTERESTS))
    mood: Floats = field(default_factory=lambda: _floats(DIMENSIONS))
    dislike: Floats = field(default_factory=lambda: _floats(DIMENSIONS))
    authors: dict[int, float] = field(default_factory=dict)  # account id: -1 to 1
    tags: dict[int, float] = field(default_factory=dict)  # vectors.key: -1 to 1
    languages: dict[int, float] = field(default_factory=dict)  # vectors.key: 0 to 1
    less: dict[int, int] = field(default_factory=dict)  # account id: how often "less from" was said
    liked: list[int] = field(default_factory=list)  # clips, latest last
    acted: list[int] = field(default_factory=list)  # clips liked or saved, perhaps elsewhere than here
    last: int = 0  # the clip watched last
    batches: list[str] = field(default_factory=list)  # keys of the last batches, to know one that comes twice
    seen: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))  # ascending

    def known(self) -> NDArray[np.uint32]:
        """Ids of the clips that must not be shown again."""
        return np.concatenate([self.seen, np.array(self.acted, np.uint32)]) if self.acted else self.seen

    @property
    def is_new(self) -> bool:
        """Whether nothing has been learnt yet."""
        return not self.strength.any()


def learn(memory: Memory, deeds: Iterable[Deed], view: View, weights: Weights) -> None:
    """Move `memory` on by what was done, in order. Rows must be rows of `view`."""
    done = list(deeds)
    if not done:
        return
    clips = unpacked(view.table[[deed.row for deed in done]])
    fresh: list[int] = []
    for deed, clip in zip(done, clips, strict=True):
        row, video = deed.row, int(view.ids[deed.row])
        seen = None
        if deed.watched_s is not None:
            seen = rules.watched(weights.gain, deed.watched_s, float(view.durations[row]))
            fresh.append(video)
            memory.last = video
        gain = rules.gain(weights.gain, seen, deed.actions)
        _taste(memory, clip, gain, weights)
        _facts(memory, view, row, gain, weights)
        if {"like", "save"} & set(deed.actions):
            _last(memory.acted, video, 200)
        if gain > 0.6:
            _last(memory.liked, video, LIKED)
        if "less_from" in deed.actions:
            author = int(view.authors[row])
            memory.less[author] = min(memory.less.get(author, 0) + 1, 9)
    memory.authors = _strongest(memory.authors, REMEMBERED)
    memory.tags = _strongest(memory.tags, REMEMBERED)
    memory.languages = _strongest(memory.languages, LANGUAGES)
    see(memory, fresh)


def see(memory: Memory, video_ids: Iterable[int]) -> None:
    """Remember that these clips were shown."""
    new = np.fromiter(video_ids, np.uint32)
    if len(new):
        memory.seen = np.union1d(memory.seen, new)


def _taste(memory: Memory, clip: Floats, gain: float, weights: Weights) -> None:
    how = weights.interests
    memory.strength *= how.fade
    memory.dislike *= how.fade_dislike
    near = memory.interests @ clip
    near[memory.strength <= 0] = -1.0
    best = int(near.argmax())
    if gain < 0:
        memory.dislike += how.learn_dislike * min(-gain, 1.5) * (clip - memory.dislike)
        if near[best] >= how.merge_above:
            memory.strength[best] *= max(0.0, 1.0 + how.learn * max(gain, -2.0))
        return
    step = min(how.learn * gain, 0.9)
    if near[best] >= how.merge_above:
        moved = memory.interests[best] + step * (clip - memory.interests[best])
        memory.interests[best] = moved / max(float(np.linalg.norm(moved)), 1e-6)
        memory.strength[best] += step * (1.0 - memory.strength[best])
    else:
        # A new interest takes the place of the weakest; it has to prove itself like that one did.
        weakest = int(memory.strength.argmin())
        if step > memory.strength[weakest] * 0.5:
            memory.interests[weakest] = clip
            memory.strength[weakest] = step
    memory.mood += min(how.learn_recent * gain, 0.8) * (clip - memory.mood)


def _facts(memory: Memory, view: View, row: int, gain: float, weights: Weights) -> None:
    fade = weights.interests.fade_facts
    step = max(-1.0, min(1.0, 0.3 * gain))
    author, language = int(view.authors[row]), int(view.languages[row])
    for table, key in [(memory.authors, author), *((memory.tags, int(tag)) for tag in view.tags[row] if tag)]:
        before = table.get(key, 0.0)
        table[key] = fade * before + step * (1.0 - abs(before))
    if gain > 0:
        memory.languages[language] = min(1.0, memory.languages.get(language, 0.0) + 0.1 * gain)
    elif language in memory.languages:
        memory.languages[language] = max(0.0, memory.languages[language] + 0.05 * gain)


def _last(items: list[int], item: int, most: int) -> None:
    if item in items:
        items.remove(item)
    items.append(item)
    del items[:-most]


def _strongest(table: dict[int, float], most: int) -> dict[int, float]:
    if len(table) <= most:
        return table
    return dict(sorted(table.items(), key=lambda item: -abs(item[1]))[:most])


# --- Packed ------------------------------------------------------------------------------------------


class _Packed(msgspec.Struct, array_like=True):
    form: int
    interests: bytes
    strength: bytes
    mood: bytes
    dislike: bytes
    authors: dict[int, float]
    tags: dict[int, float]
    languages: dict[int, float]
    less: dict[int, int]
    liked: list[int]
    acted: list[int]
    last: int
    batches: list[str]


FORM = 1
_reader = msgspec.msgpack.Decoder(_Packed)
_write = msgspec.msgpack.Encoder().encode


def pack(memory: Memory) -> tuple[bytes, bytes]:
    """(taste, seen) as they lie in the viewer's row."""
    taste = _write(
        _Packed(
            FORM,
            memory.interests.astype(np.float16).tobytes(),
            memory.strength.tobytes(),
            memory.mood.astype(np.float16).tobytes(),
            memory.dislike.astype(np.float16).tobytes(),
            memory.authors,
            memory.tags,
            memory.languages,
            memory.less,
            memory.liked,
            memory.acted,
            memory.last,
            memory.batches,
        )
    )
    return taste, packing.pack_ids(memory.seen)


def unpack(taste: bytes, seen: bytes) -> Memory:
    """What `pack` made. A row of another form, or a damaged one, is a viewer who begins anew."""
    memory = Memory(seen=packing.unpack_ids(seen))
    try:
        packed = _reader.decode(taste)
        if packed.form != FORM:
            return memory
        memory.interests = _half(packed.interests).reshape(INTERESTS, DIMENSIONS)
        memory.strength = np.frombuffer(packed.strength, np.float32).reshape(INTERESTS).copy()
        memory.mood = _half(packed.mood).reshape(DIMENSIONS)
        memory.dislike = _half(packed.dislike).reshape(DIMENSIONS)
    except (msgspec.DecodeError, ValueError):
        return Memory(seen=memory.seen)
    memory.authors, memory.tags, memory.languages = packed.authors, packed.tags, packed.languages
    memory.less, memory.liked, memory.acted = packed.less, packed.liked, packed.acted
    memory.last, memory.batches = packed.last, packed.batches
    return memory


def _half(raw: bytes) -> Floats:
    return np.frombuffer(raw, np.float16).astype(np.float32)
