"""What the simple models keep of the events: each viewer's distinct items, and how long ago each was watched."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.events import Events


@dataclass(frozen=True)
class Histories:
    """Distinct items of each viewer, in the order in which they were last watched."""

    starts: NDArray[np.int64]
    viewers: NDArray[np.int32]
    items: NDArray[np.int32]
    n_items: int

    @classmethod
    def of(cls, events: Events) -> "Histories":
        keys = events.viewers.astype(np.int64) * events.n_items + events.items
        # Looking from the end, the first of equal keys is the last time that the item was watched.
        _, from_end = np.unique(keys[::-1], return_index=True)
        kept = np.sort(len(keys) - 1 - from_end)
        viewers = events.viewers[kept]
        starts = np.searchsorted(viewers, np.arange(events.n_viewers + 1)).astype(np.int64)
        return cls(starts, viewers, np.ascontiguousarray(events.items[kept]), events.n_items)

    @property
    def ones(self) -> NDArray[np.float32]:
        return np.ones(len(self.items), np.float32)

    def counts(self) -> NDArray[np.float32]:
        """(items,) by how many viewers each was watched."""
        return np.bincount(self.items, minlength=self.n_items).astype(np.float32)

    def lengths(self) -> NDArray[np.float32]:
        """(viewers,) how many items each has."""
        return np.diff(self.starts).astype(np.float32)

    def faded(self, keep: float) -> NDArray[np.float32]:
        """Weights keep ** age, one for each pair; the item watched last has age 0."""
        age = self.starts[self.viewers + 1] - 1 - np.arange(len(self.items))
        return np.power(np.float32(keep), age.astype(np.float32))
