"""Cutting a log into what is learnt from, what is tuned on and what is reported. Nothing is drawn by chance."""

import numpy as np
from numpy.typing import NDArray

from hustings.lib.recommend.errors import BadDataError
from hustings.lib.recommend.events import Events
from hustings.lib.recommend.questions import Pairs, Question, Task

LEAVE_ONE_OUT = (
    "Leave one out: each viewer's last event is the test, the one before it the validation. The log is ordered by time "
    "with a stable sort. Tuned without both, reported after a fit on all but the last. All videos are ranked, what the "
    "viewer has seen is removed. No model is told the time of the question."
)
BY_TIME = (
    "Split at two moments for everybody: the last tenth of the log is the test, the tenth before it the validation. "
    "Reported after a fit on all before the test. All videos are ranked, what the viewer has seen is removed."
)


def part(events: Events, keep: NDArray[np.bool_]) -> Events:
    """The events marked in `keep`, with the same viewers and items."""
    return Events(
        events.viewers[keep],
        events.items[keep],
        None if events.times is None else events.times[keep],
        None if events.shares is None else events.shares[keep],
        events.n_viewers,
        events.n_items,
    )


def leave_one_out(
    name: str, events: Events, liked: NDArray[np.bool_] | None = None, candidates: Pairs | None = None
) -> Task:
    """The last and the last but one liked event of each viewer who has three or more; later events are not used."""
    order = np.arange(len(events))
    of_liked = order if liked is None else order[liked]
    owners = events.viewers[of_liked]
    starts = np.searchsorted(owners, np.arange(events.n_viewers + 1))
    enough = np.diff(starts) >= 3
    ends = starts[1:][enough]
    last, before = of_liked[ends - 1], of_liked[ends - 2]
    cut_test, cut_valid = (np.full(events.n_viewers, len(events)) for _ in range(2))
    cut_test[events.viewers[last]] = last
    cut_valid[events.viewers[before]] = before
    held_back = [np.zeros(len(events), np.bool_) for _ in range(2)]
    held_back[0][before] = held_back[1][last] = True
    return _task(
        name,
        LEAVE_ONE_OUT,
        events,
        (order < cut_valid[events.viewers], held_back[0]),
        (order < cut_test[events.viewers], held_back[1]),
        liked,
        candidates,
        "ndcg@10",
    )


def by_time(name: str, events: Events, liked: NDArray[np.bool_] | None = None, candidates: Pairs | None = None) -> Task:
    """Cuts after eight and nine tenths of the events. Events of the same second fall on the same side."""
    if events.times is None:
        raise BadDataError("A split by time needs the column time.", hint="Add it, or use --split leave-one-out.")
    times = events.times
    first, second = np.quantile(times, [0.8, 0.9], method="higher") if len(times) else (0.0, 0.0)
    return _task(
        name,
        BY_TIME,
        events,
        (times < first, (times >= first) & (times < second)),
        (times < second, times >= second),
        liked,
        candidates,
        "ndcg@20",
    )


def _task(  # noqa: PLR0917 - one call for each split, side by side
    name: str,
    protocol: str,
    events: Events,
    valid: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    test: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    liked: NDArray[np.bool_] | None,
    candidates: Pairs | None,
    tune_by: str,
) -> Task:
    every = np.ones(len(events), np.bool_) if liked is None else liked
    questions = []
    for what, (learn, ask) in {"validation": valid, "test": test}.items():
        train, wanted = part(events, learn & every), ask & every
        if not len(train) or not wanted.any():
            raise BadDataError(
                f"The split leaves nothing for {'training' if not len(train) else what}.",
                hint="More events are needed: leave-one-out asks for three of a viewer, time for ten distinct moments.",
            )
        pairs = Pairs.of(events.viewers[wanted], events.items[wanted], events.n_items)
        questions.append(Question.ask(train, pairs, candidates, also_seen=part(events, learn & ~every)))
    facts = (("events", len(events)), ("viewers", events.n_viewers), ("videos", events.n_items))
    return Task(name, protocol, questions[0], questions[1], tune_by, facts)
