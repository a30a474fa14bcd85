"""What the log registers when a process loads trust."""

from hustings.trust.egress import declared
from hustings.trust.log import health, witnesses
from hustings.trust.log.panels import register_panel


def ready() -> None:
    """Called once by trust's AppConfig."""
    declared.provide(witnesses.destinations)
    register_panel("5.log", health.panels)
