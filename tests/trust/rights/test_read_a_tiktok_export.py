"""TikTok's exports, old and new, as a stream: posts in full, the rest as numbers, places and devices never."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from hustings.lib.archives.errors import BadArchiveError
from hustings.trust.rights import tiktok
from hustings.trust.rights.matching import is_film, match, moment_in

REF = "7123456789012345678"


def read(value: Any) -> tiktok.Found:
    return tiktok.read([json.dumps(value).encode()])


POST = {
    "Date": "2024-05-01 10:00:00",
    "Link": f"https://www.tiktok.com/@gwen/video/{REF}",
    "Likes": "12",
    "WhoCanView": "Friends",
    "AllowComments": "No",
    "Title": "Ar y traeth #haf",
    "Location": "Aberystwyth",
}


@pytest.mark.parametrize(
    "place",
    [
        lambda posts: {"Post": {"Posts": {"VideoList": posts}}, "Profile": {"x": {}}},
        lambda posts: {"Video": {"Videos": {"VideoList": posts}}, "Profile": {"x": {}}},
        lambda posts: {"Post": {"Posts": {"App": 1233, "VideoList": posts}}, "Comment": {"Comments": {}}},
        lambda posts: {"Activity": {"Videos": {"VideoList": posts}}, "Profile": {"x": {}}},
    ],
)
def test_posts_are_found_under_every_name_they_have_had(place: Any) -> None:
    (post,) = read(place([POST])).posts
    assert post == tiktok.Post(
        REF, datetime(2024, 5, 1, 10, tzinfo=UTC), "Ar y traeth #haf", "followers", comments=False
    )


def test_field_names_of_any_case_and_those_that_are_missing() -> None:
    old = {"date": "2019-01-02 03:04:05 UTC", "link": f"https://www.tiktokv.com/share/video/{REF}/"}
    (post,) = read({"Video": {"Videos": {"VideoList": [old]}}}).posts
    assert (post.ref, post.at) == (REF, datetime(2019, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert (post.title, post.visibility, post.comments) == ("", None, None)


@pytest.mark.parametrize("nothing", ["", "N/A", None, "None"])
def test_what_the_app_writes_for_nothing_is_nothing(nothing: str | None) -> None:
    (post,) = read({"Post": {"Posts": {"VideoList": [POST | {"Title": nothing, "Date": nothing}]}}}).posts
    assert (post.title, post.at) == ("", None)


@pytest.mark.parametrize(
    ("category", "section", "key", "which"),
    [
        ("Your Activity", "Watch History", "VideoList", "watched"),
        ("Activity", "Video Browsing History", "VideoList", "watched"),
        ("Likes and Favorites", "Like List", "ItemFavoriteList", "liked"),
        ("Activity", "Like List", "ItemFavoriteList", "liked"),
        ("Likes and Favorites", "Favorite Videos", "FavoriteVideoList", "saved"),
        ("Activity", "Favorite Videos", "FavoriteVideoList", "saved"),
    ],
)
@pytest.mark.parametrize("lower", [False, True])
def test_what_was_watched_liked_and_saved(category: str, section: str, key: str, which: str, lower: bool) -> None:
    item = {"Date": "2024-05-01 10:00:00", "Link": f"https://www.tiktokv.com/share/video/{REF}/"}
    if lower:
        item = {name.lower(): value for name, value in item.items()}
    found = read({category: {section: {"App": 1, key: [item]}}})
    assert [link.ref for link in getattr(found, which)] == [REF]
    assert not found.ignored


SECRETS = {
    "Your Activity": {
        "Login History": {"LoginHistoryList": [{"Date": "x", "IP": "203.0.113.7", "DeviceModel": "iPhone 99"}] * 7},
        "Most Recent Location Data": {"LocationData": {"Date": "2024", "GpsData": "52.41,-4.08", "LastRegion": "N/A"}},
        "Status": {"Status List": [{"IDFA": "AAAA-BBBB", "GAID": "CCCC"}]},
        "Ad Interests": {"AdInterestCategories": "cars|food"},
        "Off TikTok Activity": {"OffTikTokActivityDataList": [{"Source": "shop.example", "Event": "bought"}] * 3},
        "Searches": {"SearchList": [{"Date": "x", "SearchTerm": "doctor near me"}] * 4},
    },
    "Direct Message": {"Direct Messages": {"ChatHistory": {"Chat History with sam:": [{"Content": "hi"}] * 5}}},
    "TikTok Shop": {"Order History": {"OrderHistories": None}},
    "Profile And Settings": {
        "Profile Info": {
            "ProfileMap": {
                "displayName": "Gwen",
                "bioDescription": "Hello",
                "emailAddress": "gwen@example.org",
                "telephoneNumber": "N/A",
                "birthDate": "01-Jan-2000",
            }
        },
        "Follower": {"FansList": [{"Date": "x", "UserName": "sam"}] * 9},
    },
}


def test_everything_else_is_counted_and_nothing_of_it_is_kept() -> None:
    found = read(SECRETS)
    counted = {section: (group, count) for (group, section), count in found.ignored.items()}
    assert counted == {
        "Login History": ("device", 7),
        "Most Recent Location Data": ("place", 2),
        "Status": ("device", 1),
        "Ad Interests": ("ads", 1),
        "Off TikTok Activity": ("ads", 3),
        "Searches": ("searches", 4),
        "Direct Messages": ("messages", 5),
        "Profile Info": ("profile", 2),
        "Follower": ("people", 9),
    }
    kept = repr(found)
    for secret in ("203.0.113.7", "iPhone", "52.41", "AAAA", "shop.example", "doctor", "gwen@example.org", "sam"):
        assert secret not in kept
    assert (found.name, found.bio) == ("Gwen", "Hello")


def test_where_a_post_was_made_is_counted_and_not_kept() -> None:
    found = read({"Post": {"Posts": {"VideoList": [POST]}}})
    assert found.ignored["place", "Post: Location"] == 1
    assert "Aberystwyth" not in repr(found)


def codes(blocks: list[bytes] | Iterator[bytes]) -> list[str]:
    with pytest.raises(BadArchiveError) as refused:
        tiktok.read(blocks)
    return [fault.code for fault in refused.value.faults]


def test_bad_json_is_a_refusal() -> None:
    good = json.dumps(SECRETS).encode()
    assert codes([good[:-40]]) == ["json"]
    assert codes([b"[1, 2, 3]"]) == ["json"]
    assert codes([b"hello"]) == ["json"]
    assert codes([b""]) == ["json"]
    assert codes([good + b"}"]) == ["json"]


def test_other_encodings_are_named_for_what_they_are() -> None:
    text = json.dumps({"Post": {"Posts": {"VideoList": [POST | {"Title": "tŷ"}]}}}, ensure_ascii=False)
    assert codes([text.encode("utf-16")]) == ["json_encoding"]
    assert codes([text.encode("utf-16-le")]) == ["json_encoding"]
    assert codes([text.encode("cp1252", "replace").replace(b"t?", b"t\xff")]) == ["json_encoding"]
    with_mark = tiktok.read([text.encode("utf-8-sig")])
    assert with_mark.posts[0].title == "tŷ"


def test_depth_is_limited_before_memory_is() -> None:
    deep = b'{"a":' * 100_000
    assert codes([deep]) == ["json_deep"]
    assert codes([b'{"a":' + b"[" * 100_000]) == ["json_deep"]


def test_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktok, "MOST_BYTES", 1000)
    assert codes([b'{"a": "', b"x" * 2000, b'"}']) == ["too_large"]
    monkeypatch.setattr(tiktok, "MOST_POSTS", 3)
    monkeypatch.setattr(tiktok, "MOST_BYTES", 1 << 20)
    assert codes([json.dumps({"Post": {"Posts": {"VideoList": [POST] * 4}}}).encode()]) == ["too_many"]


def test_a_file_of_nothing_but_values_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktok, "MOST_TOKENS", 50)
    assert codes([b'{"Activity": {"Likes": [' + b"1," * 50 + b"1]}}"]) == ["too_many"]


def test_invented_sections_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would have stayed in memory and on the page: a small archive can invent forty million."""
    monkeypatch.setattr(tiktok, "MOST_SECTIONS", 5)
    found = read({"Activity": {f"Section {number}": {"x": "y"} for number in range(100)}, "Profile": {"x": {}}})
    assert len(found.ignored) == 6
    assert sum(found.ignored.values()) == 100


