"""Undoing all that an account did, with the counts, when it is closed: in chunks, each a transaction of its own.

The machine that closes accounts calls for one chunk after the other, opens the transaction around each and
may be killed between any two; what is done stays done, and beginning again finds less. The rows
are the memory: a count changes in the transaction that removes the row it counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Greatest

from hustings.community import events
from hustings.community.models import (
    AccountCounts,
    Block,
    ClipCounts,
    Comment,
    CommentLike,
    Follow,
    Like,
    Mute,
    MutedWord,
    Notification,
    NotificationActor,
    Pace,
    Save,
)
from hustings.moderation import api as moderation
from hustings.trust.api import Choices, Erased

AT_ONCE = 500  # rows of one chunk
FEW_AT_ONCE = 100  # where each row moves counts of its own

Row = tuple[Any, ...]


def erase(account_id: int, choices: Choices) -> Iterator[Erased]:
    """Everything, what hangs on other rows first."""
    yield from _follows(account_id)
    yield from _hiding(account_id)
    yield from _reactions(account_id)
    yield from _notifications(account_id)
    yield from _under_own_clips(account_id)
    yield from _anonymise(account_id) if choices.comments == "anonymise" else _comments(account_id)
    yield from _written_for_others(account_id)
    yield from _plain("clipcounts", ClipCounts.objects.filter(video__author=account_id))
    yield from _plain("accountcounts", AccountCounts.objects.filter(pk=account_id))
    yield from _plain("mutedword", MutedWord.objects.filter(account=account_id))
    yield from _plain("pace", Pace.objects.filter(account=account_id))


def _follows(account_id: int) -> Iterator[Erased]:
    for pairs in _chunks(Follow.objects.filter(follower=account_id), "followed_id"):
        _lower(AccountCounts, "followers", Counter(other for _, other in pairs))
        yield Erased("follow", _gone(Follow, pairs))
    for pairs in _chunks(Follow.objects.filter(followed=account_id), "follower_id", at_once=FEW_AT_ONCE):
        others = [other for _, other in pairs]
        _lower(AccountCounts, "following", Counter(others))
        count = _gone(Follow, pairs)
        events.parted.send(None, account_ids=others)
        yield Erased("follow", count)


def _hiding(account_id: int) -> Iterator[Erased]:
    sides: tuple[tuple[str, Any, str, str], ...] = (
        ("block", Block, "blocker", "blocked_id"),
        ("block", Block, "blocked", "blocker_id"),
        ("mute", Mute, "muter", "muted_id"),
        ("mute", Mute, "muted", "muter_id"),
    )
    for what, model, mine, other in sides:
        for pairs in _chunks(model.objects.filter(**{mine: account_id}), other, at_once=FEW_AT_ONCE):
            count = _gone(model, pairs)
            events.parted.send(None, account_ids=[key for _, key in pairs])
            yield Erased(what, count)


def _reactions(account_id: int) -> Iterator[Erased]:
    for rows in _chunks(Like.objects.filter(account=account_id), "video_id", "video__author_id"):
        _lower(ClipCounts, "likes", Counter(video for _, video, _ in rows))
        _lower(AccountCounts, "likes", Counter(author for _, _, author in rows))
        count = _gone(Like, rows)
        events.announce_many(events.recounted, [video for _, video, _ in rows])
        yield Erased("like", count)
    for rows in _chunks(Save.objects.filter(account=account_id), "video_id"):
        _lower(ClipCounts, "saves", Counter(video for _, video in rows))
        yield Erased("save", _gone(Save, rows))
    for rows in _chunks(CommentLike.objects.filter(account=account_id), "comment_id"):
        _lower(Comment, "likes", Counter(comment for _, comment in rows))
        yield Erased("commentlike", _gone(CommentLike, rows))


def _notifications(account_id: int) -> Iterator[Erased]:
    """One's own, those about one's clips, and one's traces in everybody else's."""
    for pairs in _chunks(NotificationActor.objects.filter(account=account_id), "notification_id"):
        count = _gone(NotificationActor, pairs)
        keys = [notification for _, notification in pairs]
        _lower(Notification, "count", Counter(keys))
        # What told of nobody else goes; refusals and the like never told of anybody and have a count of 0 by nature.
        _remove_notifications(Notification.objects.filter(pk__in=keys, count=0).values_list("pk", flat=True))
        yield Erased("notificationactor", count)
    for which in (Q(account=account_id), Q(video__author=account_id)):
        for rows in _chunks(Notification.objects.filter(which)):
            yield Erased("notification", _remove_notifications(key for (key,) in rows))


def _remove_notifications(keys: Iterable[int]) -> int:
    going = list(keys)
    NotificationActor.objects.filter(notification__in=going).delete()
    return Notification.objects.filter(pk__in=going).delete()[0]


def _under_own_clips(account_id: int) -> Iterator[Erased]:
    """What others did with one's clips goes with the clips; their counts go too and need no care."""
    own = Q(video__author=account_id)
    yield from _plain("like", Like.objects.filter(own))
    yield from _plain("save", Save.objects.filter(own))
    yield from _plain("commentlike", CommentLike.objects.filter(comment__video__author=account_id))
    # Answers before what they answer.
    for which in (own & Q(parent__isnull=False), own):
        for rows in _chunks(Comment.objects.filter(which), "public_id"):
            moderation.forget_about("comment", [public_id for _, public_id in rows])
            yield Erased("comment", Comment.objects.filter(pk__in=[row[0] for row in rows]).delete()[0])


