"""What pages do now and then, by themselves."""

from collections.abc import Callable

from hustings.pages.search import keeping

SWEEPS: list[Callable[[], None]] = [keeping.mend]
"""Run by every sweep; safe to run twice and at once."""
