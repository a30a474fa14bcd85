"""What the ledger does by itself: tell on the day, close the months, take up what database shells asked for."""

from collections.abc import Callable

from hustings.trust.access import disclosure, lawful, shells

SWEEPS: list[Callable[[], None]] = [shells.take_up, disclosure.disclose_due, lawful.close_months]