@pytest.mark.parametrize("piece", [b"x" * 100, rb"\"\\" * 25])
def test_one_endless_value_is_refused_before_it_is_whole(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiktok, "LONGEST_STRING", 1000)

    def blocks() -> Iterator[bytes]:
        yield b'{"a": "'
        for _ in range(20):
            yield piece
        pytest.fail("it was still read")

    assert codes(blocks()) == ["too_large"]


def test_a_number_of_too_many_digits_is_no_json() -> None:
    assert codes([b'{"a": {"b": ' + b"9" * 10_000 + b"}}"]) == ["json"]


def test_a_large_export_is_read_as_a_stream() -> None:
    """40 MB of what is not ours costs a few megabytes: nothing of it is kept."""

    def blocks() -> Iterator[bytes]:
        yield b'{"Your Activity": {"Login History": {"LoginHistoryList": ['
        entry = json.dumps({"Date": "2024-05-01 10:00:00", "IP": "203.0.113.7", "DeviceModel": "x" * 300}).encode()
        for number in range(1000):
            yield (b"," if number else b"") + b",".join([entry] * 100)
        yield b"]}}}"

    tracemalloc.start()
    found = tiktok.read(blocks())
    assert tracemalloc.get_traced_memory()[1] < 8 << 20
    tracemalloc.stop()
    assert found.ignored["device", "Login History"] == 100_000


