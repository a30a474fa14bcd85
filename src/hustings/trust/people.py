"""Who somebody is. Trust knows no accounts, it holds their ids; accounts tells it at start-up how to ask."""

from collections.abc import Iterable
from typing import Protocol

from django.http import HttpRequest

from hustings.lib.errors import SignInNeededError


class People(Protocol):
    """What trust must know about accounts, and no more."""

    def signed_in(self, request: HttpRequest) -> int | None:
        """The account that asks; None for nobody."""
        ...

    def fresh(self, request: HttpRequest) -> bool:
        """Whether who asks has proved within the last minutes that it is them."""
        ...

    def prove(self, request: HttpRequest, password: str) -> bool:
        """Take a password as such a proof, for pages that work without JavaScript; limited in pace."""
        ...

    def by_handle(self, handle: str) -> int:
        """The account shown under a handle, however it is written. NotFoundError when there is none."""
        ...

    def handles(self, ids: Iterable[int]) -> dict[int, str]:
        """Handles of accounts by id, of closing ones too; unknown ids are missing."""
        ...

    def owned(self, person_id: int, handle: str) -> int:
        """The organisation of that handle, for its owners. ForbiddenError for other members, NotFoundError else."""
        ...

    def organisations(self, person_id: int) -> list[str]:
        """Handles of the organisations that a person owns."""
        ...

    def operates(self, person_id: int) -> bool:
        """Whether the person runs this server."""
        ...


_people: People | None = None


def register_people(people: People) -> None:
    """Called once by accounts' AppConfig.ready."""
    global _people  # noqa: PLW0603 - one port, set once
    _people = people


def people() -> People:
    """The registered way to ask."""
    if _people is None:
        raise RuntimeError("nobody has told trust who people are: accounts registers itself when the server starts")
    return _people


def asker(request: HttpRequest) -> int:
    """Who asks, on a page that is for somebody. SignInNeededError for nobody."""
    account_id = people().signed_in(request)
    if account_id is None:
        raise SignInNeededError
    return account_id


def acting(person_id: int, handle: str | None) -> int:
    """The account that a person speaks for: their own, or an organisation that they own."""
    return person_id if not handle else people().owned(person_id, handle)
