import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib import text

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "text.json").read_text())


@pytest.mark.parametrize(("written", "tags"), GOLDEN["hashtags"])
def test_hashtags_are_read_as_the_client_reads_them(written: str, tags: list[str]) -> None:
    assert text.hashtags(written) == tags


@pytest.mark.parametrize(("written", "handles"), GOLDEN["mentions"])
def test_mentions_are_read_as_the_client_reads_them(written: str, handles: list[str]) -> None:
    assert text.mentions(written) == handles


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("  plain  ", "plain"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("one\r\n\r\n\r\n\r\ntwo \t three", "one\n\ntwo three"),
        ("zero\u200bwidth\u2060\ufeff and\u00ad soft", "zerowidth and soft"),
        ("left\u202eright\u202c\u2066x\u2069", "leftrightx"),
        ("\u3164\u2800\u200d \u115f", ""),
        ("e\u0301", "é"),
        ("z" + "\u0337" * 30, "z" + "\u0337" * 4),
        ("family 👩\u200d👩\u200d👧", "family 👩\u200d👩\u200d👧"),
        ("پارلمان می\u200cخواهد", "پارلمان می\u200cخواهد"),
        ("a\u200db\u200cc", "abc"),
        (
            "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f Cymru",
            "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f Cymru",
        ),
        ("hidden \U000e0041\U000e0042 tags", "hidden tags"),
        ("\ud800broken", "broken"),
        ("ice ❄\ufe0f 1\ufe0f\u20e3", "ice ❄\ufe0f 1\ufe0f\u20e3"),
    ],
)
def test_what_nobody_can_see_is_removed(written: str, stored: str) -> None:
    assert text.clean(written) == stored


def test_a_single_line_has_single_blanks() -> None:
    assert text.clean(" a\n\n b\u2028c ", lines=False) == "a b c"


@given(st.text())
def test_cleaning_and_folding_twice_changes_nothing_more(written: str) -> None:
    once = text.clean(written)
    assert text.clean(once) == once
    assert text.fold(text.fold(written)) == text.fold(written)


@given(st.text(), st.text())
def test_reading_never_fails_and_tags_are_stable(before: str, after: str) -> None:
    for tag in text.hashtags(f"{before} #{after}"):
        assert text.hashtag(tag) == tag
    text.mentions(f"{before} @{after}")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Tŷ Newydd", "ty newydd"),
        ("dŵr", "DWR"),
        ("ŵŷâêîôûáéïö", "wyaeiouaeio"),
        ("Straße", "STRASSE"),
        ("Ørsted", "orsted"),
        ("ﬁne", "FINE"),
        ("i̇stanbul", "istanbul"),
    ],
)
def test_accents_and_case_fold_both_ways(left: str, right: str) -> None:
    assert text.fold(left) == text.fold(right)


def test_other_scripts_keep_their_marks() -> None:
    assert text.fold("が") != text.fold("か")
    assert text.fold("की") != text.fold("क")
    assert text.fold("한국") == "한국"


@pytest.mark.parametrize(
    ("written", "muted", "hidden"),
    [
        ("The Bill is read", "bill", True),
        ("a billion", "bill", False),
        ("Tŷ'r Cyffredin", "ty", False),
        ("yn y Tŷ heddiw", "ty", True),
        ("#Budget2026 today", "#budget2026", True),
        ("general   election, now", "General Election", True),
        ("generally an election", "general election", False),
        ("今日の議会です", "議会", True),
        ("anything", "", False),
    ],
)
def test_muted_words_are_whole_words(written: str, muted: str, hidden: bool) -> None:
    assert text.has_phrase(written, [text.phrase(muted)]) is hidden
