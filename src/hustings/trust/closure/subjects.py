"""What closing asks of whoever knows accounts. Trust knows none: accounts registers this when the server starts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Subject:
    """An account as closing sees it. `skeleton` is the form in which look-alikes are equal."""

    id: int
    handle: str
    name: str
    organisation: bool
    official: bool
    skeleton: str

    @property
    def kind(self) -> str:
        """A person with the mark is a person: what the log says of public bodies it does not say of people."""
        if not self.organisation:
            return "person"
        return "official" if self.official else "organisation"


class Accounts(Protocol):
    """What only accounts can tell or do."""

    def subject(self, account_id: int) -> Subject | None:
        """The account, also while it is locked; None when there is none."""
        ...

    def refuse_orphans(self, account_id: int) -> None:
        """LastOwnerError, with what to do, when an organisation would be left without an owner."""
        ...

    def lock(self, account_id: int, *, insist: bool = False) -> None:
        """Nobody is signed in as the account any more and nothing of it is shown. In the caller's transaction.

        LastOwnerError as above, unless one insists, as a restore must. Safe to call again.
        """
        ...

    def announce(self, account_id: int) -> None:
        """Tell every domain that the account is locked; raises when one of them fails. Safe to call again."""
        ...

    def known_by(self, account_id: int) -> Iterable[str]:
        """What the account could be recognised by in texts besides its handle: addresses of e-mail."""
        ...


_accounts: Accounts | None = None


def register_accounts(accounts: Accounts) -> None:
    """Called once by accounts' AppConfig.ready."""
    global _accounts  # noqa: PLW0603 - one port, set once
    _accounts = accounts


def accounts() -> Accounts:
    """The registered way to ask."""
    if _accounts is None:
        raise RuntimeError("nobody has told trust how accounts are closed: accounts registers itself at start-up")
    return _accounts
