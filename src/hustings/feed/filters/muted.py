"""Accounts and words that the viewer does not want to meet."""

import numpy as np

from hustings.feed.candidates import Candidates
from hustings.feed.query import Query
from hustings.lib import text


class MutedAccounts:
    name = "muted_accounts"

    def enabled(self, query: Query) -> bool:
        return bool(query.relations.muted)

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        return candidates.split(~np.isin(query.view.authors[candidates.rows], query.relations.muted))


class MutedWords:
    """Last of the filters, because it is the only one that reads text."""

    name = "muted_words"

    def enabled(self, query: Query) -> bool:
        return bool(query.relations.words)

    def apply(self, query: Query, candidates: Candidates) -> tuple[Candidates, Candidates]:
        words, folded = query.relations.words, query.view.words
        keep = [not text.has_phrase_in_words(folded[row], words) for row in candidates.rows]
        return candidates.split(np.array(keep, np.bool_))
