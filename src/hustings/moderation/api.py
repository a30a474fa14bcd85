"""The front door of moderation: take a report, and say what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.moderation import events, rules
from hustings.moderation.models import Report


@dataclass(frozen=True)
class Standing:
    """What became of a report."""

    state: str
    kind: str
    reason: str
    created_at: datetime


def report(
    kind: str,
    ref: str,
    reason: str,
    *,
    text: str = "",
    moment_s: float | None = None,
    reporter_id: int | None = None,
) -> str:
    """Keep a report and answer its receipt. InvalidInputError names every fault.

    Whether the thing exists is not asked: moderation knows no domain above it, and a report of what
    was just removed is still a report. A signed-in person who reports the same thing again while the
    first report is open gets the first receipt.
    """
    said = rules.clean_text(text)
    faults = rules.faults(kind, ref, reason, said, moment_s, kinds=Report.Kind.values, reasons=Report.Reason.values)
    if faults:
        raise InvalidInputError(fields=faults)
    try:
        with transaction.atomic():
            kept = Report.objects.create(
                kind=kind, ref=ref, reason=reason, text=said, moment_s=moment_s, reporter_id=reporter_id
            )
    except IntegrityError:
        # The open report is there already: the constraint decides, not a look before.
        return (
            Report.objects.filter(kind=kind, ref=ref, reporter=reporter_id, state=Report.State.OPEN)
            .values_list("receipt", flat=True)
            .get()
        )
    transaction.on_commit(lambda: events.reported.send_robust(sender=None, kind=kind, ref=ref, reporter_id=reporter_id))
    return kept.receipt


def standing(receipt: str) -> Standing:
    """What became of the report with this receipt. NotFoundError when there is none."""
    row = Report.objects.filter(receipt=receipt).values_list("state", "kind", "reason", "created_at").first()
    if row is None:
        raise NotFoundError
    return Standing(*row)


def forget_about(kind: str, refs: Iterable[str]) -> int:
    """What was reported is gone for good, with the account it belonged to: so is what was said about it.

    Answers how many reports went. In the caller's transaction.
    """
    return Report.objects.filter(kind=kind, ref__in=list(refs)).delete()[0]
