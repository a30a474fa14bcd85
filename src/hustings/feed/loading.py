"""Keeps a process's catalogue and cards in step with the database.

A server process loads everything when it starts and then looks for changes in a thread: clips every
quarter of a second, counts every two seconds, popularity every five. Announcements of the domains
below are written as `Change` rows by the process that heard them and read by all; because a process
that dies may not have written one, new clips and a part of the old ones are also looked up again now
and then.

Without the thread (tests, the command line) every question loads afresh, which is always right and
only fit for small catalogues.
"""

import gc
import logging
from collections.abc import Sequence
from datetime import timedelta
from threading import Event as Signal
from threading import Lock, Thread
from time import monotonic
from typing import Any

import numpy as np
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Max

from hustings.community import api as community
from hustings.feed import scan, tally
from hustings.feed.cards import Cards
from hustings.feed.catalogue import Catalogue, Counted, Facts, View
from hustings.feed.models import Change, ClipStats
from hustings.feed.weights import current as weights
from hustings.lib import clock
from hustings.trust.api import in_service
from hustings.videos import api as videos

log = logging.getLogger(__name__)

CHANGES_S = 0.25
COUNTS_S = 2.0
SETTLE_S = 5.0
FLUSH_S = 1.0
RECENT_S = 30.0  # how often new clips are looked up without having been announced
RECHECK_S = 60.0
RECHECKED = 2_000  # old clips each time

# Numbers are given before commit: a lower one may appear after a higher one. So many are read again.
_REREAD = 200
_COUNTS_OVERLAP_S = 5.0  # likewise for times of other processes
_COUNTED = 10_000  # clips whose counts are read in one look
_RECOUNTED = 1_000  # cards at a time
_AT_ONCE = 5_000  # ids in one query
_CARDS_AT_ONCE = 40  # a few milliseconds


