"""Public data, where it is on the machine: our protocols give the numbers that others measured."""

from pathlib import Path

import pytest

from hustings.lib.recommend.datasets import kuairec, movielens
from hustings.lib.recommend.errors import MissingDataError
from hustings.lib.recommend.evaluating import Plan, evaluate
from hustings.lib.recommend.metrics import measure
from hustings.lib.recommend.peers.ease import DecayedEase, Ease
from hustings.lib.recommend.peers.popularity import Popularity
from hustings.lib.recommend.questions import Task

BESIDE = Path(__file__).parents[4] / "shared" / "data"


@pytest.fixture(scope="module")
def ml100k() -> Task:
    try:
        return movielens.load("ml-100k", [BESIDE])
    except MissingDataError as missing:
        pytest.skip(missing.hint)


def test_popularity_on_kuairec_is_what_the_data_says_it_is() -> None:
    try:
        task = kuairec.load([BESIDE])
    except MissingDataError as missing:
        pytest.skip(missing.hint)
    assert dict(task.facts) == {"train events": 822_067, "valid pairs": 92_311, "test pairs": 216_716}
    assert len(task.test.wanted.viewers) == 1_410
    assert task.test.left_out == 0
    model = Popularity()
    model.fit(task.test.train, seed=0)
    found = measure(task.test, model.scores, [20])
    assert found.mean("recall@20") == pytest.approx(0.1507, abs=5e-5)
    assert found.mean("ndcg@20") == pytest.approx(0.5424, abs=5e-5)
    assert found.mean("auc") == pytest.approx(0.757, abs=5e-4)


def test_recent_history_matters_more_than_the_linear_model_on_movielens(ml100k: Task) -> None:
    results, _ = evaluate(ml100k, [Popularity, Ease, DecayedEase], Plan(ks=(10,), budget=1, resamples=200))
    assert [one.name for one in results] == ["ease-decayed", "ease", "popularity"]
    assert results[0].intervals["ndcg@10"][0] > results[2].intervals["ndcg@10"][1]
