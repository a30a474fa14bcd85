"""Moving a closure on, state by state, in slices: killed anywhere, the next slice goes on from the row.

    cooling ──► locked ──► archived ──► erased ──► verified ──► receipt
                  │           ▲            │
                  │           └────────────┘  the sweep still found something: erased again, after a rest
                  └ inventory: what the sweep must look for, and the hashes of files, before anything goes

Each chunk of erasing is one transaction: what a holder removes, what the receipt will say about it, and the lease
that shows whose turn it is. So a kill loses a chunk or nothing, and nothing is counted twice.
"""

import logging
import time
from collections.abc import Callable

from django.db import transaction
from django.db.models import F

from hustings.lib import clock
from hustings.trust import keys
from hustings.trust.closure import archiving, bytesweep, journal, leases, notices, receipting, sweeping
from hustings.trust.closure.errors import LeftOverError
from hustings.trust.closure.leases import LeaseLostError
from hustings.trust.closure.models import ClosedAccount, Closure, ClosureRecord
from hustings.trust.closure.subjects import accounts
from hustings.trust.closure.working import Working, forget, opened, sealed
from hustings.trust.holdings import Choices, Erased, Holder, Traced, holders
from hustings.trust.log import forget as forget_openings
from hustings.trust.log.errors import NotSequencedYetError

log = logging.getLogger(__name__)

State = Closure.State
SLICE_S = 8.0  # of one task: the quick worker has other things to do in between
SOON_S = 1.0  # until the log's next checkpoint


class _Pause(Exception):  # noqa: N818 - it is no error
    """The slice is over, or something outside is waited for; no failure."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        super().__init__()


class Turn:
    """One slice of work on one closure, by the holder of its lease."""

    def __init__(self, closure_id: int, key: str, slice_s: float) -> None:
        self.key = key
        self.until = time.monotonic() + slice_s
        self.step = "claim"
        self.row = Closure.objects.get(pk=closure_id)

    def beat(self, **values: object) -> None:
        """Change the row, if it is still ours, and see what it is now."""
        leases.beat(self.row.pk, self.key, **values)
        for name, value in values.items():
            setattr(self.row, name, value)

    def begin(self, step: str) -> None:
        """The step before is done: if it was the one that failed last time, that is over now."""
        if self.row.error.startswith(f"{self.step}: "):
            self.beat(error="", attempts=0)
        self.step = step

    def rest_if_late(self) -> None:
        if time.monotonic() >= self.until:
            raise _Pause

    @property
    def subject(self) -> int:
        assert self.row.subject is not None, "a closure has a subject until its receipt"
        return self.row.subject


def advance(closure_id: int, slice_s: float = SLICE_S) -> float | None:
    """Work on a closure for a while. In how many seconds to come again; None when there is nothing to come for."""
    key = leases.claim(closure_id)
    if key is None:
        return None
    turn = Turn(closure_id, key, slice_s)
    try:
        bytesweep.overwrite_deleted()
        while turn.row.state != State.RECEIPT:
            _STEPS[State(turn.row.state)](turn)
    except _Pause as pause:
        leases.give_back(closure_id, key)
        return pause.seconds
    except NotSequencedYetError:
        leases.give_back(closure_id, key)
        return SOON_S
    except LeaseLostError:
        log.info("closure %s: another worker has it", closure_id)
        return None
    except Exception as fault:  # noqa: BLE001 - whatever failed is said on the row and tried again
        leases.failed(closure_id, turn.step, fault)
        return None
    leases.give_back(closure_id, key)
    return None


# --- locked → archived -------------------------------------------------------------------------------


def _after_lock(turn: Turn) -> None:
    """Everybody is told for certain, the journal knows, what there is is listed; then the package is made."""
    turn.begin("announce")
    accounts().announce(turn.subject)
    notice = ClosedAccount.objects.get(handle=turn.row.handle)
    turn.begin("journal")
    journal.write(_closed(turn.subject, notice))
    if turn.row.working is None:
        turn.begin("inventory")
        _take_stock(turn)
    turn.begin("archive")
    if turn.row.archive and turn.row.archived is None:
        archived = archiving.make(turn.subject, turn.row, beat=turn.beat, late=turn.rest_if_late)
        turn.beat(archived=archived)
    turn.beat(state=State.ARCHIVED, attempts=0, error="", step="")


def _closed(subject: int, notice: ClosedAccount) -> journal.Closed:
    return journal.Closed(
        subject,
        notice.handle,
        notice.skeleton,
        notice.name,
        notice.kind,
        notice.words,
        notice.link,
        notice.closed_at.isoformat(),
        notice.note,
        notice.receipt,
    )


def _take_stock(turn: Turn) -> None:
    """List every file with its hash, and every name by which something left behind would be recognised.

    One transaction at its end: killed before, it is done anew, for nothing has been erased yet.
    """
    names: dict[str, list[str]] = {}
    hashes: dict[tuple[str, str], list[str]] = {}
    expected = 0
    for holder in holders():
        expected += sum(holder.preview(turn.subject).values())
        if isinstance(holder, Traced):
            for number, trace in enumerate(holder.traces(turn.subject)):
                names.setdefault(holder.name, []).append(trace.name)
                if trace.what:
                    hashes.setdefault((holder.name, trace.what), []).append(trace.sha256)
                if number % 200 == 0:
                    turn.beat()
    with transaction.atomic():
        ClosureRecord.objects.filter(closure=turn.row.pk).delete()
        ClosureRecord.objects.bulk_create(
            ClosureRecord(closure=turn.row, holder=holder, what=what, count=len(some), sha256=_packed(some))
            for (holder, what), some in sorted(hashes.items())
        )
        working = Working(names=names, known_by=sorted(accounts().known_by(turn.subject)))
        turn.beat(working=sealed(turn.row, working), to_erase=expected)


def _packed(hashes: list[str]) -> bytes:
    return b"".join(bytes.fromhex(one) for one in hashes)


# --- archived → erased -------------------------------------------------------------------------------


def _erase(turn: Turn) -> None:
    """Each domain in turn, those above before what they point at; then trust's own: openings and the key."""
    choices = Choices(comments=turn.row.comments)
    names = opened(turn.row).names if turn.row.findings else {}
    if turn.row.findings:
        turn.begin("scrub")
        bytesweep.scrub()
        turn.beat()
    for holder in holders():
        turn.begin(f"erase {holder.name}")
        if turn.row.step != holder.name:
            turn.beat(step=holder.name)
        if names.get(holder.name) and isinstance(holder, Traced):
            # What the last sweep found by its name has no row any more that would lead the holder to it.
            with transaction.atomic():
                holder.clear(names[holder.name])
                turn.beat()
        _erase_of(turn, holder, choices)
    turn.begin("erase openings and key")
    with transaction.atomic():
        forgotten = forget_openings(turn.subject)
        _record(turn, "log", Erased("opening", forgotten))
        keys.erase_key(turn.subject)
        turn.beat(state=State.ERASED, erased_at=clock.now(), step="")


