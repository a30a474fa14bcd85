"""An audience with tastes: what feeds are worth, measured before anybody has to watch them.

    python -m benchmarks.simulator              numbers as a table
    python -m benchmarks.simulator --write      also docs/develop/feed-simulation.svg

Viewers are interested in a few of the topics, have an attention span and moods; clips have topics, a
quality, a length and an author who mostly stays with one topic. A viewer knows nothing of vectors: how
long they watch follows from taste, quality, length and chance. Each feed starts from the same week of
watching by others, then meets the same new viewers and serves them page after page, learning only
from what they did. Compared are pure chance, popularity and this repository's pipeline with its own
code and weights; the best possible is what somebody who knew all tastes would show.

Everything follows from the seed.
"""

import argparse
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.chart import Line, line_chart
from hustings.feed import rules
from hustings.feed.catalogue import Catalogue, Counted, Facts
from hustings.feed.popularity import faded
from hustings.feed.query import Query, Relations
from hustings.feed.recipe import FEED
from hustings.feed.viewer import Deed, Memory, learn
from hustings.feed.weights import Weights, current

CHART = Path(__file__).parents[1] / "docs" / "develop" / "feed-simulation.svg"
MONDAY = 1_790_000_000.0  # the simulation's clock, in seconds since 1970
DAY = 86_400.0
BEFORE = 10_000  # a page number that no session reaches

SUBJECTS = [
    "bills",
    "budget",
    "rivers",
    "trains",
    "football",
    "baking",
    "astronomy",
    "jazz",
    "gardens",
    "history",
    "coding",
    "robots",
    "chess",
    "birds",
    "surfing",
    "poetry",
    "maps",
    "bikes",
    "cinema",
    "pottery",
    "weather",
    "health",
    "law",
    "festivals",
]


@dataclass(frozen=True)
class Scale:
    """How large a simulation is."""

    clips: int = 3_000
    authors: int = 240
    viewers: int = 240
    pages: int = 12
    page: int = 10
    earlier: int = 20_000  # watches by others before the first page


@dataclass(frozen=True)
class Watch:
    """What one viewer did with one clip."""

    clip: int
    seconds: float
    actions: tuple[str, ...]


class World:
    """Clips and viewers, and how viewers watch. Made once per seed; the same for every feed."""

    def __init__(self, scale: Scale, seed: int) -> None:
        self.scale = scale
        dice = np.random.default_rng(seed)
        topics = len(SUBJECTS)
        # Some topics have many authors, most have few.
        share = 1.0 / np.arange(1, topics + 1) ** 0.6
        self.author_topic = dice.choice(topics, scale.authors, p=share / share.sum())
        self.author = dice.integers(0, scale.authors, scale.clips)
        stays = dice.random(scale.clips) < 0.8
        self.topic = np.where(stays, self.author_topic[self.author], dice.integers(0, topics, scale.clips))
        self.quality = dice.normal(0.0, 1.0, scale.clips)
        self.duration = np.clip(dice.lognormal(2.6, 0.6, scale.clips), 5.0, 90.0)
        self.published = MONDAY - dice.uniform(0.0, 21.0, scale.clips) * DAY
        self.facts = [self._facts(clip, dice) for clip in range(scale.clips)]
        self.taste = self._tastes(dice, topics)
        self.patience = dice.normal(0.0, 0.35, scale.viewers)
        self._seed = seed

    def _facts(self, clip: int, dice: np.random.Generator) -> Facts:
        subject = SUBJECTS[self.topic[clip]]
        # Not everybody tags well: a fifth says nothing, and some tag what is not in it.
        tags = [] if dice.random() < 0.2 else [subject, f"{subject}{dice.integers(4)}"]
        if dice.random() < 0.15:
            tags.append(SUBJECTS[dice.integers(len(SUBJECTS))])
        return Facts(
            id=clip + 1,
            public_id=f"clip{clip}",
            author_id=int(self.author[clip]) + 1,
            sound_id=int(dice.integers(1, 200)) if dice.random() < 0.4 else None,
            duration=float(self.duration[clip]),
            language="en",
            hashtags=tuple(tags),
            caption=f"{subject if dice.random() < 0.5 else 'look'} number {clip} " + " ".join(f"#{t}" for t in tags),
            published_at=float(self.published[clip]),
        )

    def _tastes(self, dice: np.random.Generator, topics: int) -> NDArray[np.float64]:
        """(viewers, topics): about -1.2 for what bores, up to 2 for what is loved."""
        tastes = np.full((self.scale.viewers, topics), -1.2)
        for row in tastes:
            loved = dice.choice(topics, dice.integers(2, 5), replace=False)
            row[loved] = dice.uniform(1.0, 2.2, len(loved))
        return tastes + dice.normal(0.0, 0.25, tastes.shape)

    def liking(self, viewer: int) -> NDArray[np.float64]:
        """(clips,) how much the viewer likes each clip, before chance."""
        # Longer clips are finished less often, by those who like them too.
        tiring = 0.45 * np.log(self.duration / 14.0)
        liking: NDArray[np.float64] = self.taste[viewer, self.topic] + 0.45 * self.quality - tiring
        liking += self.patience[viewer]
        return liking

    def expected_seconds(self, viewer: int) -> NDArray[np.float64]:
        """(clips,) what the viewer would watch of each, on average."""
        expected: NDArray[np.float64] = self.duration / (1.0 + np.exp(-1.3 * self.liking(viewer)))
        return expected

    def watch(self, viewer: int, clips: Sequence[int], page: int) -> list[Watch]:
        """How the viewer takes these clips; the same for the same viewer, page and clips."""
        liking = self.liking(viewer)
        done = []
        for clip in clips:
            chance = np.random.default_rng((self._seed, viewer, page, clip))
            felt = liking[clip] + chance.normal(0.0, 0.6)
            share = 1.0 / (1.0 + np.exp(-1.3 * felt))
            if felt < -0.8:  # swiped away
                seconds = float(chance.uniform(0.5, 1.9))
            elif share > 0.85:
                seconds = float(self.duration[clip] * (2.0 if felt > 2.6 else 1.0))
            else:
                seconds = float(self.duration[clip] * share)
            liked = felt > 1.2 and chance.random() < 0.25
            done.append(Watch(clip, seconds, ("like",) if liked else ()))
        return done


