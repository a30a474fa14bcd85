"""Undoing all that an account did, with the counts, when it is closed. Safe to run twice and to be killed.

The rows would go with the account anyway, by the database's cascade; the counts would not follow.
"""

from django.db.models import F

from hustings.community import reactions, relations
from hustings.community.comments import erase
from hustings.community.deeds import deed
from hustings.community.models import (
    Comment,
    CommentLike,
    Follow,
    Like,
    Notification,
    NotificationActor,
    Save,
)


def leave(account_id: int) -> None:
    """Take back follows in both directions, likes, saves, comments and all traces in notifications.

    One deed at a time, each with its counts and its announcement: slow for a busy account, but it
    never holds the database for long, and what is done stays done.
    """
    for one, other in list(Follow.objects.filter(follower=account_id).values_list("follower", "followed")):
        relations.unfollow(one, other)
    for one, other in list(Follow.objects.filter(followed=account_id).values_list("follower", "followed")):
        relations.unfollow(one, other)
    for video_id in list(Like.objects.filter(account=account_id).values_list("video", flat=True)):
        reactions.unlike(account_id, video_id)
    for video_id in list(Save.objects.filter(account=account_id).values_list("video", flat=True)):
        reactions.unsave(account_id, video_id)
    for like_id, comment_id in list(CommentLike.objects.filter(account=account_id).values_list("pk", "comment")):
        with deed():
            if CommentLike.objects.filter(pk=like_id).delete()[0]:
                Comment.objects.filter(pk=comment_id).update(likes=F("likes") - 1)
    for comment_id in list(Comment.objects.filter(author=account_id).values_list("pk", flat=True)):
        erase(comment_id)
    _leave_notifications(account_id)


def _leave_notifications(account_id: int) -> None:
    with deed():
        held = NotificationActor.objects.filter(account=account_id)
        rows = list(held.values_list("notification", flat=True))
        held.delete()
        Notification.objects.filter(pk__in=rows).update(count=F("count") - 1)
        Notification.objects.filter(pk__in=rows, count=0).delete()
