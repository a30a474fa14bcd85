"""Entries: one spelling, a form for each kind, commitments that say nothing, sentences that cannot do harm."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib.tlog import commitments, describing, entries, welsh
from hustings.lib.tlog.entries import KINDS, encode, parse, say
from hustings.lib.tlog.errors import EntryFormError, WrongOpeningError
from hustings.lib.tlog.schemas import BUCKETS, Schema, count_bucket
from hustings.lib.tlog.words import plain
from lib.tlog.small_log import ACCESS, instant

FORMATS = Path(__file__).parents[3] / "docs" / "formats"
AT = "2026-03-04T05:06:07Z"
EXAMPLES: dict[str, Any] = {
    "token": "a.b-c",
    "hash": "ab" * 32,
    "country": "GB",
    "month": "2026-03",
    "address": "https://www.example.org/",
    "text": "A sentence.",
    "date": "2026-03-04",
    "instant": AT,
    "count": 3,
    "index": 0,
    "yes or no": True,
    "counts": {"videos": 3, "comments": 0},
}
ALL = [(kind, version) for kind, versions in KINDS.items() for version in versions]


def example(schema: Schema, *, whole: bool) -> dict[str, Any]:
    """A body with every field, or with those that are needed alone."""
    body: dict[str, Any] = {}
    for name, field in schema.fields.items():
        if not whole and not field.needed:
            continue
        kind = field.type
        if kind.name == "one of":
            body[name] = kind.schema["enum"][0]
        elif kind.name.startswith("list of"):
            body[name] = [EXAMPLES[kind.name.removeprefix("list of ")]]
        else:
            body[name] = EXAMPLES[kind.name]
    return body


def test_the_kinds_that_were_promised() -> None:
    assert sorted(KINDS) == sorted(
        [
            "access",
            "disclosure_due",
            "lawful_request",
            "moderation_decision",
            "moderation_reversal",
            "closure_receipt",
            "key_erased",
            "ranking_changed",
            "build_deployed",
            "data_map_changed",
            "egress_changed",
            "estate_restriction",
            "exemption",
            "official_account_opened",
            "official_account_closed",
        ]
    )


@pytest.mark.parametrize(("kind", "version"), ALL)
@pytest.mark.parametrize("whole", [True, False])
def test_each_kind_is_written_read_and_said(kind: str, version: int, whole: bool) -> None:
    schema = KINDS[kind][version]
    raw = encode(kind, version, AT, example(schema, whole=whole), {"subject": "cd" * 32} if whole else {})
    entry = parse(raw)
    assert (entry.kind, entry.version, entry.at, entry.known) == (kind, version, AT, True)
    assert entry.commitments == ({"subject": "cd" * 32} if whole else {})
    for language in ("en", "cy"):
        assert say(entry, language).isprintable()
        assert len(say(entry, language)) > 20
    assert say(entry) != say(entry, "cy")


@pytest.mark.parametrize(("kind", "version"), ALL)
def test_no_english_word_of_a_closed_list_is_left_in_a_welsh_sentence(kind: str, version: int) -> None:
    schema = KINDS[kind][version]
    body = example(schema, whole=True)
    for name, field in schema.fields.items():
        for value in field.type.schema["enum"] if field.type.name == "one of" and name in welsh.WORDS else ():
            assert value in welsh.WORDS[name], f"{kind}.{name}"
            said = say(parse(encode(kind, version, AT, {**body, name: value}, {})), "cy")
            assert not re.search(rf"\b{value}\b", said), said


REQUEST = {"country": "GB", "request": "user_data", "outcome": "received", "accounts": "2-5"}


@pytest.mark.parametrize(
    ("kind", "body", "english", "cymraeg"),
    [
        (
            "lawful_request",
            REQUEST,
            "an authority of GB asked for data about people, concerning 2-5 accounts",
            "gofynnodd awdurdod yn GB am y canlynol: data am bobl, nifer y cyfrifon: 2-5",
        ),
        (
            "lawful_request",
            {**REQUEST, "request": "removal", "accounts": "1", "outcome": "refused", "request_entry": 7},
            "the request of entry 7 by an authority of GB for the removal of content, concerning 1 account, was refused",
            "cais cofnod 7 gan awdurdod yn GB (tynnu cynnwys, nifer y cyfrifon: 1): gwrthodwyd",
        ),
        (
            "lawful_request",
            {"country": "??", "request": "none", "outcome": "none", "accounts": "0", "period": "2026-10"},
            "no lawful request came from any authority in 2026-10",
            "ni ddaeth cais cyfreithiol gan unrhyw awdurdod yn 2026-10",
        ),
        (
            "data_map_changed",
            {"map": "ab" * 32, "added": [], "removed": [], "changed": []},
            "the log begins with the data map abababababab",
            "mae'r log yn dechrau gyda'r map data abababababab",
        ),
        (
            "data_map_changed",
            {"map": "ab" * 32, "added": [], "removed": ["a.B.c"], "changed": ["d", "e"], "previous": "cd" * 32},
            "the data map changed to abababababab: 1 field removed, 2 changed",
            "newidiodd y map data i abababababab; meysydd newydd: 0, wedi mynd: 1, wedi newid: 2",
        ),
        (
            "official_account_closed",
            {"organisation": "Cwm", "handle": "cwm", "platform": "a.example", "reason": "The mark was taken away."},
            "@cwm of Cwm on a.example is no longer an official account: The mark was taken away",
            "nid yw @cwm (Cwm) ar a.example yn gyfrif swyddogol mwyach",
        ),
    ],
)
def test_the_sentence_says_which_of_the_things_it_was(
    kind: str, body: dict[str, Any], english: str, cymraeg: str
) -> None:
    entry = parse(encode(kind, 1, AT, body, {}))
    assert (say(entry), say(entry, "cy")) == (english, cymraeg)


@pytest.mark.parametrize(("kind", "version"), ALL)
def test_each_field_of_each_kind_is_held_to_its_type(kind: str, version: int) -> None:
    schema = KINDS[kind][version]
    body = example(schema, whole=True)
    for name, field in schema.fields.items():
        wrongs: list[Any] = [
            None,
            1.5,
            -1,
            "",
            "\x1b[2J",
            "a\nb",
            [],
            {},
            [[]],
            ["a", "a"],
            {"a": "b"},
            {"A": 1},
            "x" * 501,
        ]
        for wrong in wrongs:
            if field.type.fits(wrong):
                assert wrong in ([], {}), f"{field.type.name} takes {wrong!r}"
                continue
            with pytest.raises(EntryFormError) as refusal:
                encode(kind, version, AT, {**body, name: wrong}, {})
            assert any(name in fault for fault in refusal.value.faults)
        if field.needed:
            with pytest.raises(EntryFormError, match=f"“{name}” is missing"):
                encode(kind, version, AT, {key: value for key, value in body.items() if key != name}, {})


def test_all_faults_are_gathered() -> None:
    with pytest.raises(EntryFormError) as refusal:
        encode("access", 1, "yesterday", {**ACCESS, "reason": "curiosity", "mood": "good", "v": 2}, {"Who": "x"})
    assert len(refusal.value.faults) == 5


@pytest.mark.parametrize("at", ["2026-02-30T00:00:00Z", "2026-01-01T00:00:60Z", "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00+00:00", "20260101T000000.123Z", "٢٠٢٦-01-01T00:00:00Z", 5, None])  # fmt: skip
def test_an_instant_has_one_form(at: Any) -> None:
    with pytest.raises(EntryFormError, match="“at”"):
        encode("access", 1, at, ACCESS, {})


RIGHT = encode("access", 1, AT, ACCESS, {"subject": "ab" * 32})


@pytest.mark.parametrize(
    "raw",
    [
        b" " + RIGHT,
        RIGHT + b"\n",
        RIGHT.replace(b":", b": ", 1),
        RIGHT.replace(b'"kind"', b'"\\u006bind"'),
        RIGHT[:-1] + b',"v":1}',
        RIGHT.replace(b'{"at"', b'{"v":1,"at"').replace(b',"v":1}', b"}"),
        RIGHT.replace(b'"v":1', b'"v":1.0'),
    ],
)
def test_another_spelling_is_refused(raw: bytes) -> None:
    assert raw != RIGHT
    with pytest.raises(EntryFormError):
        parse(raw)


@pytest.mark.parametrize(
    "raw",
    [b"", b"null", b"[]", b"1", b'"a"', b"{}", b'{"kind":"access"}', b'{"kind":1,"v":1}', b'{"at":"x","kind":"a","v":1}',
     b'{"at":"2026-03-04T05:06:07Z","kind":"a","v":true}', b'{"at":"2026-03-04T05:06:07Z","kind":"a","v":0}',
     b'{"at":"2026-03-04T05:06:07Z","kind":"A b","v":1}', b'{"at":"2026-03-04T05:06:07Z","commitments":{},"kind":"a","v":1}',
     b"[" * 100_000, b'{"a":' * 5_000, b"\xff", b'{"at":"2026-03-04T05:06:07Z","kind":"a","v":1,"x":NaN}',
     b'{"at":"2026-03-04T05:06:07Z","kind":"a","v":1,"x":"\\ud800"}'],
)  # fmt: skip
def test_what_is_no_entry(raw: bytes) -> None:
    with pytest.raises(EntryFormError):
        parse(raw)


def test_a_deep_unknown_entry_is_refused_not_fatal() -> None:
    deep = b'{"at":"2026-03-04T05:06:07Z","kind":"later","v":1,"x":' + b"[" * 500 + b"]" * 500 + b"}"
    with pytest.raises(EntryFormError):
        parse(deep)


@pytest.mark.parametrize("wrong", [None, {}, [], "x", {"A": "ab" * 32}, {"a": "AB" * 32}, {"a": "ab" * 31}, {"a": "ab" * 31 + "é"},
    {"a": "g" * 64}, {"a": "a" * 64 + "\n"}, {"a": None}, {f"n{number}": "ab" * 32 for number in range(17)}])  # fmt: skip
def test_what_is_no_commitment(wrong: Any) -> None:
    value = {**ACCESS, "kind": "access", "v": 1, "at": AT, "commitments": wrong}
    raw = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    with pytest.raises(EntryFormError, match="commitments"):
        parse(raw)


def test_an_entry_of_a_later_version_is_read_and_said() -> None:
    entry = parse(b'{"at":"2026-03-04T05:06:07Z","kind":"access","v":2,"x":1}')
    assert not entry.known
    assert "version 2" in say(entry)
    with pytest.raises(EntryFormError, match="no kind"):
        encode("access", 2, AT, {}, {})


def test_an_entry_fits_into_a_bundle() -> None:
    many = [f"{number:0>80}" for number in range(500)]
    body = {"map": "ab" * 32, "added": many, "removed": many, "changed": []}
    with pytest.raises(EntryFormError, match="65535"):
        encode("data_map_changed", 1, AT, body, {})


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20))  # fmt: skip
def test_no_value_breaks_it(value: Any) -> None:
    for attempt in (value, {"kind": "access", "v": 1, "at": AT, "commitments": value}, {**ACCESS, "kind": "access", "v": 1, "at": AT, "reason": value}):  # fmt: skip
        try:
            raw = json.dumps(attempt, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        except UnicodeEncodeError:
            continue
        try:
            assert say(parse(raw)).isprintable()
        except EntryFormError:
            continue


@given(st.binary(max_size=200))
def test_no_bytes_break_it(raw: bytes) -> None:
    with pytest.raises(EntryFormError):
        parse(raw)


@given(st.text())
def test_nothing_commands_the_terminal(text: str) -> None:
    assert plain(text).isprintable()


def test_ranges() -> None:
    assert [count_bucket(n) for n in (0, 1, 2, 5, 6, 20, 21, 100, 101, 1000, 1001, 10**9)] == [
        "0",
        "1",
        "2-5",
        "2-5",
        "6-20",
        "6-20",
        "21-100",
        "21-100",
        "101-1000",
        "101-1000",
        "1001+",
        "1001+",
    ]
    assert len(set(BUCKETS)) == 7


# Commitments


def test_a_commitment_is_what_the_description_says() -> None:
    salt = bytes(range(32))
    spelled = b"hustings/commitment/v1\0" + b"\0\6access" + b"\0\7subject" + b"\0\x20" + salt + "Gwen Ŵ".encode()
    assert commitments.commit("access", "subject", salt, "Gwen Ŵ") == sha256(spelled).hexdigest()


@given(st.text(max_size=20), st.text(max_size=20), st.binary(min_size=16, max_size=255), st.text(max_size=50))
def test_only_its_own_opening_opens(kind: str, name: str, salt: bytes, value: str) -> None:
    made = commitments.commit(kind, name, salt, value)
    commitments.check(kind, name, salt, value, made)
    for wrong in ((kind + "x", name, salt, value), (kind, name + "x", salt, value), (kind, name, salt[::-1] + b"x", value),
                  (kind, name, salt, value + "x"), (kind, name, salt[:8], value)):  # fmt: skip
        with pytest.raises(WrongOpeningError, match=name if name.isalnum() else None):
            commitments.check(*wrong, made)


def test_a_short_salt_is_no_salt() -> None:
    with pytest.raises(ValueError, match="salt"):
        commitments.commit("access", "subject", b"short", "x")
    assert len({commitments.fresh_salt() for _ in range(100)}) == 100


# What is published about them


def test_the_description_is_the_one_that_is_published() -> None:
    """`hustings log formats --write docs/formats` after a change."""
    made = describing.files()
    for name, text in made.items():
        assert (FORMATS / name).read_text() == text, f"docs/formats/{name} is not current"
    assert {path.name for path in (FORMATS / "entries").iterdir()} == {
        name.removeprefix("entries/") for name in made if name.startswith("entries/")
    }


@pytest.mark.parametrize(("kind", "version"), ALL)
def test_the_json_schema_agrees_with_the_checker(kind: str, version: int) -> None:
    """Without a validator at hand: the same fields, the same that are needed, and patterns that fit the examples."""
    schema = KINDS[kind][version]
    published = describing.as_json_schema(kind, version, schema)
    assert set(published["properties"]) == {*schema.fields, *entries.ENVELOPE}
    assert set(published["required"]) == {*schema.needed, "kind", "v", "at"}
    assert published["additionalProperties"] is False
    assert json.loads(json.dumps(published)) == published


def test_the_moment_of_the_examples() -> None:
    assert datetime.fromisoformat(instant(1)) == datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
