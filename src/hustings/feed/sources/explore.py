"""A little pure chance, so that the feed can be wrong about somebody and find out."""

from hustings.feed.candidates import Candidates, Origin
from hustings.feed.query import Query


class Explore:
    name = "explore"

    def enabled(self, query: Query) -> bool:
        return query.view.size > 0

    def fetch(self, query: Query) -> Candidates:
        rows = query.dice.integers(0, query.view.size, query.weights.sources.explore)
        return Candidates.found(rows[query.open[rows]], Origin.EXPLORE)
