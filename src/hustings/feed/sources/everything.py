"""The reserve: all that has not been seen, best first. Asked only when the other sources run dry."""

import numpy as np

from hustings.feed.candidates import Candidates, Origin
from hustings.feed.filters import permitted
from hustings.feed.query import Query

# The filter of muted words reads text; a viewer who muted nearly everything must not stop the server.
_LOOKED_AT = 20_000


class Everything:
    name = "everything"

    def enabled(self, query: Query) -> bool:
        return bool(query.open.any())

    def fetch(self, query: Query) -> Candidates:
        # Filtered here already: the best of what is left would otherwise be what the filters remove,
        # and a page would come back empty although there was more.
        rows = np.flatnonzero(query.open).astype(np.int32)
        if len(rows) > _LOOKED_AT:
            rows = query.dice.choice(rows, _LOOKED_AT, replace=False)
        rows = permitted(query, rows)
        limit = query.weights.sources.everything
        if len(rows) > limit:
            rows = rows[np.argpartition(-query.view.quality[rows], limit)[:limit]]
        return Candidates.found(rows, Origin.EVERYTHING)
