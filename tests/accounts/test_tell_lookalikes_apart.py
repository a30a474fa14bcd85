"""What passes for an official account is refused; what speaks about one is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.accounts import rules

LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=20)


@pytest.mark.parametrize(
    "handle",
    [
        "senedd",
        "s.e.n.e.d.d",
        "_senedd_",
        "5enedd",
        "s3n3dd",
        "seneddd",
        "senedd_official",
        "officialsenedd",
        "the.senedd",
        "y_senedd",
        "senedd2026",
        "senedd_2026",
        "2026.senedd",
        "senedd_news_tv",
        "real_senedd_uk",
        "senedd_swyddogol",
    ],
)
def test_taken_for_it(handle: str) -> None:
    assert rules.misleads(handle, "senedd")


@pytest.mark.parametrize(
    "handle",
    [
        "senedd_watchers",
        "friends_of_senedd",
        "no_to_senedd",
        "seneddwatch",
        "sened",
        "seneca",
        "send",
        "senator",
    ],
)
def test_not_taken_for_it(handle: str) -> None:
    # One letter less is what doubling hides, so `sened` is the same; the others are other words.
    assert rules.misleads(handle, "senedd") == (handle == "sened")


@pytest.mark.parametrize(
    ("name", "official"),
    [
        ("Ѕеnеdd Суmru", "Senedd Cymru"),  # Cyrillic letters
        ("Ｓｅｎｅｄｄ Ｃｙｍｒｕ", "Senedd Cymru"),
        ("𝐒𝐞𝐧𝐞𝐝𝐝 𝐂𝐲𝐦𝐫𝐮", "Senedd Cymru"),
        ("Sénedd Cymrû", "Senedd Cymru"),
        ("Senedd\u200dCymru", "Senedd Cymru"),
        ("SENEDD CYMRU (Official)", "Senedd Cymru"),
        ("Sennedd Cyrnru", "Senedd Cymru"),
        ("Senedd Cymur", "Senedd Cymru"),
        ("Ministry 0f Hea1th", "Ministry of Health"),
        ("Minister of Health", "Ministry of Health"),
    ],
)
def test_names_that_pass_for_another(name: str, official: str) -> None:
    # The last one is two letters away: an honest other name.
    assert rules.misleads(name, official) == (name != "Minister of Health")


@given(LETTERS)
def test_everything_passes_for_itself(handle: str) -> None:
    assert rules.misleads(handle, handle)
    assert rules.misleads(handle.upper(), handle)
    assert rules.misleads("_".join(handle), handle)


@given(st.text(max_size=80))
def test_a_skeleton_is_its_own_skeleton_and_never_fails(typed: str) -> None:
    once = rules.skeleton(typed)
    assert len(once) <= rules.SKELETON_MAX
    assert rules.skeleton(once) == once
    rules.name_fault(rules.clean_name(typed))
    rules.bio_fault(rules.clean_bio(typed))


@pytest.mark.parametrize(
    "handle",
    [
        "search",
        "settings",
        "me_me.me",
        "admin",
        "api",
        "adm1n",
        "hustings",
        "x.official",
        "verified_x",
        "0ffice",
    ],
)
def test_reserved(handle: str) -> None:
    kept = rules.handle_fault(handle)
    assert (kept is None) == (handle == "me_me.me")
    assert rules.handle_fault(handle, trusted=True) is None, "the operator gives them to whom they belong to"


@pytest.mark.parametrize("handle", ["mair", "mair.jones_2", "_mair_", "m4ir", "a_b"])
def test_good_handles(handle: str) -> None:
    assert rules.handle_fault(handle) is None


@pytest.mark.parametrize("tick", "✓✔✅🔵")
def test_a_tick_of_ones_own(tick: str) -> None:
    assert rules.name_fault(f"Mair {tick}")
