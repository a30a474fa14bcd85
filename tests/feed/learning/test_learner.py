"""The default learner, on small worlds in which the right answer is known."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from hustings.feed.learning import Learner
from hustings.feed.learning.holes import find
from hustings.lib.recommend.errors import BadDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.peers.histories import Histories


def log(histories: list[list[int]], n_items: int, shares: list[float] | None = None) -> Events:
    viewers = np.repeat(np.arange(len(histories), dtype=np.int32), [len(one) for one in histories])
    items = np.array([item for one in histories for item in one], np.int32)
    watched = None if shares is None else np.array(shares, np.float32)
    return Events(viewers, items, None, watched, len(histories), n_items)


def learnt(histories: list[list[int]], n_items: int, regularisation: float = 1.0) -> Learner:
    model = Learner(regularisation=regularisation)
    model.fit(log(histories, n_items), seed=0)
    return model


def in_a_circle(viewers: int = 40, length: int = 12, n_items: int = 8) -> list[list[int]]:
    """After each item comes the next one, whoever watches and wherever they begin."""
    return [[(viewer + step) % n_items for step in range(length)] for viewer in range(viewers)]


def test_what_comes_next_is_learnt_with_its_direction() -> None:
    model = learnt(in_a_circle(), 8)
    for last in range(8):
        scores = model.scores_of([(last - 1) % 8, last])
        assert scores.argmax() == (last + 1) % 8


def test_the_last_item_counts_more_than_an_old_one() -> None:
    # 0 is followed by 1, 2 by 3; between the pairs lies chance.
    dice = np.random.default_rng(1)
    histories = [[item for pair in dice.integers(0, 2, 8) for item in (2 * pair, 2 * pair + 1)] for _ in range(60)]
    model = learnt(histories, 4)
    assert model.scores_of([0, 2])[3] > model.scores_of([0, 2])[1]
    assert model.scores_of([2, 0])[1] > model.scores_of([2, 0])[3]


def test_ages_say_the_order_wherever_an_item_stands() -> None:
    model = learnt(in_a_circle(), 8)
    assert np.allclose(model.scores_of([3, 4, 5]), model.scores_of([5, 3, 4], ages=[0, 2, 1]), atol=1e-6)


def test_a_history_given_by_hand_scores_as_its_viewer() -> None:
    histories = in_a_circle(viewers=9, length=7)
    model = learnt(histories, 8)
    by_viewer = model.scores(np.arange(9, dtype=np.int32))
    assert by_viewer.shape == (9, 8)
    assert by_viewer.dtype == np.float32
    for viewer, history in enumerate(histories):
        assert np.array_equal(by_viewer[viewer], model.scores_of(history))


def test_the_moments_are_those_of_a_walk_through_every_log() -> None:
    """The closed form against the plain definition: one ridge from memory to the next item, moment by moment."""
    dice = np.random.default_rng(5)
    histories = [dice.integers(0, 6, dice.integers(1, 9)).tolist() for _ in range(12)]
    keeps = (0.5, 0.9)
    model = Learner(keeps=keeps, regularisation=2.0, against_popular=0.0)
    model.fit(log(histories, 6), seed=0)
    memories, nexts = [], []
    for history in histories:
        for t in range(1, len(history)):
            memory = np.zeros(12)
            for p in range(t):
                for bank, keep in enumerate(keeps):
                    memory[bank * 6 + history[p]] += keep ** (t - 1 - p)
            memories.append(memory)
            nexts.append(np.eye(6)[history[t]])
    x, y = np.array(memories), np.array(nexts)
    table = np.linalg.solve(x.T @ x + 2.0 * np.eye(12), x.T @ y)
    asked = np.zeros(12)
    for p, item in enumerate([4, 1]):
        for bank, keep in enumerate(keeps):
            asked[bank * 6 + item] += keep ** (1 - p)
    popularity = model.scores_of([])
    assert np.allclose(model.scores_of([4, 1]) - popularity, asked @ table, atol=1e-4)


def test_somebody_without_history_gets_what_most_viewers_watch_each_with_one_vote() -> None:
    # One viewer watched item 0 and thirty others; three watched item 1 and nothing else.
    histories = [[0, *range(5, 35)], [0, *range(5, 35)], [1], [1], [1], []]
    model = learnt(histories, 35)
    scores = model.scores(np.array([5], np.int32))[0]
    assert scores.argmax() == 1
    assert np.array_equal(scores, model.scores_of([]))


def test_watching_all_day_does_not_move_what_a_new_viewer_sees() -> None:
    calm = [[0], [0], [1], [2, 3]]
    flood = [*calm[:3], [2, 3] * 500]
    assert np.allclose(learnt(calm, 4).scores_of([]), learnt(flood, 4).scores_of([]), atol=1e-6)


def test_an_item_left_after_a_moment_teaches_less_than_one_watched_to_the_end() -> None:
    histories = [[0, 1], [0, 2]] * 30
    model = Learner(regularisation=1.0)
    model.fit(log(histories, 3, [1.0, 0.1, 1.0, 1.0] * 30), seed=0)
    assert model.scores_of([0])[2] > 2 * model.scores_of([0])[1]


def test_an_item_watched_for_nothing_is_as_if_it_had_not_been_watched() -> None:
    model = learnt(in_a_circle(), 8)
    assert np.array_equal(model.scores_of([3], [0.0], [0]), model.scores_of([]))
    assert np.array_equal(model.scores_of([3], [7.0]), model.scores_of([3], [1.0]))


def test_unknown_items_are_left_out() -> None:
    model = learnt(in_a_circle(), 8)
    expected = model.scores_of([2], ages=[1])
    assert np.array_equal(model.scores_of([2, 8_000], ages=[1, 0]), expected)
    assert np.array_equal(model.scores_of([2, -1], ages=[1, 0]), expected)


def test_an_item_nobody_watched_scores_nothing_and_breaks_nothing() -> None:
    model = learnt(in_a_circle(n_items=8), 10)
    scores = model.scores_of([9])
    assert scores[8] == scores[9] == 0
    assert np.isfinite(scores).all()


def test_one_viewer_with_one_event_is_a_log() -> None:
    model = learnt([[1]], 3)
    assert model.scores_of([1]).argmax() == 1
    assert np.isfinite(model.scores(np.array([0], np.int32))).all()


@pytest.mark.parametrize(
    "bad",
    [
        log([[], []], 3),
        log([[0, 3]], 3),
        log([[0, -1]], 3),
        log([[0, 1]], 3, [0.5, float("nan")]),
        log([[0, 1]], 3, [0.5]),
        Events(np.array([1, 0], np.int32), np.array([0, 0], np.int32), None, None, 2, 3),
    ],
    ids=["empty", "item-too-large", "negative", "nan", "short-column", "unsorted"],
)
def test_a_log_that_cannot_be_used_is_refused(bad: Events) -> None:
    with pytest.raises(BadDataError):
        Learner().fit(bad, seed=0)


@pytest.mark.parametrize(
    ("shares", "ages"),
    [([float("nan"), 1.0], [1, 0]), ([1.0], [1, 0]), (None, [0]), (None, [float("inf"), 0]), (None, [-1, 0])],
)
def test_a_history_that_is_no_history_is_refused(shares: list[float] | None, ages: list[float]) -> None:
    with pytest.raises(BadDataError):
        learnt(in_a_circle(), 8).scores_of([1, 2], shares, ages)


def test_the_same_log_makes_the_same_model_whatever_the_seed() -> None:
    first, second = Learner(), Learner()
    first.fit(log(in_a_circle(), 8), seed=1)
    second.fit(log(in_a_circle(), 8), seed=2)
    assert np.array_equal(first.scores_of([1, 2, 3]), second.scores_of([1, 2, 3]))


def test_the_learner_needs_no_framework() -> None:
    code = "import sys, hustings.feed.learning; print([m for m in ('django', 'torch', 'scipy') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


# A world with a hole: half of the viewers like even items four times as much as odd ones, the other half odd ones.
# Items 20-39 are watched most, but they were never shown to the last 40 of 200 viewers.
def with_a_hole() -> tuple[Events, NDArray[np.int64]]:
    dice = np.random.default_rng(3)
    tastes = dice.integers(0, 2, 200)
    histories = []
    for viewer, taste in enumerate(tastes):
        liking = np.where(np.arange(20) % 2 == taste, 4.0, 1.0)
        liking /= liking.sum()
        outside = dice.choice(20, 6, replace=False, p=liking)
        inside = 20 + dice.choice(20, 10, replace=False, p=liking)
        histories.append([*outside, *inside] if viewer < 160 else [*outside])
    return log(histories, 40), tastes


def test_a_hole_is_found_with_its_viewers_and_items() -> None:
    events, _ = with_a_hole()
    hole = find(Histories.of(events))
    assert hole is not None
    assert np.flatnonzero(hole.items).tolist() == list(range(20, 40))
    assert np.flatnonzero(hole.viewers).tolist() == list(range(160, 200))


def test_who_was_never_shown_the_best_items_gets_those_of_their_taste() -> None:
    events, tastes = with_a_hole()
    model = Learner(hole_regularisation=5.0)
    model.fit(events, seed=0)
    right = []
    for viewer, scores in zip(range(160, 200), model.scores(np.arange(160, 200, dtype=np.int32)), strict=True):
        right.append((np.argsort(-scores[20:])[:10] % 2 == tastes[viewer]).mean())
        new = np.setdiff1d(np.arange(20), events.items[events.viewers == viewer])
        assert scores[20:].max() > scores[new].max()
    assert np.mean(right) > 0.8


def test_people_of_another_world_are_no_hole() -> None:
    dice = np.random.default_rng(4)
    histories = [dice.choice(20, 8, replace=False).tolist() for _ in range(160)]
    histories += [(20 + dice.choice(20, 8, replace=False)).tolist() for _ in range(40)]
    assert find(Histories.of(log(histories, 40))) is None


def test_a_log_of_chance_has_no_hole() -> None:
    dice = np.random.default_rng(6)
    chances = np.arange(1, 41)[::-1] / np.arange(1, 41).sum()
    histories = [dice.choice(40, 8, replace=False, p=chances).tolist() for _ in range(300)]
    assert find(Histories.of(log(histories, 40))) is None
