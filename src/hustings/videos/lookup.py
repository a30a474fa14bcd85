"""The loader is the lock: a clip is fetched and judged in one place, and a stranger finds nothing.

Followers and blocks belong to a domain above; it registers how to ask when the server starts. Until
then nobody follows anybody, which shows too little rather than too much.
"""

from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from hustings.accounts import api as accounts
from hustings.lib import ids
from hustings.lib.errors import ForbiddenError, NotFoundError
from hustings.videos import rules
from hustings.videos.models import Video

Test = Callable[[int, int], bool]
"""Of a viewer's and an author's id."""


def _nobody(viewer_id: int, author_id: int) -> bool:
    return False


_follows: Test = _nobody
_blocked: Test = _nobody

_FIELDS = (
    "pk", "author_id", "author__is_active", "state", "release", "visibility", "published_at", "media_key",
)  # fmt: skip


def register_follower_test(test: Test) -> None:
    """How to ask whether a viewer follows an author. Called once, at start-up, by whoever knows."""
    global _follows  # noqa: PLW0603 - one port, set once
    _follows = test


def register_block_test(test: Test) -> None:
    """How to ask whether a viewer or an author has blocked the other."""
    global _blocked  # noqa: PLW0603 - one port, set once
    _blocked = test


def visible(public_id: str, viewer_id: int | None) -> int:
    """The id of a clip that a viewer may watch; NotFoundError otherwise, whatever the reason.

    One query for the signed-out.
    """
    row = _row(public_id)
    if not _may(row, viewer_id):
        raise NotFoundError
    return int(row["pk"])


def visible_ids(public_ids: list[str], viewer_id: int | None) -> dict[str, int]:
    """Ids of those clips that a viewer may watch, by public id. One query, and more only for what is not public."""
    wanted = [public_id for public_id in public_ids if ids.is_id(public_id)]
    rows = Video.objects.filter(public_id__in=wanted, author__is_active=True).values(*_FIELDS, "public_id")
    return {row["public_id"]: row["pk"] for row in rows if rules.open_to_all(_standing(row)) or _may(row, viewer_id)}


def media_open(public_id: str, media_key: str, viewer_id: Callable[[], int | None]) -> bool:
    """Whether a clip's media are for everybody; NotFoundError when they are not for this viewer.

    `viewer_id` is only asked when it matters: a public clip costs one query and no session. Blocks do not
    count here: what anybody can fetch signed out is no secret, and pages do not show it.
    """
    row = _row(public_id)
    if not compare_digest(str(row["media_key"]).encode(), media_key.encode()):
        raise NotFoundError
    standing = _standing(row)
    if rules.open_to_all(standing):
        return True
    if not _may(row, viewer_id()):
        raise NotFoundError
    return False


def editable(public_id: str, person_id: int, *, need: str = "editor") -> Video:
    """A clip for somebody who acts for its author: NotFoundError for strangers, ForbiddenError for the wrong role."""
    video = Video.objects.filter(public_id=public_id).first() if ids.is_id(public_id) else None
    if video is None:
        raise NotFoundError
    if not accounts.may_act_for(person_id, video.author_id, need):
        if need != "analyst" and accounts.may_act_for(person_id, video.author_id, "analyst"):
            raise ForbiddenError
        raise NotFoundError
    return video


def _row(public_id: str) -> dict[str, Any]:
    row: dict[str, Any] | None = None
    if ids.is_id(public_id):
        row = Video.objects.filter(public_id=public_id).values(*_FIELDS).first()
    # A locked account's clips are served to nobody from that moment, however long their erasure takes.
    if row is None or not row["author__is_active"]:
        raise NotFoundError
    return row


def _standing(row: dict[str, Any]) -> rules.Standing:
    return rules.Standing(
        author_id=row["author_id"],
        state=row["state"],
        release=row["release"],
        visibility=row["visibility"],
        # Set when it went out, never ahead; not compared, so that a clock put back hides nothing.
        out=row["published_at"] is not None,
    )


def _may(row: dict[str, Any], viewer_id: int | None) -> bool:
    clip = _standing(row)
    if viewer_id is None:
        return rules.may_watch(clip, acts_for_author=False, follows=False, blocked=False)
    if viewer_id == clip.author_id:
        return True
    blocked = _blocked(viewer_id, clip.author_id)
    if rules.may_watch(clip, acts_for_author=False, follows=False, blocked=blocked):
        return True  # most often; neither the organisation nor the followers need be asked
    acts = accounts.may_act_for(viewer_id, clip.author_id, "analyst")
    follows = clip.visibility == "followers" and _follows(viewer_id, clip.author_id)
    return rules.may_watch(clip, acts_for_author=acts, follows=follows, blocked=blocked)


def follows(viewer_id: int, author_id: int) -> bool:
    """What the registered test says."""
    return _follows(viewer_id, author_id)
