"""A feed that does not follow one: nothing is learnt, nothing is kept, and the page is that of nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.apps import apps

from cast import Visitor
from hustings.accounts.api import Author
from hustings.feed import api, states, tally
from hustings.feed.loading import Keeper
from hustings.feed.models import ClipStats, EventBatch, ViewerState
from published import published


@pytest.fixture
def clips(stranger: Author, teammate: Author) -> list[Any]:
    return [
        published(who, f"Clip {number} #{tag}", language=language)
        for number, (who, tag, language) in enumerate(
            [(stranger, "haf", "cy"), (teammate, "gaeaf", "en"), (stranger, "gwanwyn", "en")] * 4
        )
    ]


def switch(visitor: Visitor, on: bool) -> None:
    answer = visitor.ask("PATCH", "/api/v1/me", {"preferences": {"plain_feed": on or None}})
    assert answer["preferences"].get("plain_feed", False) is on


def watch(visitor: Visitor, *clips: Any, seconds: float = 9.0) -> dict[str, Any]:
    events = [{"clip": clip.public_id, "kind": "watch", "watched_s": seconds, "loops": 0} for clip in clips]
    answer: dict[str, Any] = visitor.ask("POST", "/api/v1/events", {"events": events})
    return answer


def kept(who: Author) -> tuple[int, bytes, bytes]:
    row = ViewerState.objects.get(pk=who.id)
    return EventBatch.objects.filter(account=who.id).count(), row.taste, row.seen


def page_of(viewer_id: int | None, language: str = "en") -> list[str]:
    """The page with dice of its own, so that two can be compared."""
    made = api.page(viewer_id, count=10, language=language, dice=np.random.default_rng(7)).as_json()
    return [item["clip"]["id"] for item in made["items"]]


def test_nothing_is_stored_while_it_is_on(owner: Author, as_owner: Visitor, clips: list[Any], settle: Any) -> None:
    switch(as_owner, on=True)
    before = {model._meta.label: model._base_manager.count() for model in apps.get_app_config("feed").get_models()}
    assert watch(as_owner, *clips[:3]) == {"accepted": 3}
    as_owner.ask("PUT", f"/api/v1/clips/{clips[0].public_id}/like")
    as_owner.ask("PUT", "/api/v1/accounts/sian/follow")
    as_owner.ask("POST", f"/api/v1/clips/{clips[1].public_id}/share")
    settle()
    assert kept(owner) == (0, b"", b"")
    after = {model._meta.label: model._base_manager.count() for model in apps.get_app_config("feed").get_models()}
    changed = {label for label in after if after[label] != before[label]}
    assert changed <= {"feed.ClipStats", "feed.Change"}


def test_the_page_is_that_of_somebody_signed_out(
    owner: Author, as_owner: Visitor, clips: list[Any], settle: Any
) -> None:
    watch(as_owner, *clips[:5])
    as_owner.ask("PUT", f"/api/v1/clips/{clips[0].public_id}/like")
    as_owner.ask("PUT", "/api/v1/accounts/sian/follow")
    settle()
    assert page_of(owner.id) != page_of(None)
    switch(as_owner, on=True)
    for language in ("en", "cy"):
        assert page_of(owner.id, language) == page_of(None, language)


def test_why_says_nothing_about_the_viewer(owner: Author, as_owner: Visitor, clips: list[Any], settle: Any) -> None:
    watch(as_owner, *clips[:5])
    as_owner.ask("PUT", "/api/v1/accounts/sian/follow")
    settle()
    switch(as_owner, on=True)
    made = as_owner.ask("POST", "/api/v1/feed", {"count": 10})
    signed_out = Visitor().ask("POST", "/api/v1/feed", {"count": 10})
    assert {one["code"] for item in made["items"] for one in item["why"]} <= {
        one["code"] for item in signed_out["items"] for one in item["why"]
    } | {"explore", "fresh", "new", "popular", "popular_week", "language"}
    assert "following" not in {one["code"] for item in made["items"] for one in item["why"]}
    # What the person did is still theirs to see.
    assert {
        item["clip"]["viewer"]["following"] for item in made["items"] if item["clip"]["author"]["handle"] == "sian"
    } == {True}


def test_blocks_mutes_and_muted_words_still_hold(
    owner: Author, as_owner: Visitor, clips: list[Any], settle: Any
) -> None:
    switch(as_owner, on=True)
    as_owner.ask("PUT", "/api/v1/accounts/sian/mute")
    as_owner.ask("PUT", "/api/v1/me/muted-words", {"words": ["clip 4"]})
    settle()
    shown = as_owner.ask("POST", "/api/v1/feed", {"count": 20})["items"]
    assert shown
    assert {item["clip"]["author"]["handle"] for item in shown} == {"tomos"}
    assert not [item for item in shown if item["clip"]["caption"].startswith("Clip 4 ")]


def test_what_was_learnt_before_stays_until_it_is_erased(
    owner: Author, as_owner: Visitor, clips: list[Any], settle: Any
) -> None:
    watch(as_owner, *clips[:5])
    settle()
    learnt = kept(owner)
    assert learnt[0]
    assert learnt[1]
    switch(as_owner, on=True)
    assert kept(owner) == learnt
    as_owner.ask("POST", "/api/v1/feed/reset", status=204)
    assert kept(owner) == (0, b"", b"")


def test_switched_off_it_learns_again(owner: Author, as_owner: Visitor, clips: list[Any], settle: Any) -> None:
    switch(as_owner, on=True)
    switch(as_owner, on=False)
    watch(as_owner, *clips[:2])
    settle()
    assert kept(owner)[0] == 1
    assert set(states.read(owner.id).memory.seen.tolist()) == {clip.pk for clip in clips[:2]}


def test_views_still_count_and_nobody_inflates_them(
    owner: Author, as_owner: Visitor, clips: list[Any], settle: Any
) -> None:
    switch(as_owner, on=True)
    for _ in range(30):
        watch(as_owner, clips[0])
    settle()
    tally.flush()
    impressions = ClipStats.objects.get(pk=clips[0].pk).impressions
    assert 0 < impressions <= 20


def test_who_watches_in_the_moment_of_switching_is_not_learnt_from(
    owner: Author, as_owner: Visitor, clips: list[Any], settle: Any
) -> None:
    """A batch that began before the switch finds the row changed, begins again, and sees the objection."""
    page_of(owner.id)  # the row is there
    called = []

    def how(memory: Any) -> None:
        called.append(1)
        states.set_plain(owner.id, plain=True)
        memory.last = clips[0].pk

    assert states.change(owner.id, how) is False
    assert called == [1]
    assert kept(owner) == (0, b"", b"")


def test_it_costs_no_query_of_its_own(
    owner: Author, as_owner: Visitor, clips: list[Any], serving: Keeper, django_assert_max_num_queries: Any
) -> None:
    switch(as_owner, on=True)
    serving.load()
    as_owner.ask("POST", "/api/v1/feed", {"count": 40})  # makes all cards: the dice choose others next time
    with django_assert_max_num_queries(3):
        as_owner.ask("POST", "/api/v1/feed", {"count": 10})


def test_it_is_in_the_export_and_the_map(owner: Author, as_owner: Visitor) -> None:
    from hustings.trust import datamap

    switch(as_owner, on=True)
    assert ViewerState.objects.get(pk=owner.id).plain is True
    assert "plain" in datamap.personal_columns("feed.ViewerState")


def test_a_wrong_value_is_refused(as_owner: Visitor) -> None:
    as_owner.ask("PATCH", "/api/v1/me", {"preferences": {"plain_feed": "yes"}}, status=422)


def test_somebody_new_may_object_before_watching_anything(
    owner: Author, as_owner: Visitor, settle: Callable[[], int]
) -> None:
    assert not ViewerState.objects.exists()
    switch(as_owner, on=True)
    assert states.read(owner.id).plain
