"""Viewers with changing tastes and clips that come and go, from a seed: the same everywhere, and nobody's data."""

import numpy as np

from hustings.lib.recommend.events import Events
from hustings.lib.recommend.questions import Task
from hustings.lib.recommend.splits import leave_one_out

DAY = 86_400.0
BEGIN = 1_767_225_600.0  # 2026-01-01
FADES = 7.0  # days after which a clip is met a third as often


def load(viewers: int = 1_500, items: int = 1_000, topics: int = 20, days: float = 60.0, seed: int = 0) -> Task:
    """Each event: a clip by the viewer's taste of the day, its quality and age, never twice; a tenth is chance."""
    return leave_one_out("simulated", events(viewers, items, topics, days, seed))


def events(viewers: int, items: int, topics: int, days: float, seed: int) -> Events:
    dice = np.random.default_rng(seed)
    topic = dice.integers(0, topics, items)
    quality = dice.lognormal(0.0, 1.0, items)
    born = dice.uniform(-20.0, days, items)
    rows: list[tuple[int, int, float, float]] = []
    for viewer in range(viewers):
        before, after = dice.dirichlet(np.full(topics, 0.15), 2)
        fresh = np.ones(items, np.bool_)
        turns = dice.uniform(0.0, days)  # on this day the taste becomes another
        moments = np.sort(dice.uniform(0.0, days, 3 + dice.geometric(1 / 40)))
        for moment in moments:
            there = np.where((born <= moment) & fresh, quality * np.exp((born - moment) / FADES), 0.0)
            taste = before if moment < turns else after
            weights = there if dice.random() < 0.1 else there * taste[topic]
            whole = weights.sum()
            if whole <= 0:
                continue  # nothing is left that this viewer would watch
            item = int(dice.choice(items, p=weights / whole))
            fresh[item] = False
            share = float(np.clip(0.25 + taste[topic[item]] + dice.normal(0.0, 0.15), 0.0, 1.0))
            rows.append((viewer, item, BEGIN + moment * DAY, share))
    columns = list(zip(*rows, strict=True))
    return Events(
        np.array(columns[0], np.int32),
        np.array(columns[1], np.int32),
        np.array(columns[2], np.float64),
        np.array(columns[3], np.float32),
        viewers,
        items,
    )
