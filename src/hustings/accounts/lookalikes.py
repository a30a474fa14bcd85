"""The skeleton of a text: the form in which look-alikes are equal (after Unicode UTS 39)."""

import re
import unicodedata

_SEVERAL = {"æ": "ae", "œ": "oe", "ß": "ss"}

# Single characters that look like a Latin letter. NFKD has already undone full-width, mathematical
# and accented letters.
_LETTERS: dict[int, str | int] = {
    **{ord(one): several for one, several in _SEVERAL.items()},
    # Signs. Digits and signs in place of letters; and i, l and 1 are one.
    **str.maketrans(
        "0123456789i!|$@€£¢",
        "olzeasgtbglllsaelc",
    ),
    # Latin. Letters that NFKD leaves alone.
    **str.maketrans(
        "ıȷłøđðħŧƒɑɡɩþʀɴʟᴀʙᴄᴅᴇꜰɢʜɪᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡʏᴢ",
        "ljloddhtfaglprnlabcdefghljkmopstuvwyz",
    ),
    # Cyrillic.
    **str.maketrans(
        "авсԁеёһніїјкморԛгѕтуԝхзьӏпицшщбдляч",
        "abcdeehhlljkmopqrstywxeblnuuwwbanry",
    ),
    # Greek.
    **str.maketrans(
        "αβγδεζηικλμνοπρσςτυχωϲϳ",
        "abydeznlkauvonpoctuxwcj",
    ),
    # Armenian.
    **str.maketrans(
        "օոսհցզաե",
        "onuhgqwt",
    ),
}
_RUN = re.compile(r"(.)\1+")

# Ticks and seals beside a name pass for the verified mark.
MARKS = frozenset("✓✔☑✅🗸🗹🔵🔷☒Ⓥ🏅🎖")


def skeleton(text: str, limit: int) -> str:
    """The form in which look-alikes are equal: letters and digits without case, at most `limit` of them."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).translate(_LETTERS)
    plain = "".join(c for c in plain if c.isalnum())
    plain = plain.replace("rn", "m").replace("vv", "w")
    return _RUN.sub(r"\1", plain)[:limit]


def one_slip(a: str, b: str) -> bool:
    """One letter added, left out, replaced, or two neighbours exchanged (Damerau 1964); equal also counts."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    swapped = len(a) > 1 and len(b) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:]
    return swapped or a[1:] == b or a == b[1:] or a[1:] == b[1:]
