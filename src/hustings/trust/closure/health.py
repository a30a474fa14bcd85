"""What the operator and staff see of closures: how far each is, and what stands in its way.

No handle, no name: who is leaving is no more the operator's business than the step that fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from hustings.lib import clock
from hustings.trust import scopes
from hustings.trust.closure import rules
from hustings.trust.closure.models import Closure
from hustings.trust.log.health import Finding
from hustings.trust.log.panels import Panel

State = Closure.State
SLOW = timedelta(hours=1)  # a closure takes minutes; longer means that no worker runs or that something is in its way
SAID = 3  # failures in a row after which it is no hiccup


@dataclass(frozen=True, slots=True)
class Standing:
    """One closure under way. `share` from 0 to 1; `error` names the step and the kind of fault, never whom."""

    public_id: str
    kind: str
    state: str
    share: float
    locked_at: datetime | None
    due_at: datetime
    attempts: int
    error: str
    error_at: datetime | None
    findings: dict[str, int]


def under_way() -> list[Standing]:
    """Every closure that is not finished, those with trouble first."""
    with scopes.service():
        rows = Closure.objects.exclude(state=State.RECEIPT).order_by("-attempts", "asked_at")
        return [
            Standing(
                row.public_id,
                row.kind,
                row.state,
                rules.share_done(row.state, row.erased, row.to_erase),
                row.locked_at,
                row.due_at,
                row.attempts,
                row.error,
                row.error_at,
                row.findings,
            )
            for row in rows
        ]


def findings() -> Iterator[Finding]:
    """For `hustings check`: bad when something keeps an account from being erased."""
    every = under_way()
    for one in every:
        if one.attempts:
            yield Finding(
                bad=one.attempts >= SAID,
                message=f"closure {one.public_id} ({one.state}) failed {one.attempts} times: {one.error}",
                hint="It is tried again by itself, once an hour at the latest. What was erased stays erased.",
            )
        elif one.locked_at is not None and one.locked_at < clock.now() - SLOW:
            yield Finding(
                bad=True,
                message=f"closure {one.public_id} has not ended since {one.locked_at:%Y-%m-%d %H:%M} UTC",
                hint="Start `hustings worker`.",
            )
    if not any(one.attempts for one in every):
        cooling = sum(one.state == State.COOLING for one in every)
        yield Finding(bad=False, message=f"{len(every) - cooling} accounts being erased, {cooling} cooling")


def panels() -> Iterator[Panel]:
    """For `/trust`, under the seventh promise: how many were closed, and whether anything is in the way."""
    closed = Closure.objects.filter(state=State.RECEIPT).count()
    yield Panel(7, "trust.closing.panel", {"closed": closed})
    stuck = Closure.objects.filter(attempts__gte=SAID).exclude(state=State.RECEIPT).count()
    if stuck:
        yield Panel(7, "trust.closing.panel_stuck", {"stuck": stuck}, bad=True)
