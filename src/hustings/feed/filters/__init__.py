"""What must not be shown, in the order in which it is taken away. Each file holds one rule."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hustings.feed.candidates import Candidates, Origin
from hustings.feed.filters.blocked import Blocked
from hustings.feed.filters.less_from import LessFrom
from hustings.feed.filters.muted import MutedAccounts, MutedWords
from hustings.feed.filters.not_permitted import NotPermitted
from hustings.feed.filters.own import Own
from hustings.feed.filters.seen import OnScreen, Seen
from hustings.feed.query import Query

FILTERS = (NotPermitted(), Seen(), OnScreen(), Own(), Blocked(), MutedAccounts(), LessFrom(), MutedWords())


def permitted(query: Query, rows: NDArray[Any]) -> NDArray[np.int32]:
    """Those of `rows` that every filter keeps."""
    candidates = Candidates.found(rows, Origin.EVERYTHING)
    for step in FILTERS:
        if step.enabled(query):
            candidates, _ = step.apply(query, candidates)
    return candidates.rows
