"""What the sweep does for accounts: erase what is closed, forget what is over. Safe to run twice."""

from collections.abc import Callable
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from hustings.accounts import closing

HOUR = 3600


def forget_expired() -> None:
    """Sessions and limits that are over, once an hour: an expired row is of no use, yet kept."""
    if not cache.add("accounts.forget_expired", "done", HOUR):
        return
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    _forget_limits()


def _forget_limits() -> None:
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    now = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
    with connection.cursor() as cursor:
        # Django's database cache has no call for this; the table's name is ours, from the settings.
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608


SWEEPS: list[Callable[[], None]] = [closing.erase_locked, forget_expired]
