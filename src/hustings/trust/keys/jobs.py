"""What keys do now and then, by themselves."""

from collections.abc import Callable

from hustings.trust.keys.people import empty_traces

SWEEPS: list[Callable[[], None]] = [empty_traces]
"""Run by every sweep; each is safe to run twice and at once."""
