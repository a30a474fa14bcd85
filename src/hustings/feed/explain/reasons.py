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


_SOURCES = (
    (Origin.FOLLOWING, "following"),
    (Origin.POPULAR_DAY, "popular_day"),
    (Origin.POPULAR_WEEK, "popular_week"),
    (Origin.FRESH, "fresh"),
    (Origin.EXPLORE, "explore"),
)


class Explain:
    name = "explain"

    def explain(self, query: Query, chosen: Candidates) -> Sequence[Sequence[Reason]]:
        if not len(chosen):
            return []
        anchors, cosines = _anchors(query, chosen)
        return [
            self._reasons(query, int(row), Origin(int(origins)), int(anchor), float(cosine))
            for row, origins, anchor, cosine in zip(chosen.rows, chosen.origins, anchors, cosines, strict=True)
        ]

    def _reasons(self, query: Query, row: int, origins: Origin, anchor: int, cosine: float) -> list[Reason]:
        """In the order of how much a person would say that they explain it."""
        view, memory, rules = query.view, query.memory, query.weights.explain
        found: list[Reason] = []
        if Origin.FOLLOWING in origins:
            found.append(Reason("following"))
        if memory.authors.get(int(view.authors[row]), 0.0) >= rules.author and not found:
            found.append(Reason("liked_author"))
        if cosine >= rules.similar:
            found.append(Reason("similar_to", clip=anchor))
        tag = max(view.hashtags[row], key=lambda name: memory.tags.get(vectors.key(name), 0.0), default=None)
        if tag is not None and memory.tags.get(vectors.key(tag), 0.0) >= rules.hashtag:
            found.append(Reason("hashtag", {"tag": tag}))
        for origin, code in _SOURCES[1:]:
            if origin in origins and len(found) < rules.reasons:
                found.append(Reason(code))
        if not found and Origin.SIMILAR in origins:
            # Like an interest as a whole, and like no single liked clip that is still there.
            found.append(Reason("similar_to"))
        if not found:
            # The reserve brought it: nothing spoke for it but that it has not been seen.
            found.append(Reason("explore"))
        return found[: rules.reasons]


def _anchors(query: Query, chosen: Candidates) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """For each of the chosen the liked clip that it is most like, and the cosine; -1 and 0 for none."""
    view = query.view
    liked = view.rows_of(np.array(query.memory.liked, np.int64)) if query.memory.liked else np.zeros(0, np.int32)
    liked = liked[view.alive[liked]]
    if not len(liked):
        return np.full(len(chosen), -1, np.int32), np.zeros(len(chosen), np.float32)
    cosines = vectors.unpacked(view.table[chosen.rows]) @ vectors.unpacked(view.table[liked]).T
    best = cosines.argmax(axis=1)
    return liked[best], cosines[np.arange(len(chosen)), best]
