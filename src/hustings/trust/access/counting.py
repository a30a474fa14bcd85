"""What is public of the ledger: how often staff looked, why, from which countries, and what is overdue."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncMonth

from hustings.lib import clock
from hustings.trust import scopes
from hustings.trust.access import approvals, disclosure
from hustings.trust.access.models import AccessEntry
from hustings.trust.log.panels import Panel

YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Tally:
    """So many looks with one value of something."""

    name: str
    looks: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A year of looks, as anybody may see them."""

    total: int
    months: tuple[Tally, ...]
    reasons: tuple[Tally, ...]
    roles: tuple[Tally, ...]
    physical: tuple[Tally, ...]  # where those who looked were
    offices: tuple[Tally, ...]
    break_glass: int
    unreviewed: int
    overdue_reviews: int
    unjustified: int
    delayed: int
    overdue_disclosures: int


def picture() -> Picture:
    """Counts over the last year, and what is overdue now. Nobody can be found in it."""
    with scopes.service():
        rows = AccessEntry.objects.filter(started_at__gt=clock.now() - YEAR)
        counted = {
            name: Counter(dict(rows.order_by().values_list(name).annotate(Count("pk"))))
            for name in ("reason", "role", "physical_country", "office_country")
        }
        by_month: dict[datetime, int] = dict(
            rows.order_by().annotate(month=TruncMonth("started_at")).values_list("month").annotate(Count("pk"))
        )
        reviews, delays = approvals.review_counts(), disclosure.counts()
    return Picture(
        sum(counted["reason"].values()),
        tuple(Tally(f"{month:%Y-%m}", number) for month, number in sorted(by_month.items(), reverse=True)),
        _most(counted["reason"]),
        _most(counted["role"]),
        _most(counted["physical_country"]),
        _most(counted["office_country"]),
        reviews["all"],
        reviews["waiting"],
        reviews["overdue"],
        reviews["unjustified"],
        delays["delayed"],
        delays["overdue"],
    )


def _most(counts: Counter[str]) -> tuple[Tally, ...]:
    return tuple(Tally(name, number) for name, number in counts.most_common() if name)


def panels() -> list[Panel]:
    """Under the fifth promise of `/trust`: how often, and what is overdue."""
    seen = picture()
    lines = [Panel(5, "trust.access.panel_looks", {"looks": seen.total}, link="/trust/looks")]
    if seen.break_glass:
        values = {"count": seen.break_glass, "waiting": seen.unreviewed}
        lines.append(Panel(5, "trust.access.panel_glass", values, link="/trust/looks"))
    if seen.overdue_reviews:
        lines.append(Panel(5, "trust.access.panel_unreviewed", {"count": seen.overdue_reviews}, True, "/trust/looks"))
    if seen.overdue_disclosures:
        lines.append(Panel(5, "trust.access.panel_untold", {"count": seen.overdue_disclosures}, True, "/trust/looks"))
    return lines
