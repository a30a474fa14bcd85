"""What a log says, counted while it is read: kinds, months, reasons, what is overdue, and the last entries.

Bounded whatever the log holds: a hostile log can make the counts long, never the reader's memory.
"""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from hustings.lib.tlog.entries import KINDS, read
from hustings.lib.tlog.errors import EntryFormError

MOST_NAMED = 100  # faults and steps back in time that are listed; all are counted
MOST_DIFFERENT = 2_000  # different keys in one count
OTHERS = "(others)"


@dataclass(slots=True)
class Span:
    """How many entries of one kind, and when the first and the last came."""

    count: int = 0
    first: str = ""
    last: str = ""

    def add(self, count: int, first: str, last: str) -> None:
        """Count more; `first` and `last` are instants."""
        self.count += count
        self.first = min(filter(None, (self.first, first)), default="")
        self.last = max(self.last, last)


Numbers: TypeAlias = "array[int]"  # the class itself takes no brackets at run time


@dataclass(slots=True)
class Delays:
    """Accesses that a law keeps from the person until a day, and what became of them. Days are ordinals."""

    accesses: Numbers = field(default_factory=lambda: array("Q"))
    days: Numbers = field(default_factory=lambda: array("l"))
    told: Numbers = field(default_factory=lambda: array("Q"))
    withheld: Numbers = field(default_factory=lambda: array("Q"))
    extended: Numbers = field(default_factory=lambda: array("Q"))
    extended_to: Numbers = field(default_factory=lambda: array("l"))

    def add(self, index: int, kind: str, value: Mapping[str, Any]) -> None:
        """Take an access or a disclosure."""
        if kind == "access":
            self.accesses.append(index)
            self.days.append(date.fromisoformat(value["disclose_after"]).toordinal())
        elif value["outcome"] == "disclosed":
            self.told.append(value["access"])
        elif value["outcome"] == "withheld":
            self.withheld.append(value["access"])
        elif "until" in value:
            self.extended.append(value["access"])
            self.extended_to.append(date.fromisoformat(value["until"]).toordinal())

    def merge(self, later: "Delays") -> None:
        """Take what the entries after these said."""
        for name in ("accesses", "days", "told", "withheld", "extended", "extended_to"):
            getattr(self, name).extend(getattr(later, name))

    def overdue(self, today: date) -> list[int]:
        """The accesses whose day has come and of which nobody was told."""
        settled = {*self.told, *self.withheld}
        until = dict(zip(self.extended, self.extended_to, strict=True))
        now = today.toordinal()
        return [
            index
            for index, day in zip(self.accesses, self.days, strict=True)
            if index not in settled and until.get(index, day) < now
        ]


@dataclass(slots=True)
class Telling:
    """What the entries of one stretch of a log say. Stretches are merged in their order."""

    entries: int = 0
    kinds: dict[tuple[str, int], Span] = field(default_factory=dict)
    months: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    break_glass: int = 0
    delays: Delays = field(default_factory=Delays)
    faults: list[tuple[int, str]] = field(default_factory=list)
    fault_count: int = 0
    back: list[int] = field(default_factory=list)
    back_count: int = 0
    # The first well-formed entry and its instant, and the instant of the last one, in the order of the log.
    opened: tuple[int, str] | None = None
    closed: str = ""
    last: list[tuple[int, bytes]] = field(default_factory=list)

    def merge(self, later: "Telling", keep: int) -> None:
        """Take what the entries right after these say. `keep` of the last entries stay whole."""
        if later.opened is not None:
            index, at = later.opened
            if at < self.closed:
                self.back.append(index)
                self.back_count += 1
            self.opened = self.opened or later.opened
            self.closed = later.closed
        self.entries += later.entries
        for kind, span in later.kinds.items():
            known = kind if kind in self.kinds or len(self.kinds) < MOST_DIFFERENT else (OTHERS, 0)
            self.kinds.setdefault(known, Span()).add(span.count, span.first, span.last)
        for mine, theirs in (
            (self.months, later.months),
            (self.reasons, later.reasons),
            (self.requests, later.requests),
        ):
            for key, count in theirs.items():
                mine[key if key in mine or len(mine) < MOST_DIFFERENT else OTHERS] += count
        self.break_glass += later.break_glass
        self.delays.merge(later.delays)
        self.faults = [*self.faults, *later.faults][:MOST_NAMED]
        self.fault_count += later.fault_count
        self.back = sorted({*self.back, *later.back})[:MOST_NAMED]
        self.back_count += later.back_count
        self.last = [*self.last, *later.last][-keep:] if keep else []

    @property
    def unknown(self) -> dict[tuple[str, int], Span]:
        """The kinds and versions that this program does not know."""
        return {kind: span for kind, span in self.kinds.items() if kind[1] not in KINDS.get(kind[0], {})}

    @property
    def first_at(self) -> str:
        """The earliest instant that an entry names; empty when none does."""
        return min((span.first for span in self.kinds.values()), default="")

    @property
    def last_at(self) -> str:
        """The latest instant that an entry names."""
        return max((span.last for span in self.kinds.values()), default="")


def tell(first: int, raws: Sequence[bytes], *, form: bool, keep: int) -> Telling:  # noqa: C901 - one loop, a million times
    """What the entries from index `first` on say. With `form` False they are only counted."""
    told = Telling(entries=len(raws))
    if keep:
        start = max(0, len(raws) - keep)
        told.last = list(enumerate(raws[start:], first + start))
    if not form:
        return told
    kinds, months, before = told.kinds, told.months, ""
    for index, raw in enumerate(raws, first):
        try:
            value, schema = read(raw)
        except EntryFormError as fault:
            told.fault_count += 1
            if len(told.faults) < MOST_NAMED:
                told.faults.append((index, str(fault)))
            continue
        at = value["at"]
        if at < before:
            told.back.append(index)
        elif not before:
            told.opened = (index, at)
        before = at
        months[at[:7]] += 1
        key = (value["kind"], value["v"])
        span = kinds.get(key)
        if span is None:
            kinds[key] = Span(1, at, at)
        else:
            span.count += 1
            if at > span.last:
                span.last = at
            elif at < span.first:
                span.first = at
        if schema is not None:
            _look(told, index, value)
    told.closed = before
    told.back_count = len(told.back)
    return told


def _look(told: Telling, index: int, value: Mapping[str, Any]) -> None:
    kind = value["kind"]
    if kind == "access":
        told.reasons[value["reason"]] += 1
        told.break_glass += value["break_glass"]
        if "disclose_after" in value:
            told.delays.add(index, "access", value)
    elif kind == "disclosure_due":
        told.delays.add(index, "disclosure_due", value)
    elif kind == "lawful_request":
        told.requests[f"{value['country']} {value['request']} {value['outcome']}"] += 1
