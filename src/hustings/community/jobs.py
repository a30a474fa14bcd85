"""What the community does now and then, by itself."""

from collections.abc import Callable
from datetime import timedelta

from hustings.community import notifications
from hustings.community.models import Pace
from hustings.lib import clock


def forget_paces() -> None:
    """An act of yesterday limits nobody today: the row is not kept."""
    Pace.objects.filter(minute__lt=clock.now() - timedelta(days=1)).delete()


SWEEPS: list[Callable[[], None]] = [notifications.forget_old, forget_paces]
"""Run by every sweep; each is safe to run twice and at once."""
