"""What the map does now and then: forget in time, and tell the public log when the map changed."""

from collections.abc import Callable

from hustings.trust.datamap import changes, retention


def log_changed_map() -> None:
    """A restart with another map is known to the public log within a sweep; a map does not change in between."""
    if not _told["once"]:
        changes.record()
        _told["once"] = True


_told = {"once": False}  # of this process

SWEEPS: list[Callable[[], None]] = [retention.sweep, log_changed_map]
"""Run by every sweep; each is safe to run twice and at once."""
