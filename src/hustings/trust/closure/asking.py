"""Asking for a closure, taking it back, and the lock that ends both."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta

from django.db import IntegrityError, transaction

from hustings.lib import clock, ids
from hustings.lib.errors import HustingsError, InvalidInputError, NotFoundError
from hustings.trust import scopes
from hustings.trust.closure import leases, notices, rules, secrets
from hustings.trust.closure.errors import ClosingAlreadyError, ClosingTooLateError
from hustings.trust.closure.models import Closure
from hustings.trust.closure.rules import Wish
from hustings.trust.closure.subjects import Subject, accounts
from hustings.trust.holdings import holders

log = logging.getLogger(__name__)

State = Closure.State


@dataclass(frozen=True, slots=True)
class Preview:
    """What closing an account would do. `counts` by domain and kind; `stopped_by` is what must be done first."""

    subject: Subject
    counts: Mapping[str, Mapping[str, int]]
    stopped_by: HustingsError | None


def preview(account_id: int) -> Preview:
    """What would happen now. NotFoundError for no such account. Changes nothing."""
    subject = _subject(account_id)
    counts = {holder.name: dict(holder.preview(account_id)) for holder in holders()}
    stopped_by = None
    try:
        accounts().refuse_orphans(account_id)
    except HustingsError as fault:
        stopped_by = fault
    return Preview(subject, {name: found for name, found in counts.items() if found}, stopped_by)


def ask(account_id: int, wish: Wish) -> str:
    """Begin to close an account; the secret under which its owner follows it. The caller has proved who asks.

    Without cooling it is locked when this returns. InvalidInputError names every fault of the wish;
    ClosingAlreadyError; LastOwnerError when an organisation would be left without an owner. Nothing is changed then.
    """
    wish = rules.cleaned(wish)
    faults = rules.faults(wish)
    if faults:
        raise InvalidInputError(fields=faults)
    subject = _subject(account_id)
    secret, now = secrets.new(), clock.now()
    with transaction.atomic():
        accounts().refuse_orphans(account_id)
        try:
            with transaction.atomic():
                closure = Closure.objects.create(
                    secret_sha256=secrets.digest(secret),
                    receipt_to=secrets.public_key(secret),
                    subject=account_id,
                    handle=subject.handle,
                    kind=subject.kind,
                    comments=wish.comments,
                    archive=wish.archive,
                    cooling_days=wish.days,
                    words=wish.words,
                    link=wish.link,
                    asked_at=now,
                    due_at=now + timedelta(days=wish.days),
                )
        except IntegrityError:
            raise ClosingAlreadyError from None
        if not wish.days:
            _lock(closure)
    return secret


def cancel(account_id: int) -> None:
    """Take it back while it is cooling. NotFoundError when nobody asked, ClosingTooLateError once it is locked."""
    with transaction.atomic():
        # The state is read and the row removed in one statement: the lock may come at the same moment.
        if Closure.objects.filter(subject=account_id, state=State.COOLING).delete()[0]:
            return
    if Closure.objects.filter(subject=account_id).exists():
        raise ClosingTooLateError
    raise NotFoundError


def closing(account_id: int) -> Closure | None:
    """The closure of an account that is under way; None when there is none."""
    return Closure.objects.filter(subject=account_id).first()


def closing_on(handles: Iterable[str]) -> dict[str, date]:
    """On which day those of the accounts will be locked that are cooling, by handle. One query."""
    rows = Closure.objects.filter(handle__in=list(handles), state=State.COOLING)
    return {handle: at.astimezone(UTC).date() for handle, at in rows.values_list("handle", "due_at")}


def by_secret(secret: str) -> Closure:
    """The closure that this link leads to: the loader is the lock. NotFoundError."""
    row = None
    if ids.is_id(secret, ids.SECRET_LENGTH):
        row = Closure.objects.filter(secret_sha256=secrets.digest(secret)).first()
    if row is None:
        raise NotFoundError
    return row


def lock_due() -> None:
    """Closures whose cooling is over. Part of the sweep; one that cannot be locked says why and is tried again."""
    due = Closure.objects.filter(leases.free(clock.now()), state=State.COOLING, due_at__lte=clock.now())
    for key in list(due.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                row = Closure.objects.select_for_update().filter(pk=key, state=State.COOLING).first()
                if row is not None:
                    _lock(row)
        except Exception as fault:  # noqa: BLE001 - as in the machine: said on the row, tried again
            leases.failed(key, "lock", fault)


def _lock(closure: Closure) -> None:
    """From now on nobody is signed in, nothing is served, and the notice stands. All of it or nothing."""
    assert closure.subject is not None, "a closure that is cooling has a subject"
    now = clock.now()
    subject = _subject(closure.subject)
    accounts().lock(closure.subject)
    closure.kind, closure.handle = subject.kind, subject.handle
    changed = Closure.objects.filter(pk=closure.pk, state=State.COOLING).update(
        state=State.LOCKED,
        locked_at=now,
        kind=closure.kind,
        handle=closure.handle,
        public=closure.kind == Closure.Kind.OFFICIAL,
        error="",
        attempts=0,
        lease_until=None,
    )
    if not changed:
        raise NotFoundError
    notices.place(subject, closure, now)
    leases.wake(closure.pk)


def _subject(account_id: int) -> Subject:
    with scopes.service():
        found = accounts().subject(account_id)
    if found is None:
        raise NotFoundError
    return found
