"""What the worker does for exports and imports by itself."""

from collections.abc import Callable

from hustings.trust.rights import exporting, importing

SWEEPS: list[Callable[[], None]] = [
    exporting.wake_lost,
    exporting.remove_orphans,
    importing.wake_lost,
    importing.remove_orphans,
]