def _erase_of(turn: Turn, holder: Holder, choices: Choices) -> None:
    chunks = holder.erase(turn.subject, choices)
    while True:
        with transaction.atomic():
            erased = next(chunks, None)
            if erased is None:
                return
            _record(turn, holder.name, erased)
            turn.beat(erased=turn.row.erased + erased.count)
        turn.rest_if_late()


def _record(turn: Turn, holder: str, erased: Erased) -> None:
    """Add to what the receipt will say: one row for each kind of thing, however many chunks it took."""
    if not erased.count:
        return
    mine = ClosureRecord.objects.filter(closure=turn.row.pk, holder=holder, what=erased.what, sha256=b"")
    if not mine.update(count=F("count") + erased.count):
        ClosureRecord.objects.create(closure=turn.row, holder=holder, what=erased.what, count=erased.count)


# --- erased → verified -------------------------------------------------------------------------------


def _verify(turn: Turn) -> None:
    """Look everywhere. What is found puts the closure back, with the places named, and it is erased again."""
    turn.begin("sweep")
    working = opened(turn.row)
    swept = sweeping.sweep(
        turn.subject, turn.row.handle, names=working.names, known_by=working.known_by, beat=turn.beat
    )
    if swept.found:
        turn.beat(state=State.ARCHIVED, findings=swept.found)
        places = ", ".join(f"{place}: {count}" for place, count in sorted(swept.found.items()))
        raise LeftOverError(f"still found: {places}")
    working.checks, working.mentions, working.left_in_file = swept.checks, swept.mentions, swept.left_in_file
    # The names have done their part; what the receipt needs goes on.
    working.names, working.known_by = {}, []
    turn.beat(
        state=State.VERIFIED,
        verified_at=clock.now(),
        findings={},
        attempts=0,
        error="",
        working=sealed(turn.row, working),
    )


# --- verified → receipt ------------------------------------------------------------------------------


def _write_receipt(turn: Turn) -> None:
    """The statement together with its entry in the log; the proof when that is signed; then nothing personal stays."""
    turn.begin("notice")
    notice = ClosedAccount.objects.get(handle=turn.row.handle)
    notices.sign(notice)
    if turn.row.entry is None:
        turn.begin("statement")
        with transaction.atomic():
            drafted = receipting.draft(turn.row, notice)
            turn.beat(entry=drafted.entry, statement=drafted.statement, working=sealed(turn.row, drafted.working))
    turn.begin("proof")
    raw = receipting.bundle(turn.row)
    turn.begin("receipt")
    receipt = raw if turn.row.public else receipting.seal(turn.row, raw)
    if turn.row.public:
        notice.receipt = turn.row.public_id
    journal.write(_closed(turn.subject, notice))
    with transaction.atomic():
        if turn.row.public:
            receipting.tell_of_closed(turn.row, notice)
            notice.save(update_fields=["receipt"])
        ClosureRecord.objects.filter(closure=turn.row.pk).delete()
        forget(turn.row)
        turn.beat(
            state=State.RECEIPT,
            receipt=receipt,
            closed_at=clock.now(),
            subject=None,
            handle="",
            words="",
            link="",
            working=None,
            statement=None,
            attempts=0,
            error="",
        )


_STEPS: dict[State, Callable[[Turn], None]] = {
    State.LOCKED: _after_lock,
    State.ARCHIVED: _erase,
    State.ERASED: _verify,
    State.VERIFIED: _write_receipt,
}
