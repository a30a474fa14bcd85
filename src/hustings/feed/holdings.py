"""What the feed holds about somebody: events, the viewer's state, how their clips were watched.

Registered with trust when the server starts; see `trust/holdings.py` for what each method promises.
"""

from collections.abc import Collection, Iterator, Mapping

from hustings.feed import exporting
from hustings.feed.models import ClipStats
from hustings.feed.records import TABLES
from hustings.trust.api import TableHolder, Trace
from hustings.videos import api as videos

AT_ONCE = 500


class FeedHolder(TableHolder):
    """The holder of the feed. Clips' vectors are in no table: every process drops them when the account is locked."""

    explained = exporting.EXPLAINED

    corrections = exporting.CORRECTIONS

    def __init__(self) -> None:
        super().__init__("feed", tuple(TABLES))

    def documents(self, account_id: int) -> Iterator[tuple[str, object]]:
        return exporting.documents(account_id)

    def traces(self, account_id: int) -> Iterator[Trace]:
        """The clips' keys: a count that another process still held may be written after the row was removed."""
        for video_id in videos.ids_by_author(account_id):
            yield Trace(str(video_id))

    def left(self, names: Collection[str]) -> Mapping[str, int]:
        clips = [int(name) for name in names]
        found = {"clipstats": 0}
        for start in range(0, len(clips), AT_ONCE):
            some = clips[start : start + AT_ONCE]
            found["clipstats"] += ClipStats.objects.filter(pk__in=some).count()
        return {place: count for place, count in found.items() if count}

    # Others' watching of the account's clips lies sealed in their own batches, as clip numbers that name nothing
    # any more once the clips are gone. Nobody finds the viewers of a clip, and a closure does not either.

    def clear(self, names: Collection[str]) -> int:
        """Remove what was written late for clips that are gone."""
        return ClipStats.objects.filter(pk__in=[int(name) for name in names]).delete()[0]
