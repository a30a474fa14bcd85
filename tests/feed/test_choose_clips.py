"""The stages by themselves: no database, no clock, dice that are given."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hustings.feed import packing, rules, scan, vectors, viewer, weights
from hustings.feed.candidates import Candidates, Origin, merge
from hustings.feed.catalogue import Catalogue, Counted, Facts
from hustings.feed.explain import Explain
from hustings.feed.inputs import PageQuestion, documented
from hustings.feed.query import Query, Relations
from hustings.feed.recipe import FEED, feed
from hustings.feed.viewer import Deed, Memory

NOW = 1_790_000_000.0
WEIGHTS = weights.current()


def facts(key: int, **changes: Any) -> Facts:
    """A clip of its own author, a day old."""
    said: dict[str, Any] = {
        "id": key,
        "public_id": f"clip{key}",
        "author_id": key,
        "sound_id": None,
        "duration": 10.0,
        "language": "en",
        "hashtags": (),
        "caption": "",
        "published_at": NOW - 86_400.0,
    }
    return Facts(**(said | changes))


def catalogue(*clips: Facts) -> Catalogue:
    made = Catalogue(WEIGHTS)
    made.put(clips)
    made.settle(NOW)
    return made


def query(made: Catalogue, memory: Memory | None = None, **changes: Any) -> Query:
    said: dict[str, Any] = {"relations": Relations(), "dice": np.random.default_rng(1)}
    return Query(view=made.view, weights=WEIGHTS, memory=memory or Memory(), now=NOW, **(said | changes))


class Quiet:
    """Dice without any chance."""

    def standard_normal(self, n: int, kind: Any) -> Any:
        return np.zeros(n, kind)


# --- Running -----------------------------------------------------------------------------------------


def test_nothing_vanishes_unexplained() -> None:
    made = catalogue(*[facts(n, author_id=1 + n % 5) for n in range(1, 31)])
    memory = Memory()
    viewer.see(memory, [1, 2, 3])
    relations = Relations(blocked=(2,), muted=(3,))
    outcome = FEED.run(query(made, memory, relations=relations, viewer_id=4), 10)
    removed = sum(len(gone) for gone in outcome.removed.values())
    assert len(outcome.retrieved) == outcome.remaining + removed
    assert set(outcome.removed) == {"not_permitted", "seen", "own", "blocked", "muted_accounts"}
    assert len(outcome.removed["own"]) > 0
    assert {int(made.view.authors[row]) for row in outcome.selected.rows} <= {1, 5}
    assert len(outcome.reasons) == len(outcome.selected)
    assert {"score", "spread", "explain", "merge", "filters"} <= outcome.seconds.keys()


def test_another_ranker_takes_the_place_of_ours() -> None:
    class Oldest:
        terms = ("age",)

        def score(self, asked: Query, candidates: Candidates) -> Any:
            age = (asked.now - asked.view.published[candidates.rows]).astype(np.float32)
            return age, age[:, None]

    made = catalogue(*[facts(n, published_at=NOW - n * 86_400.0 * 30) for n in range(1, 6)])
    chosen = feed(Oldest()).run(query(made), 5).selected
    assert made.view.ids[chosen.rows].tolist() == [5, 4, 3, 2, 1]


def test_a_score_never_depends_on_the_others() -> None:
    made = catalogue(*[facts(n, hashtags=(f"t{n % 3}",)) for n in range(1, 21)])
    memory = Memory()
    viewer.learn(memory, [Deed(0, 10.0, ("like",))], made.view, WEIGHTS)
    ranker = FEED.scorer.ranker  # type: ignore[attr-defined]  # the stage holds it
    asked = query(made, memory, dice=Quiet())
    together, _ = ranker.score(asked, Candidates.found(np.arange(20), Origin.EXPLORE))
    alone = [ranker.score(asked, Candidates.found([row], Origin.EXPLORE))[0][0] for row in range(20)]
    assert together.tolist() == pytest.approx(alone, abs=1e-5)


def test_merging_keeps_every_origin() -> None:
    both = merge([Candidates.found([3, 1], Origin.SIMILAR), Candidates.found([3], Origin.FRESH)])
    assert both.rows.tolist() == [1, 3]
    assert both.origins.tolist() == [Origin.SIMILAR, Origin.SIMILAR | Origin.FRESH]
    assert len(merge([])) == 0


# --- Spread ------------------------------------------------------------------------------------------


def test_neighbours_differ_in_author_and_sound_while_they_can() -> None:
    clips = [facts(n, author_id=1 + n % 3, sound_id=1 + n % 4) for n in range(1, 61)]
    made = catalogue(*clips)
    for seed in range(20):
        rows = FEED.run(query(made, dice=np.random.default_rng(seed)), 20).selected.rows
        assert len(rows) == 20
        for one, other in pairwise(rows):
            assert made.view.authors[one] != made.view.authors[other]
            assert made.view.sounds[one] != made.view.sounds[other]


def test_the_first_differs_from_what_was_watched_last() -> None:
    made = catalogue(*[facts(n, author_id=1 + n % 2) for n in range(1, 41)])
    for seed in range(10):
        memory = Memory(last=1)  # by author 2
        rows = FEED.run(query(made, memory, dice=np.random.default_rng(seed)), 5).selected.rows
        assert made.view.authors[rows[0]] == 1


def test_one_author_alone_still_makes_a_page() -> None:
    made = catalogue(*[facts(n, author_id=7) for n in range(1, 4)])
    assert len(FEED.run(query(made), 10).selected) == 3


def test_new_clips_get_their_place_among_better_ones() -> None:
    known = [facts(n, hashtags=("bread",)) for n in range(1, 401)]
    new = [facts(n, published_at=NOW - 60.0, hashtags=("else",)) for n in range(401, 421)]
    made = catalogue(*known, *new)
    made.count([Counted(n, 1_000, 900.0, 50.0, 50.0, NOW) for n in range(1, 401)])
    made.settle(NOW)
    memory = Memory()
    viewer.learn(memory, [Deed(row, 10.0, ("like",)) for row in range(5)], made.view, WEIGHTS)
    rows = FEED.run(query(made, memory), 16).selected.rows
    assert 1 <= sum(row >= 400 for row in rows) <= 4


# --- Memory ------------------------------------------------------------------------------------------


def test_memory_survives_packing() -> None:
    made = catalogue(*[facts(n, hashtags=(f"t{n % 4}",)) for n in range(1, 30)])
    memory = Memory(batches=["a"])
    viewer.learn(
        memory,
        [Deed(row, 0.5 * row, ("like",) if row % 3 else ("less_from",)) for row in range(29)],
        made.view,
        WEIGHTS,
    )
    again = viewer.unpack(*viewer.pack(memory))
    assert again.seen.tolist() == memory.seen.tolist()
    assert again.interests == pytest.approx(memory.interests, abs=1e-3)
    for name in ("authors", "tags", "languages", "less", "liked", "acted", "last", "batches"):
        assert getattr(again, name) == getattr(memory, name), name


def test_learning_is_a_function_of_what_was_done() -> None:
    made = catalogue(*[facts(n, hashtags=(f"t{n % 4}",)) for n in range(1, 30)])
    deeds = [Deed(row % 29, 3.0 + row % 7) for row in range(80)]
    at_once, bit_by_bit = Memory(), Memory()
    viewer.learn(at_once, deeds, made.view, WEIGHTS)
    for deed in deeds:
        viewer.learn(bit_by_bit, [deed], made.view, WEIGHTS)
    assert at_once.interests == pytest.approx(bit_by_bit.interests)
    assert at_once.strength == pytest.approx(bit_by_bit.strength)


def test_several_interests_stay_apart() -> None:
    made = catalogue(*[facts(n, hashtags=(("bread", "trains", "jazz")[n % 3],)) for n in range(1, 31)])
    memory = Memory()
    viewer.learn(memory, [Deed(row, 10.0, ("like",)) for row in range(30)], made.view, WEIGHTS)
    tagged = vectors.unpacked(made.view.table)
    near = (memory.interests @ tagged.T).max(axis=0)
    assert near.min() > 0.5


def test_numbers_stay_finite_whatever_happens() -> None:
    made = catalogue(*[facts(n, duration=0.0) for n in range(1, 10)])
    memory = Memory()
    everything = tuple(rules.ACTIONS)
    viewer.learn(memory, [Deed(row % 9, 1e9, everything) for row in range(300)], made.view, WEIGHTS)
    assert np.isfinite(memory.interests).all()
    assert (memory.strength <= 1.0).all()
    assert all(-1 <= value <= 1 for value in memory.authors.values())


@pytest.mark.parametrize("ids", [[], [1], [5, 9, 1_000_000], list(range(1, 500)), [2**32 - 1]])
def test_seen_clips_survive_packing(ids: list[int]) -> None:
    packed = packing.pack_ids(np.array(ids, np.uint32))
    assert packing.unpack_ids(packed).tolist() == ids


def test_a_long_history_is_small() -> None:
    assert len(packing.pack_ids(np.arange(1, 100_001, dtype=np.uint32))) < 13_000


# --- The scan ----------------------------------------------------------------------------------------


def test_the_compiled_scan_finds_what_the_plain_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(3)
    table = vectors.packed(dice.standard_normal((6_000, 64)).astype(np.float32))
    wanted = vectors.packed(dice.standard_normal((5, 64)).astype(np.float32))
    open_rows = dice.random(6_000) < 0.7
    monkeypatch.setattr(scan, "_compiled", None)
    plain = scan.search(table, wanted, open_rows, 200)
    scan.warm(6_000)
    if scan._compiled is None:
        pytest.skip("no Numba")
    compiled = scan.search(table, wanted, open_rows, 200)
    assert dict(zip(*(one.tolist() for one in plain), strict=True)) == dict(
        zip(*(one.tolist() for one in compiled), strict=True)
    )
    assert open_rows[compiled[0]].all()


def test_a_small_catalogue_needs_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "_compiled", None)
    scan.warm(scan.COMPILE_FROM - 1)
    assert scan._compiled is None


def test_vectors_are_the_same_everywhere() -> None:
    said = vectors.Features(("bills",), 3, 9, "en", ["how", "a", "bill"])
    alone = vectors.contents(WEIGHTS.vector, [said])[0]
    among = vectors.contents(WEIGHTS.vector, [vectors.Features((), 1, None, "cy", []), said])[1]
    assert alone.tolist() == among.tolist()
    assert abs(float(np.linalg.norm(vectors.unpacked(alone))) - 1.0) < 0.05


# --- The catalogue -----------------------------------------------------------------------------------


def test_a_row_belongs_to_one_clip_for_ever() -> None:
    made = catalogue(facts(1), facts(2))
    made.remove([1, 99])
    made.put([facts(3), facts(2, caption="changed")])
    made.put([facts(1)])
    assert made.view.ids.tolist() == [1, 2, 3]
    assert made.view.alive.tolist() == [True, True, True]
    assert made.ids() == {1, 2, 3}


def test_it_grows_and_old_views_stay_whole() -> None:
    made = catalogue(facts(1))
    before = made.view
    made.put([facts(n) for n in range(2, 5_000)])
    assert before.size == 1
    assert made.view.size == 4_999
    assert made.view.rows_of(np.array([4_999, 10**9])).tolist() == [4_998]


def test_quality_is_free_of_length() -> None:
    short = [facts(n, duration=6.0) for n in range(1, 101)]
    long = [facts(n, duration=80.0) for n in range(101, 201)]
    made = catalogue(*short, *long)
    made.count(
        [Counted(n, 100, 90.0, 0, 0, NOW) for n in range(1, 101)]
        + [Counted(n, 100, 30.0, 0, 0, NOW) for n in range(101, 201)]
    )
    made.settle(NOW)
    assert made.view.quality[:100].mean() == pytest.approx(made.view.quality[100:].mean(), abs=0.02)


# --- Rules and numbers -------------------------------------------------------------------------------


def test_what_is_a_view() -> None:
    assert rules.is_view(2.0, 60.0)
    assert not rules.is_view(1.9, 60.0)
    assert rules.is_view(1.45, 1.5)
    assert not rules.is_view(0.0, 0.0)


def test_a_skip_says_less_please_and_a_replay_more() -> None:
    gain = WEIGHTS.gain
    skip, part, whole, twice = (
        rules.gain(gain, rules.watched(gain, seconds, 10.0), ()) for seconds in (1.0, 5.0, 10.0, 20.0)
    )
    assert skip < part < whole < twice
    assert skip < 0 < whole
    # A clip of a second and a half that was watched to its end was not skipped.
    assert rules.gain(gain, rules.watched(gain, 1.5, 1.5), ()) > 0
    assert rules.gain(gain, None, ["report"]) < rules.gain(gain, None, ["not_interested"]) < 0


def test_less_from_means_less_then_nothing() -> None:
    once = [rules.still_shown(key, 1, 1, 10) for key in range(10_000)]
    assert 500 < sum(once) < 1_500
    assert not any(rules.still_shown(key, 1, 2, 10) for key in range(100))


def test_a_wrong_name_among_the_weights_is_refused() -> None:
    text = (Path(weights.__file__).parent / "weights.toml").read_text()
    with pytest.raises(ValueError, match="intrest"):
        weights.read(text.replace("interest = ", "intrest = ", 1))
    assert weights.read(text) == WEIGHTS


def test_the_description_has_no_dangling_reference() -> None:
    assert "$ref" not in str(documented(PageQuestion))


def test_popular_today_is_not_said_twice() -> None:
    made = catalogue(facts(1), facts(2))
    week, day = Origin.POPULAR_WEEK, Origin.POPULAR_DAY
    chosen = merge([Candidates.found([0, 1], week), Candidates.found([0], day | week)])
    codes = [[reason.code for reason in reasons] for reasons in Explain().explain(query(made), chosen)]
    assert codes == [["popular_day"], ["popular_week"]]
