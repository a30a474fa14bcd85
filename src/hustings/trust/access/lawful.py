"""What authorities ask for: the register, its public counts, and a zero that can be proved.

Each request is an entry of the public log when it is recorded and another when it is answered; each month
without one is an entry that says so. Who wants to hide a request must leave a month without either, or
lie in a log that cannot be changed afterwards.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction

from hustings.lib import clock, ids
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.lib.tlog.schemas import count_bucket
from hustings.trust import log, scopes
from hustings.trust.access.models import LawfulMonth, LawfulRequest
from hustings.trust.access.rules import Half, months_between
from hustings.trust.log.models import LogEntry

KINDS = ("user_data", "removal", "preservation", "interception", "emergency", "other")
OUTCOMES = ("received", "complied", "partly_complied", "refused", "challenged", "withdrawn")
AUTHORITIES = ("court", "police", "prosecutor", "regulator", "ministry", "intelligence", "parliament", "other")
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Order:
    """What an authority asks for, as staff record it."""

    order: str
    country: str
    authority: str
    authority_kind: str
    kind: str
    legal_basis: str = ""
    accounts: int = 1

    def faults(self) -> dict[str, str]:
        """What is wrong with it, by field."""
        found = {}
        if not 1 <= len(self.order) <= 120:
            found["order"] = "The authority's own reference, as it stands on the order."
        if not _COUNTRY.fullmatch(self.country):
            found["country"] = "A country's code of two letters, such as GB."
        if not 2 <= len(self.authority) <= 120:
            found["authority"] = "Which authority it is."
        if self.authority_kind not in AUTHORITIES:
            found["authority_kind"] = "Choose what kind of authority it is."
        if self.kind not in KINDS:
            found["kind"] = "Choose what is asked for."
        if len(self.legal_basis) > 80:
            found["legal_basis"] = "80 characters at most."
        if not 0 <= self.accounts <= 10_000_000:
            found["accounts"] = "How many accounts it concerns."
        return found


def record(actor: int, order: Order) -> str:
    """Take an order into the register and the log; its reference here. InvalidInputError names every fault."""
    if faults := order.faults():
        raise InvalidInputError(fields=faults)
    with scopes.service(), transaction.atomic():
        said = _body(order.country, order.kind, "received", order.accounts) | {"authority_kind": order.authority_kind}
        entry, openings = log.append_open(
            "lawful_request", said, secrets={"reference": order.order, "authority": order.authority}
        )
        row = LawfulRequest.objects.create(
            reference=f"LR-{ids.new(8)}",
            order=order.order,
            country=order.country,
            authority=order.authority,
            authority_kind=order.authority_kind,
            kind=order.kind,
            legal_basis=order.legal_basis,
            accounts=order.accounts,
            recorded_by=actor,
            log_entry=entry,
            openings={name: [one.salt, one.value] for name, one in openings.items()},
        )
        return row.reference


def answer(reference: str, outcome: str) -> None:
    """Say what came of a request, once the first one has its place in the log. NotFoundError, InvalidInputError."""
    with scopes.service():
        row = LawfulRequest.objects.filter(reference=reference).first()
        if row is None:
            raise NotFoundError
        if outcome not in OUTCOMES[1:]:
            raise InvalidInputError(fields={"outcome": "Choose what came of it."})
        assert row.log_entry is not None, "entered when it was received"
        received = LogEntry.objects.filter(pk=row.log_entry).values_list("index", flat=True).first()
        if received is None:
            raise InvalidInputError(fields={"outcome": "The entry has no place in the log yet. Try again in a moment."})
        with transaction.atomic():
            if (
                LawfulRequest.objects.filter(pk=row.pk, outcome=row.outcome)
                .exclude(outcome=outcome)
                .update(outcome=outcome, decided_at=clock.now())
            ):
                said = _body(row.country, row.kind, outcome, row.accounts) | {"request_entry": received}
                entry = log.append("lawful_request", said)
                LawfulRequest.objects.filter(pk=row.pk).update(outcome_entry=entry)


def _body(country: str, kind: str, outcome: str, accounts: int) -> dict[str, object]:
    return {"country": country, "request": kind, "outcome": outcome, "accounts": count_bucket(accounts)}


def close_months() -> None:
    """Part of the sweep: each month that is over and had no request gets its entry, once.

    Begins with the month of the log's first entry: before that there was nothing to keep.
    """
    first = LogEntry.objects.order_by("pk").values_list("at", flat=True).first()
    if first is None:
        return
    now = f"{clock.now():%Y-%m}"
    done = set(LawfulMonth.objects.values_list("month", flat=True))
    for month in months_between(f"{first:%Y-%m}", now):
        if month not in done:
            _close(month)


def _close(month: str) -> None:
    count = _of_month(month)
    try:
        with transaction.atomic():
            row = LawfulMonth.objects.create(month=month, requests=count)
            if count == 0:
                said = {"country": "??", "request": "none", "outcome": "none", "accounts": "0", "period": month}
                row.log_entry = log.append("lawful_request", said)
                row.save(update_fields=["log_entry"])
    except IntegrityError:
        return  # another sweep was first


def _of_month(month: str) -> int:
    year, number = map(int, month.split("-"))
    begin = datetime(year, number, 1, tzinfo=clock.now().tzinfo)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=begin.tzinfo)
    return LawfulRequest.objects.filter(recorded_at__gte=begin, recorded_at__lt=end).count()


# --- In public ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """So many requests of one kind from one country with one outcome."""

    country: str
    kind: str
    outcome: str
    requests: int


@dataclass(frozen=True, slots=True)
class Zero:
    """A month without a request, and where the log says so; `index` None: not yet."""

    month: str
    index: int | None


@dataclass(frozen=True, slots=True)
class HalfYear:
    """What is public of half a year. `proved` are its months without a request; `open` those not over yet."""

    half: Half
    counts: tuple[Count, ...]
    zeros: tuple[Zero, ...]

    @property
    def total(self) -> int:
        return sum(count.requests for count in self.counts)


def half_years() -> list[HalfYear]:
    """Every half-year since the log began, newest first. Counts alone: the orders are nobody's to read here."""
    with scopes.service():
        first = LogEntry.objects.order_by("pk").values_list("at", flat=True).first()
        requests = list(LawfulRequest.objects.values_list("recorded_at", "country", "kind", "outcome"))
        months = dict(LawfulMonth.objects.filter(requests=0).values_list("month", "log_entry"))
        indexes = dict(LogEntry.objects.filter(pk__in=[m for m in months.values() if m]).values_list("pk", "index"))
    counted: dict[Half, Counter[tuple[str, str, str]]] = {}
    for at, country, kind, outcome in requests:
        counted.setdefault(Half.of(at.date()), Counter())[country, kind, outcome] += 1
    today = clock.now().date()
    halves = {Half.of(today), *counted, *({Half.of(first.date())} if first else ()), *_of_months(months)}
    return [
        HalfYear(
            half,
            tuple(Count(*key, number) for key, number in sorted(counted.get(half, Counter()).items())),
            tuple(Zero(month, indexes.get(months[month] or 0)) for month in half.months if month in months),
        )
        for half in sorted(halves, key=lambda one: (one.year, one.half), reverse=True)
    ]


def _of_months(months: Mapping[str, object]) -> Iterable[Half]:
    return {Half.of(date.fromisoformat(f"{month}-01")) for month in months}


def register() -> list[LawfulRequest]:
    """The register itself, for the officers' screen, newest first."""
    with scopes.service():
        return list(LawfulRequest.objects.order_by("-recorded_at")[:200])
