"""How good rankings are: full ranking of all candidates, ties in the order of item numbers.

With h the hits among a viewer's first k and p how many items they wanted: Recall@k = h / p, HR@k = 1 when h > 0, and
NDCG@k has binary gains, discounts 1 / log2(place + 1) and as its ideal min(k, p) hits at the top (Järvelin and
Kekäläinen 2002). AUC is the share of pairs (wanted, not wanted) of one viewer in the right order, ties counting half.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.errors import BadScoresError
from hustings.lib.recommend.questions import Question

CELLS = 4_000_000  # of (viewers, items) at once: about 100 MB with everything that is made of them
_LAST = np.iinfo(np.int64).min

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """Values of each metric for each viewer asked about, NaN where it has no meaning, and the coverage of all."""

    viewers: NDArray[np.int32]
    values: dict[str, Floats]
    coverage: dict[str, float]

    def mean(self, metric: str) -> float:
        """Over viewers; `gauc` is the AUC weighted by how many items each wanted."""
        if metric in self.coverage:
            return self.coverage[metric]
        values = self.values[metric]
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def top(scores: NDArray[np.float32], allowed: NDArray[np.bool_], k: int) -> NDArray[np.int32]:
    """(rows, k) items of each row, best first, lower numbers first among equals; -1 where there are no more.

    The score's bits, put in order, and the item's number make one integer that no other item has, so a partial sort
    is as stable as a full one and much cheaper.
    """
    rows, items = scores.shape
    bits = (np.ascontiguousarray(scores, np.float32) + np.float32(0)).view(np.int32)  # -0 becomes 0
    keys = (bits ^ ((bits >> 31) & 0x7FFF_FFFF)).astype(np.int64) << 32
    keys |= np.arange(items - 1, -1, -1, dtype=np.int64)
    keys[~allowed] = _LAST
    k_there = min(k, items)
    best = np.argpartition(keys, items - k_there, axis=1)[:, items - k_there :]
    found = np.take_along_axis(keys, best, axis=1)
    order = np.argsort(found, axis=1)[:, ::-1]
    out = np.full((rows, k), -1, np.int32)
    out[:, :k_there] = np.take_along_axis(best, order, axis=1)
    out[:, :k_there][np.take_along_axis(found, order, axis=1) == _LAST] = -1
    return out


def measure(
    question: Question,
    scores: Callable[[NDArray[np.int32]], NDArray[np.float32]],
    ks: Sequence[int],
    *,
    auc: bool = True,
) -> Measured:
    """Rank for every viewer of the question, a block of viewers at a time."""
    viewers, n_items = question.wanted.viewers, question.train.n_items
    most = max(ks)
    discounts = 1.0 / np.log2(np.arange(2, most + 2))
    ideal = np.append(0.0, np.cumsum(discounts))
    names = [f"{name}@{k}" for k in ks for name in ("recall", "hr", "ndcg")] + (["auc"] if auc else [])
    values = {name: np.full(len(viewers), np.nan) for name in names}
    shown = {k: np.zeros(n_items, np.bool_) for k in ks}
    rankable = np.zeros(n_items, np.bool_)
    step = max(1, CELLS // max(n_items, 1))
    for begin in range(0, len(viewers), step):
        block = viewers[begin : begin + step]
        part = slice(begin, begin + len(block))
        given = np.asarray(scores(block), np.float32)
        _check(given, (len(block), n_items))
        allowed = question.allowed(block)
        rankable |= allowed.any(axis=0)
        relevant = np.zeros(given.shape, np.bool_)
        relevant[question.wanted.among(block)] = True
        wanted = relevant.sum(axis=1)
        best = top(given, allowed, most)
        hits = np.take_along_axis(relevant, np.maximum(best, 0), axis=1) & (best >= 0)
        gains = np.cumsum(hits * discounts, axis=1)
        counts = np.cumsum(hits, axis=1)
        for k in ks:
            values[f"recall@{k}"][part] = counts[:, k - 1] / wanted
            values[f"hr@{k}"][part] = counts[:, k - 1] > 0
            values[f"ndcg@{k}"][part] = gains[:, k - 1] / ideal[np.minimum(wanted, k)]
            of_k = best[:, :k]
            shown[k][of_k[of_k >= 0]] = True
        if auc:
            values["auc"][part] = [
                _auc(row, may, right) for row, may, right in zip(given, allowed, relevant, strict=True)
            ]
    among = max(int(rankable.sum()), 1)
    return Measured(viewers, values, {f"coverage@{k}": float(shown[k].sum()) / among for k in ks})


def _auc(scores: NDArray[np.float32], allowed: NDArray[np.bool_], relevant: NDArray[np.bool_]) -> float:
    others = np.sort(scores[allowed & ~relevant])
    if not len(others):
        return float("nan")
    wanted = scores[relevant]
    below = np.searchsorted(others, wanted, side="left") + np.searchsorted(others, wanted, side="right")
    return float(below.mean() / 2 / len(others))


def weighted_auc(measured: Measured, question: Question) -> float:
    """GAUC: the AUC of each viewer, weighted by how many items they wanted."""
    values, weights = measured.values["auc"], question.wanted.counts
    there = np.isfinite(values)
    return float(np.average(values[there], weights=weights[there])) if there.any() else float("nan")


def _check(scores: NDArray[np.float32], shape: tuple[int, int]) -> None:
    if scores.shape != shape:
        raise BadScoresError(f"A model answered with shape {scores.shape}; {shape} was asked for.")
    if np.isnan(scores).any() or np.isposinf(scores).any():
        raise BadScoresError("A model's scores contain NaN or infinity.")
