"""What one watches changes what comes next: events, counts, refusals, and beginning anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.community.models import ClipCounts
from hustings.feed import api, jobs, recording, states, tally
from hustings.feed.loading import Keeper
from hustings.feed.models import Change, ClipStats, EventBatch, ViewerState
from hustings.lib import clock
from published import published

FEED, EVENTS = "/api/v1/feed", "/api/v1/events"


def watch(clip: Any, seconds: float = 9.4, loops: int = 0) -> dict[str, Any]:
    return {"clip": clip.public_id, "kind": "watch", "watched_s": seconds, "loops": loops}


def tell(who: Visitor, *events: dict[str, Any], **more: Any) -> int:
    accepted: int = who.ask("POST", EVENTS, {"events": list(events), **more})["accepted"]
    return accepted


def shown(who: Visitor, count: int = 10, **more: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = who.ask("POST", FEED, {"count": count, **more})["items"]
    return items


def events() -> list[list[Any]]:
    """Everything in the event log, opened: `[clip, kind, seconds]`."""
    return [event for batch in EventBatch.objects.order_by("pk") for event in batch.events]


@pytest.fixture
def two_worlds(db: None) -> dict[str, list[Any]]:
    """Twenty clips about bread and twenty about trains, by ten authors each."""
    made: dict[str, list[Any]] = {"bread": [], "trains": []}
    for subject, clips in made.items():
        makers = [person(f"{subject}{n}") for n in range(10)]
        clips += [published(makers[n % 10], f"More {subject} {n} #{subject}") for n in range(20)]
    return made


def about(items: list[dict[str, Any]], subject: str) -> int:
    return sum(subject in item["clip"]["hashtags"] for item in items)


def test_the_next_page_follows_what_was_watched(as_stranger: Visitor, two_worlds: dict[str, list[Any]]) -> None:
    tell(
        as_stranger,
        *[watch(clip) for clip in two_worlds["bread"][:4]],
        *[watch(clip, 0.6) for clip in two_worlds["trains"][:3]],
    )
    assert about(shown(as_stranger), "bread") >= 7


def test_it_learns_the_same_within_a_session_without_an_account(
    anonymous: Visitor, two_worlds: dict[str, list[Any]]
) -> None:
    history = [
        {"clip": clip.public_id, "share": 1.0, "actions": ["like"], "gap_s": 9} for clip in two_worlds["trains"][:4]
    ]
    items = shown(anonymous, history=history)
    assert about(items, "trains") >= 7
    assert not {item["clip"]["id"] for item in items} & {one["clip"] for one in history}
    assert not EventBatch.objects.exists()
    assert not ViewerState.objects.exists()


def test_a_history_of_nonsense_is_no_harm(anonymous: Visitor, two_worlds: dict[str, list[Any]]) -> None:
    clip = two_worlds["bread"][0].public_id
    history = [
        {"clip": "1" * 11, "share": 1},
        {"clip": clip, "share": -5, "actions": ["conquer"], "gap_s": -1},
        {"clip": clip, "share": 1e300},
    ]
    assert len(shown(anonymous, history=history)) == 10


def test_less_from_and_not_interested(as_stranger: Visitor, owner: Author, teammate: Author) -> None:
    clips = [published(owner, f"Clip {n}") for n in range(6)]
    others = [published(teammate, f"Other {n}") for n in range(6)]
    for _ in range(2):
        tell(as_stranger, {"clip": clips[0].public_id, "kind": "less_from"})
    assert {item["clip"]["author"]["handle"] for item in shown(as_stranger, 12)} == {"tomos"}
    tell(as_stranger, {"clip": others[0].public_id, "kind": "not_interested"})
    assert ClipStats.objects.get(pk=others[0].pk).refusals == 1


def test_resetting_forgets(as_stranger: Visitor, two_worlds: dict[str, list[Any]]) -> None:
    tell(as_stranger, *[watch(clip) for clip in two_worlds["bread"]])
    assert len(events()) == 20
    as_stranger.ask("POST", FEED + "/reset", status=204)
    assert not EventBatch.objects.exists()
    assert states.read(as_stranger.who.id).memory.is_new
    assert len(shown(as_stranger, 40)) == 40


def test_resetting_is_for_people_signed_in(anonymous: Visitor) -> None:
    assert anonymous.ask("POST", FEED + "/reset", status=401)["code"] == "sign_in_needed"


def test_deeds_elsewhere_teach_too(
    as_stranger: Visitor, two_worlds: dict[str, list[Any]], settle: Callable[[], int]
) -> None:
    for clip in two_worlds["trains"][:3]:
        as_stranger.ask("PUT", f"/api/v1/clips/{clip.public_id}/like")
    settle()
    assert [kind for _, kind, _ in events()] == ["like"] * 3
    items = shown(as_stranger)
    assert about(items, "trains") >= 7
    assert not {item["clip"]["id"] for item in items} & {clip.public_id for clip in two_worlds["trains"][:3]}


def test_a_report_means_less_like_this(
    as_stranger: Visitor, two_worlds: dict[str, list[Any]], settle: Callable[[], int]
) -> None:
    from hustings.moderation import api as moderation

    clip = two_worlds["bread"][0]
    moderation.report("clip", clip.public_id, "spam", reporter_id=as_stranger.who.id)
    moderation.report("clip", clip.public_id, "spam")
    settle()
    assert [kind for _, kind, _ in events()] == ["report"]
    memory = states.read(as_stranger.who.id).memory
    assert memory.dislike.any()
    assert memory.authors[clip.author_id] < 0


def test_two_batches_at_once_are_both_kept(stranger: Author, owner: Author) -> None:
    """Somebody else writes the row between reading and writing: it begins again with the new one."""
    from hustings.feed.viewer import Memory, see

    states.read(stranger.id)
    asked = []

    def how(memory: Memory) -> None:
        asked.append(memory.seen.tolist())
        if len(asked) == 1:
            states.change(stranger.id, lambda other: see(other, [7]))
        see(memory, [8])

    states.change(stranger.id, how)
    assert asked == [[], [7]]
    assert states.read(stranger.id).memory.seen.tolist() == [7, 8]


def test_reasons_are_true(as_stranger: Visitor, two_worlds: dict[str, list[Any]], settle: Callable[[], int]) -> None:
    from hustings.community import api as community

    clip = two_worlds["bread"][0]
    community.follow(as_stranger.who.id, clip.author_id)
    settle()
    tell(as_stranger, *[watch(one, 18.0, 1) for one in two_worlds["bread"][:3]])
    for item in shown(as_stranger, 20):
        codes = {why["code"]: why["params"] for why in item["why"]}
        assert 1 <= len(codes) <= 2
        if "following" in codes:
            assert item["clip"]["author"]["handle"] == "bread0"
        if "similar_to" in codes and "clip_caption" in codes["similar_to"]:
            assert codes["similar_to"]["clip_caption"] in {one.caption for one in two_worlds["bread"][:3]}
        if "hashtag" in codes:
            assert codes["hashtag"]["tag"] in item["clip"]["hashtags"]


# --- Counting ----------------------------------------------------------------------------------------


def test_views_follow_the_published_rule(as_stranger: Visitor, anonymous: Visitor, owner: Author) -> None:
    long, short = published(owner, duration=9.4), published(owner, duration=1.5)
    tell(as_stranger, watch(long, 1.9), watch(short, 1.45))
    tell(anonymous, watch(long, 2.0))
    views = {one.video_id: one.views for one in ClipCounts.objects.all()}
    assert views.get(long.pk) == 1
    assert views.get(short.pk) == 1
    stats = ClipStats.objects.get(pk=long.pk)
    assert (stats.impressions, stats.skips, stats.completions) == (2, 1, 0)


def test_one_viewer_counts_once_for_a_clip(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    for _ in range(3):
        tell(as_stranger, watch(clip), watch(clip))
    assert ClipStats.objects.get(pk=clip.pk).impressions == 1
    assert ClipCounts.objects.get(pk=clip.pk).views == 1


def test_impossible_watching_is_cut_to_what_can_be(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner, duration=10.0)
    tell(as_stranger, watch(clip, 1e12, 1))
    assert ClipStats.objects.get(pk=clip.pk).watched_s == pytest.approx(21.0)
    other = published(owner, duration=10.0)
    tell(as_stranger, watch(other, -7))
    assert ClipStats.objects.get(pk=other.pk).watched_s == 0.0


def test_events_for_what_is_not_there_are_passed_over(as_stranger: Visitor, owner: Author) -> None:
    private = published(owner, visibility="private")
    clip = published(owner)
    accepted = tell(
        as_stranger, watch(private), {"clip": "11111111111", "kind": "watch"}, {"clip": "../etc", "kind": "watch"},
        {"clip": clip.public_id, "kind": "applaud"}, watch(clip),
    )  # fmt: skip
    assert accepted == 1
    assert len(events()) == 1


def test_a_clip_by_link_counts_and_is_not_recommended(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner, visibility="unlisted")
    assert tell(as_stranger, watch(clip)) == 1
    assert ClipCounts.objects.get(pk=clip.pk).views == 1
    assert shown(as_stranger) == []


def test_faulty_batches_are_refused_whole(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    for body in (
        {"events": [watch(clip)] * 201},
        {"events": [watch(clip) | {"watched_s": "long"}]},
        {"events": "none"},
        {},
    ):
        assert as_stranger.ask("POST", EVENTS, body, status=422)["code"] == "malformed"
    assert (
        as_stranger.post(
            EVENTS, b'{"events":[{"clip":"a","kind":"watch","watched_s":NaN}]}', content_type="application/json"
        ).status_code
        == 422
    )
    assert not EventBatch.objects.exists()


def test_a_batch_that_comes_twice_counts_once(as_stranger: Visitor, owner: Author) -> None:
    clip = published(owner)
    like = {"clip": clip.public_id, "kind": "not_interested"}
    assert tell(as_stranger, like, watch(clip), key="b1") == 2
    assert tell(as_stranger, like, watch(clip), key="b1") == 2
    assert len(events()) == 2
    assert ClipStats.objects.get(pk=clip.pk).refusals == 1


def test_a_batch_that_is_lost_leaves_nothing(
    as_stranger: Visitor, owner: Author, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = published(owner)

    def fail(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(recording, "_insert", fail)
        with pytest.raises(DatabaseError):
            api.record(as_stranger.who.id, [api.Event(clip.public_id, "watch", 9.0)], "b1")
    assert states.read(as_stranger.who.id).memory.is_new
    assert not ClipStats.objects.exists()
    assert tell(as_stranger, watch(clip), key="b1") == 1
    assert len(events()) == 1


def test_counts_that_cannot_be_written_wait(owner: Author, serving: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = published(owner)
    serving.load()
    api.record(None, [api.Event(clip.public_id, "watch", 9.0)])
    assert not ClipStats.objects.exists()

    def fail(*_: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(tally, "_upsert", fail)
        assert tally.flush() == 0
    assert tally.waiting() == 1
    assert tally.flush() == 1
    assert ClipStats.objects.get(pk=clip.pk).impressions == 1


def test_counts_of_a_clip_that_vanished_harm_no_other(owner: Author, serving: Keeper) -> None:
    stays, goes = published(owner), published(owner)
    serving.load()
    api.record(None, [api.Event(one.public_id, "watch", 9.0) for one in (stays, goes)])
    goes.delete()
    tally.flush()
    assert ClipCounts.objects.get(pk=stays.pk).views == 1


def test_popularity_fades_and_never_grows_by_a_clock_going_back(
    owner: Author, moved_clock: Callable[[Any], None]
) -> None:
    clip = published(owner)
    noon = clock.now()
    for at in (noon, noon + timedelta(hours=16), noon + timedelta(hours=1)):
        moved_clock(at)
        tally.add({clip.pk: tally.Addition(popularity=8.0)})
        tally.flush()
    assert ClipStats.objects.get(pk=clip.pk).day == pytest.approx(8 / 2 + 8 + 8)


def test_public_counts_reach_the_cards(anonymous: Visitor, owner: Author, serving: Keeper) -> None:
    clip = published(owner)
    serving.load()
    assert shown(anonymous)[0]["clip"]["counts"]["views"] == 0
    tell(anonymous, watch(clip))
    tally.flush()
    serving.look_for_counts()
    assert shown(anonymous)[0]["clip"]["counts"]["views"] == 1


def test_what_many_watch_is_popular(anonymous: Visitor, owner: Author, serving: Keeper) -> None:
    clips = [published(owner, f"Clip {n}") for n in range(5)]
    serving.load()
    for _ in range(5):
        tell(anonymous, watch(clips[3]))
    tally.flush()
    serving.look_for_counts()
    serving.settle()
    assert serving.view().popular_day[0] == serving.view().by_public_id[clips[3].public_id]
    assert "popular_day" in {why["code"] for item in shown(anonymous) for why in item["why"]}


def test_a_clip_that_the_view_does_not_have_yet(
    anonymous: Visitor, stranger: Author, owner: Author, serving: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The indexes are the writer's: between two lines they may know a clip that the view in hand does not."""
    before = serving.view()
    clip = published(owner)
    serving.look_for_recent()
    monkeypatch.setattr(serving.catalogue, "view", before)
    assert before.row_of_clip(clip.public_id) is None
    assert tell(anonymous, watch(clip)) == 1
    assert tell(Visitor(stranger), watch(clip)) == 1
    recording.act(stranger.id, clip.pk, "like")
    assert shown(anonymous) == []
    serving.load()
    assert shown(anonymous)[0]["clip"]["id"] == clip.public_id


