"""Answering a search: what the index finds, put in order, and only what is public now."""

from typing import Any, Literal

from hustings.accounts import api as accounts
from hustings.community import api as community
from hustings.lib import cursors, text
from hustings.pages import profiles
from hustings.pages.models import AccountEntry, ClipEntry, HashtagEntry
from hustings.pages.search.finding import NEWEST, find, terms
from hustings.videos import api as videos

Kind = Literal["all", "accounts", "clips", "hashtags"]
Json = dict[str, Any]

PAGE = 24  # clips
SOME = 5  # accounts and hashtags beside clips
MANY = 30  # of them when asked for alone
CONSIDERED = 200  # matches among which the best are chosen


def search(query: str, kind: Kind, viewer_id: int | None, cursor: str | None) -> Json:
    """Accounts, hashtags and clips for `query`; a cursor goes on with the clips alone.

    Every word of the query must occur, the last may be unfinished; case and accents do not matter.
    """
    wanted = terms(query)
    first = cursor is None
    room = SOME if kind == "all" else MANY
    clips, following = (
        _clips(wanted, viewer_id, cursors.decode_place(cursor) if cursor else NEWEST)
        if kind in {"all", "clips"}
        else ([], None)
    )
    return {
        "accounts": _accounts(wanted, query, viewer_id, room) if first and kind in {"all", "accounts"} else [],
        "hashtags": _hashtags(wanted, query, room) if first and kind in {"all", "hashtags"} else [],
        "clips": clips,
        "next": following,
    }


def _clips(wanted: list[str], viewer_id: int | None, before: int) -> tuple[list[Json], str | None]:
    found = find(ClipEntry, wanted, before=before, limit=PAGE + 1)
    ids = [int(ref) for _, ref in found[:PAGE]]
    public = videos.published_facts(ids)
    cards = community.clip_cards([key for key in ids if key in public], viewer_id, spare=True)
    return cards, cursors.encode_place(found[PAGE - 1][0]) if len(found) > PAGE else None


def _accounts(wanted: list[str], query: str, viewer_id: int | None, room: int) -> list[Json]:
    """The exact handle first, then official accounts, then those that most people follow."""
    blocked = community.hiding(viewer_id).blocked
    ids = [int(ref) for _, ref in find(AccountEntry, wanted, limit=CONSIDERED)]
    found = accounts.profiles(key for key in ids if key not in blocked)
    followers = community.account_counts(list(found))
    handle = query.strip().removeprefix("@").lower()
    ranked = sorted(
        found.values(),
        key=lambda page: (
            page.author.handle != handle,
            not page.author.official,
            -followers[page.author.id]["followers"],
            page.author.handle,
        ),
    )
    return profiles.profiles_json(ranked[:room], viewer_id)


def _hashtags(wanted: list[str], query: str, room: int) -> list[Json]:
    """The tag as typed first, then those with most clips."""
    counts = videos.hashtag_counts(ref for _, ref in find(HashtagEntry, wanted, limit=CONSIDERED))
    typed = text.hashtag(query)
    ranked = sorted(counts.items(), key=lambda pair: (pair[0] != typed, -pair[1], pair[0]))
    return [{"tag": tag, "clips": clips} for tag, clips in ranked[:room]]
