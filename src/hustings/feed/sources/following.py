"""The latest clips of the accounts one follows."""

import numpy as np

from hustings.feed.candidates import Candidates, Origin
from hustings.feed.query import Query

_AUTHORS = 400  # looked at for one page; who follows more meets the others on other pages
_EACH = 6


class Following:
    name = "following"

    def enabled(self, query: Query) -> bool:
        return bool(query.relations.following)

    def fetch(self, query: Query) -> Candidates:
        authors = query.relations.following
        if len(authors) > _AUTHORS:
            authors = tuple(query.dice.choice(np.array(authors), _AUTHORS, replace=False).tolist())
        rows: list[int] = []
        for author in authors:
            # Newest first, and past those already seen: a follower who was away catches up.
            found = 0
            for row in reversed(query.view.by_author.get(author, ())):
                if row < query.view.size and query.open[row]:
                    rows.append(row)
                    found += 1
                    if found == _EACH:
                        break
        limit = query.weights.sources.following
        if len(rows) > limit:
            rows.sort(key=lambda row: -query.view.published[row])
        return Candidates.found(rows[:limit], Origin.FOLLOWING)
