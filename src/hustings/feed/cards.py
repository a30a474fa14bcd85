"""The clips' JSON, made once and kept as bytes, so that a page is put together and not serialised.

What changes by the minute (counts) and by the viewer stands apart from the rest. A card that nobody
has asked for lately makes room; one that changed is dropped and made again when next asked for.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import orjson

Load = Callable[[Sequence[int]], Mapping[int, dict[str, Any]]]
"""Whole `Clip`s of the HTTP API by id; clips that are gone are missing."""


@dataclass(slots=True)
class Card:
    """`body` is the JSON object without `counts`, `viewer` and its closing brace."""

    author_id: int
    handle: str
    caption: str
    body: bytes
    counts: bytes


class Cards:
    """At most `room` cards; used by all threads of a process."""

    def __init__(self, load: Load, room: int) -> None:
        self._load = load
        self._room = room
        self._cards: OrderedDict[int, Card] = OrderedDict()
        self._lock = Lock()
        # Cards dropped while others were being made must not be put back as they were before.
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._cards)

    def get(self, ids: Sequence[int], authors: Mapping[int, int]) -> dict[int, Card]:
        """Cards by clip id; clips that are gone are missing. `authors` are their account ids.

        No query when all are there, else a constant number for all that are not.
        """
        with self._lock:
            found = {key: self._cards[key] for key in ids if key in self._cards}
            for key in found:
                self._cards.move_to_end(key)
            before = self._dropped
        missing = [key for key in ids if key not in found]
        if missing:
            made = {key: _card(clip, authors[key]) for key, clip in self._load(missing).items()}
            found |= made
            with self._lock:
                if before == self._dropped:
                    self._cards.update(made)
                    while len(self._cards) > self._room:
                        self._cards.popitem(last=False)
        return found

    def drop(self, ids: Iterable[int]) -> None:
        """These clips changed."""
        with self._lock:
            self._dropped += 1
            for key in ids:
                self._cards.pop(key, None)

    def drop_author(self, author_id: int) -> None:
        """What is shown of this author changed."""
        with self._lock:
            self._dropped += 1
            for key in [key for key, card in self._cards.items() if card.author_id == author_id]:
                del self._cards[key]

    def held(self, ids: Iterable[int]) -> list[int]:
        """Those of `ids` that are here."""
        with self._lock:
            return [key for key in ids if key in self._cards]

    def recount(self, counts: Mapping[int, Mapping[str, int]]) -> None:
        """Take over new counts of the cards that are here."""
        with self._lock:
            for key, new in counts.items():
                if key in self._cards:
                    self._cards[key].counts = orjson.dumps(new)


def _card(clip: dict[str, Any], author_id: int) -> Card:
    body = {name: value for name, value in clip.items() if name not in {"counts", "viewer"}}
    return Card(
        author_id=author_id,
        handle=clip["author"]["handle"],
        caption=clip["caption"],
        body=orjson.dumps(body)[:-1],
        counts=orjson.dumps(clip["counts"]),
    )


def compose(card: Card, *, following: bool, own: bool) -> bytes:
    """The whole `Clip` for one viewer.

    `liked` and `saved` are false: whoever liked or kept a clip has seen it, and the feed shows no
    clip twice.
    """
    return b'%b,"counts":%b,"viewer":{"liked":false,"saved":false,"following":%b,"own":%b}}' % (
        card.body,
        card.counts,
        b"true" if following else b"false",
        b"true" if own else b"false",
    )
