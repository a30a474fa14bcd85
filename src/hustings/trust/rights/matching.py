"""Which film belongs to which post: by the number in its name, by the moment in its name, by its title. Pure.

Apps name films in their own ways ("7123456789012345678.mp4", "2023-01-01 12_00_00.mp4", the first words of the
caption), and people's tools in others. A film is given only where one post alone fits.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

FILMS: Final = (".mp4", ".mov", ".webm", ".m4v")
_NUMBER = re.compile(r"(?<!\d)(\d{15,20})(?!\d)", re.ASCII)
_MOMENT = re.compile(r"(\d{4})\D?(\d\d)\D?(\d\d)\D{0,3}(\d\d)\D?(\d\d)\D?(\d\d)(?!\d)", re.ASCII)
_NEAR: Final = timedelta(seconds=2)
_TITLE_MIN: Final = 12  # letters; shorter beginnings fit too much


def is_film(name: str) -> bool:
    """Whether a name says that it is a film; what a Mac adds beside each file is none."""
    base = name.rpartition("/")[2]
    return base.lower().endswith(FILMS) and not base.startswith("._") and "__MACOSX/" not in name


def match(names: Iterable[str], posts: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Film name → place in `posts` (`ref`, `at` as ISO text, `caption`). Each post gets one film at most."""
    left = {place for place in range(len(posts)) if not posts[place].get("film")}
    found: dict[str, int] = {}
    waiting = sorted(set(names))
    for fits in (_by_number, _by_moment, _by_title):
        for name in [one for one in waiting if one not in found]:
            places = [place for place in left if fits(name, posts[place])]
            if len(places) == 1:
                found[name] = places[0]
                left.discard(places[0])
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


def _by_number(name: str, post: Mapping[str, Any]) -> bool:
    ref = str(post.get("ref") or "").rpartition(":")[2]
    return bool(ref) and ref in _NUMBER.findall(name.rpartition("/")[2])


def _by_moment(name: str, post: Mapping[str, Any]) -> bool:
    at, named = post.get("at"), moment_in(name)
    return bool(at) and named is not None and abs(datetime.fromisoformat(str(at)) - named) <= _NEAR


def _by_title(name: str, post: Mapping[str, Any]) -> bool:
    stem, title = _letters(name.rpartition("/")[2].rpartition(".")[0]), _letters(str(post.get("caption") or ""))
    shorter = min(len(stem), len(title))
    return shorter >= _TITLE_MIN and stem[:shorter] == title[:shorter]


def _letters(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in folded if c.isalnum())