def _comments(account_id: int) -> Iterator[Erased]:
    """What one wrote under others' clips, with the answers to it, as when one removes a comment oneself."""
    for rows in _chunks(Comment.objects.filter(author=account_id), at_once=FEW_AT_ONCE):
        keys = [key for (key,) in rows]
        going = list(
            Comment.objects.filter(Q(pk__in=keys) | Q(parent__in=keys)).values_list(
                "pk", "public_id", "video_id", "parent_id"
            )
        )
        gone = {key for key, _, _, _ in going}
        _lower(ClipCounts, "comments", Counter(video for _, _, video, _ in going))
        answered = Counter(parent for _, _, _, parent in going if parent is not None and parent not in gone)
        _lower(Comment, "reply_count", answered)
        moderation.forget_about("comment", [public_id for _, public_id, _, _ in going])
        _remove_notifications(Notification.objects.filter(comment__in=gone, count__lte=1).values_list("pk", flat=True))
        Notification.objects.filter(comment__in=gone).update(comment=None)
        CommentLike.objects.filter(comment__in=gone).delete()
        Comment.objects.filter(pk__in=gone, parent__isnull=False).delete()
        Comment.objects.filter(pk__in=gone).delete()
        events.announce_many(events.recounted, [video for _, _, video, _ in going])
        yield Erased("comment", len(going))


def _anonymise(account_id: int) -> Iterator[Erased]:
    """What one wrote stays for those who answered it, and nobody can tell any more whose it was."""
    for rows in _chunks(Comment.objects.filter(author=account_id)):
        keys = [key for (key,) in rows]
        yield Erased("comment_anonymised", Comment.objects.filter(pk__in=keys).update(author=None, written_by=None))


def _written_for_others(account_id: int) -> Iterator[Erased]:
    """Comments in an organisation's name stay the organisation's; who wrote them is forgotten."""
    for rows in _chunks(Comment.objects.filter(written_by=account_id)):
        keys = [key for (key,) in rows]
        yield Erased("comment_written_for_another", Comment.objects.filter(pk__in=keys).update(written_by=None))


# --- Chunks ----------------------------------------------------------------------------------------


def _chunks(rows: QuerySet[Any], *columns: str, at_once: int = AT_ONCE) -> Iterator[list[Row]]:
    """Key and `columns` of the first rows that are left, again and again: each is gone when the next is asked."""
    found = rows.order_by("pk").values_list("pk", *columns)
    while some := list(found[:at_once]):
        yield some


def _gone(model: type[Model], rows: list[Row]) -> int:
    return model._default_manager.filter(pk__in=[row[0] for row in rows]).delete()[0]  # noqa: SLF001 - whichever it is


def _plain(what: str, rows: QuerySet[Any]) -> Iterator[Erased]:
    for some in _chunks(rows):
        yield Erased(what, _gone(rows.model, some))


def _lower(model: type[Model], column: str, by: Mapping[int, int]) -> None:
    """Lower a count of several rows, each by its own number; never below zero.

    Locked in one order first, as every deed locks them: two that change the same rows never wait in a ring.
    """
    rows = model._default_manager.filter(pk__in=list(by))  # noqa: SLF001 - whichever it is
    list(rows.order_by("pk").select_for_update().values_list("pk"))
    steps: dict[int, list[int]] = {}
    for key, number in by.items():
        steps.setdefault(number, []).append(key)
    for number, keys in steps.items():
        rows.filter(pk__in=keys).update(**{column: Greatest(F(column) - number, 0)})