@dataclass
class Counts:
    """Everybody's watching, as the server's table keeps it."""

    impressions: NDArray[np.float64]
    share: NDArray[np.float64]
    day: NDArray[np.float64]
    week: NDArray[np.float64]
    touched: NDArray[np.float64]

    @classmethod
    def of(cls, clips: int) -> "Counts":
        return cls(*(np.zeros(clips) for _ in range(5)))

    def add(self, watch: Watch, duration: float, now: float, weights: Weights) -> None:
        seen = rules.watched(weights.gain, watch.seconds, duration)
        clip, quality = watch.clip, weights.quality
        hours = (now - self.touched[clip]) / 3600.0 if self.touched[clip] else 0.0
        more = float(seen.share >= quality.long_view) + quality.like * ("like" in watch.actions)
        self.day[clip] = faded(self.day[clip], hours, quality.day_half_life_h) + more
        self.week[clip] = faded(self.week[clip], hours, quality.week_half_life_h) + more
        self.impressions[clip] += 1
        self.share[clip] += seen.share
        self.touched[clip] = now


class Feed(Protocol):
    """Something that serves pages and learns from what was done with them."""

    name: str

    def page(self, viewer: int, now: float, count: int) -> list[int]: ...
    def learn(self, viewer: int, watches: Sequence[Watch], now: float) -> None: ...


@dataclass
class _Remembering:
    """What all feeds know: which clips a viewer has seen, and everybody's counts."""

    world: World
    counts: Counts
    weights: Weights
    dice: np.random.Generator
    seen: dict[int, set[int]] = field(default_factory=dict)

    def learn(self, viewer: int, watches: Sequence[Watch], now: float) -> None:
        self.seen.setdefault(viewer, set()).update(watch.clip for watch in watches)
        for watch in watches:
            self.counts.add(watch, float(self.world.duration[watch.clip]), now, self.weights)

    def best(self, viewer: int, score: NDArray[np.float64], count: int) -> list[int]:
        """The unseen clips with the highest score."""
        score = score.copy()
        score[list(self.seen.get(viewer, ()))] = -np.inf
        best: list[int] = np.argsort(-score, kind="stable")[:count].tolist()
        return best


class Chance(_Remembering):
    name = "random"

    def page(self, viewer: int, now: float, count: int) -> list[int]:
        return self.best(viewer, self.dice.random(self.world.scale.clips), count)


class Popularity(_Remembering):
    """What was watched longest by most people lately, and nothing seen twice."""

    name = "popularity"

    def page(self, viewer: int, now: float, count: int) -> list[int]:
        return self.best(viewer, self.counts.week, count)


class Best(_Remembering):
    name = "best possible"

    def page(self, viewer: int, now: float, count: int) -> list[int]:
        return self.best(viewer, self.world.expected_seconds(viewer), count)


