"""Identifiers: form, freshness, and what is no identifier."""

from hustings.lib import ids


def test_form() -> None:
    made = {ids.new() for _ in range(1000)}
    assert len(made) == 1000
    assert all(ids.is_id(one) for one in made)
    assert ids.is_id(ids.secret(), ids.SECRET_LENGTH)


def test_what_is_none() -> None:
    for text in ("", "short", "0OIl0OIl0OI", "../etc/passw", "７sXk2mPq9Zt"):
        assert not ids.is_id(text)