# --- Who may tell ------------------------------------------------------------------------------------


def test_telling_with_a_session_needs_the_token(stranger: Author, owner: Author) -> None:
    clip = published(owner)
    strict = Visitor(stranger, enforce_csrf_checks=True)
    assert strict.ask("POST", EVENTS, {"events": [watch(clip)]}, status=403)["code"] == "csrf"
    assert not EventBatch.objects.exists()


def test_telling_signed_out_needs_none(owner: Author, db: None) -> None:
    clip = published(owner)
    assert tell(Visitor(enforce_csrf_checks=True), watch(clip)) == 1
    assert not EventBatch.objects.exists()


# --- By itself --------------------------------------------------------------------------------------


def test_popular_clips_are_asked_for_as_av1(owner: Author, settings: Any) -> None:
    clip = published(owner)
    settings.VIDEO_AV1, settings.VIDEO_AV1_VIEWS = True, 3
    tally.add({clip.pk: tally.Addition(impressions=4, views=4)})
    tally.flush()
    jobs.ask_for_av1()
    clip.refresh_from_db()
    assert clip.popular


def test_a_lost_announcement_is_made_good(owner: Author, serving: Keeper) -> None:
    clip = published(owner)
    serving.look_for_recent()
    assert clip.public_id in serving.view().by_public_id
    type(clip).objects.filter(pk=clip.pk).update(visibility="private")
    serving.recheck()
    assert not serving.view().alive.any()


