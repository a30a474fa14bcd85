"""What most people watch now: of the last day, and of the last week."""

import numpy as np
from numpy.typing import NDArray

from hustings.feed.candidates import Candidates, Origin
from hustings.feed.query import Query


class PopularDay:
    name = "popular_day"

    def enabled(self, query: Query) -> bool:
        return len(query.view.popular_day) > 0

    def fetch(self, query: Query) -> Candidates:
        rows = _open(query.view.popular_day, query, query.weights.sources.popular_day)
        return Candidates.found(rows, Origin.POPULAR_DAY)


class PopularWeek:
    name = "popular_week"

    def enabled(self, query: Query) -> bool:
        return len(query.view.popular_week) > 0

    def fetch(self, query: Query) -> Candidates:
        rows = _open(query.view.popular_week, query, query.weights.sources.popular_week)
        return Candidates.found(rows, Origin.POPULAR_WEEK)


def _open(pool: NDArray[np.int32], query: Query, limit: int) -> NDArray[np.int32]:
    rows: NDArray[np.int32] = pool[query.open[pool]][:limit]
    return rows
