"""After a restore: accounts that were closed since the backup was made are closed again, before anything is served.

The restored database knows nothing of those closures. The journal beside it does (see `journal`), and so does the
public log. Here each account is locked, erased and looked for once more, at once and in this process; its notice is put
back as it was signed. There is no second receipt: the first one goes on to be true.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from django.db import transaction

from hustings.trust import keys, scopes
from hustings.trust.closure import journal, sweeping
from hustings.trust.closure.journal import Closed
from hustings.trust.closure.models import ClosedAccount, Closure
from hustings.trust.closure.subjects import accounts
from hustings.trust.holdings import Choices, Traced, holders
from hustings.trust.log import forget as forget_openings


@dataclass(frozen=True, slots=True)
class Replayed:
    """One account that was closed again. `left` is what a sweep still finds, by place; it must be empty to serve."""

    subject: int
    was_there: bool
    left: Mapping[str, int]


def closed_since() -> list[int]:
    """Every account that the journal says was closed: what a restore hands to `replay`."""
    return [closed.subject for closed in journal.every()]


def replay(subjects: Iterable[int]) -> Iterator[Replayed]:
    """Close each of these accounts again, organisations first. Safe to repeat, and for accounts that are not there.

    Outside a transaction: each chunk is one of its own. Raises what a domain that cannot erase raises.
    """
    with scopes.service():
        every = sorted(set(subjects), key=lambda subject: (not _is_organisation(subject), subject))
    for subject in every:
        with scopes.service():
            yield _replay(subject)


def _is_organisation(subject: int) -> bool:
    found = accounts().subject(subject)
    return found is not None and found.organisation


def _replay(subject: int) -> Replayed:
    account, closed = accounts().subject(subject), journal.of(subject)
    if closed is not None:
        _put_back(closed)
    handle = account.handle if account else closed.handle if closed else ""
    names: dict[str, list[str]] = {}
    known_by: list[str] = []
    if account is not None:
        known_by = sorted(accounts().known_by(subject))
        with transaction.atomic():
            accounts().lock(subject, insist=True)
    for holder in holders():
        if isinstance(holder, Traced):
            names[holder.name] = [trace.name for trace in holder.traces(subject)]
    for holder in holders():
        for _ in holder.erase(subject, Choices()):
            pass
    with transaction.atomic():
        # What was asked for when the backup was made is done.
        Closure.objects.filter(subject=subject).delete()
        forget_openings(subject)
        keys.erase_key(subject)
    swept = sweeping.sweep(subject, handle, names=names, known_by=known_by, beat=_no_beat)
    return Replayed(subject, account is not None, swept.found)


def _put_back(closed: Closed) -> None:
    """The notice, byte for byte: its signature is over what people have read."""
    values = {name: value for name, value in asdict(closed).items() if name not in {"subject", "handle", "closed_at"}}
    ClosedAccount.objects.update_or_create(handle=closed.handle, defaults={**values, "closed_at": closed.at})


def _no_beat() -> None:
    """Nobody else works on it: the server is not running yet."""
