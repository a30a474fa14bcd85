"""What rights do when a process starts."""

from hustings.trust.holdings import register
from hustings.trust.rights.holding import TrustHolder


def ready() -> None:
    """Answer for what trust itself holds about people; first registered, so asked last, after every domain."""
    from hustings.trust.access.cases import register_cases
    from hustings.trust.records import TABLES
    from hustings.trust.rights import correcting

    going = tuple(table for table in TABLES if table.erased == "delete" and table.subjects)
    register(TrustHolder(going))
    register_cases(correcting.case)
