"""The few words that the server itself writes into pages, in both languages; the client has its own."""

from collections.abc import Mapping

LANGUAGES = ("en", "cy")

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "about": "Short videos from the people and bodies that serve you. No account needed to watch.",
        "clip": "A clip by {name}",
        "profile": "{name} (@{handle})",
        "profile_about": "Clips by {name}.",
        "hashtag_about": "Clips about #{tag}.",
        "sound_about": "Clips with the sound “{title}”.",
        "missing": "Page not found",
        "missing_about": "There is nothing at this address. It may have been removed, or the link may be mistyped.",
        "without_script": "This page can do more with JavaScript: play one clip after another, like and comment.",
        "by": "by",
        "more": "More clips",
        "home": "Start",
        "watch_on": "Watch on {site}",
        "following": "Following",
        "search": "Search",
        "upload": "Upload",
        "inbox": "Inbox",
        "settings": "Settings",
        "signin": "Sign in",
        "signup": "Create an account",
        "reset-password": "Choose a new password",
        "verify-email": "Confirm your e-mail address",
        "saved": "Saved",
        "liked": "Liked",
    },
    "cy": {
        "about": "Fideos byr gan y bobl a’r cyrff sy’n eich gwasanaethu. Nid oes angen cyfrif i wylio.",
        "clip": "Clip gan {name}",
        "profile": "{name} (@{handle})",
        "profile_about": "Clipiau gan {name}.",
        "hashtag_about": "Clipiau am #{tag}.",
        "sound_about": "Clipiau â’r sain “{title}”.",
        "missing": "Heb ganfod y dudalen",
        "missing_about": "Does dim yn y cyfeiriad hwn. Efallai ei fod wedi’i dynnu, neu fod y ddolen yn anghywir.",
        "without_script": "Gall y dudalen hon wneud mwy gyda JavaScript: chwarae clipiau’n olynol, hoffi a rhoi sylw.",
        "by": "gan",
        "more": "Rhagor o glipiau",
        "home": "Dechrau",
        "watch_on": "Gwylio ar {site}",
        "following": "Yn dilyn",
        "search": "Chwilio",
        "upload": "Llwytho i fyny",
        "inbox": "Mewnflwch",
        "settings": "Gosodiadau",
        "signin": "Mewngofnodi",
        "signup": "Creu cyfrif",
        "reset-password": "Dewis cyfrinair newydd",
        "verify-email": "Cadarnhau eich cyfeiriad e-bost",
        "saved": "Cadwyd",
        "liked": "Hoffwyd",
    },
}


def word(language: str, key: str, **values: str) -> str:
    """A sentence in a language, with its values filled in."""
    return _WORDS[language][key].format(**values)


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
