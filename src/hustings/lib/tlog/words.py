"""Words for people from values of strangers: whatever a log holds, it cannot command the reader's terminal."""

from collections.abc import Sequence


def plain(text: str, longest: int = 200) -> str:
    """`text` with every character that does not print (escape codes, writing-direction marks) shown as its code."""
    shown = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text[: longest + 1])
    return shown if len(text) <= longest else shown[:longest] + "…"


def many(values: Sequence[str], most: int = 5) -> str:
    """A list in words, cut after `most`."""
    if not values:
        return "nothing"
    named = ", ".join(plain(value) for value in values[:most])
    return named if len(values) <= most else f"{named} and {len(values) - most} more"


def bucket(value: str, one: str, several: str) -> str:
    """A range of `schemas.BUCKETS` with its noun."""
    return f"{value} {one if value == '1' else several}"


def place(country: str) -> str:
    """A country's code as it is shown."""
    return "an unknown country" if country == "??" else country


def number(value: int) -> str:
    """A count with thousands apart."""
    return f"{value:,}"
