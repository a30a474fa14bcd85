"""What an export says of somebody's relations, reactions and comments, with handles and addresses for keys."""

from collections.abc import Iterator
from typing import Any

from hustings.community.models import Block, Comment, CommentLike, Follow, Like, Mute, MutedWord, Save

# Where people put right what we hold about their relations and reactions.
CORRECTIONS = {
    "community.Follow": "/following",
    "community.Block": "/settings/people",
    "community.Mute": "/settings/people",
    "community.MutedWord": "/settings/people",
    "community.Like": "/liked",
    "community.Save": "/saved",
    "community.Notification": "/inbox",
}


def documents(account_id: int) -> Iterator[tuple[str, object]]:
    """`relations`, `reactions` and `comments`."""
    yield (
        "relations",
        {
            "following": _people(Follow, "follower", "followed", account_id),
            "followers": _people(Follow, "followed", "follower", account_id),
            "blocked": _people(Block, "blocker", "blocked", account_id),
            "muted": _people(Mute, "muter", "muted", account_id),
            "muted_words": list(
                MutedWord.objects.filter(account=account_id).order_by("word").values_list("word", flat=True)
            ),
        },
    )
    liked = CommentLike.objects.filter(account=account_id).order_by("pk")
    yield (
        "reactions",
        {
            "liked": _clips(Like, account_id),
            "saved": _clips(Save, account_id),
            "liked_comments": [
                {"comment": comment, "clip": clip}
                for comment, clip in liked.values_list("comment__public_id", "comment__video__public_id")
            ],
        },
    )
    yield "comments", [_comment(row) for row in _comments(account_id)]


def _people(model: Any, one: str, other: str, account_id: int) -> list[dict[str, str]]:
    rows = model.objects.filter(**{one: account_id}).order_by("created_at", "pk")
    return [
        {"handle": handle, "since": since.isoformat()}
        for handle, since in rows.values_list(f"{other}__handle", "created_at")
    ]


def _clips(model: Any, account_id: int) -> list[dict[str, str]]:
    rows = model.objects.filter(account=account_id).order_by("created_at", "pk")
    return [
        {"clip": clip, "origin": origin, "author": author, "at": at.isoformat()}
        for clip, origin, author, at in rows.values_list(
            "video__public_id", "video__origin", "video__author__handle", "created_at"
        )
    ]


def _comments(account_id: int) -> Any:
    rows = Comment.objects.filter(author=account_id).order_by("created_at", "pk")
    return rows.values_list(
        "public_id", "video__public_id", "parent__public_id", "text", "likes", "created_at", "written_by__handle"
    )


def _comment(row: tuple[Any, ...]) -> dict[str, Any]:
    public_id, clip, parent, text, likes, at, written_by = row
    return {
        "id": public_id,
        "clip": clip,
        "answers": parent,
        "text": text,
        "likes": likes,
        "at": at.isoformat(),
        "written_by": written_by,
    }
