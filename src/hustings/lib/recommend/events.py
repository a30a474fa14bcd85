"""What a recommender learns from, and what every recommender here can do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Events:
    """What viewers watched: columns of equal length, sorted by viewer, within a viewer in the order of the log.

    Viewers and items are dense numbers from 0. Neither every viewer nor every item needs to have an event, and a
    viewer may have the same item more than once.
    """

    viewers: NDArray[np.int32]
    items: NDArray[np.int32]
    times: NDArray[np.float64] | None  # seconds since 1970
    shares: NDArray[np.float32] | None  # the watched share of the item's length; above 1 when it was watched again
    n_viewers: int
    n_items: int

    def __len__(self) -> int:
        return len(self.viewers)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each viewer's events begin: those of viewer v are `starts[v]:starts[v + 1]`."""
        return np.searchsorted(self.viewers, np.arange(self.n_viewers + 1)).astype(np.int64)


class Recommender(Protocol):
    """Learns from events, then scores all items for viewers from their history in those same events.

    Parameters are keywords of the constructor, each with a default. `space` names those that may be tuned and the
    values to try, the default among them; an empty one says there is nothing to tune.
    """

    name: str
    space: ClassVar[Mapping[str, Sequence[object]]]

    def fit(self, train: Events, *, seed: int) -> None: ...

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        """One row for each viewer, one column for each item; higher is better. Seen items may score anything."""
        ...
