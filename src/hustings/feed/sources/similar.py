"""The clips whose content is nearest to what was watched: an exact scan for all interests at once."""

from hustings.feed import scan
from hustings.feed.candidates import Candidates, Origin
from hustings.feed.query import Query


class Similar:
    name = "similar"

    def enabled(self, query: Query) -> bool:
        return not query.memory.is_new

    def fetch(self, query: Query) -> Candidates:
        rows, cosines = scan.search(query.view.table, query.interests(), query.open, query.weights.sources.similar)
        # In a small catalogue the scan returns everything; what points elsewhere is not similar.
        return Candidates.found(rows[cosines > 0.1], Origin.SIMILAR)
