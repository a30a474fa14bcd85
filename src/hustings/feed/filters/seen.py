"""Clips watched before, over the whole history; and those the asker already has on the screen."""

import numpy as np

from hustings.feed.candidates import Candidates
from hustings.feed.query import Query


class Seen:
    name = "seen"

    def enabled(self, query: Query) -> bool:
        return bool(query.closed.any())

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        return candidates.split(~query.closed[candidates.rows] | np.isin(candidates.rows, query.held))


class OnScreen:
    name = "on_screen"

    def enabled(self, query: Query) -> bool:
        return len(query.held) > 0

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        return candidates.split(~np.isin(candidates.rows, query.held))
