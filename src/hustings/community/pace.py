"""How often an account may act: a fixed window of one minute, held in the database.

In the database, because several processes answer one person; in one row per act, because a log of
deeds would be a record about a person that nobody needs.
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from hustings.community.models import Pace
from hustings.community.rules import PER_MINUTE
from hustings.lib import clock
from hustings.lib.errors import TooManyRequestsError


def take(account_id: int, act: str) -> None:
    """Count one `act`; TooManyRequestsError with `retry_after` in seconds when the minute is full."""
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    row = Pace.objects.filter(account_id=account_id, act=act)
    # The usual case is one statement. Any other minute is over, also one that lies ahead: clocks go back.
    if row.filter(minute=minute, count__lt=PER_MINUTE[act]).update(count=F("count") + 1):
        return
    if row.exclude(minute=minute).update(minute=minute, count=1):
        return
    try:
        with transaction.atomic():
            Pace.objects.create(account_id=account_id, act=act, minute=minute)
    except IntegrityError:
        # The row is there: either somebody made it this instant, or the minute is full.
        if row.filter(count__lt=PER_MINUTE[act]).update(count=F("count") + 1):
            return
        wait = int((minute + timedelta(minutes=1) - now).total_seconds()) + 1
        raise TooManyRequestsError(params={"retry_after": wait}) from None
