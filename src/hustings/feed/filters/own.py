"""The viewer's own clips."""

from hustings.feed.candidates import Candidates
from hustings.feed.query import Query


class Own:
    name = "own"

    def enabled(self, query: Query) -> bool:
        return query.viewer_id is not None

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        return candidates.split(query.view.authors[candidates.rows] != query.viewer_id)
