"""Accounts of which less was asked: one clip in so many stays, none when it was asked twice."""

import numpy as np

from hustings.feed import rules
from hustings.feed.candidates import Candidates
from hustings.feed.query import Query


class LessFrom:
    name = "less_from"

    def enabled(self, query: Query) -> bool:
        return bool(query.memory.less)

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        view, less, kept_of = query.view, query.memory.less, query.weights.less_from.kept_of
        keep = np.ones(len(candidates), np.bool_)
        concerned = np.isin(view.authors[candidates.rows], list(less))
        for place in np.flatnonzero(concerned):
            row = candidates.rows[place]
            keep[place] = rules.still_shown(int(view.ids[row]), query.viewer_id, less[int(view.authors[row])], kept_of)
        return candidates.split(keep)
