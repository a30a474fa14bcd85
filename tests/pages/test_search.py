from datetime import timedelta
from typing import Any

import pytest

from cast import Visitor, person
from hustings.accounts import api as accounts
from hustings.accounts.api import Author
from hustings.community import api as community
from hustings.pages import jobs
from hustings.pages.models import AccountEntry, ClipEntry
from hustings.pages.search import finding
from hustings.videos import events
from hustings.videos.models import Video
from published import published

SEARCH = "/api/v1/search"


def _captions(answer: dict[str, Any]) -> list[str]:
    return [clip["caption"] for clip in answer["clips"]]


def _sweep() -> None:
    for step in jobs.SWEEPS:
        step()


@pytest.fixture
def clips(owner: Author, moderator: Author) -> list[Video]:
    made = [
        published(owner, "Tŷ'r Cyffredin ar y dŵr", language="cy", ago=timedelta(minutes=5)),
        published(owner, "How the budget works #Cyllideb", ago=timedelta(minutes=4)),
        published(moderator, "BUDGETS of the councils", ago=timedelta(minutes=3)),
        published(moderator, "A secret budget", visibility="private", ago=timedelta(minutes=2)),
        published(moderator, "An unlisted budget", visibility="unlisted", ago=timedelta(minutes=1)),
    ]
    _sweep()
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("budget", ["BUDGETS of the councils", "How the budget works #Cyllideb"]),
        ("BUDG", ["BUDGETS of the councils", "How the budget works #Cyllideb"]),
        ("budget wor", ["How the budget works #Cyllideb"]),
        ("budget councils nothing", []),
        ("dwr", ["Tŷ'r Cyffredin ar y dŵr"]),
        ("DŴR", ["Tŷ'r Cyffredin ar y dŵr"]),
        ("tyr", ["Tŷ'r Cyffredin ar y dŵr"]),
        ("tŷ'r", ["Tŷ'r Cyffredin ar y dŵr"]),
        ("#cyllideb", ["How the budget works #Cyllideb"]),
        ("", []),
        ("!!! ---", []),
        ("\" OR * NEAR( ' & | !:* \\", []),
        ("text:budget", []),
    ],
)
def test_clips_are_found_by_their_words(anonymous: Visitor, clips: list[Video], query: str, found: list[str]) -> None:
    assert _captions(anonymous.ask("GET", SEARCH, {"q": query, "kind": "clips"})) == found


def test_people_and_hashtags_are_found_too(anonymous: Visitor, clips: list[Video], stranger: Author) -> None:
    _sweep()
    answer = anonymous.ask("GET", SEARCH, {"q": "sian"})
    assert [(one["handle"], one["name"]) for one in answer["accounts"]] == [("sian", "Siân Hughes")]
    assert answer["accounts"][0]["counts"]["clips"] == 0
    assert anonymous.ask("GET", SEARCH, {"q": "@OLWEN"})["accounts"][0]["handle"] == "olwen"
    assert anonymous.ask("GET", SEARCH, {"q": "#cyll"})["hashtags"] == [{"tag": "cyllideb", "clips": 1}]
    alone = anonymous.ask("GET", SEARCH, {"q": "cyll", "kind": "hashtags"})
    assert (len(alone["hashtags"]), alone["accounts"], alone["clips"]) == (1, [], [])


def test_the_exact_handle_then_official_then_followed(anonymous: Visitor, stranger: Author, settle: Any) -> None:
    people = [person(f"gwen{n}") for n in range(3)]
    exact = person("gwen")
    community.follow(stranger.id, people[2].id)
    accounts.give_official_mark(people[1].id)
    settle()
    answer = anonymous.ask("GET", SEARCH, {"q": "gwen", "kind": "accounts"})
    assert [one["handle"] for one in answer["accounts"]] == [exact.handle, "gwen1", "gwen2", "gwen0"]


def test_the_index_follows_the_news(anonymous: Visitor, owner: Author, settle: Any) -> None:
    clip = published(owner, "A first version")
    events.announce(events.clip_published, clip.pk)
    settle()
    assert _captions(anonymous.ask("GET", SEARCH, {"q": "first"})) == ["A first version"]
    Video.objects.filter(pk=clip.pk).update(caption="Another version")
    events.announce(events.clip_changed, clip.pk)
    settle()
    assert _captions(anonymous.ask("GET", SEARCH, {"q": "first"})) == []
    assert _captions(anonymous.ask("GET", SEARCH, {"q": "another"})) == ["Another version"]
    clip.refresh_from_db()
    clip.delete()
    settle()
    assert not ClipEntry.objects.exists()
    accounts.close(owner.id)
    settle()
    assert not AccountEntry.objects.filter(ref=str(owner.id)).exists()


def test_an_index_that_lags_shows_nothing_that_is_not_public(anonymous: Visitor, clips: list[Video]) -> None:
    # The row is narrowed behind everybody's back: no event, no sweep.
    Video.objects.filter(caption__startswith="BUDGETS").update(visibility="private")
    assert _captions(anonymous.ask("GET", SEARCH, {"q": "budget"})) == ["How the budget works #Cyllideb"]


def test_a_lost_announcement_is_mended(anonymous: Visitor, clips: list[Video], owner: Author) -> None:
    published(owner, "nobody announced this budget")
    assert len(_captions(anonymous.ask("GET", SEARCH, {"q": "budget"}))) == 2
    _sweep()
    _sweep()
    assert _captions(anonymous.ask("GET", SEARCH, {"q": "budget"}))[0] == "nobody announced this budget"


def test_pages_go_on_where_they_ended(anonymous: Visitor, owner: Author) -> None:
    for n in range(30):
        published(owner, f"budget {n}", ago=timedelta(minutes=30 - n))
    _sweep()
    first = anonymous.ask("GET", SEARCH, {"q": "budget"})
    published(owner, "budget new")
    _sweep()
    second = anonymous.ask("GET", SEARCH, {"q": "budget", "cursor": first["next"]})
    assert _captions(first) + _captions(second) == [f"budget {n}" for n in reversed(range(30))]
    assert second["next"] is None
    assert second["accounts"] == second["hashtags"] == []
    anonymous.ask("GET", SEARCH, {"q": "budget", "cursor": "x"}, status=422)


def test_the_blocked_do_not_find_each_other(
    as_stranger: Visitor, as_owner: Visitor, clips: list[Video], stranger: Author, owner: Author
) -> None:
    community.block(owner.id, stranger.id)
    _sweep()
    assert as_stranger.ask("GET", SEARCH, {"q": "olwen"})["accounts"] == []
    assert as_owner.ask("GET", SEARCH, {"q": "sian"})["accounts"] == []
    assert _captions(as_stranger.ask("GET", SEARCH, {"q": "budget"})) == ["BUDGETS of the councils"]


def test_too_long_and_missing_queries(anonymous: Visitor) -> None:
    anonymous.ask("GET", SEARCH, status=422)
    anonymous.ask("GET", SEARCH, {"q": "x" * 201}, status=422)
    anonymous.ask("GET", SEARCH, {"q": "x", "kind": "passwords"}, status=422)
    assert len(finding.terms("a b c d e f g h i j")) == finding.WORDS
