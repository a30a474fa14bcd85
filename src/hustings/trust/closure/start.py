"""What closing does when a process starts."""

from hustings.trust.closure import health
from hustings.trust.log.panels import register_panel


def ready() -> None:
    """Show on `/trust` how the seventh promise stands."""
    register_panel("7.closing", health.panels)