# --- Films and their posts ----------------------------------------------------------------------------

POSTS = [
    {"ref": f"tiktok:{REF}", "at": "2024-05-01T10:00:00+00:00", "caption": "Ar y traeth #haf"},
    {"ref": "", "at": "2024-06-02T11:30:05+00:00", "caption": "Yn y Senedd heddiw"},
    {"ref": "", "at": None, "caption": "Sut i bleidleisio mewn tri cham"},
]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        (f"{REF}.mp4", 0),
        (f"Posts/gwen_{REF}_hd.mp4", 0),
        ("Posts/2024-05-01 10_00_00.mp4", 0),
        ("2024-06-02-11-30-06.mp4", 1),
        ("20240602113005.mov", 1),
        ("Sut i bleidleisio mewn tri ch.mp4", 2),
        ("sut-i-bleidleisio-mewn-tri-cham [x].mp4", 2),
        ("Sut i.mp4", None),
        ("2024-06-02 12_00_00.mp4", None),
        ("71234567890123456789.mp4", None),
        ("holiday.mp4", None),
    ],
)
def test_a_film_finds_its_post_by_number_moment_or_words(name: str, place: int | None) -> None:
    assert match([name], POSTS) == ({} if place is None else {name: place})


def test_two_films_of_one_post_and_two_posts_of_one_moment_are_not_guessed() -> None:
    twins = [{"ref": "", "at": "2024-05-01T10:00:00+00:00", "caption": ""}] * 2
    assert match(["2024-05-01 10_00_00.mp4"], twins) == {}
    assert len(match([f"{REF}.mp4", f"copy of {REF}.mp4"], POSTS)) == 1


def test_of_two_numbers_in_a_name_none_is_chosen_unless_one_alone_is_free() -> None:
    other = "7123456789012345679"
    posts = [{"ref": f"tiktok:{REF}", "at": None, "caption": ""}, {"ref": f"tiktok:{other}", "at": None, "caption": ""}]
    assert match([f"{REF} {other}.mp4"], posts) == {}
    assert match([f"{REF} {other}.mp4", f"{other}.mp4"], posts) == {f"{other}.mp4": 1}
    assert match([f"{other} {REF}.mp4", f"{REF}.mp4"], [posts[0]]) == {f"{REF}.mp4": 0}


def test_words_decide_only_where_one_caption_alone_fits() -> None:
    posts = [
        {"ref": "", "at": None, "caption": "Sut i bleidleisio"},
        {"ref": "", "at": None, "caption": "Sut i bleidleisio mewn tri cham"},
        {"ref": "", "at": "no moment", "caption": "Sut i bleidleisio mewn tri cham ac un naid"},
    ]
    assert match(["Sut i bleidleisio mewn tri cham ac un naid fawr.mp4"], posts) == {}
    assert match(["Sut i bleidleisio mewn pedwar.mp4"], posts) == {"Sut i bleidleisio mewn pedwar.mp4": 0}
    assert match(["Sut i bleidleisio mewn tri cham ac un.mp4"], posts[2:]) == {
        "Sut i bleidleisio mewn tri cham ac un.mp4": 0
    }
    assert match(["sut i bleidleisio.mp4", "sut i bleidleisio mewn pedwar.mp4"], posts[:1]) == {
        "sut i bleidleisio mewn pedwar.mp4": 0
    }


def test_a_post_is_not_compared_with_every_film() -> None:
    """A stranger chooses how many of both there are: 500 films and 50,000 posts took two hours of a request."""
    asked: list[str] = []

    class Post(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            asked.append(key)
            return super().get(key, default)

    posts = [
        Post(ref=f"tiktok:{number:019}", at="2023-01-01T00:00:00+00:00", caption="x" * 50) for number in range(200)
    ]
    assert match([f"no such film {number}.mp4" for number in range(300)], posts) == {}
    assert len(asked) <= 4 * len(posts)


def test_what_is_a_film() -> None:
    assert is_film("a/B.MP4")
    assert not is_film("__MACOSX/a/._B.mp4")
    assert not is_film("a/._B.mp4")
    assert not is_film("a.json")
    assert moment_in("2024-13-45 99_00_00.mp4") is None
