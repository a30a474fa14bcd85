"""What the community holds about somebody: deeds, comments, relations, and traces in others' lists.

Registered with trust when the server starts; see `trust/holdings.py` for what each method promises.
"""

from collections.abc import Iterator

from hustings.community import exporting, leaving
from hustings.community.records import TABLES
from hustings.trust.api import Choices, Erased, TableHolder


class CommunityHolder(TableHolder):
    """The holder of community: the tables say what is counted and exported, `leaving` how it is undone."""

    corrections = exporting.CORRECTIONS

    def __init__(self) -> None:
        super().__init__("community", tuple(TABLES))

    def documents(self, account_id: int) -> Iterator[tuple[str, object]]:
        return exporting.documents(account_id)

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        return leaving.erase(account_id, choices)
