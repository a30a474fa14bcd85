"""Writing, removing and liking comments; replies are one level deep. `threads` reads them."""

from dataclasses import dataclass

from django.db.models import F, Q

from hustings.accounts import api as accounts
from hustings.community import events, notifications, relations
from hustings.community.deeds import count_clip, deed
from hustings.community.errors import CommentsOffError
from hustings.community.models import Comment, CommentLike, Notification
from hustings.community.rules import CALLED_BY_COMMENT, comment_text
from hustings.lib import text
from hustings.lib.errors import ForbiddenError, NotFoundError
from hustings.videos import api as videos
from hustings.videos.api import Subject, subject


@dataclass(frozen=True, slots=True)
class Place:
    """Where a comment stands, for those who may see it."""

    id: int
    public_id: str
    video_id: int
    author_id: int | None
    parent_id: int | None


def place(public_id: str, viewer_id: int | None) -> Place:
    """The loader that is the lock: NotFoundError when the comment or its clip is not for this viewer."""
    row = (
        Comment.objects.filter(public_id=public_id)
        .values_list("pk", "public_id", "video_id", "author_id", "parent_id", "video__public_id", "author__is_active")
        .first()
    )
    if row is None or (row[3] is not None and not row[6]):
        raise NotFoundError
    videos.visible(row[5], viewer_id)
    found = Place(*row[:5])
    author_id = found.author_id
    if viewer_id is None or author_id is None or viewer_id == author_id:
        return found
    if relations.blocked_between(viewer_id, author_id):
        raise NotFoundError
    return found


# --- Writing ---------------------------------------------------------------------------------------


def write(
    account_id: int,
    video_id: int,
    written: str,
    *,
    reply_to: str | None = None,
    written_by: int | None = None,
) -> str:
    """Comment on a clip that the account may see; answers the comment's public id.

    A reply to a reply joins the same thread. `written_by` is the person when `account_id` is an
    organisation. CommentsOffError, InvalidInputError; NotFoundError when `reply_to` is not on this
    clip or not for this account.
    """
    clip = subject(video_id)
    # Asked here also because `account_id` may be an organisation, and the clip was opened by a person.
    if relations.blocked_between(account_id, clip.author_id):
        raise NotFoundError
    if not clip.allow_comments:
        raise CommentsOffError
    said = comment_text(written)
    answered = place(reply_to, account_id) if reply_to else None
    if answered and answered.video_id != video_id:
        raise NotFoundError
    parent_id = (answered.parent_id or answered.id) if answered else None
    with deed():
        count_clip(video_id, comments=1)
        if parent_id is not None and not Comment.objects.filter(pk=parent_id).update(reply_count=F("reply_count") + 1):
            raise NotFoundError
        comment = Comment.objects.create(
            video_id=video_id, author_id=account_id, written_by_id=written_by, parent_id=parent_id, text=said
        )
        _notify(comment, clip, answered)
        events.announce(events.commented, account_id=account_id, video_id=video_id, comment_id=comment.pk)
    return comment.public_id


def _notify(comment: Comment, clip: Subject, answered: Place | None) -> None:
    """Each person is told once, of what concerns them most: a reply, then a mention, then a comment."""
    told = {comment.author_id}
    common = {"actor_id": comment.author_id, "video_id": comment.video_id, "comment_id": comment.pk}
    if answered and answered.author_id is not None and answered.author_id not in told:
        told.add(answered.author_id)
        notifications.tell(
            answered.author_id,
            Notification.Kind.REPLY,
            thread_id=comment.parent_id,
            said=comment.text,
            **common,
        )
    for account_id in called(comment.text, clip.public_id, CALLED_BY_COMMENT):
        if account_id not in told:
            told.add(account_id)
            notifications.tell(account_id, Notification.Kind.MENTION, said=comment.text, **common)
    if clip.author_id not in told:
        notifications.tell(clip.author_id, Notification.Kind.COMMENT, said=comment.text, **common)


def called(written: str, clip: str, limit: int) -> list[int]:
    """Accounts that a text names and that may see the clip: nobody is called to what they cannot open."""
    handles = text.mentions(written)[:limit]
    ids = accounts.ids_by_handle(handles)
    return [ids[handle] for handle in handles if handle in ids and _may_see(clip, ids[handle])]


def _may_see(clip: str, account_id: int) -> bool:
    try:
        videos.visible(clip, account_id)
    except NotFoundError:
        return False
    return True


def remove(person_id: int, public_id: str) -> int:
    """Remove a comment with its replies: one's own, or any on one's own clip. Answers the clip's id.

    Members who may edit for an organisation may do it in its name. ForbiddenError for others.
    """
    found = place(public_id, person_id)
    clip = subject(found.video_id)
    owners = [owner for owner in (found.author_id, clip.author_id) if owner is not None]
    if not any(accounts.may_act_for(person_id, owner, "editor") for owner in owners):
        raise ForbiddenError("This comment is not yours to remove.", hint="You can report it, or mute its author.")
    erase(found.id)
    return found.video_id


def erase(comment_id: int) -> None:
    """Remove a comment with its replies and their counts; nothing happens when it is gone."""
    row = Comment.objects.filter(pk=comment_id).values_list("video_id", "parent_id").first()
    if row is None:
        return
    video_id, parent_id = row
    with deed():
        # The clip's counts are locked first, as by whoever writes: no reply can come in between.
        count_clip(video_id, comments=0)
        gone = list(Comment.objects.filter(Q(pk=comment_id) | Q(parent=comment_id)).values_list("pk", "author_id"))
        if not gone:
            return
        notifications.forget_comments(key for key, _ in gone)
        Comment.objects.filter(pk__in=[key for key, _ in gone]).delete()
        count_clip(video_id, comments=-len(gone))
        if parent_id is not None:
            Comment.objects.filter(pk=parent_id).update(reply_count=F("reply_count") - 1)
        for key, author_id in gone:
            events.announce(events.comment_removed, account_id=author_id, video_id=video_id, comment_id=key)


def like(account_id: int, comment: Place) -> int:
    """Like a comment; answers its likes."""
    with deed():
        if CommentLike.objects.get_or_create(account_id=account_id, comment_id=comment.id)[1]:
            Comment.objects.filter(pk=comment.id).update(likes=F("likes") + 1)
    return _likes(comment)


def unlike(account_id: int, comment: Place) -> int:
    """Take it back; answers the comment's likes."""
    with deed():
        if CommentLike.objects.filter(account=account_id, comment=comment.id).delete()[0]:
            Comment.objects.filter(pk=comment.id).update(likes=F("likes") - 1)
    return _likes(comment)


def _likes(comment: Place) -> int:
    return Comment.objects.filter(pk=comment.id).values_list("likes", flat=True).first() or 0
