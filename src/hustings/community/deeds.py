"""How a deed is done: the row, the counts and the notifications in one transaction, or nothing.

Rows are locked in one order everywhere (clip's counts, comment, accounts' counts by id, the
notification), so that two deeds never wait for each other in a ring.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import F

from hustings.community.models import AccountCounts, ClipCounts
from hustings.lib.errors import NotFoundError


@contextmanager
def deed() -> Iterator[None]:
    """A transaction in which a thing that vanished meanwhile is NotFoundError, as if it had come later."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        if "foreign key" not in str(fault).lower():
            raise
        raise NotFoundError from fault


def count_clip(video_id: int, **changes: int) -> None:
    """Add to a clip's counts, by name; the row is made when this is the first deed."""
    steps = {name: F(name) + change for name, change in changes.items()}
    if not ClipCounts.objects.filter(pk=video_id).update(**steps):
        ClipCounts.objects.bulk_create([ClipCounts(video_id=video_id)], ignore_conflicts=True)
        ClipCounts.objects.filter(pk=video_id).update(**steps)


def count_account(account_id: int, **changes: int) -> None:
    """Add to an account's counts, by name, as `count_clip` does."""
    steps = {name: F(name) + change for name, change in changes.items()}
    if not AccountCounts.objects.filter(pk=account_id).update(**steps):
        AccountCounts.objects.bulk_create([AccountCounts(account_id=account_id)], ignore_conflicts=True)
        AccountCounts.objects.filter(pk=account_id).update(**steps)


def clip_count(video_id: int, name: str) -> int:
    """One of a clip's counts now."""
    return ClipCounts.objects.filter(pk=video_id).values_list(name, flat=True).first() or 0
