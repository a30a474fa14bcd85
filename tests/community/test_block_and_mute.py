from datetime import timedelta
from typing import Any

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from hustings.community import api
from hustings.community.models import Block, Follow
from published import published

CLIPS = "/api/v1/clips"


def test_a_block_cuts_both_ways(as_owner: Visitor, as_stranger: Visitor, owner: Author, stranger: Author) -> None:
    ours, theirs = published(owner), published(stranger)
    api.follow(owner.id, stranger.id)
    api.follow(stranger.id, owner.id)
    for _ in range(2):
        assert as_owner.ask("PUT", "/api/v1/accounts/sian/block") == {"blocked": True}
    assert not Follow.objects.exists()
    assert api.followers(owner.id) == api.followers(stranger.id) == 0
    as_stranger.ask("PUT", f"{CLIPS}/{ours.public_id}/like", status=404)
    as_owner.ask("PUT", f"{CLIPS}/{theirs.public_id}/like", status=404)
    as_stranger.ask("PUT", "/api/v1/accounts/olwen/follow", status=404)
    assert api.relations(stranger.id).blocked == {owner.id}
    assert api.relations(owner.id).blocked == {stranger.id}


def test_only_ones_own_block_can_be_ended(as_owner: Visitor, as_stranger: Visitor) -> None:
    as_owner.ask("PUT", "/api/v1/accounts/sian/block")
    assert as_stranger.ask("DELETE", "/api/v1/accounts/olwen/block") == {"blocked": False}
    assert Block.objects.count() == 1
    for _ in range(2):
        assert as_owner.ask("DELETE", "/api/v1/accounts/sian/block") == {"blocked": False}
    assert not Block.objects.exists()


def test_comments_between_the_two_are_hidden(
    as_owner: Visitor, as_stranger: Visitor, as_moderator: Visitor, moderator: Author, stranger: Author
) -> None:
    clip = published(moderator)
    url = f"{CLIPS}/{clip.public_id}/comments"
    written = as_stranger.ask("POST", url, {"text": "from Siân"})["comment"]
    as_owner.ask("PUT", "/api/v1/accounts/sian/block")
    assert as_owner.ask("GET", url)["items"] == []
    assert len(as_moderator.ask("GET", url)["items"]) == 1
    as_owner.ask("POST", url, {"text": "an answer", "reply_to": written["id"]}, status=404)
    as_owner.ask("PUT", f"/api/v1/comments/{written['id']}/like", status=404)
    as_owner.ask("POST", url, {"text": "from Olwen"})
    assert [item["text"] for item in as_stranger.ask("GET", url)["items"]] == ["from Siân"]


def test_muting_hides_and_is_not_noticed(as_owner: Visitor, as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    url = f"{CLIPS}/{clip.public_id}/comments"
    as_stranger.ask("POST", url, {"text": "loud"})
    assert as_owner.ask("PUT", "/api/v1/accounts/sian/mute") == {"muted": True}
    assert as_owner.ask("GET", url)["items"] == []
    assert [item["viewer"]["own"] for item in as_stranger.ask("GET", url)["items"]] == [True]
    as_stranger.ask("PUT", "/api/v1/accounts/olwen/follow")
    assert as_owner.ask("GET", "/api/v1/me/notifications")["items"] == []
    assert as_owner.ask("DELETE", "/api/v1/accounts/sian/mute") == {"muted": False}
    assert len(as_owner.ask("GET", url)["items"]) == 1


def test_muted_words_are_kept_folded_and_hide(as_owner: Visitor, as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    url = f"{CLIPS}/{clip.public_id}/comments"
    as_stranger.ask("POST", url, {"text": "Yn y Tŷ heddiw"})
    as_stranger.ask("POST", url, {"text": "tyre prices"})
    kept = as_owner.ask("PUT", "/api/v1/me/muted-words", {"words": [" TY ", "#Election", "election", "", "two  words"]})
    assert kept == {"words": ["election", "two words", "ty"]}
    assert as_owner.ask("GET", "/api/v1/me/muted-words") == kept
    assert [item["text"] for item in as_owner.ask("GET", url)["items"]] == ["tyre prices"]
    assert api.relations(owner.id).words == ("election", "two words", "ty")
    as_owner.ask("PUT", "/api/v1/me/muted-words", {"words": ["x" * 61]}, status=422)
    as_owner.ask("PUT", "/api/v1/me/muted-words", {"words": [f"word{n}" for n in range(201)]}, status=422)
    assert as_owner.ask("PUT", "/api/v1/me/muted-words", {"words": []}) == {"words": []}


def test_lists_of_the_hidden_are_ones_own(as_owner: Visitor, anonymous: Visitor, stranger: Author) -> None:
    as_owner.ask("PUT", "/api/v1/accounts/sian/block")
    as_owner.ask("PUT", "/api/v1/accounts/sian/mute")
    for name in ("blocked", "muted"):
        page = as_owner.ask("GET", f"/api/v1/me/{name}")
        assert [item["handle"] for item in page["items"]] == ["sian"]
        anonymous.ask("GET", f"/api/v1/me/{name}", status=401)


def test_all_relations_are_one_query(
    owner: Author, stranger: Author, moderator: Author, teammate: Author, django_assert_num_queries: Any
) -> None:
    api.follow(owner.id, teammate.id)
    api.block(stranger.id, owner.id)
    api.mute(owner.id, moderator.id)
    api.set_words(owner.id, ["budget"])
    with django_assert_num_queries(1):
        found = api.relations(owner.id)
    assert found.following == {teammate.id}
    assert found.blocked == {stranger.id}
    assert found.muted == {moderator.id}
    assert found.words == ("budget",)
    assert found.hidden == {stranger.id, moderator.id}


@pytest.mark.parametrize("act", ["block", "mute"])
def test_nobody_hides_from_oneself(as_owner: Visitor, anonymous: Visitor, act: str) -> None:
    as_owner.ask("PUT", f"/api/v1/accounts/olwen/{act}", status=422)
    as_owner.ask("PUT", f"/api/v1/accounts/nobody_here/{act}", status=404)
    anonymous.ask("PUT", f"/api/v1/accounts/olwen/{act}", status=401)


def test_a_closed_account_leaves_no_count_behind(
    owner: Author, stranger: Author, moderator: Author, settle: Any
) -> None:
    from hustings.accounts import api as accounts
    from hustings.community.models import ClipCounts, Comment, Notification

    clip = published(owner, ago=timedelta(hours=1))
    api.follow(stranger.id, owner.id)
    api.follow(moderator.id, stranger.id)
    for account in (stranger, moderator):
        api.like(account.id, clip.pk)
    api.save(stranger.id, clip.pk)
    thread = api.comment(stranger.id, clip.pk, "first")
    api.comment(moderator.id, clip.pk, "an answer", reply_to=thread)
    accounts.close(stranger.id)
    settle()
    counts = ClipCounts.objects.get(video=clip)
    assert (counts.likes, counts.saves, counts.comments) == (1, 0, 0)
    assert api.account_counts([owner.id, moderator.id]) == {
        owner.id: {"followers": 0, "following": 0, "likes": 1},
        moderator.id: {"followers": 0, "following": 0, "likes": 0},
    }
    assert not Comment.objects.exists()
    assert [row.count for row in Notification.objects.filter(account=owner.id, kind="like")] == [1]
