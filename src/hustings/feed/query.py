"""Who asks, and what this request is: all that the stages may look at."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hustings.feed import vectors
from hustings.feed.catalogue import NO_ROW, View
from hustings.feed.viewer import Memory
from hustings.feed.weights import Weights

_FAINT = 0.08  # an interest that has nearly faded brings nothing of its own any more


@dataclass(frozen=True, slots=True)
class Relations:
    """What the viewer decided about others. `blocked` holds both directions."""

    following: tuple[int, ...] = ()
    blocked: tuple[int, ...] = ()
    muted: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class Query:
    """One question for a page. `now` is in seconds since 1970; `dice` are the only chance there is."""

    view: View
    weights: Weights
    memory: Memory
    relations: Relations
    now: float
    dice: np.random.Generator
    viewer_id: int | None = None
    language: str = ""
    held: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))  # rows already on the screen
    # Made from the above:
    closed: NDArray[np.bool_] = field(init=False)  # by row: seen, on the screen
    open: NDArray[np.bool_] = field(init=False)  # by row: worth a source's effort
    previous: int = field(init=False)  # the row before the page's first, or NO_ROW

    def __post_init__(self) -> None:
        self.closed = np.zeros(self.view.size, np.bool_)
        self.closed[self.view.rows_of(self.memory.known())] = True
        self.closed[self.held] = True
        # The filters decide; this only keeps sources from bringing what will be taken away anyway.
        self.open = self.view.alive & ~self.closed
        self.previous = self._previous()

    def _previous(self) -> int:
        if len(self.held):
            return int(self.held[-1])
        last = self.view.rows_of(np.array([self.memory.last], np.int64))
        return int(last[0]) if self.memory.last and len(last) else NO_ROW

    def interests(self) -> vectors.Bytes:
        """(k, 64) packed: the interests there are and the mood; k is 0 for a new viewer."""
        memory = self.memory
        if memory.is_new:
            return np.zeros((0, vectors.DIMENSIONS), np.int8)
        rows = [*memory.interests[memory.strength > _FAINT]]
        if memory.mood.any():
            rows.append(memory.mood)
        return vectors.packed(np.array(rows, np.float32)) if rows else np.zeros((0, vectors.DIMENSIONS), np.int8)
