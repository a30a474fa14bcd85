"""The public log's lines about official accounts: when the mark is given, when it is taken, when they close."""

from urllib.parse import urlsplit

from django.conf import settings

from hustings.trust import log


def named(handle: str, name: str) -> dict[str, str]:
    """Which public body, under which handle, where: what both kinds of entry begin with."""
    return {"organisation": name or handle, "handle": handle, "platform": urlsplit(settings.PUBLIC_URL).netloc}


def tell_of_official(handle: str, name: str, *, given: bool) -> None:
    """Enter that an organisation's account became official, or is so no longer; in the caller's transaction."""
    if given:
        log.append("official_account_opened", named(handle, name))
    else:
        log.append("official_account_closed", {**named(handle, name), "reason": "The official mark was taken away."})
