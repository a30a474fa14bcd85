"""Reading comments: pages of a clip's threads and of one thread's replies, as one viewer may see them.

What the viewer has blocked or muted, and who has blocked the viewer, is left out in the query;
muted words after it, so a page may be shorter than asked. `next` alone says whether more follow.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from hustings.accounts import api as accounts
from hustings.accounts.api import Author
from hustings.community import relations
from hustings.community.comments import Place
from hustings.community.models import Comment, CommentLike
from hustings.community.relations import Relations
from hustings.lib import cursors, text
from hustings.lib.errors import NotFoundError
from hustings.videos.api import subject

REPLIES_SHOWN = 2  # under each comment of a page; the others are a page of their own

Json = dict[str, object]


class _Row(NamedTuple):
    pk: int
    public_id: str
    author_id: int | None  # None: a closed account, whose owner let its comments stand without its name
    parent_id: int | None
    text: str
    likes: int
    reply_count: int
    created_at: datetime
    liked: bool


def page(video_id: int, viewer_id: int | None, cursor: str | None, limit: int) -> tuple[list[Json], str | None]:
    """Comments of a clip, newest first, each with its first replies: five queries at most."""
    if not subject(video_id).allow_comments:
        return [], None
    hiding = relations.hiding(viewer_id)
    rows = Comment.objects.filter(video=video_id, parent=None)
    if cursor:
        at, key = cursors.decode(cursor)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=key))
    found, following = _cut(_seen_by(rows, viewer_id, hiding).order_by("-created_at", "-pk"), limit)
    below = _first_replies([row.pk for row in found if row.reply_count], viewer_id, hiding)
    known = _authors([*found, *below])
    threads: dict[int | None, list[Json]] = {}
    for row in _spared(below, hiding):
        threads.setdefault(row.parent_id, []).append(_as_json(row, known[row.author_id], viewer_id))
    shown = _spared(found, hiding)
    return [
        _as_json(row, known[row.author_id], viewer_id) | {"replies": threads.get(row.pk, [])} for row in shown
    ], following


def replies(comment: Place, viewer_id: int | None, cursor: str | None, limit: int) -> tuple[list[Json], str | None]:
    """Replies to a comment, oldest first, as a conversation is read."""
    if not subject(comment.video_id).allow_comments:
        return [], None
    hiding = relations.hiding(viewer_id)
    rows = Comment.objects.filter(parent=comment.id)
    if cursor:
        at, key = cursors.decode(cursor)
        rows = rows.filter(Q(created_at__gt=at) | Q(created_at=at, pk__gt=key))
    found, following = _cut(_seen_by(rows, viewer_id, hiding).order_by("created_at", "pk"), limit)
    known = _authors(found)
    return [_as_json(row, known[row.author_id], viewer_id) for row in _spared(found, hiding)], following


def one(public_id: str, viewer_id: int | None) -> Json:
    """One comment as the lists show it, for the answer to having written it."""
    rows, _ = _cut(_seen_by(Comment.objects.filter(public_id=public_id), viewer_id, relations.NOBODYS), 1)
    if not rows:
        raise NotFoundError
    return _as_json(rows[0], _authors(rows)[rows[0].author_id], viewer_id)


def in_notification(comment: Comment, authors: dict[int, Author], viewer_id: int) -> Json | None:
    """A comment inside a notification; None when its author is no longer shown."""
    author = authors.get(comment.author_id) if comment.author_id is not None else accounts.NOBODY
    if author is None or not author.active:
        return None
    row = _Row(
        comment.pk,
        comment.public_id,
        comment.author_id,
        comment.parent_id,
        comment.text,
        comment.likes,
        comment.reply_count,
        comment.created_at,
        liked=False,
    )
    return _as_json(row, author, viewer_id)


def _seen_by(rows: QuerySet[Comment], viewer_id: int | None, hiding: Relations) -> QuerySet[Comment]:
    liked = (
        Exists(CommentLike.objects.filter(comment=OuterRef("pk"), account=viewer_id))
        if viewer_id is not None
        else Value(value=False, output_field=BooleanField())
    )
    if hiding.hidden:
        rows = rows.exclude(author__in=hiding.hidden)
    return rows.filter(Q(author__is_active=True) | Q(author=None)).annotate(liked=liked)


def _authors(rows: Iterable[_Row]) -> dict[int | None, Author]:
    """Who wrote them, in one query; None leads to nobody."""
    known = accounts.authors(row.author_id for row in rows if row.author_id is not None)
    return {None: accounts.NOBODY} | dict(known.items())


def _cut(rows: QuerySet[Comment], limit: int) -> tuple[list[_Row], str | None]:
    found = [_Row(*row) for row in rows.values_list(*_Row._fields)[: limit + 1]]
    if len(found) <= limit:
        return found, None
    return found[:limit], cursors.encode(found[limit - 1].created_at, found[limit - 1].pk)


def _first_replies(parents: list[int], viewer_id: int | None, hiding: Relations) -> list[_Row]:
    if not parents:
        return []
    place = Window(RowNumber(), partition_by="parent_id", order_by=[F("created_at").asc(), F("pk").asc()])
    rows = _seen_by(Comment.objects.filter(parent__in=parents), viewer_id, hiding).annotate(place=place)
    first = rows.filter(place__lte=REPLIES_SHOWN).order_by("parent_id", "created_at", "pk")
    return [_Row(*row) for row in first.values_list(*_Row._fields)]


def _spared(rows: Iterable[_Row], hiding: Relations) -> list[_Row]:
    return [row for row in rows if not (hiding.words and text.has_phrase(row.text, hiding.words))]


def _as_json(row: _Row, author: Author, viewer_id: int | None) -> Json:
    return {
        "id": row.public_id,
        "author": author.as_json(),
        "text": row.text,
        "created_at": iso(row.created_at),
        "likes": row.likes,
        "viewer": {"liked": bool(row.liked), "own": row.author_id == viewer_id},
        "reply_count": row.reply_count,
    }


def iso(at: datetime) -> str:
    """An instant as the API writes it: UTC, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
