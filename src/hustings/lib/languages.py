"""Which language a page is written in. English and Welsh, from the start."""

from datetime import date

LANGUAGES = ("en", "cy")
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "cy": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr",
}


def day(when: date, language: str) -> str:
    """A day as people write it: 4 March 2026, 4 Mawrth 2026."""
    return f"{when.day} {_MONTHS[language].split()[when.month - 1]} {when.year}"


def best(accepted: str, chosen: object = None) -> str:
    """The language to write in: the person's own choice, else what `Accept-Language` likes best, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    liked: list[tuple[float, str]] = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        tag = name.split("-")[0].lower()
        if tag in LANGUAGES:
            liked.append((_weight(weight), tag))
    # `max` takes the first of equals, and equals are meant in their order (RFC 9110, 12.5.4).
    return max(liked, key=lambda pair: pair[0])[1] if liked else LANGUAGES[0]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
