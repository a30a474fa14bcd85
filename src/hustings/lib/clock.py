"""The one clock, so that tests and retention rules can move it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_read: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731 - replaced as a value by `set_to`


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return _read()


@contextmanager
def set_to(instant: datetime | Callable[[], datetime]) -> Iterator[None]:
    """Hold the clock at `instant` (or read it from a callable) inside the block."""
    global _read  # noqa: PLW0603 - the process has one clock by design
    before = _read
    _read = instant if callable(instant) else lambda: instant
    try:
        yield
    finally:
        _read = before
