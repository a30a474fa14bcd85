"""Every clip that may be recommended, in memory, as columns: one array per fact, one row per clip.

Each server process has its own copy. A row belongs to one clip for as long as the process lives: a
withdrawn clip's row is closed, never given to another, so a request that holds row numbers cannot
end up with a stranger. `loading` keeps it in step with the database; this file knows none.

100,000 clips take about 60 MB. One thread writes, any number read: writes go into arrays in place,
and whatever changes the arrays' length is published as a new `View`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hustings.feed import popularity, vectors
from hustings.feed.weights import Weights
from hustings.lib import text

TAGS = 4  # hashtags per clip that affinities look at
NO_ROW = -1
_CHUNK = 4_000  # clips whose vectors are made together


@dataclass(frozen=True, slots=True)
class Facts:
    """What the feed knows of a clip. `published_at` is in seconds since 1970."""

    id: int
    public_id: str
    author_id: int
    sound_id: int | None
    duration: float
    language: str
    hashtags: tuple[str, ...]
    caption: str
    published_at: float


@dataclass(frozen=True, slots=True)
class Counted:
    """How a clip was watched, as `ClipStats` keeps it; `day` and `week` are faded to `touched_at`."""

    id: int
    impressions: int
    watched_share: float
    day: float
    week: float
    touched_at: float


@dataclass(frozen=True, slots=True)
class View:
    """The catalogue as one request sees it: `size` rows. Arrays are shared, not copied."""

    size: int
    ids: NDArray[np.int64]
    authors: NDArray[np.int64]
    sounds: NDArray[np.int64]  # 0: none
    languages: NDArray[np.uint32]  # vectors.key of the language
    durations: NDArray[np.float32]
    published: NDArray[np.float64]
    alive: NDArray[np.bool_]
    table: vectors.Bytes  # (size, 64)
    tags: NDArray[np.uint32]  # (size, TAGS), vectors.key of the hashtag; 0: none
    impressions: NDArray[np.float32]
    quality: NDArray[np.float32]  # expected share of the length, see popularity
    day_rank: NDArray[np.float32]  # 0 to 1
    week_rank: NDArray[np.float32]
    popular_day: NDArray[np.int32]  # rows, most popular first
    popular_week: NDArray[np.int32]
    owed: NDArray[np.int32]  # rows of new clips that have not had their showings yet
    row_by_id: NDArray[np.int32]  # by the clip's database id; NO_ROW where there is none
    by_author: dict[int, list[int]]  # rows, oldest first
    by_public_id: dict[str, int]
    public_ids: list[str]
    hashtags: list[tuple[str, ...]]
    words: list[str]  # of the caption, with its hashtags, as text.phrase folds them

    def row_of(self, video_id: int) -> int | None:
        """The row of a database id; None when this view has none."""
        return self._mine(int(self.row_by_id[video_id]) if 0 <= video_id < len(self.row_by_id) else NO_ROW)

    def row_of_clip(self, public_id: str) -> int | None:
        """The row of a public id; None when this view has none."""
        return self._mine(self.by_public_id.get(public_id, NO_ROW))

    def _mine(self, row: int) -> int | None:
        # The indexes are shared with the writer: they may know rows that came after this view.
        return row if NO_ROW < row < self.size else None

    def rows_of(self, ids: NDArray[Any]) -> NDArray[np.int32]:
        """The rows of those database ids that are in the catalogue; others are left out."""
        ids = ids[ids < len(self.row_by_id)]
        rows = self.row_by_id[ids]
        known: NDArray[np.int32] = rows[(rows != NO_ROW) & (rows < self.size)]
        return known


@dataclass
class _Columns:
    """The arrays, longer than they need to be so that most additions need no new ones."""

    room: int
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)

    FORMS = {
        "ids": (np.int64, ()),
        "authors": (np.int64, ()),
        "sounds": (np.int64, ()),
        "languages": (np.uint32, ()),
        "durations": (np.float32, ()),
        "published": (np.float64, ()),
        "alive": (np.bool_, ()),
        "table": (np.int8, (vectors.DIMENSIONS,)),
        "tags": (np.uint32, (TAGS,)),
        "impressions": (np.float32, ()),
        "watched": (np.float32, ()),
        "day": (np.float64, ()),
        "week": (np.float64, ()),
        "touched": (np.float64, ()),
        "quality": (np.float32, ()),
        "day_rank": (np.float32, ()),
        "week_rank": (np.float32, ()),
    }

    def __post_init__(self) -> None:
        self.arrays = {name: np.zeros((self.room, *more), kind) for name, (kind, more) in self.FORMS.items()}

    def grown(self, room: int) -> "_Columns":
        larger = _Columns(room)
        for name, array in self.arrays.items():
            larger.arrays[name][: len(array)] = array
        return larger


class Catalogue:
    """The writing side. Call `settle` after changes; `view` is what requests read."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._columns = _Columns(1024)
        self._size = 0
        self._row_by_id = np.full(1024, NO_ROW, np.int32)
        self._by_author: dict[int, list[int]] = {}
        self._by_public_id: dict[str, int] = {}
        self._public_ids: list[str] = []
        self._hashtags: list[tuple[str, ...]] = []
        self._words: list[str] = []
        self._pools = popularity.Pools.empty()
        self.view = self._look()

    def put(self, clips: Sequence[Facts]) -> None:
        """Add clips, or take over what changed about them; they can be recommended from now on."""
        for start in range(0, len(clips), _CHUNK):
            self._put(clips[start : start + _CHUNK])
        self.view = self._look()

    def remove(self, ids: Iterable[int]) -> None:
        """Close the rows of these clips at once; unknown ids are ignored."""
        rows = self.view.rows_of(np.fromiter(ids, np.int64))
        self._columns.arrays["alive"][rows] = False

    def count(self, counted: Sequence[Counted]) -> None:
        """Take over how clips were watched. Their places in the pools follow with `settle`."""
        known = [one for one in counted if one.id < len(self._row_by_id) and self._row_by_id[one.id] != NO_ROW]
        if not known:
            return
        rows = self._row_by_id[[one.id for one in known]]
        arrays = self._columns.arrays
        arrays["impressions"][rows] = [one.impressions for one in known]
        arrays["watched"][rows] = [one.watched_share for one in known]
        arrays["day"][rows] = [one.day for one in known]
        arrays["week"][rows] = [one.week for one in known]
        arrays["touched"][rows] = [one.touched_at for one in known]

    def settle(self, now: float) -> None:
        """Compute again what depends on all clips together: quality, popularity, who is owed showings."""
        arrays = {name: array[: self._size] for name, array in self._columns.arrays.items()}
        self._pools = popularity.settle(arrays, self._weights, now)
        self.view = self._look()

    def ids(self) -> set[int]:
        """Database ids of the clips that may be recommended."""
        return set(self.view.ids[self.view.alive].tolist())

    def _put(self, clips: Sequence[Facts]) -> None:
        folded = [text.words(clip.caption) for clip in clips]
        rows = [self._row(clip, " ".join(words)) for clip, words in zip(clips, folded, strict=True)]
        arrays = self._columns.arrays
        arrays["ids"][rows] = [clip.id for clip in clips]
        arrays["authors"][rows] = [clip.author_id for clip in clips]
        arrays["sounds"][rows] = [clip.sound_id or 0 for clip in clips]
        arrays["languages"][rows] = [vectors.key(clip.language) for clip in clips]
        arrays["durations"][rows] = [max(clip.duration, 0.1) for clip in clips]
        arrays["published"][rows] = [clip.published_at for clip in clips]
        arrays["tags"][rows] = [
            ([vectors.key(tag) for tag in clip.hashtags[:TAGS]] + [0] * TAGS)[:TAGS] for clip in clips
        ]
        arrays["table"][rows] = vectors.contents(
            self._weights.vector,
            [
                vectors.Features(clip.hashtags, clip.author_id, clip.sound_id, clip.language, words)
                for clip, words in zip(clips, folded, strict=True)
            ],
        )
        # Last, so that a page built meanwhile sees the row whole or not at all.
        arrays["alive"][rows] = True

    def _row(self, clip: Facts, words: str) -> int:
        if clip.id >= len(self._row_by_id):
            longer = np.full(max(clip.id + 1, 2 * len(self._row_by_id)), NO_ROW, np.int32)
            longer[: len(self._row_by_id)] = self._row_by_id
            self._row_by_id = longer
        row = int(self._row_by_id[clip.id])
        if row == NO_ROW:
            row = self._size
            if row == self._columns.room:
                self._columns = self._columns.grown(2 * row)
            self._columns.arrays["quality"][row] = self._weights.quality.prior
            self._public_ids.append(clip.public_id)
            self._hashtags.append(clip.hashtags)
            self._words.append(words)
            self._by_author.setdefault(clip.author_id, []).append(row)
            self._by_public_id[clip.public_id] = row
            self._row_by_id[clip.id] = row
            self._size += 1
        else:
            self._hashtags[row] = clip.hashtags
            self._words[row] = words
        return row

    def _look(self) -> View:
        arrays = {name: array[: self._size] for name, array in self._columns.arrays.items()}
        names = View.__dataclass_fields__.keys() & arrays.keys()
        return View(
            size=self._size,
            **{name: arrays[name] for name in names},
            popular_day=self._pools.popular_day,
            popular_week=self._pools.popular_week,
            owed=self._pools.owed,
            row_by_id=self._row_by_id,
            by_author=self._by_author,
            by_public_id=self._by_public_id,
            public_ids=self._public_ids,
            hashtags=self._hashtags,
            words=self._words,
        )
