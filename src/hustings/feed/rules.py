"""Pure decisions: what counts as a view, what an event says about liking, what an input may hold."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from hustings.feed.weights import Gain

# --- The published rule ------------------------------------------------------------------------------

VIEW_S: Final = 2.0
END_FROM: Final = 0.95  # of the length; players stop a few frames early


def is_view(watched_s: float, duration: float) -> bool:
    """A view is two seconds, or a shorter clip to its end. Each signed-in viewer counts once per clip."""
    return watched_s >= VIEW_S or (duration > 0 and watched_s >= END_FROM * duration)


# --- What comes in -----------------------------------------------------------------------------------

KINDS: Final = frozenset({"watch", "share", "not_interested", "less_from"})
ACTIONS: Final = frozenset({"like", "comment", "save", "share", "follow", "not_interested", "less_from", "report"})
HISTORY: Final = 500  # items a signed-out viewer may send
BATCH: Final = 200  # events in one request
HELD: Final = 200  # clips the asker already has on its screen
PAGE: Final = 50
LONGEST_WATCH_S: Final = 3_600.0
MOST_LOOPS: Final = 20


def possible_watch(watched_s: float, loops: int, duration: float) -> float:
    """Seconds as they can have been: not below zero, not longer than the loops allow, never NaN."""
    if not math.isfinite(watched_s):
        return 0.0
    loops = min(max(loops, 0), MOST_LOOPS)
    longest = min((loops + 1) * duration + 1.0, LONGEST_WATCH_S) if duration > 0 else LONGEST_WATCH_S
    return min(max(watched_s, 0.0), longest)


# --- What it says ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Watched:
    """How one showing of a clip went."""

    share: float  # of the length, one loop at most
    loops: float  # beyond the first
    skipped: bool
    completed: bool


def watched(weights: Gain, watched_s: float, duration: float) -> Watched:
    """Read a watch of `watched_s` seconds (already possible) of a clip of `duration` seconds."""
    ratio = watched_s / max(duration, 0.1)
    completed = ratio >= weights.completion_from
    return Watched(
        share=min(ratio, 1.0),
        loops=min(max(ratio - 1.0, 0.0), 3.0),
        skipped=watched_s < weights.skip_s and not completed,
        completed=completed,
    )


def gain(weights: Gain, seen: Watched | None, actions: Iterable[str]) -> float:
    """How much more (or less) of the same is wanted, from about -2.5 to 4. Unknown actions say nothing."""
    total = 0.0
    if seen is not None:
        if seen.skipped:
            total += weights.skip
        else:
            total += weights.share_slope * (seen.share - weights.share_midpoint)
            total += weights.completion * seen.completed + weights.replay * seen.loops
    for action in actions:
        if action in ACTIONS:
            total += float(getattr(weights, action))
    return total


def still_shown(video_id: int, viewer_id: int | None, times_less: int, kept_of: int) -> bool:
    """Whether a clip of an author of whom less was asked is still shown.

    Once asked: one clip in `kept_of`, always the same ones, so that asking again finds nothing new.
    Twice: none.
    """
    if times_less <= 0:
        return True
    return times_less == 1 and (video_id * 2_654_435_761 + (viewer_id or 0)) % kept_of == 0
