"""Runs the stages of a feed and measures them. Knows nothing of clips, viewers or scores.

The shape is that of X's candidate pipeline: a pipeline is lists of components, each with a name and
an `enabled(query)`; a filter answers what it kept *and* what it removed, so nothing vanishes
unexplained.
"""

from collections.abc import Sequence, Sized
from dataclasses import dataclass, field
from time import perf_counter
from typing import Generic, Protocol, TypeVar

Q = TypeVar("Q")
Q_contra = TypeVar("Q_contra", contravariant=True)
C = TypeVar("C", bound=Sized)
C_co = TypeVar("C_co", bound=Sized, covariant=True)
C_contra = TypeVar("C_contra", bound=Sized, contravariant=True)
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Source(Protocol[Q_contra, C_co]):
    """Brings candidates."""

    name: str

    def enabled(self, query: Q_contra) -> bool: ...
    def fetch(self, query: Q_contra) -> C_co: ...


class Filter(Protocol[Q_contra, C]):
    """Takes candidates away: (kept, removed)."""

    name: str

    def enabled(self, query: Q_contra) -> bool: ...
    def apply(self, query: Q_contra, candidates: C) -> tuple[C, C]: ...


class Scorer(Protocol[Q_contra, C]):
    """Gives each candidate its score, by itself: never a function of the others."""

    name: str

    def apply(self, query: Q_contra, candidates: C) -> C: ...


class Selector(Protocol[Q_contra, C]):
    """Chooses the page, in order."""

    name: str

    def select(self, query: Q_contra, candidates: C, count: int) -> C: ...


class Explainer(Protocol[Q_contra, C_contra, R_co]):
    """Says why each of the chosen is there, one answer for each, in their order."""

    name: str

    def explain(self, query: Q_contra, chosen: C_contra) -> Sequence[R_co]: ...


class Merge(Protocol[C]):
    """Makes one set of candidates out of several, each candidate once."""

    def __call__(self, parts: Sequence[C]) -> C: ...


@dataclass(slots=True)
class Outcome(Generic[C, R]):
    """All that one run knows: what came in, what was taken away by whom, what was chosen and why."""

    retrieved: C
    removed: dict[str, C]
    remaining: int  # candidates that passed the filters
    selected: C
    reasons: Sequence[R]
    seconds: dict[str, float] = field(default_factory=dict)  # by stage, for the profile


@dataclass(frozen=True, slots=True)
class Pipeline(Generic[Q, C, R]):
    """Sources, filters, scorer, selector and explainer, in that order.

    `reserve` is asked only when the sources leave no more than the page needs, so `remaining` tells
    whether there is anything after this page.
    """

    sources: Sequence[Source[Q, C]]
    reserve: Sequence[Source[Q, C]]
    merge: Merge[C]
    filters: Sequence[Filter[Q, C]]
    scorer: Scorer[Q, C]
    selector: Selector[Q, C]
    explainer: Explainer[Q, C, R]

    def run(self, query: Q, count: int) -> Outcome[C, R]:
        """One page of at most `count`."""
        watch = _Stopwatch()
        retrieved = self._fetch(self.sources, [], query, watch)
        kept, removed = self._filter(query, retrieved, watch)
        if len(kept) <= count and self.reserve:
            retrieved = self._fetch(self.reserve, [retrieved], query, watch)
            kept, removed = self._filter(query, retrieved, watch)
        scored = self.scorer.apply(query, kept)
        watch.lap(self.scorer.name)
        selected = self.selector.select(query, scored, count)
        watch.lap(self.selector.name)
        reasons = self.explainer.explain(query, selected)
        watch.lap(self.explainer.name)
        return Outcome(retrieved, removed, len(kept), selected, reasons, watch.seconds)

    def _fetch(self, sources: Sequence[Source[Q, C]], have: list[C], query: Q, watch: "_Stopwatch") -> C:
        parts = list(have)
        for source in sources:
            if source.enabled(query):
                parts.append(source.fetch(query))
                watch.lap(source.name)
        merged = self.merge(parts)
        watch.lap("merge")
        return merged

    def _filter(self, query: Q, candidates: C, watch: "_Stopwatch") -> tuple[C, dict[str, C]]:
        removed: dict[str, C] = {}
        for step in self.filters:
            if step.enabled(query):
                candidates, gone = step.apply(query, candidates)
                removed[step.name] = gone
        watch.lap("filters")
        return candidates, removed


class _Stopwatch:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now