class Keeper:
    """The catalogue and the cards of this process."""

    def __init__(self) -> None:
        self.catalogue = Catalogue(weights())
        self.cards = Cards(self._clips, settings.FEED_CARDS)
        self.running = False
        self._writing = Lock()  # the catalogue has one writer at a time
        self._stop = Signal()
        self._change = 0
        self._seen_changes: set[int] = set()
        self._counted_to = 0.0
        self._behind = False
        self._recheck_at = 0

    # --- What requests use ---------------------------------------------------------------------------

    def view(self) -> View:
        """The catalogue now."""
        if not self.running:
            self.load()
        return self.catalogue.view

    def view_of(self, video_id: int) -> View:
        """A catalogue that has this clip at least, if it is public."""
        if self.running:
            return self.catalogue.view
        catalogue = Catalogue(weights())
        catalogue.put([_facts(one) for one in videos.published_facts([video_id]).values()])
        return catalogue.view

    def start(self) -> None:
        """Load, then follow changes in a thread until the process ends. Called once by a server process."""
        if self.running:
            return
        self.load()
        scan.warm(self.catalogue.view.size)
        self.running = True
        # What is here stays: the collector need not look at a hundred thousand clips again and again.
        gc.collect()
        gc.freeze()
        Thread(target=in_service(self._follow), name="feed", daemon=True).start()
        Thread(target=in_service(self._write_counts), name="counts", daemon=True).start()
        Thread(target=in_service(self.make_cards), name="cards", daemon=True).start()

    # --- Loading -------------------------------------------------------------------------------------

    def load(self) -> None:
        """Everything, into a new catalogue."""
        with self._writing:
            catalogue = Catalogue(weights())
            # Read before the clips: a change in between is read once more, not missed.
            self._change = Change.objects.aggregate(last=Max("pk"))["last"] or 0
            self._seen_changes = set()
            catalogue.put([_facts(one) for one in videos.published_since()])
            self._count(catalogue, 0.0)
            catalogue.settle(clock.now().timestamp())
            self.catalogue = catalogue
            self.cards = Cards(self._clips, settings.FEED_CARDS)

    def look_for_changes(self) -> int:
        """Take over what was announced since the last look; answers how many changes there were."""
        first = max(self._change - _REREAD, 0)
        rows = [
            row
            for row in Change.objects.filter(pk__gt=first).order_by("pk").values_list("pk", "video_id", "author_id")
            if row[0] not in self._seen_changes
        ]
        if not rows:
            return 0
        self._look_again({video_id for _, video_id, _ in rows if video_id is not None})
        for author_id in {author_id for _, _, author_id in rows if author_id is not None}:
            self.cards.drop_author(author_id)
        # Only now: a look that failed half-way is made again.
        self._change = max(self._change, rows[-1][0])
        self._seen_changes |= {row[0] for row in rows}
        self._seen_changes = {key for key in self._seen_changes if key > self._change - _REREAD}
        return len(rows)

    def look_for_recent(self) -> None:
        """New clips that nobody announced, or whose announcement was lost."""
        since = clock.now() - timedelta(seconds=10 * RECENT_S)
        unknown = [one for one in videos.published_since(since) if not self._knows(one.id)]
        if unknown:
            with self._writing:
                self.catalogue.put([_facts(one) for one in unknown])

    def recheck(self) -> None:
        """A part of the old clips, in turn: those that were withdrawn without a word go."""
        view = self.catalogue.view
        if not view.size:
            return
        start = self._recheck_at % view.size
        self._recheck_at = start + RECHECKED
        part = slice(start, start + RECHECKED)
        self._look_again(set(view.ids[part][view.alive[part]].tolist()), drop=False)

    def look_for_counts(self) -> None:
        """How clips were watched since the last look, and the public counts of those whose cards are here."""
        with self._writing:
            # Behind, it goes on where it stopped; else a little earlier, because others' clocks and commits differ.
            since = self._counted_to - (0.0 if self._behind else _COUNTS_OVERLAP_S)
            touched = self._count(self.catalogue, since, _COUNTED)
            self._behind = len(touched) == _COUNTED
        held = self.cards.held(touched)[-_RECOUNTED:]
        if held:
            self.cards.recount({key: mark.counts for key, mark in community.marks(held, None).items()})

    def settle(self) -> None:
        """Popularity and quality, anew."""
        with self._writing:
            self.catalogue.settle(clock.now().timestamp())

    def _look_again(self, ids: set[int], *, drop: bool = True) -> None:
        wanted = sorted(ids)
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            found = videos.published_facts(part)
            gone = [key for key in part if key not in found]
            changed = [_facts(found[key]) for key in part if key in found and (drop or not self._knows(key))]
            with self._writing:
                self.catalogue.remove(gone)
                self.catalogue.put(changed)
            self.cards.drop(part if drop else gone)

    def _knows(self, video_id: int) -> bool:
        view = self.catalogue.view
        row = view.row_of(video_id)
        return row is not None and bool(view.alive[row])

    def _count(self, catalogue: Catalogue, since: float, limit: int | None = None) -> list[int]:
        fields = ("video_id", "impressions", "watched_share", "day", "week", "touched_at")
        touched = ClipStats.objects.filter(touched_at__gte=since).order_by("touched_at")
        rows = list(touched.values_list(*fields)[:limit])
        catalogue.count([Counted(*row) for row in rows])
        self._counted_to = max((row[-1] for row in rows), default=self._counted_to)
        return [row[0] for row in rows]

    def _clips(self, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Cards for nobody in particular, by id."""
        public = {self.catalogue.view.public_ids[row]: key for key, row in self._rows(ids)}
        return {public[clip["id"]]: clip for clip in community.clip_cards(list(ids), None) if clip["id"] in public}

    def _rows(self, ids: Sequence[int]) -> list[tuple[int, int]]:
        view = self.catalogue.view
        return [(key, row) for key in ids if (row := view.row_of(key)) is not None]

    def make_cards(self, pause: float = 2.0) -> None:
        """Cards before anybody asks, newest clips first, so that soon no page has to wait for one.

        `pause` is how many times as long as it works it rests: those who watch already come first.
        """
        view = self.catalogue.view
        newest = np.argsort(-view.published, kind="stable")
        newest = newest[view.alive[newest]][: settings.FEED_CARDS]
        for start in range(0, len(newest), _CARDS_AT_ONCE):
            rows = newest[start : start + _CARDS_AT_ONCE]
            began = monotonic()
            try:
                self.cards.get(
                    view.ids[rows].tolist(),
                    dict(zip(view.ids[rows].tolist(), view.authors[rows].tolist(), strict=True)),
                )
            except DatabaseError:
                log.warning("cards could not be made in advance; pages make their own", exc_info=True)
                break
            if self._stop.wait(pause * (monotonic() - began)):
                break
        connection.close()

    # --- The thread ----------------------------------------------------------------------------------

    def _write_counts(self) -> None:
        """Everybody's counts, once a second; by a thread of its own, because it may have to wait for its turn."""
        while not self._stop.wait(FLUSH_S):
            close_old_connections()
            try:
                tally.flush(lambda took: self._stop.wait(4.0 * took))
            except Exception:
                log.exception("the counts could not be written and wait")

    def _follow(self) -> None:
        """Run each step at its pace. A step that fails is tried again; the others go on."""
        paces = {
            self.look_for_changes: CHANGES_S,
            self.look_for_counts: COUNTS_S,
            self.settle: SETTLE_S,
            self.look_for_recent: RECENT_S,
            self.recheck: RECHECK_S,
        }
        due = dict.fromkeys(paces, monotonic())
        while not self._stop.wait(CHANGES_S / 2):
            close_old_connections()
            for step, pace in paces.items():
                began = monotonic()
                if began < due[step]:
                    continue
                try:
                    step()
                except Exception:
                    log.exception("the feed's catalogue: %s failed and is tried again", step.__name__)
                # Under load the steps take longer; none may have more than a fifth of this thread's core.
                due[step] = monotonic() + max(pace, 4.0 * (monotonic() - began))


def _facts(one: videos.Published) -> Facts:
    return Facts(
        id=one.id,
        public_id=one.public_id,
        author_id=one.author_id,
        sound_id=one.sound_id,
        duration=one.duration,
        language=one.language,
        hashtags=one.hashtags,
        caption=one.caption,
        published_at=one.published_at.timestamp(),
    )


_keeper: Keeper | None = None


def keeper() -> Keeper:
    """The process's keeper."""
    global _keeper  # noqa: PLW0603 - one per process, made when first asked for
    if _keeper is None:
        _keeper = Keeper()
    return _keeper
