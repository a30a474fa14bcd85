from datetime import UTC, datetime
from typing import Any

import pytest

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.community import api, events, pace, rules
from hustings.community.errors import TooManyError
from hustings.community.models import AccountCounts, Follow
from hustings.lib.errors import TooManyRequestsError
from published import published

URL = "/api/v1/accounts/olwen/follow"


def test_following_counts_once_however_often_it_is_asked(as_stranger: Visitor, owner: Author) -> None:
    for _ in range(2):
        assert as_stranger.ask("PUT", URL) == {"following": True, "followers": 1}
    assert AccountCounts.objects.get(account=as_stranger.who.id).following == 1
    for _ in range(2):
        assert as_stranger.ask("DELETE", URL) == {"following": False, "followers": 0}
    assert AccountCounts.objects.get(account=as_stranger.who.id).following == 0


def test_it_needs_somebody_and_somebody_else(anonymous: Visitor, as_owner: Visitor) -> None:
    assert anonymous.ask("PUT", URL, status=401)["code"] == "sign_in_needed"
    assert as_owner.ask("PUT", URL, status=422)["code"] == "oneself"
    assert as_owner.ask("PUT", "/api/v1/accounts/nobody_here/follow", status=404)["code"] == "not_found"


def test_it_is_announced_after_the_deed(owner: Author, stranger: Author, settle: Any) -> None:
    heard: list[dict[str, int]] = []

    def hear(account_id: int, target_id: int, **_: object) -> None:
        heard.append({"account_id": account_id, "target_id": target_id})

    events.followed.connect(hear)
    try:
        api.follow(stranger.id, owner.id)
        assert heard == []
        settle()
        api.follow(stranger.id, owner.id)
        settle()
    finally:
        events.followed.disconnect(hear)
    assert heard == [{"account_id": stranger.id, "target_id": owner.id}]


def test_followers_see_what_is_for_followers(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner, visibility="followers")
    like = f"/api/v1/clips/{clip.public_id}/like"
    as_stranger.ask("PUT", like, status=404)
    as_stranger.ask("PUT", URL)
    assert as_stranger.ask("PUT", like) == {"liked": True, "likes": 1}


def test_a_full_list_takes_no_more(owner: Author, stranger: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hustings.community.relations.FOLLOWING", 1)
    third = person("third")
    api.follow(stranger.id, owner.id)
    with pytest.raises(TooManyError):
        api.follow(stranger.id, third.id)
    assert Follow.objects.filter(follower=stranger.id).count() == 1
    assert api.followers(third.id) == 0


def test_a_minute_has_room_for_so_many(as_stranger: Visitor, owner: Author, moved_clock: Any) -> None:
    moved_clock(datetime(2026, 5, 1, 12, 0, 10, tzinfo=UTC))
    for _ in range(rules.PER_MINUTE["follow"]):
        pace.take(as_stranger.who.id, "follow")
    answer = as_stranger.put(URL)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "51"
    assert answer.json()["params"]["retry_after"] == 51
    moved_clock(datetime(2026, 5, 1, 12, 1, 0, tzinfo=UTC))
    as_stranger.ask("PUT", URL)
    # A clock that goes back must not lock anybody out.
    moved_clock(datetime(2026, 4, 1, 12, 0, 0, tzinfo=UTC))
    pace.take(as_stranger.who.id, "follow")
    for _ in range(rules.PER_MINUTE["follow"] - 1):
        pace.take(as_stranger.who.id, "follow")
    with pytest.raises(TooManyRequestsError):
        pace.take(as_stranger.who.id, "follow")
