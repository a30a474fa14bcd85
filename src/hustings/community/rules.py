"""Pure decisions of the community: limits and the form of a comment. No Django, no clock, no database."""

from collections.abc import Iterable

from hustings.lib import text
from hustings.lib.errors import InvalidInputError

COMMENT_LENGTH = 500  # characters, after cleaning
COMMENT_LINES = 12  # a comment is not a wall
MUTED_WORDS = 200  # per account
MUTED_WORD_LENGTH = 60
FOLLOWING = 5_000  # accounts one may follow; the feed keeps them in one row
HIDING = 5_000  # accounts one may block, and as many to mute

# Notified of those whom a text names; the others are named but not called.
CALLED_BY_COMMENT = 5
CALLED_BY_CAPTION = 10

# Deeds per account and minute. Far above what a person does, far below what a script would like to.
PER_MINUTE = {
    "comment": 12,
    "follow": 40,
    "like": 120,
    "save": 120,
    "share": 30,
    "hide": 40,  # block and mute
    "words": 20,
}

KEEP_NOTIFICATIONS_DAYS = 90


def comment_text(written: str) -> str:
    """The text of a comment as it is kept; InvalidInputError names what is wrong with it."""
    cleaned = text.clean(written)
    if not cleaned:
        raise InvalidInputError(fields={"text": "Write something first."})
    if len(cleaned) > COMMENT_LENGTH:
        raise InvalidInputError(
            fields={"text": f"A comment has at most {COMMENT_LENGTH} characters; this has {len(cleaned)}."},
            params={"limit": COMMENT_LENGTH},
        )
    if cleaned.count("\n") >= COMMENT_LINES:
        raise InvalidInputError(
            fields={"text": f"A comment has at most {COMMENT_LINES} lines."}, params={"limit": COMMENT_LINES}
        )
    return cleaned


def muted_words(written: Iterable[str]) -> list[str]:
    """Words and phrases as they are kept and compared, each once, in order; empty ones are dropped."""
    words = [word for word in dict.fromkeys(text.phrase(text.clean(one, lines=False)) for one in written) if word]
    if len(words) > MUTED_WORDS:
        raise InvalidInputError(
            fields={"words": f"At most {MUTED_WORDS} words can be muted."}, params={"limit": MUTED_WORDS}
        )
    if any(len(word) > MUTED_WORD_LENGTH for word in words):
        raise InvalidInputError(
            fields={"words": f"A muted word or phrase has at most {MUTED_WORD_LENGTH} characters."},
            params={"limit": MUTED_WORD_LENGTH},
        )
    return words
