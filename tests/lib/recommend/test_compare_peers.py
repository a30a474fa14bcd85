"""Peers: each does what its name says, on sets small enough to work out."""

from typing import Any

import numpy as np
import pytest

from hustings.lib.recommend.datasets import simulated
from hustings.lib.recommend.errors import BadDataError, NotInstalledError
from hustings.lib.recommend.evaluating import Plan, ahead, evaluate, interval
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.peers import PEERS, libraries
from hustings.lib.recommend.peers.ease import DecayedEase, Ease, inverse_in_place
from hustings.lib.recommend.peers.histories import Histories
from hustings.lib.recommend.peers.neighbours import Bm25Neighbours, ItemNeighbours
from hustings.lib.recommend.peers.popularity import DAY, Popularity, RecentPopularity
from hustings.lib.recommend.questions import Task
from hustings.lib.recommend.splits import leave_one_out
from hustings.lib.recommend.tuning import choices, tune

EVERYBODY = np.arange(4, dtype=np.int32)


def log(rows: Any, n_items: int = 5, times: Any = None) -> Events:
    viewers, items = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    return Events(viewers, items, None if times is None else np.array(times, np.float64), None, 4, n_items)


# 0 and 1 go together, 2 and 3 go together, 1 is the most watched; viewer 3 is new.
WATCHED = log([(0, 0), (0, 1), (0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (2, 3)])


@pytest.fixture(scope="module")
def task() -> Task:
    return leave_one_out("simulated", simulated.events(120, 60, 6, 30.0, 3))


def test_popularity_counts_viewers_not_views() -> None:
    model = Popularity()
    model.fit(WATCHED, seed=0)
    assert model.scores(EVERYBODY).tolist() == [[2, 3, 2, 1, 0]] * 4


def test_recent_popularity_ends_with_what_the_viewer_did_last() -> None:
    rows = [(0, 0), (0, 1), (1, 2), (1, 3)]
    model = RecentPopularity()
    model.fit(log(rows, times=[0, 5 * DAY, 6 * DAY, 13 * DAY]), seed=0)
    assert model.scores(EVERYBODY)[:2].tolist() == [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0]]
    assert model.scores(EVERYBODY)[3].tolist() == [0, 0, 1, 1, 0]  # nothing known of them: the log's end
    other = RecentPopularity(before="end")
    other.fit(log(rows, times=[0, 5 * DAY, 6 * DAY, 13 * DAY]), seed=0)
    assert other.scores(EVERYBODY)[0].tolist() == [0, 0, 1, 1, 0]


def test_recent_popularity_needs_times() -> None:
    with pytest.raises(BadDataError):
        RecentPopularity().fit(WATCHED, seed=0)


def test_neighbours_are_as_like_as_the_cosine_says() -> None:
    model = ItemNeighbours(neighbours=5, shrink=0.0)
    model.fit(WATCHED, seed=0)
    table = np.zeros((4, 5))
    table[[0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 0, 1, 2, 1, 2, 3]] = 1
    norms = np.linalg.norm(table, axis=0) + 1e-12
    likeness = table.T @ table / np.outer(norms, norms)
    np.fill_diagonal(likeness, 0)
    assert model.scores(EVERYBODY) == pytest.approx(table @ likeness, abs=1e-5)


def test_only_the_nearest_neighbours_count() -> None:
    model = ItemNeighbours(neighbours=1, shrink=0.0)
    model.fit(WATCHED, seed=0)
    assert (model.scores(EVERYBODY)[0] > 0).tolist() == [True, True, False, False, False]


def test_bm25_prefers_a_clip_with_many_viewers_less_when_b_is_high() -> None:
    def share(b: float) -> float:
        model = Bm25Neighbours(neighbours=5, b=b)
        model.fit(WATCHED, seed=0)
        row = model.scores(np.array([1], np.int32))[0]
        return row[1] / row[3]

    assert share(0.0) > share(1.0)


def test_ease_is_the_closed_form() -> None:
    model = Ease(regularisation=2.0)
    model.fit(WATCHED, seed=0)
    table = np.zeros((4, 5))
    table[[0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 0, 1, 2, 1, 2, 3]] = 1
    inverse = np.linalg.inv(table.T @ table + 2 * np.eye(5))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    assert model.scores(EVERYBODY) == pytest.approx(table @ weights, abs=1e-5)


def test_the_inverse_by_halves_is_the_inverse() -> None:
    dice = np.random.default_rng(0)
    table = dice.normal(size=(1_500, 1_100)).astype(np.float32)
    matrix = table.T @ table + 50 * np.eye(1_100, dtype=np.float32)
    whole = np.linalg.inv(matrix.astype(np.float64))
    inverse_in_place(matrix)
    assert matrix == pytest.approx(whole, abs=1e-6)


def test_ease_refuses_what_would_not_fit_in_memory() -> None:
    many = Events(np.zeros(1, np.int32), np.zeros(1, np.int32), None, None, 1, 1_000_000)
    with pytest.raises(BadDataError):
        Ease().fit(many, seed=0)


