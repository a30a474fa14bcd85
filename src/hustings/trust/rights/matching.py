"""Which film belongs to which post: by the number in its name, by the moment in its name, by its title. Pure.

Apps name films in their own ways ("7123456789012345678.mp4", "2023-01-01 12_00_00.mp4", the first words of the
caption), and people's tools in others. A film is given only where one post alone fits.
"""

import re
import sys
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

FILMS: Final = (".mp4", ".mov", ".webm", ".m4v")
_NUMBER = re.compile(r"(?<!\d)(\d{15,20})(?!\d)", re.ASCII)
_MOMENT = re.compile(r"(\d{4})\D?(\d\d)\D?(\d\d)\D{0,3}(\d\d)\D?(\d\d)\D?(\d\d)(?!\d)", re.ASCII)
_NEAR_S: Final = 2.0
_TITLE_MIN: Final = 12  # letters; shorter beginnings fit too much
_TITLE_MAX: Final = 400  # letters that count; no name of a file is longer
_AFTER_ALL: Final = chr(sys.maxunicode)  # sorts behind every letter


def is_film(name: str) -> bool:
    """Whether a name says that it is a film; what a Mac adds beside each file is none."""
    base = name.rpartition("/")[2]
    return base.lower().endswith(FILMS) and not base.startswith("._") and "__MACOSX/" not in name


def match(names: Iterable[str], posts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Film name → place in `posts` (`ref`, `at` as ISO text, `caption`). Each post gets one film at most.

    Each post is looked at once for each of the three ways, each name once more: a stranger chooses how many of both
    there are, and every name against every post took hours for an archive that is small enough to be sent.
    """
    left = {place for place in range(len(posts)) if not posts[place].get("film")}
    found: dict[str, int] = {}
    waiting = sorted(set(names))
    for way in (_ByNumber, _ByMoment, _ByTitle):
        sought = way(posts, left)
        for name in waiting:
            place = None if name in found else sought.only(name)
            if place is not None:
                found[name] = place
                sought.take(place)
                left.discard(place)
    return found


def moment_in(name: str) -> datetime | None:
    """The moment that a film's name says, in UTC as exports have it."""
    found = _MOMENT.search(name.rpartition("/")[2])
    if found is None:
        return None
    try:
        return datetime.fromisoformat("{}-{}-{}T{}:{}:{}+00:00".format(*found.groups()))
    except ValueError:
        return None


class _ByNumber:
    """Posts by the number of their address."""

    def __init__(self, posts: Sequence[Mapping[str, Any]], left: Iterable[int]) -> None:
        self._refs = {place: str(posts[place].get("ref") or "").rpartition(":")[2] for place in left}
        self._places: dict[str, set[int]] = {}
        for place, ref in self._refs.items():
            if ref:
                self._places.setdefault(ref, set()).add(place)

    def only(self, name: str) -> int | None:
        numbers = set(_NUMBER.findall(name.rpartition("/")[2]))
        some = [self._places[number] for number in numbers if self._places.get(number)]
        return next(iter(some[0])) if len(some) == 1 and len(some[0]) == 1 else None

    def take(self, place: int) -> None:
        self._places[self._refs[place]].discard(place)


class _ByMoment:
    """Posts in the order of their moments."""

    def __init__(self, posts: Sequence[Mapping[str, Any]], left: Iterable[int]) -> None:
        moments = ((_moment(posts[place].get("at")), place) for place in left)
        self._moments = sorted((at, place) for at, place in moments if at is not None)
        self._at = {place: at for at, place in self._moments}

    def only(self, name: str) -> int | None:
        named = moment_in(name)
        if named is None:
            return None
        at = named.timestamp()
        first = bisect_left(self._moments, (at - _NEAR_S, -1))
        last = bisect_right(self._moments, (at + _NEAR_S, sys.maxsize))
        return self._moments[first][1] if last - first == 1 else None

    def take(self, place: int) -> None:
        del self._moments[bisect_left(self._moments, (self._at[place], place))]


class _ByTitle:
    """Posts by the letters of their captions: one of film's name and caption must begin with the other."""

    def __init__(self, posts: Sequence[Mapping[str, Any]], left: Iterable[int]) -> None:
        self._titles = {place: _letters(str(posts[place].get("caption") or "")) for place in left}
        self._sorted = sorted((title, place) for place, title in self._titles.items() if len(title) >= _TITLE_MIN)
        self._counted = Counter(title for title, _ in self._sorted)
        self._lengths = sorted({len(title) for title in self._counted})

    def only(self, name: str) -> int | None:
        stem = _letters(name.rpartition("/")[2].rpartition(".")[0])
        if len(stem) < _TITLE_MIN:
            return None
        first = bisect_left(self._sorted, (stem, -1))
        last = bisect_left(self._sorted, (stem + _AFTER_ALL, -1))
        shorter = [stem[:length] for length in self._lengths if length < len(stem) and self._counted[stem[:length]]]
        if last - first + sum(self._counted[title] for title in shorter) != 1:
            return None
        return self._sorted[bisect_left(self._sorted, (shorter[0], -1)) if shorter else first][1]

    def take(self, place: int) -> None:
        title = self._titles[place]
        del self._sorted[bisect_left(self._sorted, (title, place))]
        self._counted[title] -= 1


def _moment(value: object) -> float | None:
    """A post's moment in seconds; None where what stands there is none."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text[:_TITLE_MAX]).casefold()
    return "".join(c for c in folded if c.isalnum())[:_TITLE_MAX]
