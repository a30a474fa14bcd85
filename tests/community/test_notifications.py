from typing import Any

import pytest

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.community import api
from hustings.lib import clock
from hustings.videos import events as video_events
from hustings.videos.models import Video
from published import published

INBOX = "/api/v1/me/notifications"


def test_likes_of_one_clip_are_gathered(as_owner: Visitor, owner: Author) -> None:
    clip = published(owner, "the clip")
    likers = [person(f"liker{n}") for n in range(5)]
    for liker in likers:
        api.like(liker.id, clip.pk)
    page = as_owner.ask("GET", INBOX)
    (told,) = page["items"]
    assert told["kind"] == "like"
    assert told["count"] == 5
    assert [actor["handle"] for actor in told["actors"]] == ["liker4", "liker3", "liker2"]
    assert told["clip"]["caption"] == "the clip"
    assert "comment" not in told
    assert told["read"] is False
    assert as_owner.ask("GET", "/api/v1/me")["unread"] == 1


def test_what_was_read_stays_and_new_things_begin_anew(as_owner: Visitor, owner: Author) -> None:
    clip = published(owner)
    first, second = person("first"), person("second")
    api.like(first.id, clip.pk)
    assert as_owner.ask("POST", f"{INBOX}/read") == {"unread": 0}
    api.like(second.id, clip.pk)
    # Pressing the button again does not call again.
    api.unlike(first.id, clip.pk)
    api.like(first.id, clip.pk)
    items = as_owner.ask("GET", INBOX)["items"]
    assert [(item["read"], [actor["handle"] for actor in item["actors"]]) for item in items] == [
        (False, ["second"]),
        (True, ["first"]),
    ]


def test_a_deed_undone_is_taken_back(as_owner: Visitor, owner: Author, stranger: Author, moderator: Author) -> None:
    clip = published(owner)
    api.like(stranger.id, clip.pk)
    api.like(moderator.id, clip.pk)
    api.follow(stranger.id, owner.id)
    api.unlike(stranger.id, clip.pk)
    api.unfollow(stranger.id, owner.id)
    (told,) = as_owner.ask("GET", INBOX)["items"]
    assert (told["kind"], told["count"]) == ("like", 1)
    api.unlike(moderator.id, clip.pk)
    assert as_owner.ask("GET", INBOX)["items"] == []


def test_comments_replies_and_mentions_reach_whom_they_concern(
    as_owner: Visitor,
    as_stranger: Visitor,
    as_moderator: Visitor,
    owner: Author,
    stranger: Author,
    moderator: Author,
) -> None:
    clip = published(owner)
    thread = api.comment(stranger.id, clip.pk, "a question")
    api.comment(moderator.id, clip.pk, "ask @olwen, @SIAN, @nobody_here and @meredith", reply_to=thread)
    # Each is told once: Siân of the reply, Olwen of being named, Meredith not of herself.
    kinds = {
        visitor.who.handle: [(item["kind"], item["comment"]["text"][:4]) for item in visitor.ask("GET", INBOX)["items"]]
        for visitor in (as_owner, as_stranger, as_moderator)
    }
    assert kinds == {
        "olwen": [("mention", "ask "), ("comment", "a qu")],
        "sian": [("reply", "ask ")],
        "meredith": [],
    }


def test_nobody_is_called_to_what_they_may_not_see(as_stranger: Visitor, owner: Author, moderator: Author) -> None:
    clip = published(owner, visibility="followers")
    api.follow(moderator.id, owner.id)
    api.comment(moderator.id, clip.pk, "look @sian")
    assert as_stranger.ask("GET", INBOX)["items"] == []


def test_a_clip_that_became_private_takes_its_notifications_along(
    as_stranger: Visitor, owner: Author, stranger: Author
) -> None:
    clip = published(owner)
    thread = api.comment(stranger.id, clip.pk, "a question")
    api.comment(owner.id, clip.pk, "an answer", reply_to=thread)
    Video.objects.filter(pk=clip.pk).update(visibility="private")
    assert as_stranger.ask("GET", INBOX)["items"] == []


@pytest.mark.parametrize("hush", ["mute", "block", "words"])
def test_the_hidden_do_not_call(
    as_owner: Visitor, owner: Author, stranger: Author, moderator: Author, hush: str
) -> None:
    clip = published(moderator)
    if hush == "words":
        api.set_words(owner.id, ["shouting"])
    else:
        getattr(api, hush)(owner.id, stranger.id)
    api.comment(stranger.id, clip.pk, "SHOUTING at @olwen")
    assert as_owner.ask("GET", INBOX)["items"] == []


def test_who_is_muted_later_leaves_the_list(as_owner: Visitor, owner: Author, stranger: Author) -> None:
    api.follow(stranger.id, owner.id)
    api.mute(owner.id, stranger.id)
    assert as_owner.ask("GET", INBOX)["items"] == []


def test_a_removed_comment_is_not_told_of(as_owner: Visitor, as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    comment = api.comment(as_stranger.who.id, clip.pk, "oops")
    as_stranger.ask("DELETE", f"/api/v1/comments/{comment}")
    assert as_owner.ask("GET", INBOX)["items"] == []


def test_ones_own_clip_is_told_of_once(as_owner: Visitor, as_stranger: Visitor, owner: Author, settle: Any) -> None:
    clip = published(owner, "with @sian and @olwen", scheduled_for=clock.now())
    for _ in range(2):
        video_events.announce(video_events.clip_published, clip.pk)
        settle()
    (told,) = as_owner.ask("GET", INBOX)["items"]
    assert (told["kind"], told["actors"], told["count"]) == ("published", [], 0)
    (told,) = as_stranger.ask("GET", INBOX)["items"]
    assert (told["kind"], told["clip"]["caption"]) == ("mention", "with @sian and @olwen")


def test_a_refusal_reaches_whoever_uploaded(
    as_teammate: Visitor, teammate: Author, organisation: Author, settle: Any
) -> None:
    clip = published(organisation, state="refused", release="draft", uploaded_by_id=teammate.id)
    video_events.announce(video_events.clip_refused, clip.pk)
    settle()
    (told,) = as_teammate.ask("GET", INBOX)["items"]
    assert told["kind"] == "refused"


def test_an_organisation_has_an_inbox_for_its_editors(
    as_teammate: Visitor, as_stranger: Visitor, stranger: Author, organisation: Author
) -> None:
    api.follow(stranger.id, organisation.id)
    (told,) = as_teammate.ask("GET", f"{INBOX}?as=council")["items"]
    assert told["kind"] == "follow"
    as_stranger.ask("GET", f"{INBOX}?as=council", status=404)
    assert as_teammate.ask("POST", f"{INBOX}/read?as=council") == {"unread": 0}


def test_pages_are_stable_and_cost_the_same(
    as_owner: Visitor, anonymous: Visitor, owner: Author, django_assert_max_num_queries: Any
) -> None:
    from hustings.community import inbox

    someone = person("someone")
    for n in range(7):
        clip = published(owner, f"clip {n}")
        api.like(someone.id, clip.pk)
        api.comment(someone.id, clip.pk, "nice")
    with django_assert_max_num_queries(9):
        inbox.page(owner.id, None, 20)
    seen: list[str] = []
    cursor = ""
    while True:
        page = as_owner.ask("GET", f"{INBOX}?limit=4{cursor}")
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 14
    anonymous.ask("GET", INBOX, status=401)
