"""The plain ranker: twelve terms, each a fact between about 0 and 1 times its weight, added up."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hustings.feed import vectors
from hustings.feed.candidates import Candidates
from hustings.feed.query import Query
from hustings.feed.ranker import Scores

Column = NDArray[np.float32]


class Linear:
    """`terms` are the names of `[ranker]` in weights.toml, and of the facts below."""

    terms = (
        "interest",
        "recent",
        "dislike",
        "author",
        "hashtag",
        "following",
        "quality",
        "popular_day",
        "popular_week",
        "fresh",
        "language",
        "noise",
    )

    def score(self, query: Query, candidates: Candidates) -> Scores:
        view, rows, memory = query.view, candidates.rows, query.memory
        weights = query.weights.ranker
        facts = np.empty((len(rows), len(self.terms)), np.float32)
        clips = vectors.unpacked(view.table[rows])
        authors = view.authors[rows]

        # An interest that has only just begun counts half; a tie between interests goes to the strong one.
        facts[:, 0] = (clips @ memory.interests.T * np.sqrt(memory.strength)).max(axis=1)
        facts[:, 1] = clips @ memory.mood
        facts[:, 2] = np.maximum(clips @ memory.dislike, 0.0)
        facts[:, 3] = _looked_up(memory.authors, authors)
        facts[:, 4] = np.clip(_looked_up(memory.tags, view.tags[rows]).sum(axis=1), -1.0, 1.0)
        facts[:, 5] = np.isin(authors, query.relations.following) if query.relations.following else 0.0
        facts[:, 6] = view.quality[rows]
        facts[:, 7] = view.day_rank[rows]
        facts[:, 8] = view.week_rank[rows]
        hours = np.maximum(query.now - view.published[rows], 0.0) / 3600.0
        facts[:, 9] = np.exp2(-hours / weights.fresh_half_life_h)
        facts[:, 10] = self._language(query, view.languages[rows])
        facts[:, 11] = query.dice.standard_normal(len(rows), np.float32)
        facts *= np.array([getattr(weights, name) for name in self.terms], np.float32)
        return facts.sum(axis=1), facts

    @staticmethod
    def _language(query: Query, languages: NDArray[np.uint32]) -> Column:
        known = dict(query.memory.languages)
        if query.language:
            known[vectors.key(query.language)] = 1.0
        return _looked_up(known, languages)


def _looked_up(table: Mapping[int, float], keys: NDArray[np.integer]) -> Column:
    """The value of each key, 0 where the table has none; of the shape of `keys`."""
    if not table:
        return np.zeros(keys.shape, np.float32)
    known = np.fromiter(table.keys(), np.int64)
    values = np.fromiter(table.values(), np.float32)
    order = known.argsort()
    known, values = known[order], values[order]
    places = np.minimum(known.searchsorted(keys), len(known) - 1)
    found: Column = np.where(known[places] == keys, values[places], np.float32(0.0))
    return found
