"""How much a viewer would like each candidate.

The feed asks a `Ranker` and nothing else about liking. `Linear` is the one there is: a sum of named
terms. A learnt model takes its place by having the same two things.
"""

from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hustings.feed.candidates import Candidates
from hustings.feed.query import Query

Scores = tuple[NDArray[np.float32], NDArray[np.float32]]
"""(n,) scores, and (n, terms) what each term added, in the order of `terms`."""


class Ranker(Protocol):
    """Scores candidates independently: a page never depends on who else was asked about."""

    @property
    def terms(self) -> tuple[str, ...]: ...

    def score(self, query: Query, candidates: Candidates) -> Scores: ...


class Score:
    """The stage: has the ranker fill in the candidates' scores."""

    name = "score"

    def __init__(self, ranker: Ranker) -> None:
        self.ranker = ranker

    def apply(self, query: Query, candidates: Candidates) -> Candidates:
        scores, terms = self.ranker.score(query, candidates)
        return replace(candidates, scores=scores, terms=terms)
