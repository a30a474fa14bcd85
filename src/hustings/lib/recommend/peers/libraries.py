"""Peers from well-kept libraries, imported only when one is run: the extras `bench` and `bench-sequence`."""

import importlib
import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.errors import BadDataError, NotInstalledError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.peers.histories import Histories


def library(name: str, extra: str = "bench") -> Any:
    """The module, or a refusal that says how to get it."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise NotInstalledError("Not installed.", hint=f"pip install hustings[{extra}]") from None


def _matrix(histories: Histories, n_viewers: int) -> Any:
    """(viewers, items) as SciPy's compressed rows."""
    sparse = library("scipy.sparse")
    shape = (n_viewers, histories.n_items)
    matrix = sparse.csr_matrix((histories.ones, histories.items, histories.starts), shape=shape)
    matrix.sort_indices()
    return matrix


class IrspackAls:
    """Implicit ALS with the regularisation of Rendle et al. (2021), from irspack."""

    name = "ials"
    space: ClassVar[Mapping[str, Sequence[object]]] = {
        "alpha0": (0.1, 0.03, 0.3),
        "regularisation": (0.003, 0.001, 0.01),
        "factors": (64, 128),
    }

    def __init__(self, *, factors: int = 64, alpha0: float = 0.1, regularisation: float = 0.003) -> None:
        self._factors, self._alpha0, self._regularisation = factors, alpha0, regularisation

    def fit(self, train: Events, *, seed: int) -> None:
        irspack = library("irspack")
        self._model = irspack.IALSRecommender(
            _matrix(Histories.of(train), train.n_viewers),
            n_components=self._factors,
            alpha0=self._alpha0,
            reg=self._regularisation,
            random_seed=seed,
            n_threads=_threads(),
            train_epochs=16,
        )
        self._model.learn()

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.asarray(self._model.get_score(viewers.astype(np.int64)), np.float32)


class ImplicitAls:
    """Implicit ALS as Hu, Koren and Volinsky (2008) have it, from implicit."""

    name = "ials-implicit"
    space: ClassVar[Mapping[str, Sequence[object]]] = {
        "alpha": (10.0, 1.0, 40.0),
        "regularisation": (0.1, 0.01, 1.0),
        "factors": (64, 128),
    }

    def __init__(self, *, factors: int = 64, alpha: float = 10.0, regularisation: float = 0.1) -> None:
        self._factors, self._alpha, self._regularisation = factors, alpha, regularisation

    def fit(self, train: Events, *, seed: int) -> None:
        als = library("implicit.als")
        model = als.AlternatingLeastSquares(
            factors=self._factors,
            regularization=self._regularisation,
            alpha=self._alpha,
            iterations=15,
            use_gpu=False,
            num_threads=_threads(),
            random_state=seed,
        )
        model.fit(_matrix(Histories.of(train), train.n_viewers), show_progress=False)
        self._viewers, self._items = np.asarray(model.user_factors), np.asarray(model.item_factors)

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        return np.asarray(self._viewers[viewers] @ self._items.T, np.float32)


class SasRec:
    """SASRec (Kang and McAuley 2018) with a softmax over sampled negatives, from RecTools. Knows order, not time.

    RecTools wants an older NumPy than irspack, so it has an extra, and best an environment, of its own.
    """

    name = "sasrec"
    space: ClassVar[Mapping[str, Sequence[object]]] = {
        "epochs": (20, 40, 80),
        "factors": (64, 128),
        "dropout": (0.2, 0.1),
    }

    def __init__(self, *, factors: int = 64, epochs: int = 20, dropout: float = 0.2, length: int = 200) -> None:
        self._factors, self._epochs, self._dropout, self._length = factors, epochs, dropout, length

    def fit(self, train: Events, *, seed: int) -> None:
        dataset, models = (
            library(f"rectools.{part}", "bench-sequence") for part in ("dataset", "models.nn.transformers.sasrec")
        )
        pandas = library("pandas", "bench-sequence")
        library("pytorch_lightning", "bench-sequence").seed_everything(seed, verbose=False)
        if not len(train):
            raise BadDataError("There is nothing to learn from.")
        self._n_items = train.n_items
        # RecTools orders by date alone; the place in the log is the order here, and a tie of the clock no tie.
        rows = {"user_id": train.viewers, "item_id": train.items, "weight": 1.0}
        table = pandas.DataFrame({**rows, "datetime": pandas.to_datetime(np.arange(len(train)), unit="s")})
        self._dataset = dataset.Dataset.construct(table)
        self._known = np.zeros(train.n_viewers, np.bool_)
        self._known[train.viewers] = True
        self._model = models.SASRecModel(
            n_factors=self._factors,
            n_blocks=2,
            n_heads=1,
            session_max_len=self._length,
            dropout_rate=self._dropout,
            loss="sampled_softmax",
            n_negatives=256,
            epochs=self._epochs,
            deterministic=True,
        )
        self._model.fit(self._dataset)

    def scores(self, viewers: NDArray[np.int32]) -> NDArray[np.float32]:
        """Who has fewer than two events gets no scores from RecTools: all items are equal for them."""
        out = np.full((len(viewers), self._n_items), -np.inf, np.float32)
        asked = viewers[self._known[viewers]]
        if len(asked):
            found = self._model.recommend(
                asked, self._dataset, k=self._n_items, filter_viewed=False, on_unsupported_targets="ignore"
            )
            place = np.empty(len(self._known), np.int64)
            place[viewers] = np.arange(len(viewers))
            out[place[found["user_id"].to_numpy()], found["item_id"].to_numpy()] = found["score"].to_numpy()
        return out


def _threads() -> int:
    """As many as the machine lends; BLAS itself is held to one."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
