"""Pure decisions about handles, names and preferences: no Django, no clock, no database.

Look-alikes. A handle or a name is compared by its *skeleton*: what is left when everything the eye
takes for the same is made the same (after Unicode UTS 39, with what people do on purpose added:
digits for letters, `rn` for `m`, doubled letters, separators).

What is refused, and why not more. A skeleton equal to an organisation's is always refused. Around
an *official* account also: its skeleton dressed with words that claim to be it ("official", "the",
"news", a year) and, from eight letters on, one slip of the finger. `senedd_official` and `the.senedd`
are refused; `senedd_watchers` is not, because people must be able to speak about a public body by
name. Two private people may look alike: nobody is misled about an authority.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from hustings.accounts.lookalikes import MARKS, one_slip
from hustings.accounts.lookalikes import skeleton as _skeleton
from hustings.lib import text

HANDLE_MIN, HANDLE_MAX = 3, 30
ORGANISATIONS_A_DAY = 3  # that one person may found
INVITATION_STANDS = timedelta(days=14)
INVITATIONS_A_DAY = 20  # that one organisation may send

NAME_MAX = 60
BIO_MAX = 300
SKELETON_MAX = 60
NAME_SKELETON_MAX = 200
ONE_SLIP_FROM = 8  # letters; shorter names have honest neighbours one letter away

_HANDLE = re.compile(r"[a-z0-9_.]+", re.ASCII)

# Addresses of the site, and names with which somebody could pose as an authority or as the people
# who run it. The operator may give them; nobody can take them.
RESERVED = frozenset(
    """
    about accessibility account accounts admin administrator administrators allauth anonymous api
    app apps assets atom auth authority blog browser clip clips comment comments community contact
    cookies create deleted developer developers discover docs download embed everyone explore
    favicon federation feed feeds follow following gov government guidelines hashtag hashtags health
    heddlu help helpdesk home hustings inbox info jobs legal live llywodraeth login logout mail
    manifest media minister ministry moderation moderator moderators new news nobody notifications
    null oauth oembed office official organisation organisations owner pages parliament passkey
    passkeys password police postmaster press privacy profile public register report reports robots
    root rss rules safety search security senedd service settings share sign signin signout signup
    sitemap sound sounds staff static status studio support swyddogol system tag tags team teams
    terms transparency trust undefined unknown upload uploads user users verified verify video
    videos watch webauthn webmaster welcome wellknown www you
    """.split()  # noqa: SIM905 - a hundred quoted words are harder to read
) | {"me", "en", "cy", "mp", "mod", "tv"}

# Between separators of a handle: claims to act for the site or to be vouched for by it.
_CLAIMS = frozenset({"admin", "administrator", "hustings", "moderator", "official", "staff", "swyddogol", "verified"})

# Words that, before or after a public body's name, claim to be the body and say nothing else.
_DRESS = """
    account app channel clips cyfrif cymru gov government here hq info its live media my news
    newyddion now office official online page press real service site support swyddogol team the tv
    uk verified video videos wales y yr