def test_decayed_ease_looks_at_what_was_watched_last() -> None:
    history = Histories.of(log([(0, 0), (0, 1), (0, 2), (0, 0)]))
    assert history.items.tolist() == [1, 2, 0]  # watched again: it is the last now
    assert history.faded(0.5).tolist() == [0.25, 0.5, 1.0]
    assert isinstance(DecayedEase(), Ease)


def test_every_model_has_the_same_number_of_trials_and_the_default_is_one(task: Task) -> None:
    for peer in PEERS:
        found = choices(peer.space, 4, seed=0)
        assert len(found) <= 4
        assert len({str(one) for one in found}) == len(found)
        peer(**found[0])
        assert found[0] == {name: values[0] for name, values in peer.space.items()}


def test_tuning_takes_what_was_best_on_the_validation(task: Task) -> None:
    trials = tune(ItemNeighbours, ItemNeighbours.space, task.valid, by="ndcg@10", budget=3, seed=0)
    assert [one.value for one in trials] == sorted((one.value for one in trials), reverse=True)


def test_a_run_compares_what_can_be_run_and_says_why_the_rest_was_not(task: Task) -> None:
    results, left = evaluate(
        task, [Popularity, Missing, ItemNeighbours, DecayedEase], Plan(ks=(5, 10), budget=2, resamples=50)
    )
    assert [one.name for one in left] == ["missing"]
    assert "pip install hustings[bench]" in left[0].why
    assert {one.name for one in results} == {"popularity", "item-knn", "ease-decayed"}
    values = [one.figures["ndcg@10"] for one in results]
    assert values == sorted(values, reverse=True)
    for one in results:
        low, high = one.intervals["ndcg@10"]
        assert low <= one.figures["ndcg@10"] <= high
        assert one.figures["fit_s"] >= 0
        assert len(one.by_history) >= 2
    # Tastes can be learnt here, so whoever learns them is ahead of who does not.
    assert results[-1].name == "popularity"


def test_a_model_whose_scores_are_no_numbers_does_not_stop_the_others(task: Task) -> None:
    results, left = evaluate(task, [Broken, Popularity], Plan(ks=(10,), budget=1, resamples=20))
    assert [one.name for one in results] == ["popularity"]
    assert "NaN" in left[0].why


def test_a_run_says_the_same_twice(task: Task) -> None:
    plan = Plan(ks=(10,), budget=2, resamples=20)
    once, again = (evaluate(task, [ItemNeighbours], plan)[0][0] for _ in range(2))
    assert once.figures["ndcg@10"] == again.figures["ndcg@10"]
    assert once.intervals == again.intervals


def test_a_model_that_depends_on_chance_is_fit_with_several_seeds(task: Task) -> None:
    results, _ = evaluate(task, [Chance, Popularity], Plan(ks=(10,), budget=1, seeds=3, resamples=20))
    by_name = {one.name: one for one in results}
    assert by_name["chance"].over_seeds["ndcg@10"] > 0
    assert by_name["popularity"].over_seeds == {}


def test_an_interval_is_narrow_when_all_viewers_agree() -> None:
    assert interval(np.full(50, 0.3), 100) == pytest.approx((0.3, 0.3))
    low, high = interval(np.array([0.0, 1.0] * 50), 500)
    assert 0.35 < low < 0.5 < high < 0.65


def test_how_far_one_is_ahead_is_drawn_from_the_same_viewers(task: Task) -> None:
    results, _ = evaluate(task, [Popularity, ItemNeighbours], Plan(ks=(10,), budget=1, resamples=20))
    share, (low, high) = ahead(results[0], results[0], "ndcg@10", 50)
    assert (share, low, high) == pytest.approx((0, 0, 0))


@pytest.mark.parametrize("peer", [libraries.IrspackAls, libraries.ImplicitAls])
def test_peers_from_libraries_learn_where_they_are_installed(peer: Any, task: Task) -> None:
    pytest.importorskip({"ials": "irspack", "ials-implicit": "implicit"}[peer.name])
    model = peer()
    model.fit(task.test.train, seed=0)
    assert model.scores(task.test.wanted.viewers).shape == (len(task.test.wanted.viewers), 60)


class Missing(Popularity):
    name = "missing"

    def fit(self, train: Events, *, seed: int) -> None:
        raise NotInstalledError("Not installed.")


class Chance(Popularity):
    name = "chance"
    seeded = True

    def fit(self, train: Events, *, seed: int) -> None:
        self._dice, self._n_items = np.random.default_rng(seed), train.n_items

    def scores(self, viewers: Any) -> Any:
        return self._dice.random((len(viewers), self._n_items)).astype(np.float32)


class Broken(Popularity):
    name = "broken"

    def scores(self, viewers: Any) -> Any:
        return np.full((len(viewers), 60), np.nan, np.float32)
