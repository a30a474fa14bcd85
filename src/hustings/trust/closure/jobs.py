"""What wakes closures: a task for each, and a sweep for those whose task was lost or whose rest is over."""

from collections.abc import Callable

from django_tasks import task

from hustings.lib import clock
from hustings.trust.closure import asking, leases, machine
from hustings.trust.closure.models import Closure


@task()
def advance(closure_id: int) -> None:
    """One slice of work; asks for the next one itself."""
    again_s = machine.advance(closure_id)
    if again_s is not None:
        leases.wake(closure_id, again_s)


def wake_sleeping() -> None:
    """Closures that nobody works on and whose time has come: a worker died, a task was lost, a rest is over."""
    now = clock.now()
    waiting = Closure.objects.filter(leases.free(now), leases.unanswered(now)).exclude(
        state__in=(Closure.State.COOLING, Closure.State.RECEIPT)
    )
    for key in list(waiting.values_list("pk", flat=True)):
        leases.wake(key)


SWEEPS: list[Callable[[], None]] = [asking.lock_due, wake_sleeping]
"""Run by every sweep; each is safe to run twice and at once."""
