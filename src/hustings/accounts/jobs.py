"""What the sweep does for accounts: forget what is over. Safe to run twice."""

from collections.abc import Callable
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection


def forget_listed_sessions(before: datetime) -> None:
    """Entries in the list of sessions whose session is gone. One made since `before` may not have its session yet."""
    gone = UserSession.objects.filter(created_at__lt=before).exclude(
        session_key__in=Session.objects.values("session_key")
    )
    gone.delete()


def forget_limits(before: datetime) -> None:
    """Limits that are over: an expired row is of no use, yet kept."""
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    moment = connection.ops.adapt_datetimefield_value(before.replace(microsecond=0))
    with connection.cursor() as cursor:
        # Django's database cache has no call for this; the table's name is ours, from the settings.
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [moment])  # noqa: S608


SWEEPS: list[Callable[[], None]] = []
