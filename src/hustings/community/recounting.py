"""Counting anew, after a restore: rows of people who were erased since did not come back, and the counts knew of them.

Shares and views are not counted in rows, so they stay as they were.
"""

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from hustings.community.models import (
    AccountCounts,
    ClipCounts,
    Comment,
    CommentLike,
    Follow,
    Like,
    Notification,
    NotificationActor,
    Save,
)


def count_anew() -> None:
    """Every count of likes, saves, comments and follows, from the rows themselves."""
    _set(ClipCounts, likes=_of(Like, "video"), saves=_of(Save, "video"), comments=_of(Comment, "video"))
    _set(
        AccountCounts,
        followers=_of(Follow, "followed"),
        following=_of(Follow, "follower"),
        likes=_of(Like, "video__author"),
    )
    _set(Comment, likes=_of(CommentLike, "comment"), reply_count=_of(Comment, "parent"))
    # What told of nobody but the erased goes; refusals and the like never told of anybody.
    told = Notification.objects.filter(count__gt=0)
    told.filter(actors=None).delete()
    told.update(count=_of(NotificationActor, "notification"))


def _of(model: type[Like | Save | Comment | Follow | CommentLike | NotificationActor], column: str) -> Coalesce:
    """How many rows of `model` point at the row at hand by `column`."""
    rows: QuerySet[Like, dict[str, int]] = (
        model._base_manager.filter(**{column: OuterRef("pk")})  # type: ignore[assignment]  # noqa: SLF001 - all rows
        .order_by()
        .values(found=F(column))
        .annotate(rows=Count("pk"))
        .values("rows")
    )
    return Coalesce(Subquery(rows, output_field=IntegerField()), Value(0))


def _set(model: type[ClipCounts | AccountCounts | Comment], **counts: Coalesce) -> None:
    model._base_manager.update(**counts)  # noqa: SLF001 - all rows
