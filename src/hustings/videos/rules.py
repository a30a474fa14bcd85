"""Pure decisions about clips: who may watch, what may follow what, how long to wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# States; the words are the model's and the API's.
RECEIVING: Final = "receiving"
RECEIVED: Final = "received"
PROCESSING: Final = "processing"
PLAYABLE: Final = "playable"
READY: Final = "ready"
REFUSED: Final = "refused"

WATCHABLE: Final = frozenset({PLAYABLE, READY})

# `ready` never goes back: a new cover or an AV1 rendition is made beside what is there.
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    RECEIVING: frozenset({RECEIVED}),
    RECEIVED: frozenset({PROCESSING, PLAYABLE, REFUSED}),
    PROCESSING: frozenset({PLAYABLE, READY, REFUSED}),
    PLAYABLE: frozenset({READY}),
    READY: frozenset(),
    REFUSED: frozenset(),
}

DRAFT: Final = "draft"
SCHEDULED: Final = "scheduled"
PUBLISHED: Final = "published"

# From the widest to the narrowest.
VISIBILITIES: Final = ("public", "unlisted", "followers", "private")

# A lease lasts this long without a sign of life. Short: it is how long a killed worker's clip waits.
LEASE: Final = timedelta(seconds=60)
LONGEST_REST: Final = timedelta(minutes=10)
SCHEDULE_AHEAD: Final = timedelta(days=366)
# Half a minute of grace: a person who picks "now" must not be told that it is past.
SCHEDULE_GRACE: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class Standing:
    """What decides whether somebody may watch a clip."""

    author_id: int
    state: str
    release: str
    visibility: str
    out: bool  # `published_at` is set


def open_to_all(clip: Standing) -> bool:
    """Whether anybody at all may watch, signed in or not, having found it by themselves."""
    return _released(clip) and clip.visibility == "public"


def may_watch(clip: Standing, *, acts_for_author: bool, follows: bool, blocked: bool) -> bool:
    """Whether a viewer who has the clip's address may watch.

    `acts_for_author` says that the viewer is the author or a member of the organisation that is;
    `blocked` that one of the two has blocked the other.
    """
    if acts_for_author:
        return True
    if blocked or not _released(clip):
        return False
    if clip.visibility == "followers":
        return follows
    return clip.visibility in {"public", "unlisted"}


def _released(clip: Standing) -> bool:
    return clip.state in WATCHABLE and clip.release == PUBLISHED and clip.out


def narrows(before: str, after: str) -> bool:
    """Whether fewer people may watch after the change, so that old media addresses must die."""
    return VISIBILITIES.index(after) > VISIBILITIES.index(before)


def schedule_fault(at: datetime, now: datetime) -> str | None:
    """What is wrong with publishing `at`, as a sentence; None when nothing is."""
    if at.tzinfo is None:
        return "Give the time with its zone, for example 2026-05-01T09:00:00+01:00."
    if at < now - SCHEDULE_GRACE:
        return "This time is past."
    if at > now + SCHEDULE_AHEAD:
        return "This is more than a year ahead."
    return None


def backoff(attempts: int) -> timedelta:
    """How long a clip rests after its nth failed attempt: 2, 8, 32 s, then ten minutes at most."""
    return min(LONGEST_REST, timedelta(seconds=2 * 4 ** min(10, max(0, attempts - 1))))


def codecs(mime_types: Iterable[str]) -> set[str]:
    """The first codec of each rendition's media type, such as `avc1`; for asking what is still missing."""
    found = set()
    for mime in mime_types:
        named = mime.partition('codecs="')[2].partition('"')[0]
        found.add(named.partition(".")[0].strip())
    return found
