"""What somebody watched elsewhere, when they want the feed here to know: only of clips that are here, too."""

from collections.abc import Mapping, Sequence
from typing import Any

from hustings.feed import rules, states
from hustings.feed.loading import keeper
from hustings.feed.viewer import Deed, Memory, learn, see
from hustings.feed.weights import current as weights
from hustings.trust.api import Brought, Taken
from hustings.videos import api as videos

Detail = Mapping[str, Any]


class WatchImporter:
    """Takes in a watching history: into the person's own taste and nowhere else. Public counts stay as they are."""

    kinds: tuple[str, ...] = ("watch",)

    def known(self, account_id: int, kind: str, given: Sequence[Detail]) -> list[Detail | None]:
        clips = videos.found_here(given, account_id)
        return [
            {"clip": clip, "seconds": float(one.get("seconds") or 0.0)} if clip else None
            for clip, one in zip(clips, given, strict=True)
        ]

    def take(self, account_id: int, brought: Brought) -> Taken:
        video_id = videos.id_of(str(brought.detail["clip"]))
        if video_id is None:
            return Taken("refused", fault="not_found")
        view = keeper().view_of(video_id)
        row = view.row_of(video_id)
        seconds = float(brought.detail.get("seconds") or 0.0)

        def move_on(memory: Memory) -> None:
            # An app that does not say for how long one watched says only that one has seen it.
            if row is not None and seconds > 0:
                watched = rules.possible_watch(seconds, rules.MOST_LOOPS, float(view.durations[row]))
                learn(memory, [Deed(row, watched)], view, weights())
            else:
                see(memory, [video_id])

        if not states.change(account_id, move_on):
            return Taken("refused", fault="plain")
        return Taken("taken", str(brought.detail["clip"]))

    def undo(self, account_id: int, kind: str, result: str, before: Mapping[str, Any]) -> bool:
        """What was learnt cannot be told apart from the rest: the person can reset the feed."""
        return False
