"""What most people watched: always, and in the last days. The second beats many learnt models where time exists."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.errors import BadDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.peers.histories import Histories

DAY = 86_400.0


class Popularity:
    """An item's score is how many viewers watched it; the same for everybody."""

    name = "popularity"
    space: ClassVar[Mapping[str, Sequence[object]]] = {}
    seeded = False

    def fit(self, train: Events, *, seed: int) -> None:
        self._counts = Histories.of(train).counts()

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.broadcast_to(self._counts, (len(viewers), len(self._counts)))


class RecentPopularity:
    """How often an item was watched in the days before the viewer's own last event, or before the log's end.

    The first is for protocols that hold back each viewer's last events, where the log's end is the viewer's future;
    the second for those that cut the log at one moment. Which one serves is tuned like any parameter.
    """

    name = "popularity-7-days"
    space: ClassVar[Mapping[str, Sequence[object]]] = {"before": ("viewer", "end")}
    seeded = False

    def __init__(self, *, days: float = 7.0, before: str = "viewer") -> None:
        self._days, self._before = days, before

    def fit(self, train: Events, *, seed: int) -> None:
        if train.times is None:
            raise BadDataError("Recent popularity needs times.")
        order = np.argsort(train.times, kind="stable")
        self._times, self._items, self._n_items = train.times[order], train.items[order], train.n_items
        end = self._times[-1] if len(order) else 0.0
        self._last = np.full(train.n_viewers, end)
        if self._before == "viewer":
            np.maximum.at(personal := np.full(train.n_viewers, -np.inf), train.viewers, train.times)
            self._last = np.where(np.isfinite(personal), personal, end)

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        until = self._last[viewers]
        begins = np.searchsorted(self._times, until - self._days * DAY, side="left")
        ends = np.searchsorted(self._times, until, side="right")
        out = np.empty((len(viewers), self._n_items), np.float32)
        for row, (begin, end) in enumerate(zip(begins, ends, strict=True)):
            out[row] = np.bincount(self._items[begin:end], minlength=self._n_items)
        return out
