"""How often somebody may report, without knowing who they are.

A signed-out reporter is counted under a keyed hash of the prefix of their address. The key is made
anew each day and lies in the cache, so that by tomorrow nobody, the operator included, can find out
which address yesterday's counts belonged to.
"""

import hashlib
import hmac
import secrets

from django.core.cache import cache

from hustings.lib import clock
from hustings.lib.errors import TooManyRequestsError

DAY_S = 86_400
HOUR_S = 3600
PER_HOUR = 20


def anonymous_reporter(prefix: str) -> str:
    """Today's name of whoever reports from this prefix of addresses."""
    return hmac.new(_salt(), prefix.encode(), hashlib.sha256).hexdigest()


def _salt() -> bytes:
    name = f"moderation.salt.{clock.now():%Y-%m-%d}"
    # `add` keeps the first of two that are made at once; the other process reads it back.
    cache.add(name, secrets.token_bytes(32), DAY_S)
    salt: bytes = cache.get(name)
    return salt


def count(reporter: str) -> None:
    """Count one report; TooManyRequestsError after twenty within the hour."""
    name = f"moderation.reports.{reporter}.{clock.now():%Y-%m-%dT%H}"
    cache.add(name, 0, HOUR_S)
    if cache.incr(name) > PER_HOUR:
        raise TooManyRequestsError(
            "You have sent many reports within the hour.",
            hint="They are all kept. Wait an hour before you send another.",
            params={"retry_after": HOUR_S - clock.now().minute * 60 - clock.now().second},
        )


def receipt_of(reporter: str, kind: str, ref: str) -> str | None:
    """The receipt that this signed-out reporter got today for the same thing."""
    receipt: str | None = cache.get(_about(reporter, kind, ref))
    return receipt


def remember(reporter: str, kind: str, ref: str, receipt: str) -> None:
    """Answer the same receipt when the button is pressed again today."""
    cache.set(_about(reporter, kind, ref), receipt, DAY_S)


def _about(reporter: str, kind: str, ref: str) -> str:
    return f"moderation.receipt.{reporter}.{kind}.{ref}"
