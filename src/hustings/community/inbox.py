"""Notifications as JSON: rows, actors, clips and comments put together in a constant number of queries."""

from hustings.accounts import api as accounts
from hustings.community import notifications, relations, threads
from hustings.community.cards import clip_cards
from hustings.community.models import Notification
from hustings.videos import api as videos

Json = dict[str, object]


def page(account_id: int, cursor: str | None, limit: int) -> tuple[list[Json], str | None]:
    """What happened to an account, newest first, and the next cursor."""
    hidden = relations.hiding(account_id).hidden
    rows, following = notifications.page(account_id, hidden, cursor, limit)
    about = list(dict.fromkeys(row.video_id for row, _ in rows if row.video_id is not None))
    clips = _clips(about, account_id)
    authors = accounts.authors(row.comment.author_id for row, _ in rows if row.comment and row.comment.author_id)
    items: list[Json] = []
    for row, actors in rows:
        item: Json = {
            "id": row.public_id,
            "kind": row.kind,
            "actors": [actor.as_json() for actor in actors],
            "count": row.count,
            "at": threads.iso(row.updated_at),
            "read": row.read,
        }
        clip = clips.get(row.video_id) if row.video_id else None
        if clip is not None:
            item["clip"] = clip
            comment = (
                threads.in_notification(row.comment, authors, account_id)
                if row.comment and row.comment.author_id not in hidden
                else None
            )
            if comment is not None:
                item["comment"] = comment
        elif row.kind not in _WITHOUT_CLIP:
            continue  # the clip is no longer for this account to see, and neither is what was said under it
        items.append(item)
    return items, following


_WITHOUT_CLIP = frozenset({Notification.Kind.FOLLOW, Notification.Kind.INVITED})


def _clips(video_ids: list[int], account_id: int) -> dict[int, Json]:
    """Cards of those clips that the account may see now; a clip may have become private since."""
    cards = clip_cards(video_ids, account_id)
    seen = videos.visible_ids([card["id"] for card in cards], account_id)
    return {seen[card["id"]]: card for card in cards if card["id"] in seen}
