from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.community import api
from hustings.community.models import ClipCounts, Comment
from hustings.lib import ids
from hustings.videos.models import Video
from published import published

WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"


@pytest.fixture
def clip(owner: Author) -> Video:
    return published(owner)


@pytest.fixture
def url(clip: Video) -> str:
    return f"/api/v1/clips/{clip.public_id}/comments"


def test_a_comment_is_kept_clean_and_shown_to_everybody(as_stranger: Visitor, anonymous: Visitor, url: str) -> None:
    sent = f"  Diolch!\u202e\u200b\n\n\n\n<b>https://a.example</b> {WALES}\x00 "
    answer = as_stranger.ask("POST", url, {"text": sent})
    kept = f"Diolch!\n\n<b>https://a.example</b> {WALES}"
    assert answer["comments"] == 1
    assert answer["comment"]["text"] == kept
    assert answer["comment"]["viewer"] == {"liked": False, "own": True}
    page = anonymous.ask("GET", url)
    assert [item["text"] for item in page["items"]] == [kept]
    assert page["items"][0]["author"]["name"] == "Siân Hughes"
    assert page["items"][0]["viewer"] == {"liked": False, "own": False}
    assert page["next"] is None


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u2060\u3164", "x" * 501, "line\n" * 13])
def test_what_says_nothing_or_too_much_is_refused(as_stranger: Visitor, url: str, text: str) -> None:
    assert "text" in as_stranger.ask("POST", url, {"text": text}, status=422)["fields"]
    assert not Comment.objects.exists()
    assert not ClipCounts.objects.exists()


def test_five_hundred_characters_are_enough_and_allowed(as_stranger: Visitor, url: str) -> None:
    as_stranger.ask("POST", url, {"text": "ŵ" * 500})


def test_it_needs_an_account_and_a_clip_that_one_may_see(
    as_stranger: Visitor, anonymous: Visitor, owner: Author, url: str
) -> None:
    anonymous.ask("POST", url, {"text": "hello"}, status=401)
    hidden = published(owner, visibility="private")
    for public_id in (hidden.public_id, ids.new()):
        as_stranger.ask("POST", f"/api/v1/clips/{public_id}/comments", {"text": "hello"}, status=404)
        as_stranger.ask("GET", f"/api/v1/clips/{public_id}/comments", status=404)


def test_comments_that_are_off_are_neither_taken_nor_shown(as_stranger: Visitor, clip: Video, url: str) -> None:
    as_stranger.ask("POST", url, {"text": "before"})
    Video.objects.filter(pk=clip.pk).update(allow_comments=False)
    assert as_stranger.ask("POST", url, {"text": "after"}, status=403)["code"] == "comments_off"
    assert as_stranger.ask("GET", url)["items"] == []


def test_replies_are_one_level_deep(as_stranger: Visitor, as_owner: Visitor, url: str) -> None:
    thread = as_stranger.ask("POST", url, {"text": "a question"})["comment"]["id"]
    answer = as_owner.ask("POST", url, {"text": "an answer", "reply_to": thread})["comment"]["id"]
    for n in range(3):
        as_stranger.ask("POST", url, {"text": f"more {n}", "reply_to": answer})
    page = as_stranger.ask("GET", url)
    assert [item["text"] for item in page["items"]] == ["a question"]
    assert page["items"][0]["reply_count"] == 4
    assert [reply["text"] for reply in page["items"][0]["replies"]] == ["an answer", "more 0"]
    replies = f"/api/v1/comments/{thread}/replies"
    first = as_stranger.ask("GET", f"{replies}?limit=3")
    second = as_stranger.ask("GET", f"{replies}?limit=3&cursor={first['next']}")
    assert [reply["text"] for reply in first["items"] + second["items"]] == [
        "an answer",
        "more 0",
        "more 1",
        "more 2",
    ]
    assert second["next"] is None
    assert as_stranger.ask("GET", replies)["items"][0]["reply_count"] == 0


def test_a_reply_stays_on_its_clip(as_stranger: Visitor, owner: Author, url: str) -> None:
    elsewhere = api.comment(owner.id, published(owner).pk, "elsewhere")
    for reply_to in (elsewhere, ids.new(), "x"):
        as_stranger.ask("POST", url, {"text": "here", "reply_to": reply_to}, status=404)
    assert ClipCounts.objects.filter(video__comments__text="here").count() == 0


