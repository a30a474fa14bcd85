"""A page over HTTP: who gets what, in how many queries, and when there is nothing left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.feed.loading import Keeper
from published import published

FEED = "/api/v1/feed"


def ids(page: dict[str, Any]) -> list[str]:
    return [item["clip"]["id"] for item in page["items"]]


def test_an_empty_site_says_so(anonymous: Visitor) -> None:
    assert anonymous.ask("POST", FEED, {}) == {"items": [], "up_to_date": True, "next": None}


def test_somebody_new_gets_everything_there_is_once(anonymous: Visitor, owner: Author) -> None:
    clips = {published(owner, f"Clip {n}").public_id for n in range(3)}
    page = anonymous.ask("POST", FEED, {"count": 10})
    assert len(page["items"]) == 3
    assert set(ids(page)) == clips
    assert page["up_to_date"] is True


def test_an_empty_body_is_a_question_too(anonymous: Visitor, owner: Author) -> None:
    published(owner)
    answer = anonymous.post(FEED, b"", content_type="application/json")
    assert len(answer.json()["items"]) == 1


def test_a_clip_looks_as_everywhere(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner, "About #bills", tracks=["en"], sound="A tune")
    item = as_stranger.ask("POST", FEED, {})["items"][0]
    from hustings.community.api import clip_cards

    assert item["clip"] == clip_cards([clip.pk], as_stranger.who.id)[0]
    assert item["why"]
    assert all(set(why) == {"code", "params"} for why in item["why"])


def test_signed_out_viewers_get_no_cookie(anonymous: Visitor, owner: Author) -> None:
    published(owner)
    answer = anonymous.post(FEED, {}, content_type="application/json")
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"


def test_pages_go_on_until_one_is_up_to_date(as_stranger: Visitor, owner: Author, teammate: Author) -> None:
    clips = {published(owner if n % 2 else teammate, f"Clip {n}").public_id for n in range(7)}
    seen: list[str] = []
    for _ in range(10):
        page = as_stranger.ask("POST", FEED, {"count": 3})
        seen += ids(page)
        watch(as_stranger, *ids(page))
        if page["up_to_date"]:
            break
    assert sorted(seen) == sorted(clips), "each exactly once"
    assert as_stranger.ask("POST", FEED, {}) == {"items": [], "up_to_date": True, "next": None}


def test_a_page_that_is_exactly_the_rest_is_the_last(anonymous: Visitor, owner: Author) -> None:
    for n in range(4):
        published(owner, f"Clip {n}")
    assert anonymous.ask("POST", FEED, {"count": 4})["up_to_date"] is True
    assert anonymous.ask("POST", FEED, {"count": 3})["up_to_date"] is False


def test_what_is_on_the_screen_is_not_sent_again(as_stranger: Visitor, owner: Author) -> None:
    for n in range(6):
        published(owner, f"Clip {n}")
    first = as_stranger.ask("POST", FEED, {"count": 3})
    second = as_stranger.ask("POST", FEED, {"count": 3, "held": ids(first)})
    assert not set(ids(first)) & set(ids(second))
    assert second["up_to_date"] is True


def test_ones_own_clips_are_not_shown(as_owner: Visitor, owner: Author, teammate: Author) -> None:
    published(owner)
    other = published(teammate)
    assert ids(as_owner.ask("POST", FEED, {})) == [other.public_id]


def test_what_is_not_public_is_not_shown(anonymous: Visitor, owner: Author) -> None:
    for visibility in ("unlisted", "followers", "private"):
        published(owner, visibility=visibility)
    published(owner, release="draft")
    published(owner, release="scheduled")
    assert anonymous.ask("POST", FEED, {})["items"] == []


def test_no_two_in_a_row_from_one_author_or_sound(anonymous: Visitor, owner: Author, teammate: Author) -> None:
    for n in range(8):
        published(owner if n < 4 else teammate, f"Clip {n}")
    page = anonymous.ask("POST", FEED, {"count": 8})
    authors = [item["clip"]["author"]["handle"] for item in page["items"]]
    assert all(one != other for one, other in pairwise(authors))


def test_blocks_cut_both_ways_and_leave_an_empty_page(
    as_stranger: Visitor, owner: Author, teammate: Author, settle: Callable[[], int]
) -> None:
    from hustings.community import api as community

    published(owner)
    published(teammate)
    assert len(as_stranger.ask("POST", FEED, {})["items"]) == 2
    community.block(as_stranger.who.id, owner.id)
    community.block(teammate.id, as_stranger.who.id)
    settle()
    assert as_stranger.ask("POST", FEED, {}) == {"items": [], "up_to_date": True, "next": None}
    community.unblock(as_stranger.who.id, owner.id)
    settle()
    assert len(as_stranger.ask("POST", FEED, {})["items"]) == 1


def test_muted_accounts_and_words_are_not_shown(
    as_stranger: Visitor, owner: Author, teammate: Author, settle: Callable[[], int]
) -> None:
    from hustings.community import api as community

    as_stranger.ask("POST", FEED, {})
    published(owner)
    published(teammate, "The Tŷ #spoiler")
    billions = published(teammate, "Billions of stars")
    community.mute(as_stranger.who.id, owner.id)
    community.set_words(as_stranger.who.id, ["ty", "bill"])
    settle()
    assert ids(as_stranger.ask("POST", FEED, {})) == [billions.public_id]


def test_a_withdrawn_clip_is_gone_at_the_next_look(anonymous: Visitor, owner: Author, serving: Keeper) -> None:
    from hustings.videos import api as videos

    clip = published(owner)
    serving.load()
    assert ids(anonymous.ask("POST", FEED, {})) == [clip.public_id]
    videos.unpublish(clip.pk)
    run_commit_hooks()
    serving.look_for_changes()
    assert anonymous.ask("POST", FEED, {})["items"] == []


def test_a_published_clip_is_there_at_the_next_look(anonymous: Visitor, owner: Author, serving: Keeper) -> None:
    from hustings.videos import events

    clip = published(owner, "Fresh #bills")
    assert anonymous.ask("POST", FEED, {})["items"] == []
    events.clip_published.send_robust(sender=None, video_id=clip.pk)
    serving.look_for_changes()
    page = anonymous.ask("POST", FEED, {})
    assert ids(page) == [clip.public_id]
    assert page["items"][0]["clip"]["caption"] == "Fresh #bills"


def test_a_changed_name_is_shown_at_the_next_look(anonymous: Visitor, owner: Author, serving: Keeper) -> None:
    from django.contrib.auth import get_user_model

    from hustings.accounts.events import account_changed

    published(owner)
    serving.load()
    anonymous.ask("POST", FEED, {})
    account = get_user_model().objects.get(pk=owner.id)
    account.name = "Olwen the Second"
    account.save()
    account_changed.send(None, account_id=owner.id)
    serving.look_for_changes()
    shown = anonymous.ask("POST", FEED, {})["items"][0]["clip"]["author"]["name"]
    assert shown == "Olwen the Second"


def test_a_page_costs_three_queries_at_most(
    as_stranger: Visitor, anonymous: Visitor, serving: Keeper, django_assert_max_num_queries: Any
) -> None:
    authors = [person(f"maker{n}") for n in range(8)]
    for n in range(40):
        published(authors[n % 8], f"Clip {n} #tag{n % 5}")
    serving.load()
    as_stranger.ask("POST", FEED, {"count": 40})  # makes the viewer's row and all cards
    anonymous.ask("POST", FEED, {"count": 40})
    with django_assert_max_num_queries(3):
        page = as_stranger.ask("POST", FEED, {"count": 20})
    assert len(page["items"]) == 20
    with django_assert_max_num_queries(0):
        anonymous.ask("POST", FEED, {"count": 20})


def test_cards_not_held_cost_a_constant_number(
    as_stranger: Visitor, owner: Author, serving: Keeper, django_assert_max_num_queries: Any
) -> None:
    as_stranger.ask("POST", FEED, {})
    for clips in (2, 12):
        for n in range(clips):
            published(owner, f"Clip {n} of {clips}")
        serving.load()
        with django_assert_max_num_queries(3 + 3):
            as_stranger.ask("POST", FEED, {"count": 20})


def test_faults_are_refused_with_the_field(anonymous: Visitor) -> None:
    wrong = anonymous.ask("POST", FEED, {"count": 1000}, status=422)
    assert wrong["code"] == "malformed"
    assert "count" in wrong["fields"]
    assert anonymous.post(FEED, b"{", content_type="application/json").status_code == 422
    assert anonymous.post(FEED, b"\xff\xfe", content_type="application/json").status_code == 422
    too_long = [{"clip": "7sXk2mPq9Zt", "share": 1.0}] * 501
    assert "history" in anonymous.ask("POST", FEED, {"history": too_long}, status=422)["fields"]


def test_who_asks_too_often_waits(as_stranger: Visitor) -> None:
    answers = [as_stranger.post(FEED, {}, content_type="application/json") for _ in range(60)]
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1


def test_the_following_list_is_chronological_and_paged(
    as_stranger: Visitor, anonymous: Visitor, owner: Author, teammate: Author, settle: Callable[[], int]
) -> None:
    from hustings.community import api as community

    anonymous.ask("GET", "/api/v1/feed/following", status=401)
    old = published(owner, ago=timedelta(days=2))
    new = published(owner, ago=timedelta(hours=1), visibility="followers")
    published(teammate)
    community.follow(as_stranger.who.id, owner.id)
    settle()
    first = as_stranger.ask("GET", "/api/v1/feed/following?count=1")
    assert ids(first) == [new.public_id]
    assert first["items"][0]["why"] == [{"code": "following", "params": {}}]
    assert first["items"][0]["clip"]["viewer"]["following"] is True
    assert first["up_to_date"] is False
    second = as_stranger.ask("GET", f"/api/v1/feed/following?count=1&cursor={first['next']}")
    assert ids(second) == [old.public_id]
    assert second["up_to_date"] is True
    assert second["next"] is None


def watch(who: Visitor, *clips: str, seconds: float = 9.0) -> None:
    events = [{"clip": clip, "kind": "watch", "watched_s": seconds, "loops": 0} for clip in clips]
    assert who.ask("POST", "/api/v1/events", {"events": events}) == {"accepted": len(clips)}


def run_commit_hooks() -> None:
    from django.db import connection

    while connection.run_on_commit:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _, callback, _ in waiting:
            callback()
