"""At most two reasons per clip. Each is a fact of this run: the terms that added most, then the source.

A reason that is not true is not given: "because you liked @x" needs a remembered liking of x, not a
high score. Handles and captions are filled in from the clip's card when the page is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hustings.feed import vectors
from hustings.feed.candidates import Candidates, Origin
from hustings.feed.query import Query


@dataclass(frozen=True, slots=True)
class Reason:
    """`code` is the client's catalogue key. `clip` is the row of a liked clip that the reason names."""

    code: str
    params: dict[str, str] = field(default_factory=dict)
    clip: int | None = None


_FOLLOWING, _SIMILAR = int(Origin.FOLLOWING), int(Origin.SIMILAR)
_POPULAR_DAY, _POPULAR_WEEK = int(Origin.POPULAR_DAY), int(Origin.POPULAR_WEEK)
_SOURCES = (
    (_POPULAR_DAY, Reason("popular_day")),
    (_POPULAR_WEEK, Reason("popular_week")),
    (int(Origin.FRESH), Reason("fresh")),
    (int(Origin.EXPLORE), Reason("explore")),
)


class Explain:
    name = "explain"

    def explain(self, query: Query, chosen: Candidates) -> Sequence[Sequence[Reason]]:
        if not len(chosen):
            return []
        anchors, cosines = _anchors(query, chosen)
        rows, origins = chosen.rows.tolist(), chosen.origins.tolist()
        return [
            self._reasons(query, *facts)
            for facts in zip(rows, origins, anchors.tolist(), cosines.tolist(), strict=True)
        ]

    def _reasons(self, query: Query, row: int, origins: int, anchor: int, cosine: float) -> list[Reason]:
        """In the order of how much a person would say that they explain it."""
        view, memory, rules = query.view, query.memory, query.weights.explain
        found: list[Reason] = []
        if origins & _FOLLOWING:
            found.append(Reason("following"))
        elif memory.authors.get(int(view.authors[row]), 0.0) >= rules.author:
            found.append(Reason("liked_author"))
        if cosine >= rules.similar:
            found.append(Reason("similar_to", clip=anchor))
        for tag in view.hashtags[row] if len(found) < rules.reasons else ():
            if memory.tags.get(vectors.key(tag), 0.0) >= rules.hashtag:
                found.append(Reason("hashtag", {"tag": tag}))
                break
        if origins & _POPULAR_DAY:
            origins &= ~_POPULAR_WEEK  # the day is within the week: said twice it would explain once
        for origin, reason in _SOURCES:
            if origins & origin and len(found) < rules.reasons:
                found.append(reason)
        if not found:
            # Like an interest as a whole, and like no single liked clip that is still there; or brought
            # by the reserve, when nothing spoke for it but that it has not been seen.
            found.append(Reason("similar_to" if origins & _SIMILAR else "explore"))
        return found[: rules.reasons]


def _anchors(query: Query, chosen: Candidates) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """For each of the chosen the liked clip that it is most like, and the cosine; -1 and 0 for none.

    A clip that was withdrawn, or whose author is blocked by now, is not named.
    """
    view = query.view
    liked = view.rows_of(np.array(query.memory.liked, np.int64))
    liked = liked[view.alive[liked] & ~np.isin(view.authors[liked], query.relations.blocked)]
    if not len(liked):
        return np.full(len(chosen), -1, np.int32), np.zeros(len(chosen), np.float32)
    cosines = vectors.unpacked(view.table[chosen.rows]) @ vectors.unpacked(view.table[liked]).T
    best = cosines.argmax(axis=1)
    return liked[best], cosines[np.arange(len(chosen)), best]