def test_removing_takes_the_replies_and_the_counts_along(
    as_stranger: Visitor, as_owner: Visitor, as_moderator: Visitor, anonymous: Visitor, clip: Video, url: str
) -> None:
    thread = as_stranger.ask("POST", url, {"text": "one"})["comment"]["id"]
    reply = as_moderator.ask("POST", url, {"text": "two", "reply_to": thread})["comment"]["id"]
    as_moderator.ask("POST", url, {"text": "three"})
    anonymous.ask("DELETE", f"/api/v1/comments/{thread}", status=401)
    assert as_moderator.ask("DELETE", f"/api/v1/comments/{thread}", status=403)["code"] == "forbidden"
    assert as_moderator.ask("DELETE", f"/api/v1/comments/{reply}") == {"comments": 2}
    assert Comment.objects.get(public_id=thread).reply_count == 0
    as_moderator.ask("POST", url, {"text": "two again", "reply_to": thread})
    # The author of the clip keeps the house.
    assert as_owner.ask("DELETE", f"/api/v1/comments/{thread}") == {"comments": 1}
    as_owner.ask("DELETE", f"/api/v1/comments/{thread}", status=404)
    assert ClipCounts.objects.get(video=clip).comments == 1


def test_comments_are_liked_once(as_stranger: Visitor, as_owner: Visitor, url: str) -> None:
    comment = as_stranger.ask("POST", url, {"text": "one"})["comment"]["id"]
    like = f"/api/v1/comments/{comment}/like"
    for _ in range(2):
        assert as_owner.ask("PUT", like) == {"liked": True, "likes": 1}
    assert as_owner.ask("GET", url)["items"][0]["viewer"]["liked"]
    for _ in range(2):
        assert as_owner.ask("DELETE", like) == {"liked": False, "likes": 0}
    as_owner.ask("PUT", f"/api/v1/comments/{ids.new()}/like", status=404)


def test_pages_are_newest_first_and_stable(as_stranger: Visitor, clip: Video, url: str, moved_clock: Any) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    for n in range(5):
        # Two at each instant: the cursor must tell them apart.
        moved_clock(now + timedelta(seconds=n // 2))
        api.comment(as_stranger.who.id, clip.pk, f"c{n}")
    first = as_stranger.ask("GET", f"{url}?limit=2")
    moved_clock(now + timedelta(minutes=1))
    api.comment(as_stranger.who.id, clip.pk, "late")
    second = as_stranger.ask("GET", f"{url}?limit=2&cursor={first['next']}")
    third = as_stranger.ask("GET", f"{url}?limit=2&cursor={second['next']}")
    read = [item["text"] for page in (first, second, third) for item in page["items"]]
    assert read == ["c4", "c3", "c2", "c1", "c0"]
    as_stranger.ask("GET", f"{url}?limit=51", status=422)


def test_an_editor_answers_for_the_organisation(
    as_teammate: Visitor, as_stranger: Visitor, organisation: Author, url: str
) -> None:
    answer = as_teammate.ask("POST", url, {"text": "We will look into it.", "as": "council"})["comment"]
    assert answer["author"]["handle"] == "council"
    assert Comment.objects.get().written_by_id == as_teammate.who.id
    as_stranger.ask("POST", url, {"text": "posing", "as": "council"}, status=404)
    as_stranger.ask("DELETE", f"/api/v1/comments/{answer['id']}", status=403)
    as_teammate.ask("DELETE", f"/api/v1/comments/{answer['id']}")


def test_a_page_costs_the_same_however_long(
    as_stranger: Visitor, clip: Video, stranger: Author, django_assert_max_num_queries: Any
) -> None:
    from hustings.community import threads

    people = [person(f"person{n}") for n in range(4)]
    for n in range(12):
        thread = api.comment(people[n % 4].id, clip.pk, f"c{n}")
        api.comment(people[(n + 1) % 4].id, clip.pk, "answer", reply_to=thread)
    with django_assert_max_num_queries(5):
        items, _ = threads.page(clip.pk, stranger.id, None, 20)
    assert len(items) == 12
    assert all(item["replies"] for item in items)


def test_fast_writers_are_slowed(as_stranger: Visitor, url: str, moved_clock: Any) -> None:
    moved_clock(datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC))
    for n in range(12):
        as_stranger.ask("POST", url, {"text": f"c{n}"})
    refused = as_stranger.ask("POST", url, {"text": "one more"}, status=429)
    assert refused["params"]["retry_after"] > 0
    assert Comment.objects.count() == 12