""".split()  # noqa: SIM905 - as above


def skeleton(typed: str, limit: int = SKELETON_MAX) -> str:
    """The form in which look-alikes are equal; the argument for it is at the top of this file.

    >>> skeleton("Sened_d.0fficia1") == skeleton("seneddofficial")
    True
    """
    return _skeleton(typed, limit)


def name_skeleton(name: str) -> str:
    """The skeleton of a display name, at the length it is kept."""
    return _skeleton(name, NAME_SKELETON_MAX)


_RESERVED_SKELETONS = frozenset(skeleton(word) for word in RESERVED)
_CLAIM_SKELETONS = frozenset(skeleton(word) for word in _CLAIMS)
_DRESSED = re.compile(f"(?:{'|'.join(sorted({skeleton(word) for word in _DRESS}, key=len, reverse=True))})*")
_NUMBER = re.compile(r"(?<![^\W\d_])\d+|\d+(?![^\W\d_])")  # digits that do not stand inside a word


def misleads(typed: str, official: str) -> bool:
    """Whether `typed` would be taken for the official account or name `official`."""
    theirs = skeleton(official, NAME_SKELETON_MAX)
    if not theirs:
        return False
    # A number at the edge of a word may be a year or stand for a letter: both readings are tried.
    readings = {skeleton(typed, NAME_SKELETON_MAX), skeleton(_NUMBER.sub("", typed), NAME_SKELETON_MAX)}
    return any(_taken_for(ours, theirs) for ours in readings)


def _taken_for(ours: str, theirs: str) -> bool:
    if ours == theirs or (len(theirs) >= ONE_SLIP_FROM and one_slip(ours, theirs)):
        return True
    at = ours.find(theirs)
    while at >= 0:
        if _DRESSED.fullmatch(ours[:at]) and _DRESSED.fullmatch(ours[at + len(theirs) :]):
            return True
        at = ours.find(theirs, at + 1)
    return False


def fold_handle(typed: str) -> str:
    """A handle as it is kept: lower case, without the `@` and the spaces people put around it."""
    return typed.strip().removeprefix("@").lower()


def handle_fault(handle: str, *, trusted: bool = False) -> str | None:
    """What is wrong with the form of a folded handle, as a sentence; None when nothing is.

    `trusted` is for the operator, who may give a reserved word to whom it belongs.
    """
    tests = (
        (HANDLE_MIN <= len(handle) <= HANDLE_MAX, f"A handle has {HANDLE_MIN} to {HANDLE_MAX} characters."),
        (_HANDLE.fullmatch(handle), "A handle is made of the letters a to z, digits, dots and underscores."),
        (".." not in f".{handle}.", "A handle does not begin or end with a dot, nor have two in a row."),
        (any(c.isalpha() for c in handle), "A handle has at least one letter."),
        (trusted or not _is_kept(handle), "This handle is kept for the people it could be mistaken for."),
    )
    return next((sentence for fine, sentence in tests if not fine), None)


def _is_kept(handle: str) -> bool:
    parts = [part for part in re.split(r"[._\d]+", handle) if part]
    return skeleton(handle) in _RESERVED_SKELETONS or any(skeleton(part) in _CLAIM_SKELETONS for part in parts)


def clean_name(typed: str) -> str:
    """A display name as it is kept: composed form, single spaces, nothing invisible."""
    return text.clean(typed, lines=False)


def name_fault(name: str) -> str | None:
    """What is wrong with a cleaned display name, as a sentence; None when nothing is."""
    if not name:
        return "A name has at least one character."
    if len(name) > NAME_MAX:
        return f"A name has at most {NAME_MAX} characters."
    if any(c in MARKS for c in name):
        return "Ticks and seals are left to accounts that were verified."
    return None


def clean_bio(typed: str) -> str:
    """A profile text as it is kept: lines trimmed, at most one empty line in a row, nothing invisible."""
    return text.clean(typed)


def bio_fault(bio: str) -> str | None:
    """What is wrong with a cleaned profile text."""
    return f"This text has at most {BIO_MAX} characters." if len(bio) > BIO_MAX else None


# What a person may set for themselves, and the values each takes; the client knows the defaults.
CHOICES: Mapping[str, tuple[str, ...]] = {"language": ("en", "cy"), "theme": ("auto", "light", "dark")}
# `plain_feed`: what the person watches does not shape their feed, and nothing of it is kept (Article 21 GDPR).
SWITCHES = frozenset({"autoplay", "captions", "data_saver", "hide_counts", "plain_feed", "quiet", "sound"})
MINUTES: Mapping[str, int] = {"break_after_min": 240}  # and the most that makes sense; 0 is never


def preference_faults(changes: Mapping[str, object]) -> dict[str, str]:
    """Every unknown name and wrong value in a change, by name. None is always right: back to the default."""
    faults = {}
    for name, value in changes.items():
        if name in CHOICES:
            fine, sentence = value in CHOICES[name], f"One of: {', '.join(CHOICES[name])}."
        elif name in SWITCHES:
            fine, sentence = isinstance(value, bool), "True or false."
        elif name in MINUTES:
            number = isinstance(value, int) and not isinstance(value, bool)
            fine = number and 0 <= int(str(value)) <= MINUTES[name]
            sentence = f"Whole minutes from 0 to {MINUTES[name]}."
        else:
            fine, sentence = False, "There is no such preference."
        if not fine and value is not None:
            faults[name] = sentence
    return faults


def merge_preferences(kept: Mapping[str, object], changes: Mapping[str, object]) -> dict[str, object]:
    """The preferences after a change. Only what differs from silence is kept: None removes."""
    merged = {**kept, **changes}
    known = CHOICES.keys() | SWITCHES | MINUTES.keys()
    return {name: value for name, value in merged.items() if value is not None and name in known}


def default_preferences(age_band: str) -> dict[str, object]:
    """What a new account starts with: quiet nights for those under 18, who can end them."""
    return {"quiet": True} if age_band in {"13-15", "16-17"} else {}
