"""Accounts one has blocked, and accounts that have blocked one: neither sees the other."""

import numpy as np

from hustings.feed.candidates import Candidates
from hustings.feed.query import Query


class Blocked:
    name = "blocked"

    def enabled(self, query: Query) -> bool:
        return bool(query.relations.blocked)

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        return candidates.split(~np.isin(query.view.authors[candidates.rows], query.relations.blocked))
