"""Pure decisions about closing: what an owner may choose, in which order things happen, when to try again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from hustings.lib import text

WORDS_MAX = 280
LINK_MAX = 200
COOLING_MAX = 30  # days
COMMENTS = ("erase", "anonymise")

# After a failure: half a minute, then twice as long each time, an hour at most.
_FIRST_REST = timedelta(seconds=30)
_LONGEST_REST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Wish:
    """How an owner wants their account closed. `days` of cooling; `archive` is for the public record."""

    days: int = 0
    comments: str = "erase"
    archive: bool = False
    words: str = ""
    link: str = ""


def cleaned(wish: Wish) -> Wish:
    """The wish as it is kept: words without what nobody can see, the link without blanks."""
    return Wish(wish.days, wish.comments, wish.archive, text.clean(wish.words), wish.link.strip())


def faults(wish: Wish) -> dict[str, str]:
    """Every fault of a cleaned wish, by field; empty when there is none."""
    found = {
        "days": "" if 0 <= wish.days <= COOLING_MAX else f"Whole days from 0 to {COOLING_MAX}.",
        "comments": "" if wish.comments in COMMENTS else f"One of: {', '.join(COMMENTS)}.",
        "words": ""
        if len(wish.words) <= WORDS_MAX
        else f"At most {WORDS_MAX} characters; these are {len(wish.words)}.",
        "link": _link_fault(wish.link) if wish.link else "",
    }
    return {name: fault for name, fault in found.items() if fault}


def _link_fault(link: str) -> str:
    """An address that a browser opens over TLS at another place, and that means what it seems to."""
    if len(link) > LINK_MAX:
        return f"At most {LINK_MAX} characters."
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return "This is no web address."
    if parts.scheme != "https":
        return "The link begins with https://."
    plain = link.isascii() and link.isprintable() and not any(c in link for c in " <>\"'\\`{}|^")
    if not plain or "@" in parts.netloc or "." not in (parts.hostname or "").strip(".") or port == 0:
        return "This is no web address that everybody can open."
    return ""


def rest(attempts: int) -> timedelta:
    """How long to leave a closure alone after so many failures in a row."""
    doubled: int = 2 ** max(0, min(attempts, 20) - 1)
    return min(_FIRST_REST * doubled, _LONGEST_REST)


# What share of the way is behind one when a state is reached; erasing takes the most.
_REACHED = {"cooling": 0.0, "locked": 0.03, "archived": 0.06, "erased": 0.9, "verified": 0.97, "receipt": 1.0}


def share_done(state: str, erased: int, to_erase: int) -> float:
    """From 0 to 1. Never goes back within one state, and is 1 only with the receipt."""
    begun = _REACHED[state]
    if state != "archived" or not to_erase:
        return begun
    return begun + (_REACHED["erased"] - begun) * min(1.0, erased / to_erase)


def rounded_up(count: int) -> int:
    """1, 2 or 5 times a power of ten: what the public log says about a person, so that no exact number points at them.

    >>> [rounded_up(n) for n in (0, 1, 3, 7, 12, 480)]
    [0, 1, 5, 10, 20, 500]
    """
    if count <= 0:
        return 0
    power = 1
    while True:
        for step in (1, 2, 5):
            if count <= step * power:
                return step * power
        power *= 10


def said_publicly(kind: str, rows: Mapping[str, Mapping[str, int]], files: Mapping[str, int]) -> dict[str, int]:
    """The counts that the log's entry may carry: of an official account all, of a person two rough ones."""
    if kind != "official":
        return {
            "rows": rounded_up(sum(sum(some.values()) for some in rows.values())),
            "files": rounded_up(sum(files.values())),
        }
    told: dict[str, int] = {}
    for some in rows.values():
        for what, count in some.items():
            told[what] = told.get(what, 0) + count
    for what, count in files.items():
        told[f"file_{what}"] = count
    return {what: count for what, count in sorted(told.items()) if count}
