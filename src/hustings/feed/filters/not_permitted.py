"""Withdrawn clips, and those whose visibility was narrowed."""

from hustings.feed.candidates import Candidates
from hustings.feed.query import Query


class NotPermitted:
    name = "not_permitted"

    def enabled(self, query: Query) -> bool:
        return True

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        return candidates.split(query.view.alive[candidates.rows])
