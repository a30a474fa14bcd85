"""Clips, accounts and lists over the API."""

from datetime import timedelta
from typing import Any

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from hustings.community import api as community
from hustings.lib import ids
from hustings.videos.models import Video
from published import published

API = "/api/v1"


def test_a_clip_is_whole(anonymous: Visitor, as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner, "How a #bill becomes law", tracks=["cy", "en"], sound="Drums")
    community.like(as_stranger.who.id, clip.pk)
    found = anonymous.ask("GET", f"{API}/clips/{clip.public_id}")
    assert found["caption"] == "How a #bill becomes law"
    assert [one["edge"] for one in found["renditions"]] == [360, 720]
    assert found["tracks"][0]["label"] == "Cymraeg"
    assert found["sound"]["title"] == "Drums"
    assert found["counts"] == {"likes": 1, "comments": 0, "saves": 0, "shares": 0, "views": 0}
    assert found["viewer"] == {"liked": False, "saved": False, "following": False, "own": False}
    assert not {"state", "cover_time", "covers", "filename"} & found.keys()
    assert "author_id" not in found
    assert as_stranger.ask("GET", f"{API}/clips/{clip.public_id}")["viewer"]["liked"]
    assert not anonymous.cookies


def test_those_who_act_for_the_author_see_its_state(
    as_teammate: Visitor, as_stranger: Visitor, organisation: Author
) -> None:
    draft = published(organisation, release="draft", state="processing", progress=0.4, published_at=None)
    found = as_teammate.ask("GET", f"{API}/clips/{draft.public_id}")
    assert (found["state"], found["release"], found["progress"]) == ("processing", "draft", 0.4)
    assert {"cover_time", "covers", "filename"} <= found.keys()
    assert found["viewer"]["own"]
    as_stranger.ask("GET", f"{API}/clips/{draft.public_id}", status=404)


@pytest.mark.parametrize("visibility", ["private", "followers"])
def test_strangers_find_nothing(as_stranger: Visitor, anonymous: Visitor, owner: Author, visibility: str) -> None:
    clip = published(owner, visibility=visibility)
    for visitor in (anonymous, as_stranger):
        for public_id in (clip.public_id, ids.new(), "x"):
            visitor.ask("GET", f"{API}/clips/{public_id}", status=404)
        assert visitor.ask("GET", f"{API}/accounts/olwen/clips")["items"] == []


def test_an_account_is_described(as_stranger: Visitor, anonymous: Visitor, owner: Author) -> None:
    published(owner)
    published(owner, visibility="private")
    community.follow(as_stranger.who.id, owner.id)
    found = as_stranger.ask("GET", f"{API}/accounts/OLWEN")
    assert found["counts"] == {"followers": 1, "following": 0, "likes": 0, "clips": 1}
    assert found["viewer"] == {"following": True, "blocked": False, "muted": False, "self": False}
    assert anonymous.ask("GET", f"{API}/accounts/olwen")["viewer"]["following"] is False
    anonymous.ask("GET", f"{API}/accounts/nobody_here", status=404)


def test_the_blocked_find_no_account_and_the_blocker_can_end_it(
    as_owner: Visitor, as_stranger: Visitor, owner: Author, stranger: Author
) -> None:
    published(owner)
    published(stranger)
    community.block(owner.id, stranger.id)
    as_stranger.ask("GET", f"{API}/accounts/olwen", status=404)
    as_stranger.ask("GET", f"{API}/accounts/olwen/clips", status=404)
    assert as_owner.ask("GET", f"{API}/accounts/sian")["viewer"]["blocked"]
    assert as_owner.ask("GET", f"{API}/accounts/sian/clips")["items"] == []


def _lists(owner: Author) -> list[tuple[str, list[Video]]]:
    clips = [published(owner, f"clip {n} #budget", ago=timedelta(minutes=n // 2)) for n in range(5)]
    drums = published(owner, "first", sound="Drums", ago=timedelta(hours=1))
    assert drums.sound is not None
    with_sound = [published(owner, f"s{n}", ago=timedelta(hours=2)) for n in range(4)]
    Video.objects.filter(pk__in=[clip.pk for clip in with_sound]).update(sound=drums.sound)
    return [
        ("accounts/olwen", [*clips, drums, *with_sound]),
        ("hashtags/BUDGET", clips),
        (f"sounds/{drums.sound.public_id}", [drums, *with_sound]),
    ]


def test_lists_are_newest_first_and_stable_while_clips_come_and_go(anonymous: Visitor, owner: Author) -> None:
    for path, clips in _lists(owner):
        expected = [clip.public_id for clip in sorted(clips, key=lambda one: (one.published_at, one.pk), reverse=True)]
        read: list[str] = []
        cursor = ""
        while True:
            page = anonymous.ask("GET", f"{API}/{path}/clips?limit=2{cursor}")
            read += [clip["id"] for clip in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
            published(owner, "#budget in the meantime")
        assert read == expected
        Video.objects.filter(caption="#budget in the meantime").delete()
        anonymous.ask("GET", f"{API}/{path}/clips?cursor=offset2", status=422)


def test_unknown_lists(anonymous: Visitor) -> None:
    anonymous.ask("GET", f"{API}/sounds/{ids.new()}/clips", status=404)
    anonymous.ask("GET", f"{API}/hashtags/2026/clips", status=404)
    assert anonymous.ask("GET", f"{API}/hashtags/unused/clips") == {"items": [], "next": None}


def test_lists_spare_viewers_what_they_hide(
    as_stranger: Visitor, owner: Author, moderator: Author, stranger: Author
) -> None:
    published(owner, "#budget by Olwen")
    published(moderator, "#budget by Meredith")
    published(moderator, "#budget about cricket")
    community.mute(stranger.id, owner.id)
    community.set_words(stranger.id, ["cricket"])
    items = as_stranger.ask("GET", f"{API}/hashtags/budget/clips")["items"]
    assert [item["caption"] for item in items] == ["#budget by Meredith"]
    # Who opens the account itself has asked for it.
    assert len(as_stranger.ask("GET", f"{API}/accounts/olwen/clips")["items"]) == 1


def test_lists_cost_the_same_however_long(owner: Author, stranger: Author, django_assert_max_num_queries: Any) -> None:
    from hustings.pages import lists

    for n in range(15):
        published(owner, f"#budget {n}", tracks=["en"])
    with django_assert_max_num_queries(5):
        assert len(lists.of_hashtag("budget", stranger.id, None)["items"]) == 15
    with django_assert_max_num_queries(9):
        assert len(lists.of_account("olwen", stranger.id, None)["items"]) == 15


def test_explore_shows_the_week(anonymous: Visitor, owner: Author, moderator: Author, stranger: Author) -> None:
    from django.core.cache import cache

    cache.clear()
    old = published(owner, "#old", ago=timedelta(days=9))
    quiet = published(owner, "#quiet")
    loud = published(moderator, "#loud")
    community.like(stranger.id, loud.pk)
    community.add_views({loud.pk: 20, quiet.pk: 2, old.pk: 1000})
    for n in range(4):
        published(owner, f"more {n}")
    found = anonymous.ask("GET", f"{API}/explore")
    # Fewer than a screenful in the week: the latest ones fill it, but not many of one account.
    assert found["clips"][0]["caption"] == "#old"
    assert [clip["author"]["handle"] for clip in found["clips"]].count("olwen") == 2
    assert [tag["tag"] for tag in found["hashtags"]] == ["old", "loud", "quiet"]
    loud.delete()
    assert "#loud" not in [clip["caption"] for clip in anonymous.ask("GET", f"{API}/explore")["clips"]]