class Hustings(_Remembering):
    """The pipeline as it serves, with the catalogue in memory and no database."""

    name = "hustings"
    settled = -1.0

    def __init__(self, world: World, counts: Counts, weights: Weights, dice: np.random.Generator) -> None:
        super().__init__(world, counts, weights, dice)
        self.catalogue = Catalogue(self.weights)
        self.catalogue.put(self.world.facts)
        self.memories: dict[int, Memory] = {}

    def page(self, viewer: int, now: float, count: int) -> list[int]:
        if now >= self.settled + 300.0:
            self._settle(now)
        query = Query(
            self.catalogue.view,
            self.weights,
            self.memories.setdefault(viewer, Memory()),
            Relations(),
            now,
            self.dice,
            viewer_id=-1,
            language="en",
        )
        rows: list[int] = FEED.run(query, count).selected.rows.tolist()
        return rows

    def learn(self, viewer: int, watches: Sequence[Watch], now: float) -> None:
        super().learn(viewer, watches, now)
        deeds = [Deed(watch.clip, watch.seconds, watch.actions) for watch in watches]
        learn(self.memories[viewer], deeds, self.catalogue.view, self.weights)

    def _settle(self, now: float) -> None:
        columns = (
            self.counts.impressions,
            self.counts.share,
            self.counts.day,
            self.counts.week,
            self.counts.touched,
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        self.catalogue.count(
            [
                Counted(clip + 1, int(shown), share, day, week, at)
                for clip, (shown, share, day, week, at) in enumerate(rows)
            ]
        )
        self.catalogue.settle(now)
        self.settled = now


FEEDS = (Chance, Popularity, Hustings, Best)


def simulate(scale: Scale, seed: int, feeds: Sequence[type[_Remembering]] = FEEDS) -> dict[str, NDArray[np.float64]]:
    """Mean seconds watched per page, by page number, for each feed."""
    world = World(scale, seed)
    earlier = _earlier(world, current(), seed)
    return {feed.name: _serve(world, feed, deepcopy(earlier), seed) for feed in feeds}  # type: ignore[attr-defined]  # each has a name


def _serve(world: World, kind: type[_Remembering], counts: Counts, seed: int) -> NDArray[np.float64]:
    feed: Feed = kind(world, counts, current(), np.random.default_rng(seed + 1))  # type: ignore[assignment]  # each has a page
    seconds = np.zeros(world.scale.pages)
    now = MONDAY
    for page in range(world.scale.pages):
        for viewer in range(world.scale.viewers):
            now += 4.0
            watches = world.watch(viewer, feed.page(viewer, now, world.scale.page), page)
            seconds[page] += sum(watch.seconds for watch in watches)
            feed.learn(viewer, watches, now)
    return seconds / world.scale.viewers


def _earlier(world: World, weights: Weights, seed: int) -> Counts:
    """A week of others' watching, by chance: what every feed knows of the clips before it starts."""
    dice = np.random.default_rng(seed + 2)
    counts = Counts.of(world.scale.clips)
    for at in np.sort(dice.uniform(MONDAY - 7 * DAY, MONDAY, world.scale.earlier)):
        viewer, clip = int(dice.integers(world.scale.viewers)), int(dice.integers(world.scale.clips))
        if world.published[clip] <= at:
            watch = world.watch(viewer, [clip], BEFORE)[0]
            counts.add(watch, float(world.duration[clip]), float(at), weights)
    return counts


def run(seeds: int = 3, scale: Scale | None = None) -> dict[str, NDArray[np.float64]]:
    """The mean over seeds."""
    scale = scale or Scale()
    runs = [simulate(scale, seed) for seed in range(seeds)]
    return {name: np.mean([one[name] for one in runs], axis=0) for name in runs[0]}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Watch time per page of four feeds, on a simulated audience.")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help=f"write {CHART.name}")
    asked = parser.parse_args()
    began = time.monotonic()
    seconds = run(asked.seeds)
    print(f"{'page':>14} " + " ".join(f"{page:>6}" for page in range(1, len(seconds["random"]) + 1)) + "    mean")
    for name, values in seconds.items():
        print(f"{name:>14} " + " ".join(f"{value:6.1f}" for value in values) + f"  {values.mean():6.1f}")
    print(f"{time.monotonic() - began:.0f} s, {asked.seeds} seeds, {Scale()}")
    if asked.write:
        colours = {"random": "#8a8f98", "popularity": "#c2571a", "hustings": "#1f5fbf", "best possible": "#3d8b4f"}
        lines = [Line(name, values.tolist(), colours[name]) for name, values in seconds.items()]
        CHART.parent.mkdir(parents=True, exist_ok=True)
        CHART.write_text(
            line_chart(
                lines,
                title="Seconds watched of a page of ten, by page number",
                below="page of a new viewer's session",
                beside="seconds",
            )
        )
        print(f"wrote {CHART}")


if __name__ == "__main__":
    main()
