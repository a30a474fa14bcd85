"""What trust refuses, and what to do about it."""

from hustings.trust.closure.backup.errors import RestoringError
from hustings.trust.closure.errors import AccountClosedError
from hustings.trust.egress.errors import CellError, EgressFailedError, UndeclaredEgressError
from hustings.trust.keys.errors import CellKeyError, KeyErasedError, SealBrokenError

__all__ = [
    "AccountClosedError",
    "CellError",
    "CellKeyError",
    "EgressFailedError",
    "KeyErasedError",
    "RestoringError",
    "SealBrokenError",
    "UndeclaredEgressError",
]
