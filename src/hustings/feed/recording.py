"""What viewers did: into their own row and event log at once, into everybody's counts within a second.

A signed-in viewer's batch is one transaction: either their state, their events and the batch's key
are all written, or nothing is and the answer is an error, so sending again is right. A signed-out
viewer's events only count; nothing says whose they were.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hustings.community import api as community
from hustings.feed import pace, rules, states, tally
from hustings.feed.catalogue import View
from hustings.feed.inputs import Event
from hustings.feed.loading import keeper
from hustings.feed.models import EventBatch
from hustings.feed.viewer import BATCHES, Deed, Memory, learn, see
from hustings.feed.weights import current as weights
from hustings.trust.api import Key
from hustings.videos import api as videos

_UNKNOWN = 50  # clips outside the catalogue looked up for one batch
_SHARES = 20  # link shares counted of one batch


@dataclass(frozen=True, slots=True)
class _Done:
    """An event whose clip is known. `row` is None for clips that are not in the public catalogue."""

    clip: str
    kind: str
    video_id: int
    row: int | None
    watched_s: float
    duration: float


def record(viewer_id: int | None, events: Sequence[Event], key: str | None = None) -> int:
    """Take over a batch; answers how many of its events were known clips and kinds."""
    view = keeper().view()
    done = _known(viewer_id, events[: rules.BATCH], view)
    if not done:
        return 0
    deeds = [one for one in done if one.kind != "share"]
    if viewer_id is None:
        tally.add(_counted(deeds, first_time=None))
    elif not _record_own(viewer_id, deeds, view, key):
        return len(done)
    # The community counts shares and announces them; our receiver learns from that like from any other deed.
    for one in [one for one in done if one.kind == "share"][:_SHARES]:
        community.share(viewer_id, one.video_id)
    if not keeper().running:
        tally.flush()
    return len(done)


def act(viewer_id: int | None, video_id: int, action: str) -> None:
    """Something the community or moderation announced: `like`, `save`, `comment`, `share`, `report`."""
    worth = getattr(weights().quality, action, 0.0)
    # Also without any worth: the clip's public counts changed, and every process reads them again.
    tally.add({video_id: tally.Addition(popularity=worth if viewer_id is not None else 0.0)})
    if viewer_id is not None:
        view = keeper().view_of(video_id)
        row = view.row_of(video_id)
        deeds = [Deed(row, None, (action,))] if row is not None else []
        states.change(
            viewer_id,
            lambda memory: learn(memory, deeds, view, weights()),
            lambda key: _insert(key, [(video_id, action, 0.0)]),
        )
    if not keeper().running:
        tally.flush()


def recount(video_ids: Sequence[int]) -> None:
    """The public counts of these clips changed by nobody's doing: every process reads them again."""
    # A count written for a clip that is gone would begin a row that nobody removes.
    tally.add({video_id: tally.Addition() for video_id in videos.existing(video_ids)})
    if not keeper().running:
        tally.flush()


def _known(viewer_id: int | None, events: Sequence[Event], view: View) -> list[_Done]:
    rows = {one.clip: view.row_of_clip(one.clip) for one in events}
    unknown = {clip for clip, row in rows.items() if row is None}
    # Clips for followers, by link or published this instant; `visible_ids` is the lock.
    others = videos.visible_ids(sorted(unknown)[:_UNKNOWN], viewer_id) if unknown else {}
    done: list[_Done] = []
    for one in events:
        if one.kind not in rules.KINDS:
            continue
        row = rows[one.clip]
        if row is None:
            video_id, duration = others.get(one.clip), 0.0
        else:
            video_id, duration = int(view.ids[row]), float(view.durations[row])
        if video_id is not None:
            watched_s = rules.possible_watch(one.watched_s, one.loops, duration) if one.kind == "watch" else 0.0
            done.append(_Done(one.clip, one.kind, video_id, row, watched_s, duration))
    return done


def _record_own(viewer_id: int, deeds: Sequence[_Done], view: View, key: str | None) -> bool:
    """Whether the batch is a new one."""
    counts: dict[int, tally.Addition] = {}
    repeated = False

    def move_on(memory: Memory) -> None:
        nonlocal counts, repeated
        counts, repeated = {}, False
        if key is not None:
            if key in memory.batches:
                repeated = True
                return
            memory.batches = [*memory.batches, key][-BATCHES:]
        counts = _counted(deeds, first_time=memory)
        learn(
            memory,
            [
                Deed(one.row, one.watched_s) if one.kind == "watch" else Deed(one.row, None, (one.kind,))
                for one in deeds
                if one.row is not None
            ],
            view,
            weights(),
        )
        see(memory, [one.video_id for one in deeds if one.row is None and one.kind == "watch"])

    def log_them(key: Key) -> None:
        if not repeated:
            _insert(key, [(one.video_id, one.kind, round(one.watched_s, 2)) for one in deeds])

    if not states.change(viewer_id, move_on, log_them):
        # Who objects to being profiled counts like somebody signed out: within what one address may add.
        counts = _counted(pace.credible(deeds, f"account {viewer_id}"), first_time=None)
    tally.add(counts)
    return not repeated


def _counted(deeds: Sequence[_Done], first_time: Memory | None) -> dict[int, tally.Addition]:
    """What the batch adds to everybody's counts.

    A signed-in viewer counts once for each clip, over the whole history, so that nobody moves a clip
    by watching it all day. Of a signed-out viewer we do not know what came before this batch.
    """
    gain, quality = weights().gain, weights().quality
    additions: dict[int, tally.Addition] = {}
    before = set(first_time.seen.tolist()) if first_time is not None else set()
    for one in deeds:
        if one.kind != "watch":
            tally.of(additions, one.video_id).refusals += 1
            continue
        if one.video_id in before:
            continue
        before.add(one.video_id)
        addition = tally.of(additions, one.video_id)
        addition.views += rules.is_view(one.watched_s, one.duration)
        if one.duration <= 0:
            continue
        watched = rules.watched(gain, one.watched_s, one.duration)
        addition.impressions += 1
        addition.skips += watched.skipped
        addition.completions += watched.completed
        addition.watched_s += one.watched_s
        addition.watched_share += watched.share
        addition.popularity += watched.share >= quality.long_view
    return additions


def _insert(key: Key, events: Sequence[tuple[int, str, float]]) -> None:
    """The event log: one sealed row for what was told at once."""
    if events:
        sealed = EventBatch.events.field.seal(key, events)
        EventBatch.objects.bulk_create([EventBatch(account_id=key.subject, count=len(events), events=sealed)])


def follow(viewer_id: int, author_id: int) -> None:
    """A follow is a liking of the author, whichever clip it came from."""

    def move_on(memory: Memory) -> None:
        memory.authors[author_id] = min(1.0, memory.authors.get(author_id, 0.0) + 0.3 * weights().gain.follow)
        memory.less.pop(author_id, None)

    states.change(viewer_id, move_on)
