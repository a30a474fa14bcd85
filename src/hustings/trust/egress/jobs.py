"""What the gate does now and then: counts become rows, old rows go, a changed list becomes an entry of the log."""

from collections.abc import Callable

from hustings.trust.egress import changes, tally


def log_changed_list() -> None:
    """A restart with another list is known to the public log within a sweep."""
    changes.record()


SWEEPS: list[Callable[[], None]] = [tally.flush, tally.forget_old, log_changed_list]
"""Run by every sweep; each is safe to run twice and at once."""
