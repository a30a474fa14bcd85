"""What the ledger and the log say about somebody, for their export: each with what opens it, and the proof.

What a court keeps from them comes with a later export, when its day has come: so these tables are never dumped.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from hustings.lib.errors import HustingsError
from hustings.trust import log
from hustings.trust.access import own
from hustings.trust.holdings import ExportFile
from hustings.trust.rights.dumping import STAFF, Instead

# Proofs lie here, one file for each entry, in the form of C2SP's tlog-proof.
PROOFS: Final = "log"

_LOOK: Final = frozenset(
    {
        "public_id",
        "subject",
        "reason",
        "reason_text",
        "case",
        "fields",
        "read",
        "rows",
        "method",
        "started_at",
        "ended_at",
        "break_glass",
        "justification",
        "review",
        "disclose_after",
        "disclosed_at",
        "role",
        "employer",
        "employed_by",
        "office_country",
        "physical_country",
    }
)

INSTEAD: Final[Mapping[str, Instead]] = {
    "trust.AccessEntry": Instead("accesses", _LOOK, STAFF),
    "trust.LogEntry": Instead("log", frozenset({"subject", "sealed", "disclose_after"}), STAFF),
}


def documents(account_id: int) -> Iterator[tuple[str, object]]:
    """`accesses`: who looked at their data. `log`: every entry of the public log about them, opened."""
    yield "accesses", [_look(seen) for seen in own.looks(account_id)]
    yield "log", [_entry(opened) for opened in log.openings(account_id)]


def files(account_id: int) -> Iterator[ExportFile]:
    """A proof for each entry that has its place in the log. One that is signed in a moment comes next time."""
    for opened in log.openings(account_id):
        if opened.entry.index is None:
            continue
        try:
            proof = log.proof(opened.entry.id)
        except HustingsError:
            continue
        yield ExportFile(_path(opened.entry.index), content=proof)


def _path(index: int) -> str:
    return f"{PROOFS}/{index}.tlog-proof"


def _look(seen: own.Seen) -> dict[str, Any]:
    return {
        "id": seen.id,
        "log_index": seen.index,
        "reason": seen.reason,
        "words": seen.words,
        "case": seen.case,
        "role": seen.role,
        "employer": seen.employer,
        "employed_by": seen.employed_by,
        "office_country": seen.office,
        "physical_country": seen.physical,
        "fields": list(seen.fields),
        "read": list(seen.read),
        "rows": seen.rows,
        "at": seen.started_at.isoformat(),
        "finished": seen.finished,
        "break_glass": seen.break_glass,
        "review": seen.review,
        "second_person": seen.two,
        "delayed": seen.delayed,
    }


def _entry(opened: log.Opened) -> dict[str, Any]:
    entry = opened.entry
    return {
        "index": entry.index,
        "kind": entry.kind,
        "at": entry.at.isoformat(),
        "says": str(entry),
        "entry": dict(entry.value),
        # What stands as a commitment in the public entry, and the salt that shows it.
        "openings": {name: asdict(opening) for name, opening in opened.openings.items()},
        "proof": _path(entry.index) if entry.index is not None else None,
    }
