"""What trust must know about staff. Trust holds ids; accounts, which knows people, tells it how to ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.http import HttpRequest

from hustings.trust.access.rules import Role


@dataclass(frozen=True, slots=True)
class Facts:
    """Of an access: the roles of who looks; of whom they look at, the handle and whether they are under 18.

    `handle` is empty when there is no such account.
    """

    roles: frozenset[Role]
    handle: str
    minor: bool


class Staff(Protocol):
    """How to ask about people who run the service."""

    def roles(self, account_id: int) -> frozenset[Role]:
        """The roles somebody holds now; none for everybody else."""
        ...

    def facts(self, actor: int, subject: int) -> Facts:
        """Both sides of an access, in one query."""
        ...

    def holders(self, role: Role) -> list[int]:
        """Who holds a role."""
        ...

    def strong(self, request: HttpRequest) -> bool:
        """Whether this session was begun with a passkey or a second factor."""
        ...

    def give(self, handle: str, role: str, *, by: int | None = None) -> None:
        """Make a person of the staff; `by` is the operator, None the command line. Refuses as its errors say."""
        ...

    def take(self, handle: str, role: str, *, by: int | None = None) -> None:
        """End a role at once."""
        ...

    def listed(self) -> list[tuple[str, str]]:
        """(handle, role) of everybody who has one."""
        ...

    def tell(self, account_ids: Iterable[int], subject: str, text: str) -> None:
        """Write to people of the staff, where they gave an address and the server can send mail."""
        ...


_staff: Staff | None = None


def register_staff(staff: Staff) -> None:
    """Called once by accounts' AppConfig.ready."""
    global _staff  # noqa: PLW0603 - one port, set once
    _staff = staff


def staff() -> Staff:
    """The registered way to ask."""
    if _staff is None:
        raise RuntimeError("nobody has told trust who the staff are: accounts registers itself when the server starts")
    return _staff
