"""What accounts hold about somebody: the row, the picture, sign-in, sessions, memberships.

Registered with trust when the server starts; see `trust/holdings.py` for what each method promises.
"""

from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256

from django.contrib.sessions.models import Session

from hustings.accounts import avatars, exporting
from hustings.accounts.models import Account
from hustings.accounts.records import TABLES
from hustings.lib import clock
from hustings.trust.api import Choices, Erased, ExportFile, TableHolder, Trace

AT_ONCE = 500


class AccountsHolder(TableHolder):
    """The holder of accounts. It comes last: every other row leads here."""

    corrections = exporting.CORRECTIONS

    def __init__(self) -> None:
        super().__init__("accounts", tuple(TABLES))

    def documents(self, account_id: int) -> Iterator[tuple[str, object]]:
        return exporting.documents(account_id)

    def files(self, account_id: int) -> Iterator[ExportFile]:
        return exporting.files(account_id)

    def traces(self, account_id: int) -> Iterator[Trace]:
        picture = _picture(account_id)
        if picture:
            yield Trace(picture)
            path = avatars.folder() / picture
            if path.exists():
                yield Trace(f"avatars/{picture}", "pictures", sha256(path.read_bytes()).hexdigest())

    def left(self, names: Collection[str]) -> Mapping[str, int]:
        count = sum(avatars.is_there(name.removeprefix("avatars/")) for name in names)
        return {"media store": count} if count else {}

    def clear(self, names: Collection[str]) -> int:
        for name in names:
            avatars.remove(name.removeprefix("avatars/"))
        return len(names)

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        avatars.remove(_picture(account_id))
        # Sessions whose own row is missing from the list of sessions: they name the account inside alone.
        if stray := _sessions(account_id):
            yield Erased("session", Session.objects.filter(pk__in=stray).delete()[0])
        yield from super().erase(account_id, choices)

    def residue(self, account_id: int) -> Mapping[str, int]:
        found = dict(super().residue(account_id))
        if stray := len(_sessions(account_id)):
            found["session"] = found.get("session", 0) + stray
        return found


def _picture(account_id: int) -> str:
    return Account.objects.filter(pk=account_id).values_list("avatar", flat=True).first() or ""


def _sessions(account_id: int) -> list[str]:
    """Keys of sessions in which the account is signed in, by opening each: nothing else says whose they are."""
    rows = Session.objects.filter(expire_date__gt=clock.now()).iterator(chunk_size=2000)
    return [row.session_key for row in rows if row.get_decoded().get("_auth_user_id") == str(account_id)]
