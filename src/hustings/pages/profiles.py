"""An account's page as JSON: what accounts, videos and the community know of it."""

from collections.abc import Sequence
from typing import Any

from hustings.accounts import api as accounts
from hustings.accounts.api import Profile
from hustings.community import api as community
from hustings.lib.errors import NotFoundError
from hustings.trust import api as trust
from hustings.trust.errors import AccountClosedError
from hustings.videos import api as videos

Json = dict[str, Any]


def visible(handle: str, viewer_id: int | None) -> Profile:
    """The page under `handle`, for this viewer; NotFoundError also when its owner has blocked them.

    AccountClosedError when there was an account of that handle. Whoever blocked it themselves still gets it, or they
    could not end the block.
    """
    try:
        page = accounts.profile(handle)
    except NotFoundError:
        _refuse_closed(handle)
        raise
    if viewer_id is not None and viewer_id != page.author.id and community.blocks(page.author.id, viewer_id):
        raise NotFoundError
    return page


def _refuse_closed(handle: str) -> None:
    """AccountClosedError, with what its notice says, when the handle belonged to somebody."""
    try:
        notice = trust.closed_notice(handle)
    except NotFoundError:
        return
    raise AccountClosedError(
        params={"handle": notice.handle, "closed_on": notice.closed_on.isoformat(), "link": notice.link}
    )


def profile_json(page: Profile, viewer_id: int | None) -> Json:
    """The `Account` of the HTTP API for one page."""
    return profiles_json([page], viewer_id)[0]


def profiles_json(pages: Sequence[Profile], viewer_id: int | None) -> list[Json]:
    """`Account`s in the order given; three queries however many."""
    keys = [page.author.id for page in pages]
    counts = community.account_counts(keys)
    clips = videos.published_counts(keys)
    standings = community.standings(viewer_id, keys)
    return [
        {
            **page.author.as_json(),
            "bio": page.bio,
            "counts": {**counts[page.author.id], "clips": clips.get(page.author.id, 0)},
            "viewer": standings[page.author.id],
        }
        for page in pages
    ]
