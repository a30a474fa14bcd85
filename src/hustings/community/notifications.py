"""Telling somebody what concerns them: gathered, quiet, and taken back when the deed is."""

from collections.abc import Iterable

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from hustings.accounts import api as accounts
from hustings.accounts.api import Author
from hustings.community.models import Block, Mute, MutedWord, Notification, NotificationActor
from hustings.lib import clock, cursors, text

ACTORS_SHOWN = 3

Kind = Notification.Kind

# What one person can do again and again by pressing one button tells once.
_ONCE = frozenset({Kind.FOLLOW, Kind.LIKE})


def tell(
    account_id: int,
    kind: str,
    *,
    actor_id: int | None = None,
    video_id: int | None = None,
    comment_id: int | None = None,
    thread_id: int | None = None,
    said: str = "",
) -> None:
    """Add to the account's notifications, inside the deed's transaction.

    Nothing is told of oneself, of somebody blocked or muted, nor in `said` words that are muted.
    `thread_id` is the comment that replies are gathered under.
    """
    if actor_id == account_id or _hushed(account_id, actor_id, said):
        return
    topic = _topic(kind, video_id, comment_id, thread_id, actor_id)
    if (
        kind in _ONCE
        and NotificationActor.objects.filter(
            notification__account=account_id, notification__topic=topic, account=actor_id
        ).exists()
    ):
        return
    now = clock.now()
    row, made = Notification.objects.get_or_create(
        account_id=account_id,
        topic=topic,
        read=False,
        defaults={"kind": kind, "video_id": video_id, "comment_id": comment_id, "updated_at": now},
    )
    joined = actor_id is not None and NotificationActor.objects.get_or_create(notification=row, account_id=actor_id)[1]
    if joined or not made:
        Notification.objects.filter(pk=row.pk).update(
            count=F("count") + int(joined), updated_at=now, comment_id=comment_id
        )


def take_back(
    account_id: int, kind: str, *, actor_id: int, video_id: int | None = None, thread_id: int | None = None
) -> None:
    """The deed was undone: its actor leaves what is still unread, and a row with nobody left goes."""
    topic = _topic(kind, video_id, None, thread_id, actor_id)
    left, _ = NotificationActor.objects.filter(
        notification__account=account_id,
        notification__topic=topic,
        notification__read=False,
        account=actor_id,
    ).delete()
    if left:
        row = Notification.objects.filter(account=account_id, topic=topic, read=False)
        row.update(count=F("count") - 1)
        row.filter(count=0).delete()


def _topic(kind: str, video_id: int | None, comment_id: int | None, thread_id: int | None, actor_id: int | None) -> str:
    if kind == Kind.MENTION:  # each says something of its own
        return f"{kind}:{video_id}:{comment_id or ''}"
    if kind == Kind.REPLY:
        return f"{kind}:{thread_id}"
    if kind == Kind.INVITED:  # each organisation asks for itself
        return f"{kind}:{actor_id}"
    return f"{kind}:{video_id or ''}"


def _hushed(account_id: int, actor_id: int | None, said: str) -> bool:
    if actor_id is not None:
        between = Q(blocker=account_id, blocked=actor_id) | Q(blocker=actor_id, blocked=account_id)
        if Block.objects.filter(between).exists() or Mute.objects.filter(muter=account_id, muted=actor_id).exists():
            return True
    if not said:
        return False
    return text.has_phrase(said, MutedWord.objects.filter(account=account_id).values_list("word", flat=True))


# --- Reading ---------------------------------------------------------------------------------------


def unread(account_id: int) -> int:
    """Unread rows: gathered ones count once, as they are shown."""
    return Notification.objects.filter(account=account_id, read=False).count()


def mark_read(account_id: int) -> None:
    """All that is there now has been seen."""
    Notification.objects.filter(account=account_id, read=False).update(read=True)


def page(
    account_id: int, hidden: Iterable[int], cursor: str | None, limit: int
) -> tuple[list[tuple[Notification, list[Author]]], str | None]:
    """Notifications newest first, each with up to three of its actors, latest first; three queries.

    Actors in `hidden` (blocked or muted since) are left out, and rows that hold nobody else.
    """
    rows = Notification.objects.filter(account=account_id)
    if cursor:
        at, key = cursors.decode(cursor)
        rows = rows.filter(Q(updated_at__lt=at) | Q(updated_at=at, pk__lt=key))
    found = list(rows.order_by("-updated_at", "-pk").select_related("comment")[: limit + 1])
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = cursors.encode(found[-1].updated_at, found[-1].pk)
    actors = _actors([row.pk for row in found], hidden)
    shown = [(row, actors.get(row.pk, [])) for row in found]
    return [(row, who) for row, who in shown if who or row.count == 0], following


def _actors(rows: list[int], hidden: Iterable[int]) -> dict[int, list[Author]]:
    place = Window(RowNumber(), partition_by="notification_id", order_by=F("pk").desc())
    latest = (
        NotificationActor.objects.filter(notification__in=rows)
        .exclude(account__in=list(hidden))
        .annotate(place=place)
        .filter(place__lte=ACTORS_SHOWN)
        .order_by("notification_id", "-pk")
        .values_list("notification_id", "account_id")
    )
    pairs = list(latest) if rows else []
    known = accounts.authors(account_id for _, account_id in pairs)
    gathered: dict[int, list[Author]] = {}
    for row, account_id in pairs:
        if account_id in known and known[account_id].active:
            gathered.setdefault(row, []).append(known[account_id])
    return gathered


def forget_comments(comment_ids: Iterable[int]) -> None:
    """Comments go: what told of nothing else goes too; gathered rows stay without the text."""
    Notification.objects.filter(comment__in=list(comment_ids), count__lte=1).delete()
