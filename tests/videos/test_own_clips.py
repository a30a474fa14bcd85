"""An author describes, publishes, schedules, captions and deletes a clip, alone or for an organisation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from cast import Visitor
from hustings.accounts import api as accounts
from hustings.accounts.api import Author
from hustings.lib import clock
from hustings.videos import api, sweeps
from hustings.videos.models import Sound, Upload, Video

pytestmark = [pytest.mark.urls("videos.urls"), pytest.mark.django_db]

Make = Callable[..., Video]


def at(clip: Video, rest: str = "") -> str:
    return f"/api/v1/clips/{clip.public_id}{rest}"


ACTS = [
    ("patch", "", {"caption": "x"}),
    ("post", "/publish", {}),
    ("post", "/unpublish", None),
    ("delete", "", None),
    ("put", "/tracks/en", None),
    ("delete", "/tracks/en", None),
]


@pytest.mark.parametrize(("method", "rest", "sent"), [*ACTS, ("get", "/status", None)])
def test_none_of_a_strangers_business(
    as_stranger: Visitor, anonymous: Visitor, make_clip: Make, method: str, rest: str, sent: Any
) -> None:
    clip = make_clip()
    as_stranger.ask(method, at(clip, rest), sent, status=404)
    assert getattr(anonymous, method)(at(clip, rest)).status_code == 401
    clip.public_id = "1" * 11
    as_stranger.ask(method, at(clip, rest), sent, status=404)
    clip.public_id = "not an id"
    as_stranger.ask(method, at(clip, rest), sent, status=404)
    assert Video.objects.get().caption == ""


@pytest.mark.parametrize(("method", "rest", "sent"), ACTS)
def test_an_analyst_looks_only(
    as_stranger: Visitor, owner: Author, stranger: Author, organisation: Author, make_clip: Make,
    method: str, rest: str, sent: Any,
) -> None:  # fmt: skip
    accounts.add_member(organisation.id, stranger.id, "analyst")
    clip = make_clip(organisation.id)
    as_stranger.ask(method, at(clip, rest), sent, status=403)
    as_stranger.ask("get", at(clip, "/status"))


def test_an_editor_edits(as_teammate: Visitor, organisation: Author, make_clip: Make) -> None:
    clip = make_clip(organisation.id)
    said = as_teammate.ask("patch", at(clip), {"caption": "Hello"})
    assert (said["caption"], said["author"]["handle"]) == ("Hello", "council")
    listed = as_teammate.ask("get", "/api/v1/me/clips?account=council")
    assert [one["id"] for one in listed["items"]] == [clip.public_id]
    assert as_teammate.ask("get", "/api/v1/me/clips")["items"] == []


def test_describing(as_owner: Visitor, make_clip: Make, settle: Callable[[], int]) -> None:
    clip = make_clip()
    said = as_owner.ask(
        "patch", at(clip), {"caption": " How a #Bill becomes #law \u202e", "language": "cy", "allow_comments": False}
    )
    assert said["caption"] == "How a #Bill becomes #law"
    assert (said["hashtags"], said["language"], said["allow_comments"]) == (["bill", "law"], "cy", False)
    assert said["viewer"]["own"]
    assert said["counts"] == {"likes": 0, "comments": 0, "saves": 0, "shares": 0, "views": 0}
    assert as_owner.ask("patch", at(clip), {"caption": "none"})["hashtags"] == []
    assert api.by_hashtag("bill") == ([], None)


def test_every_fault_at_once(as_owner: Visitor, make_clip: Make) -> None:
    clip = make_clip()
    said = as_owner.ask(
        "patch", at(clip), {"caption": "x" * 501, "language": "klingon", "cover_time": 99.0}, status=422
    )
    assert set(said["fields"]) == {"caption", "language", "cover_time"}
    assert Video.objects.get().caption == ""
    as_owner.ask("patch", at(clip), {"visibility": "everybody"}, status=422)


def test_which_cover_is_chosen(as_owner: Visitor, make_clip: Make) -> None:
    clip = make_clip()
    assert as_owner.ask("get", at(clip, "/status"))["cover_time"] is None
    Video.objects.update(poster="cover-1", poster_time=2.5)
    assert as_owner.ask("get", at(clip, "/status"))["cover_time"] == 2.5
    # The choice counts at once, before the picture has been made.
    assert as_owner.ask("patch", at(clip), {"cover_time": 0})["cover_time"] == 0.0
    assert as_owner.ask("get", at(clip, "/status"))["cover_time"] == 0.0


def test_a_refused_clip_is_known_by_its_file(as_owner: Visitor, owner: Author) -> None:
    upload = api.create_upload(owner.id, owner.id, 10, "fy fideo.mp4")
    Video.objects.update(state="refused")
    (listed,) = as_owner.ask("get", "/api/v1/me/clips")["items"]
    assert listed["filename"] == "fy fideo.mp4"
    Upload.objects.get(key=upload.key).delete()
    (listed,) = as_owner.ask("get", "/api/v1/me/clips")["items"]
    assert listed["filename"] is None


def test_a_refused_clip_is_not_changed(as_owner: Visitor, make_clip: Make) -> None:
    clip = make_clip(state="refused", release="draft")
    assert as_owner.ask("patch", at(clip), {"caption": "x"}, status=409)["code"] == "clip_refused"
    as_owner.ask("post", at(clip, "/publish"), {}, status=409)
    as_owner.ask("delete", at(clip), status=204)


def test_publish_and_take_back(as_owner: Visitor, make_clip: Make) -> None:
    clip = make_clip(release="draft")
    as_owner.ask("post", at(clip, "/publish"), {"att": "2031-01-01T10:00:00Z"}, status=422)  # misspelled: not at once
    assert as_owner.ask("post", at(clip, "/publish"), {})["release"] == "published"
    first = Video.objects.get()
    assert api.visible(clip.public_id, None) == clip.pk
    assert as_owner.ask("post", at(clip, "/unpublish"))["release"] == "draft"
    as_owner.ask("post", at(clip, "/publish"), {})
    assert Video.objects.get().published_at == first.published_at
    as_owner.ask("post", at(clip, "/publish"), {})  # twice does no harm
    assert as_owner.post(at(clip, "/publish"), b"", content_type="application/json").status_code == 200


def test_publish_before_it_plays(as_owner: Visitor, make_clip: Make) -> None:
    clip = make_clip(state="processing", release="draft")
    said = as_owner.ask("post", at(clip, "/publish"), {})
    assert (said["state"], said["release"]) == ("processing", "published")
    assert Video.objects.get().published_at is None
    assert api.published_since() == []


def test_schedule(as_owner: Visitor, make_clip: Make, moved_clock: Callable[[datetime], None]) -> None:
    clip = make_clip(release="draft")
    due = clock.now() + timedelta(days=3)
    said = as_owner.ask("post", at(clip, "/publish"), {"at": due.isoformat()})
    assert said["release"] == "scheduled"
    assert abs(datetime.fromisoformat(said["scheduled_for"]) - due) < timedelta(seconds=1)
    sweeps.publish_due()
    assert Video.objects.get().release == "scheduled"
    moved_clock(due + timedelta(seconds=1))
    sweeps.publish_due()
    sweeps.publish_due()
    after = Video.objects.get()
    assert (after.release, after.published_at) == ("published", clock.now())
    as_owner.ask("post", at(clip, "/publish"), {"at": (due + timedelta(days=9)).isoformat()}, status=422)


@pytest.mark.parametrize("when", ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "2031-01-01T00:00:00", "soon"])
def test_a_time_that_cannot_be(as_owner: Visitor, make_clip: Make, when: str) -> None:
    clip = make_clip(release="draft")
    response = as_owner.post(at(clip, "/publish"), {"at": when}, content_type="application/json")
    assert response.status_code == 422
    assert Video.objects.get().release == "draft"


def test_status_is_cheap(as_owner: Visitor, make_clip: Make, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    clip = make_clip(state="refused", release="draft", refusal={"code": "too_long", "message": "m", "hint": "h"})
    with django_assert_num_queries(4):  # session, account, clip, status
        said = as_owner.ask("get", at(clip, "/status"))
    assert said["refusal"]["code"] == "too_long"
    assert set(said) == {"state", "release", "refusal", "progress", "scheduled_for", "cover_time"}


def test_own_clips_in_every_state(as_owner: Visitor, make_clip: Make) -> None:
    clips = [make_clip(release="draft", state=state) for state in ("refused", "processing", "ready")]
    everything = as_owner.ask("get", "/api/v1/me/clips?limit=2")
    assert [one["id"] for one in everything["items"]] == [clips[2].public_id, clips[1].public_id]
    rest = as_owner.ask("get", f"/api/v1/me/clips?limit=2&cursor={everything['next']}")
    assert [one["id"] for one in rest["items"]] == [clips[0].public_id]
    assert rest["next"] is None
    one = as_owner.ask("get", "/api/v1/me/clips?state=ready")["items"]
    assert [clip["state"] for clip in one] == ["ready"]
    as_owner.ask("get", "/api/v1/me/clips?cursor=nonsense", status=422)


def test_the_list_costs_the_same_for_many(
    as_owner: Visitor, make_clip: Make, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(6):
        make_clip(release="draft")
    with django_assert_max_num_queries(9):
        as_owner.ask("get", "/api/v1/me/clips")


def test_deleting(as_owner: Visitor, make_clip: Make, media_root: Path, settle: Callable[[], int]) -> None:
    clip = make_clip()
    as_owner.ask("delete", at(clip), status=204)
    settle()
    assert not Video.objects.exists()
    assert not (media_root / "clips" / clip.public_id).exists()
    as_owner.ask("delete", at(clip), status=404)


def test_a_clips_own_sound_goes_with_it_unless_others_use_it(make_clip: Make, owner: Author) -> None:
    used, unused, shared = (api.create_sound("A tune", maker) for maker in (owner.id, owner.id, None))
    gone = [make_clip(sound_id=sound) for sound in (used, unused, shared)]
    make_clip(sound_id=used)
    for clip in gone:
        api.delete(clip.pk)
    assert set(Sound.objects.values_list("pk", flat=True)) == {used, shared}


def test_a_closed_accounts_clips_go(
    make_clip: Make, owner: Author, media_root: Path, settle: Callable[[], int]
) -> None:
    clip = make_clip()
    accounts.close(owner.id)
    settle()
    assert not Video.objects.exists()
    assert not (media_root / "clips" / clip.public_id).exists()


# --- captions ----------------------------------------------------------------------------------------

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nHello & <b>welcome</b>\n\n00:02.000 --> 00:04.000 line:80%\nBye\n"


def put(visitor: Visitor, clip: Video, body: str, language: str = "en") -> Any:
    return visitor.put(at(clip, f"/tracks/{language}"), data=body, content_type="text/vtt")


def test_captions(as_owner: Visitor, anonymous: Visitor, make_clip: Make) -> None:
    clip = make_clip()
    [track] = put(as_owner, clip, VTT, "cy").json()["tracks"]
    assert (track["language"], track["label"]) == ("cy", "Cymraeg")
    served = anonymous.get(track["url"])
    assert served["Content-Type"] == "text/vtt; charset=utf-8"
    assert b"Hello &amp; <b>welcome</b>" in served.content
    [again] = put(as_owner, clip, VTT.replace("Bye", "Hwyl"), "cy").json()["tracks"]
    assert again["url"] != track["url"]
    assert anonymous.get(track["url"]).status_code == 404
    assert as_owner.ask("delete", at(clip, "/tracks/cy"))["tracks"] == []
    as_owner.ask("delete", at(clip, "/tracks/cy"), status=404)


def test_faulty_captions_are_named_by_line(as_owner: Visitor, make_clip: Make) -> None:
    clip = make_clip()
    response = put(as_owner, clip, "WEBVTT\n\n00:05.000 --> 00:02.000\nBack\n\n1:2 --> 3:4\nno\n\nwords\nmore\n")
    assert response.status_code == 422
    assert response.json()["code"] == "bad_captions"
    assert set(response.json()["fields"]) == {"line 3", "line 6", "line 9"}
    assert put(as_owner, clip, VTT, "klingon").status_code == 422
    assert api.media_facts([clip.pk])[clip.pk]["tracks"] == []


# --- lists -------------------------------------------------------------------------------------------


def test_lists_hold_what_is_public(owner: Author, stranger: Author, make_clip: Make) -> None:
    shown = make_clip(caption="The #budget debate", visibility="public")
    for values in (
        {"visibility": "unlisted"},
        {"visibility": "private"},
        {"release": "draft"},
        {"state": "processing"},
    ):
        make_clip(caption="The #budget debate", **values)
    for clip in Video.objects.all():
        if clip.release == "published":
            api.set_details(clip.pk, api.Details(caption=clip.caption))
    assert api.by_hashtag("budget") == ([shown.pk], None)
    assert api.by_author(owner.id, None) == ([shown.pk], None)
    assert api.by_author(owner.id, stranger.id) == ([shown.pk], None)
    assert len(api.by_author(owner.id, owner.id)[0]) == 3
    assert api.search_captions("DEBATE budget") == ([shown.pk], None)
    assert [fact.id for fact in api.published_since()] == [shown.pk]
    assert api.published_since()[0].hashtags == ("budget",)
    assert set(api.published_facts(Video.objects.values_list("pk", flat=True))) == {shown.pk}
    assert api.trending_hashtags() == [("budget", 1)] or api.trending_hashtags()[0][0] == "budget"
    assert api.visible_ids([shown.public_id, "x"], None) == {shown.public_id: shown.pk}


def test_lists_neither_repeat_nor_skip(owner: Author, make_clip: Make) -> None:
    same = datetime(2026, 1, 1, tzinfo=UTC)
    clips = [make_clip(published_at=same, body=b"x") for _ in range(5)]
    seen: list[int] = []
    cursor = None
    while True:
        ids, cursor = api.by_author(owner.id, None, cursor, limit=2)
        seen += ids
        if cursor is None:
            break
    assert seen == [clip.pk for clip in reversed(clips)]


def test_facts_of_many_cost_one_query(make_clip: Make, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    from hustings.videos import cards

    clips = [make_clip(body=b"x") for _ in range(4)]
    for clip in clips:
        cards.refresh(clip.pk)
    with django_assert_num_queries(1):
        facts = api.media_facts([clip.pk for clip in clips])
    assert facts[clips[0].pk]["renditions"][0]["edge"] == 360
