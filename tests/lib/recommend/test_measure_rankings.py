"""Metrics: against cases worked out by hand, and against an oracle that is slow and obvious."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hustings.lib.recommend import metrics
from hustings.lib.recommend.errors import BadDataError, BadScoresError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.questions import Pairs, Question


def log(rows: Any, n_viewers: int, n_items: int) -> Events:
    viewers, items = (
        (np.array(column, np.int32) for column in zip(*rows, strict=True)) if rows else (np.empty(0, np.int32),) * 2
    )
    return Events(viewers, items, None, None, n_viewers, n_items)


def pairs(rows: Any, n_items: int) -> Pairs:
    return Pairs.of(np.array([v for v, _ in rows], np.int32), np.array([i for _, i in rows], np.int32), n_items)


def fixed(table: Any) -> Callable[[Any], Any]:
    table = np.asarray(table, np.float32)
    return lambda viewers: table[viewers]


def test_a_ranking_worked_out_by_hand() -> None:
    question = Question.ask(log([(0, 0)], 1, 6), pairs([(0, 2), (0, 4)], 6))
    # Item 0 was seen; the ranking is 5, 4, 3, 2, 1.
    found = metrics.measure(question, fixed([[9, 1, 2, 3, 4, 5]]), [1, 2, 4])
    assert found.mean("hr@1") == 0
    assert found.mean("hr@2") == 1
    assert found.mean("recall@2") == 0.5
    assert found.mean("recall@4") == 1
    ideal = 1 + 1 / math.log2(3)
    assert found.mean("ndcg@2") == pytest.approx((1 / math.log2(3)) / ideal)
    assert found.mean("ndcg@4") == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    # Pairs (wanted, not wanted): 4 above 1 and 3, below 5; 2 above 1, below 3 and 5.
    assert found.mean("auc") == pytest.approx(3 / 6)
    assert found.mean("coverage@1") == pytest.approx(1 / 5)


def test_among_equal_scores_the_lower_number_comes_first() -> None:
    scores = np.zeros((1, 5), np.float32)
    scores[0, 3] = -0.0
    allowed = np.array([[False, True, True, True, True]])
    assert metrics.top(scores, allowed, 3).tolist() == [[1, 2, 3]]


def test_a_list_longer_than_what_may_be_shown_ends_early() -> None:
    assert metrics.top(np.array([[1, 2, 3]], np.float32), np.array([[True, False, True]]), 5).tolist() == [
        [2, 0, -1, -1, -1]
    ]


def test_an_item_that_scores_minus_infinity_is_ranked_last_but_before_nothing() -> None:
    scores = np.array([[-np.inf, 1, -np.inf]], np.float32)
    assert metrics.top(scores, np.array([[True, True, False]]), 3).tolist() == [[1, 0, -1]]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["all", "mask", "shown"])
def test_the_quick_way_agrees_with_the_obvious_one(seed: int, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(seed)
    n_viewers, n_items = 23, 41
    train = [(v, int(i)) for v in range(n_viewers) for i in dice.integers(0, n_items, dice.integers(0, 9))]
    wanted = [(v, int(i)) for v in range(0, n_viewers, 2) for i in dice.integers(0, n_items, 5)]
    mask = dice.random(n_items) < 0.7
    shown = [(v, int(i)) for v in range(n_viewers) for i in dice.integers(0, n_items, 20)]
    candidates = {"all": None, "mask": mask, "shown": pairs(shown, n_items)}[kind]
    # Few distinct scores, so that there are many ties.
    table = dice.integers(0, 6, (n_viewers, n_items)).astype(np.float32)
    question = Question.ask(log(train, n_viewers, n_items), pairs(wanted, n_items), candidates)
    monkeypatch.setattr(metrics, "CELLS", n_items * 4)  # several blocks
    found = metrics.measure(question, fixed(table), [1, 3, 10])

    def may(v: int, i: int) -> bool:
        there = {"all": True, "mask": bool(mask[i]), "shown": (v, i) in shown}[kind]
        return there and (v, i) not in train

    answerable = sorted({(v, i) for v, i in wanted if may(v, i)})
    assert question.left_out == len(set(wanted)) - len(answerable)
    viewers = sorted({v for v, _ in answerable})
    assert found.viewers.tolist() == viewers
    covered = {k: set() for k in (1, 3, 10)}
    for row, v in enumerate(viewers):
        right = {i for w, i in answerable if w == v}
        ranking = sorted((i for i in range(n_items) if may(v, i)), key=lambda i: (-table[v, i], i))
        for k in (1, 3, 10):
            hits = [place for place, i in enumerate(ranking[:k]) if i in right]
            covered[k] |= set(ranking[:k])
            ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(right))))
            assert found.values[f"recall@{k}"][row] == pytest.approx(len(hits) / len(right))
            assert found.values[f"hr@{k}"][row] == bool(hits)
            assert found.values[f"ndcg@{k}"][row] == pytest.approx(sum(1 / math.log2(p + 2) for p in hits) / ideal)
        others = [i for i in ranking if i not in right]
        worth = [
            1.0 if table[v, a] > table[v, b] else 0.5 if table[v, a] == table[v, b] else 0.0
            for a in right
            for b in others
        ]
        assert found.values["auc"][row] == pytest.approx(sum(worth) / len(worth))
    rankable = {i for v in viewers for i in range(n_items) if may(v, i)}
    for k, items in covered.items():
        assert found.coverage[f"coverage@{k}"] == pytest.approx(len(items) / len(rankable))


def test_gauc_weighs_viewers_by_what_they_wanted() -> None:
    question = Question.ask(log([], 2, 4), pairs([(0, 0), (1, 0), (1, 1)], 4))
    found = metrics.measure(question, fixed([[0, 1, 2, 3], [3, 2, 1, 0]]), [1])
    assert found.mean("auc") == pytest.approx(0.5)
    assert metrics.weighted_auc(found, question) == pytest.approx(2 / 3)


def test_a_viewer_who_wanted_every_candidate_has_no_auc() -> None:
    question = Question.ask(log([], 2, 2), pairs([(0, 0), (0, 1), (1, 1)], 2))
    found = metrics.measure(question, fixed([[1, 2], [1, 2]]), [1])
    assert math.isnan(found.values["auc"][0])
    assert found.mean("auc") == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_cannot_be_ranked_are_refused(bad: float) -> None:
    question = Question.ask(log([], 1, 3), pairs([(0, 0)], 3))
    with pytest.raises(BadScoresError):
        metrics.measure(question, fixed([[0, bad, 1]]), [1])


def test_scores_for_other_items_than_asked_are_refused() -> None:
    question = Question.ask(log([], 1, 3), pairs([(0, 0)], 3))
    with pytest.raises(BadScoresError, match="shape"):
        metrics.measure(question, fixed([[0, 1]]), [1])


def test_a_question_with_nothing_left_to_answer_is_refused() -> None:
    with pytest.raises(BadDataError):
        Question.ask(log([(0, 1)], 1, 3), pairs([(0, 1)], 3))


def test_a_sample_asks_the_same_of_fewer_viewers() -> None:
    wanted = pairs([(v, v % 3) for v in range(10)] + [(4, 2)], 3)
    part = Question.ask(log([], 10, 3), wanted).sample(4, seed=1)
    assert len(part.wanted.viewers) == 4
    _, items = wanted.among(part.wanted.viewers)
    assert part.wanted.items.tolist() == items.tolist()
    assert part.sample(4, seed=2) is part
