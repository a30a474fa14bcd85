"""Forgetting in time: every promise of the data map that a clock keeps is run from here, by the sweep.

The promise and the job are one object, an `Expiry`: a declared retention cannot be without somebody who
enforces it, and nothing about people is removed by age that the map does not name.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import QuerySet

from hustings.lib import clock
from hustings.lib.records import Expiry
from hustings.trust.datamap.gathering import lines

log = logging.getLogger(__name__)

EVERY_S = 60.0
AT_ONCE = 5_000  # rows of one deletion: a longer one would hold the database
# How much later than promised a row may be met before `overdue` speaks of it: a sweep and a restart.
GRACE = timedelta(minutes=15)


def rules() -> dict[str, Expiry]:
    """Every promise a clock keeps, by its name. Two different ones of one name are a fault of the declarations."""
    found: dict[str, Expiry] = {}
    for line in lines():
        for rule in line.retention.expiries:
            if found.setdefault(rule.name, rule) != rule:
                raise ValueError(f"two rules of retention are called {rule.name}")
    return found


def limit(rule: Expiry) -> timedelta:
    """How old a row of the rule may become, with the operator's settings."""
    return rule.limit(lambda name: float(getattr(settings, name)))


def days(rule: Expiry) -> int:
    """The rule's length in whole days, for the words of the map; shorter ones are 0."""
    return limit(rule).days


def due(rule: Expiry, now: datetime | None = None) -> QuerySet[Any]:
    """The rows whose time is over."""
    before = (now or clock.now()) - limit(rule)
    rows = apps.get_model(rule.model)._base_manager  # noqa: SLF001 - a default manager may hide rows
    found: QuerySet[Any] = rows.filter(**{f"{rule.column}__lt": before}, **rule.where)
    return found


def enforce(rule: Expiry) -> None:
    """Remove what is over. Safe to run twice, at once and to be killed: each chunk is a transaction of its own."""
    if rule.by:
        job_of(rule)(clock.now() - limit(rule))
        return
    rows = due(rule)
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        rows.model._base_manager.filter(pk__in=keys).delete()  # noqa: SLF001 - as above


def job_of(rule: Expiry) -> Callable[[datetime], None]:
    """What a domain does itself, because more goes than rows: called with the moment before which rows are over."""
    module, _, name = rule.by.partition(":")
    job: Callable[[datetime], None] = getattr(import_module(module), name)
    return job


def sweep() -> None:
    """Run every rule, once a minute in each process. One that fails does not keep the others from running."""
    now = time.monotonic()
    if now - _ran["at"] < EVERY_S:
        return
    _ran["at"] = now
    for rule in rules().values():
        try:
            enforce(rule)
        except Exception:
            log.exception("the rule of retention %s failed; it is tried again", rule.name)


_ran = {"at": float("-inf")}  # of this process: monotonic


def overdue() -> Iterator[tuple[str, int]]:
    """(rule, rows) of each promise that is not kept at this moment: the sweep does not run, or cannot."""
    for rule in rules().values():
        if not rule.by and (late := due(rule, clock.now() - GRACE).count()):
            yield rule.name, late
