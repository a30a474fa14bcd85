"""What people type: cleaned, folded for comparison, and read for #hashtags and @mentions.

The rules here are the client's too (it turns the same parts of a caption into links); the cases in
`tests/golden/text.json` hold both sides to one reading.
"""

import re
import unicodedata
from collections.abc import Iterable

HASHTAG_LENGTH = 60  # characters, without the sign
HASHTAGS_PER_TEXT = 30  # more is decoration for search, not a description
MENTIONS_PER_TEXT = 20  # each may notify somebody

# The same alphabet as accounts allow for handles.
_MENTION = re.compile(r"@([A-Za-z0-9_](?:[A-Za-z0-9_.]{0,28}[A-Za-z0-9_])?)(?![A-Za-z0-9_@])", re.ASCII)

# Letters that Unicode does not decompose, although people leave the stroke out when they search.
_STROKES = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "’": "'",
    }
)

# Invisible letters: they make empty texts look written and equal names look different.
_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0\ufff9\ufffa\ufffb")
_ZERO_WIDTH_JOINERS = frozenset("\u200c\u200d")
_TAG_BASE = "\U0001f3f4"  # the flags of Wales, Scotland and England are spelled with tag characters after it
_MARKS_IN_A_ROW = 4  # Vietnamese needs two, Thai three; what towers above the line is abuse


def clean(text: str, *, lines: bool = True) -> str:
    """Text as it is stored: composed (NFC), trimmed, without what nobody can see.

    Control characters, direction overrides, invisible letters and towers of accents go; joiners stay
    where scripts and emoji need them. `lines` keeps single line breaks and at most one empty line;
    otherwise all white space is one blank. The result may be empty.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Composed again, because what was removed may have stood between a letter and its accent.
    kept = unicodedata.normalize("NFC", "".join(_visible(text)))
    if not lines:
        return " ".join(kept.split())
    rows = (" ".join(row.split()) for row in kept.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rows)).strip()


def _visible(text: str) -> Iterable[str]:
    before = ""
    marks = 0
    in_flag = False
    for position, char in enumerate(text):
        category = unicodedata.category(char)
        in_flag = char == _TAG_BASE or (in_flag and "\U000e0020" <= char <= "\U000e007f")
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        if category == "Cf":
            wanted = (in_flag and char != _TAG_BASE) or (
                char in _ZERO_WIDTH_JOINERS and _joins(before, text[position + 1 : position + 2])
            )
        elif char in "\n\t" or category in {"Zs", "Zl", "Zp"}:
            wanted = True
        else:
            wanted = category not in {"Cc", "Cs", "Co", "Cn"} and char not in _INVISIBLE and marks <= _MARKS_IN_A_ROW
        if wanted:
            yield "\n" if category in {"Zl", "Zp"} else char
            before = char


def _joins(before: str, after: str) -> bool:
    """Whether a joiner between these two has work to do: inside an emoji or a word of a joining script."""
    return all(
        side and (unicodedata.category(side) in {"So", "Sk", "Lo", "Mn", "Mc"}) and ord(side) > 0x2BF
        for side in (before, after)
    )


def fold(text: str) -> str:
    """The form in which texts are compared: no case, no accents, one blank between words.

    `Tŷ` and `ty` are equal, as are full-width and plain letters. Marks that are part of the letter
    in other scripts (Devanagari vowels, Japanese voicing) stay.
    """
    decomposed = unicodedata.normalize("NFKD", text).casefold().translate(_STROKES)
    bare = "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f")
    return " ".join(unicodedata.normalize("NFKC", bare).split())


def words(text: str) -> list[str]:
    """The words of `text` in order, folded: runs of letters, digits and their marks."""
    return "".join(char if _in_word(char) else " " for char in fold(text).replace("'", "")).split()


def has_phrase(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of the `phrases` (folded by `phrase`) stands in `text` as whole words.

    Muting "bill" does not hide "billion". In scripts that write no blanks, a part of a run matches.
    """
    return has_phrase_in_words(phrase(text), phrases)


def has_phrase_in_words(plain: str, phrases: Iterable[str]) -> bool:
    """`has_phrase` for a text that `phrase` has folded already, where many are looked at."""
    padded = f" {plain} "
    return any(f" {wanted} " in padded or (not _spaced(wanted) and wanted in plain) for wanted in phrases if wanted)


def phrase(text: str) -> str:
    """A muted word or phrase as it is kept and compared; `#tag` and `tag` are the same."""
    return " ".join(words(text))


def hashtag(text: str) -> str | None:
    """One tag as it is compared and stored (lower case, NFKC, no sign); None when it is none.

    Accents stay: in Welsh `#tân` and `#tan` are two words. A tag has a letter, so `#1` is a number.
    """
    name = unicodedata.normalize("NFKC", text.strip().removeprefix("#").removeprefix("＃")).casefold()
    name = unicodedata.normalize("NFC", name)
    if not 1 <= len(name) <= HASHTAG_LENGTH or not all(_in_word(char) for char in name):
        return None
    return name if any(unicodedata.category(char)[0] == "L" for char in name) else None


def hashtags(text: str) -> list[str]:
    """The tags of a text in order, each once, as `hashtag` writes them.

    A sign inside a word or an address (`a#b`, `/page#part`) begins no tag.
    """
    found: dict[str, None] = {}
    position = 0
    while position < len(text) and len(found) < HASHTAGS_PER_TEXT:
        begins = text[position] in "#＃" and (position == 0 or not _sticks(text[position - 1]))
        end = position + 1
        if begins:
            while end < len(text) and _in_word(text[end]):
                end += 1
            name = hashtag(text[position:end])
            if name is not None:
                found[name] = None
        position = end
    return list(found)


def mentions(text: str) -> list[str]:
    """The handles a text names, in order, each once, lower case. An e-mail address names nobody."""
    found: dict[str, None] = {}
    for match in _MENTION.finditer(text):
        if match.start() == 0 or not _sticks(text[match.start() - 1]):
            found[match.group(1).lower()] = None
    return list(found)[:MENTIONS_PER_TEXT]


def _in_word(char: str) -> bool:
    return char == "_" or unicodedata.category(char)[0] in "LMN"


def _sticks(char: str) -> bool:
    return _in_word(char) or char in "&/#＃@."


def _spaced(text: str) -> bool:
    """Whether the script writes blanks between words: not Han, kana, Thai, Lao, Khmer or Burmese."""
    return not any(
        "\u0e00" <= char <= "\u0eff" or "\u1000" <= char <= "\u109f" or "\u1780" <= char <= "\u17ff"
        or "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or char >= "\U00020000"
        for char in text
    )  # fmt: skip
