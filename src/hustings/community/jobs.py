"""What the community does now and then, by itself. What it forgets in time, `records` says and trust does."""

from collections.abc import Callable

SWEEPS: list[Callable[[], None]] = []
"""Run by every sweep; each is safe to run twice and at once."""
