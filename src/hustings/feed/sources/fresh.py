"""New clips that have not had the showings every clip is owed, whoever made them."""

import numpy as np

from hustings.feed.candidates import Candidates, Origin
from hustings.feed.query import Query


class Fresh:
    name = "fresh"

    def enabled(self, query: Query) -> bool:
        return len(query.view.owed) > 0

    def fetch(self, query: Query) -> Candidates:
        owed = query.view.owed[query.open[query.view.owed]]
        limit = query.weights.sources.fresh
        if len(owed) > limit:
            owed = query.dice.choice(owed, limit, replace=False)
        return Candidates.found(np.sort(owed), Origin.FRESH)
