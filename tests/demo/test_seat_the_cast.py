"""Filling a demonstration: the cast, what it publishes and what an audience does, each step safe to repeat."""

from pathlib import Path

import pytest

from hustings.accounts import api as accounts
from hustings.community import api as community
from hustings.demo import cast, seed
from hustings.demo.clips import CLIPS
from hustings.trust.api import Wish, ask_to_close
from hustings.videos import api as videos
from hustings.videos.models import Video
from published import published

pytestmark = pytest.mark.django_db

KEY = "which-bin"


@pytest.fixture
def stalls(monkeypatch: pytest.MonkeyPatch) -> seed.Stalls:
    monkeypatch.setattr(cast, "PASSWORD", None)  # sixteen slow hashes are not what is asked here
    stalls = seed.seat_cast()
    seed.seat_audience(stalls, size=12)
    return stalls


@pytest.fixture
def programme(tmp_path: Path) -> seed.Programme:
    return seed.Programme(tmp_path / "programme.json")


def _watchable(stalls: seed.Stalls, programme: seed.Programme) -> Video:
    author = accounts.authors([stalls.ids[CLIPS[KEY].author]]).popitem()[1]
    clip = published(author, CLIPS[KEY].caption, duration=CLIPS[KEY].seconds)
    programme.clips[KEY] = clip.public_id
    return clip


def test_everybody_is_there_once(stalls: seed.Stalls) -> None:
    again = seed.seat_cast()
    seed.seat_audience(again, size=12)
    assert again == stalls
    assert len(stalls.audience) == len(set(stalls.audience)) == 12


def test_bodies_have_their_mark_a_picture_and_an_owner(stalls: seed.Stalls) -> None:
    for body in cast.BODIES:
        author = accounts.by_handle(body.handle)
        assert (author.official, author.organisation) == (True, True)
        assert author.avatar
        assert accounts.may_act_for(stalls.ids[body.owner], author.id, "owner")


def test_people_follow_each_other(stalls: seed.Stalls) -> None:
    for person in cast.PEOPLE:
        assert all(community.follows(stalls.ids[person.key], stalls.ids[other]) for other in person.follows)


def test_the_audience_applauds_once(stalls: seed.Stalls, programme: seed.Programme) -> None:
    clip = _watchable(stalls, programme)
    seed.applaud(programme, stalls, KEY)
    first = community.counts([clip.pk])[clip.pk]
    assert all(first[name] for name in ("likes", "comments", "views"))
    assert first["views"] >= first["likes"]
    seed.applaud(seed.Programme(programme.path), stalls, KEY)
    assert community.counts([clip.pk])[clip.pk] == first


def test_an_applause_that_was_cut_short_is_not_given_twice(stalls: seed.Stalls, programme: seed.Programme) -> None:
    clip = _watchable(stalls, programme)
    seed.applaud(programme, stalls, KEY)
    first = community.counts([clip.pk])[clip.pk]
    programme.applauded.clear()  # it landed, and the note of it was lost
    seed.applaud(programme, stalls, KEY)
    again = community.counts([clip.pk])[clip.pk]
    assert {name: again[name] for name in ("likes", "comments", "saves")} == {
        name: first[name] for name in ("likes", "comments", "saves")
    }


def test_a_clip_is_handed_in_with_all_it_has_to_say(
    stalls: seed.Stalls, programme: seed.Programme, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"a film")
    public_id = seed.publish(programme, stalls, KEY, film, {})
    video_id = videos.id_of(public_id)
    facts = videos.media_facts([video_id])[video_id]
    assert facts["author_id"] == stalls.ids["lowmarsh"]
    assert facts["caption"] == CLIPS[KEY].caption
    assert [track["language"] for track in facts["tracks"]] == ["en"]
    assert facts["sound"]["title"] == CLIPS[KEY].sound
    assert seed.Programme(programme.path).published(KEY)


def test_a_clip_that_was_deleted_is_published_again(stalls: seed.Stalls, programme: seed.Programme) -> None:
    clip = _watchable(stalls, programme)
    assert programme.published(KEY)
    videos.delete(clip.pk)
    assert not programme.published(KEY)


def test_the_demonstration_goes_on_without_somebody_who_closed_their_account(
    stalls: seed.Stalls, programme: seed.Programme
) -> None:
    clip = _watchable(stalls, programme)
    author, closed = CLIPS[KEY].author, CLIPS["bill-becomes-law"].author
    assert not seed.see_off(stalls)
    ask_to_close(stalls.ids[closed], Wish(days=0))
    assert seed.see_off(stalls)
    assert (closed in stalls.ids, author in stalls.ids) == (False, True)
    seed.applaud(programme, stalls, KEY)
    assert community.counts([clip.pk])[clip.pk]["likes"]
    # Started again, it brings nobody back: the handle is kept from everybody, the demonstration too.
    assert seed.has_left(closed)
    assert closed not in seed.seat_cast().ids
