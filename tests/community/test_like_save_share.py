from typing import Any

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from hustings.community import api
from hustings.community.models import AccountCounts, ClipCounts, Like
from hustings.lib import ids
from published import published


@pytest.mark.parametrize(("act", "done", "count"), [("like", "liked", "likes"), ("save", "saved", "saves")])
def test_it_counts_once_and_can_be_taken_back(
    as_stranger: Visitor, owner: Author, act: str, done: str, count: str
) -> None:
    url = f"/api/v1/clips/{published(owner).public_id}/{act}"
    for _ in range(2):
        assert as_stranger.ask("PUT", url) == {done: True, count: 1}
    for _ in range(2):
        assert as_stranger.ask("DELETE", url) == {done: False, count: 0}


@pytest.mark.parametrize("act", ["like", "save"])
def test_strangers_to_a_clip_and_to_the_site_are_refused(
    as_stranger: Visitor, anonymous: Visitor, owner: Author, act: str
) -> None:
    private = published(owner, visibility="private")
    for public_id in (private.public_id, ids.new(), "short"):
        as_stranger.ask("PUT", f"/api/v1/clips/{public_id}/{act}", status=404)
    anonymous.ask("PUT", f"/api/v1/clips/{private.public_id}/{act}", status=401)


def test_a_request_from_another_site_changes_nothing(owner: Author, stranger: Author) -> None:
    clip = published(owner)
    careful = Visitor(stranger, enforce_csrf_checks=True)
    careful.ask("PUT", f"/api/v1/clips/{clip.public_id}/like", status=403)
    assert not Like.objects.exists()


def test_likes_received_are_counted_and_go_with_the_clip(owner: Author, stranger: Author) -> None:
    clip, other = published(owner), published(owner)
    api.like(stranger.id, clip.pk)
    api.like(stranger.id, other.pk)
    assert AccountCounts.objects.get(account=owner.id).likes == 2
    clip.delete()
    assert AccountCounts.objects.get(account=owner.id).likes == 1


def test_shares_are_counted_for_people_who_are_signed_in(
    as_stranger: Visitor, anonymous: Visitor, owner: Author
) -> None:
    url = f"/api/v1/clips/{published(owner).public_id}/share"
    assert as_stranger.ask("POST", url) == {"shares": 1}
    assert anonymous.ask("POST", url) == {"shares": 1}
    assert not anonymous.cookies


def test_own_lists_are_newest_first_in_stable_pages(as_stranger: Visitor, anonymous: Visitor, owner: Author) -> None:
    clips = [published(owner, f"clip {n}") for n in range(5)]
    for clip in clips:
        api.like(as_stranger.who.id, clip.pk)
        api.save(as_stranger.who.id, clip.pk)
    for name in ("liked", "saved"):
        first = as_stranger.ask("GET", f"/api/v1/me/{name}?limit=2")
        assert [item["caption"] for item in first["items"]] == ["clip 4", "clip 3"]
        assert first["items"][0]["viewer"][name]
        # Something new at the top neither repeats nor hides what follows.
        api.like(as_stranger.who.id, published(owner, "new").pk)
        second = as_stranger.ask("GET", f"/api/v1/me/{name}?limit=2&cursor={first['next']}")
        assert [item["caption"] for item in second["items"]] == ["clip 2", "clip 1"]
        third = as_stranger.ask("GET", f"/api/v1/me/{name}?limit=2&cursor={second['next']}")
        assert [item["caption"] for item in third["items"]] == ["clip 0"]
        assert third["next"] is None
        anonymous.ask("GET", f"/api/v1/me/{name}", status=401)
        as_stranger.ask("GET", f"/api/v1/me/{name}?cursor=nonsense", status=422)


def test_what_became_private_leaves_the_list(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    api.save(as_stranger.who.id, clip.pk)
    clip.visibility = "private"
    clip.save(update_fields=["visibility"])
    assert as_stranger.ask("GET", "/api/v1/me/saved")["items"] == []


def test_views_are_added_in_one_go(owner: Author) -> None:
    clips = [published(owner) for _ in range(3)]
    gone = published(owner)
    gone_id = gone.pk
    gone.delete()
    api.add_views({clips[0].pk: 2, clips[1].pk: 2, clips[2].pk: 5, gone_id: 7})
    api.add_views({clips[0].pk: 1, clips[1].pk: 0})
    counted = dict(ClipCounts.objects.values_list("video", "views"))
    assert counted == {clips[0].pk: 3, clips[1].pk: 2, clips[2].pk: 5}


@pytest.mark.parametrize("count", [1, 20])
def test_cards_cost_three_queries_however_many(
    owner: Author, stranger: Author, count: int, django_assert_num_queries: Any
) -> None:
    clips = [published(owner, "see #bills", tracks=["en"], sound="A tune") for _ in range(count)]
    api.like(stranger.id, clips[0].pk)
    api.follow(stranger.id, owner.id)
    with django_assert_num_queries(3):
        cards_made = api.clip_cards([clip.pk for clip in clips], stranger.id)
    assert [card["id"] for card in cards_made] == [clip.public_id for clip in clips]
    first = cards_made[0]
    assert first["viewer"] == {"liked": True, "saved": False, "following": True, "own": False}
    assert first["counts"]["likes"] == 1
    assert first["author"]["handle"] == "olwen"
    assert first["hashtags"] == ["bills"]
    assert "author_id" not in first
    assert api.clip_cards([], None) == []
