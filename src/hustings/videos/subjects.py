"""The little that those above ask of a clip's row before they do something with it."""

from collections.abc import Iterable
from dataclasses import dataclass

from hustings.lib.errors import NotFoundError
from hustings.videos.models import Video


@dataclass(frozen=True, slots=True)
class Subject:
    """The clip that a deed is about."""

    author_id: int
    public_id: str
    allow_comments: bool
    uploaded_by: int | None
    caption: str
    scheduled: bool


def subject(video_id: int) -> Subject:
    """NotFoundError when the clip is gone. Whether somebody may see it is `videos.api.visible`'s matter."""
    row = (
        Video.objects.filter(pk=video_id)
        .values_list("author_id", "public_id", "allow_comments", "uploaded_by_id", "caption", "scheduled_for")
        .first()
    )
    if row is None:
        raise NotFoundError
    author_id, public_id, allow_comments, uploaded_by, caption, scheduled_for = row
    return Subject(author_id, public_id, allow_comments, uploaded_by, caption, scheduled_for is not None)


def existing(video_ids: Iterable[int]) -> list[int]:
    """Those of the ids that are clips, ascending."""
    return list(Video.objects.filter(pk__in=list(video_ids)).order_by("pk").values_list("pk", flat=True))