def test_a_late_lower_number_is_still_read(owner: Author, serving: Keeper) -> None:
    first, second = published(owner), published(owner)
    Change.objects.create(pk=1_000, video_id=second.pk)
    assert serving.look_for_changes() == 1
    Change.objects.create(pk=999, video_id=first.pk)
    assert serving.look_for_changes() == 1
    assert serving.view().alive.sum() == 2
    assert serving.look_for_changes() == 0


def test_relations_that_were_not_announced_are_copied_within_the_hour(
    stranger: Author, owner: Author, moved_clock: Callable[[Any], None]
) -> None:
    from hustings.community.models import Block

    clip = published(owner)
    states.read(stranger.id)
    Block.objects.create(blocker_id=stranger.id, blocked_id=owner.id)
    api.record(stranger.id, [api.Event(clip.public_id, "watch", 1.0)])
    assert not states.read(stranger.id).relations.blocked
    moved_clock(clock.now() + timedelta(minutes=61))
    api.record(stranger.id, [api.Event(clip.public_id, "watch", 1.0)])
    assert states.read(stranger.id).relations.blocked == (owner.id,)


def test_a_damaged_row_is_a_viewer_who_begins_anew(stranger: Author, owner: Author) -> None:
    published(owner)
    states.read(stranger.id)
    ViewerState.objects.update(taste=ViewerState.taste.field.seal(stranger.id, b"\x93nonsense"))
    assert len(api.page(stranger.id).items) == 1


def test_a_closed_account_leaves_nothing(stranger: Author, owner: Author) -> None:
    from django.contrib.auth import get_user_model

    api.record(stranger.id, [api.Event(published(owner).public_id, "watch", 5.0)])
    get_user_model().objects.get(pk=stranger.id).delete()
    assert not ViewerState.objects.exists()
    assert not EventBatch.objects.exists()


def test_the_records_name_every_column() -> None:
    from django.apps import apps

    from hustings.feed.records import FIELDS

    held = {
        (model._meta.label, field.name)
        for model in apps.get_app_config("feed").get_models()
        for field in model._meta.fields
    }
    assert {(field.model, field.name) for field in FIELDS} == held
