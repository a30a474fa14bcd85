"""The few words that the server itself writes into pages, in both languages; the client has its own."""

from collections.abc import Mapping

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "about": "Short videos from the people and bodies that serve you. No account needed to watch.",
        "clip": "A clip by {name}",
        "profile": "{name} (@{handle})",
        "profile_about": "Clips by {name}.",
        "hashtag_about": "Clips about #{tag}.",
        "sound_about": "Clips with the sound “{title}”.",
        "closed": "This account is now closed.",
        "closed_of": "@{handle} is closed",
        "closed_on": "Closed on {day}.",
        "closed_signed": "This notice, signed",
        "closed_receipt": "The receipt of its erasure",
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
        "retry": "Try again",
        "fault_400": "This request could not be understood",
        "fault_400_about": "Go back, reload the page and try again.",
        "fault_403": "You may not do this",
        "fault_403_about": "Ask an owner of the account for the right to do it.",
        "fault_csrf": "This page has been open for too long",
        "fault_csrf_about": "Go back, reload the page and try again. Nothing was changed.",
        "fault_413": "That was too large",
        "fault_413_about": "Send less at once. Nothing was changed.",
        "fault_500": "Something went wrong on our side",
        "fault_500_about": "Nothing you did was wrong. Try again; if it stays, tell the operator what you were doing.",
        "fault_503": "We cannot answer right now",
        "fault_503_about": "Nothing was lost. Try again in a few seconds.",
    },
    "cy": {
        "about": "Fideos byr gan y bobl a’r cyrff sy’n eich gwasanaethu. Nid oes angen cyfrif i wylio.",
        "clip": "Clip gan {name}",
        "profile": "{name} (@{handle})",
        "profile_about": "Clipiau gan {name}.",
        "hashtag_about": "Clipiau am #{tag}.",
        "sound_about": "Clipiau â’r sain “{title}”.",
        "closed": "Mae’r cyfrif hwn bellach wedi’i gau.",
        "closed_of": "Mae @{handle} wedi’i gau",
        "closed_on": "Caewyd ar {day}.",
        "closed_signed": "Yr hysbysiad hwn, wedi’i lofnodi",
        "closed_receipt": "Derbynneb am ei ddileu",
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
        "retry": "Rhowch gynnig arall arni",
        "fault_400": "Nid oedd modd deall y cais hwn",
        "fault_400_about": "Ewch yn ôl, ail-lwythwch y dudalen a rhowch gynnig arall arni.",
        "fault_403": "Chewch chi ddim gwneud hyn",
        "fault_403_about": "Gofynnwch i berchennog y cyfrif am yr hawl i’w wneud.",
        "fault_csrf": "Mae’r dudalen hon wedi bod ar agor yn rhy hir",
        "fault_csrf_about": "Ewch yn ôl, ail-lwythwch y dudalen a rhowch gynnig arall arni. Newidiwyd dim.",
        "fault_413": "Roedd hynny’n rhy fawr",
        "fault_413_about": "Anfonwch lai ar y tro. Newidiwyd dim.",
        "fault_500": "Aeth rhywbeth o’i le ar ein hochr ni",
        "fault_500_about": "Wnaethoch chi ddim o’i le. Rhowch gynnig arall arni; os yw’n para, dywedwch wrth y "
        "gweithredwr beth oeddech chi’n ei wneud.",
        "fault_503": "Allwn ni ddim ateb ar hyn o bryd",
        "fault_503_about": "Chollwyd dim. Rhowch gynnig arall arni mewn ychydig eiliadau.",
    },
}


def word(language: str, key: str, **values: str) -> str:
    """A sentence in a language, with its values filled in."""
    return _WORDS[language][key].format(**values)


def fault(language: str, code: str, status: int) -> dict[str, str]:
    """The words of a page that says what went wrong: by the error's code, else by its status, else in general."""
    known = _WORDS[language]
    if status == 404:
        title, about = "missing", "missing_about"
    else:
        stem = next(stem for stem in (f"fault_{code}", f"fault_{status}", "fault_500") if stem in known)
        title, about = stem, f"{stem}_about"
    return {"title": known[title], "about": known[about], "home": known["home"], "retry": known["retry"]}
