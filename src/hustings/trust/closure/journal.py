"""Closed accounts as files beside the database, so that a restore of an older database can be told of them.

One file for each, in `closed/` of the data folder, with what is public anyway (the notice) and the account's
id. Written before anything is erased and never removed: a restore that knew nothing of it would serve an account
again whose owner was promised that it is gone.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from hustings.trust.log.folder import Folder


@dataclass(frozen=True, slots=True)
class Closed:
    """An account that was closed: its id, and its notice as the table has it."""

    subject: int
    handle: str
    skeleton: str
    name: str
    kind: str
    words: str
    link: str
    closed_at: str  # ISO 8601
    note: str = ""
    receipt: str = ""

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.closed_at)


def folder() -> Path:
    return Path(settings.DATA) / "closed"


def write(closed: Closed) -> None:
    """Keep it, on the disk when this returns. The same account again replaces its file."""
    data = json.dumps(asdict(closed), ensure_ascii=False, sort_keys=True).encode()
    Folder(folder()).put({_name(closed.subject): data})


def of(subject: int) -> Closed | None:
    """What was kept of an account; None when it was never closed here."""
    try:
        return Closed(**json.loads((folder() / _name(subject)).read_bytes()))
    except FileNotFoundError:
        return None


def every() -> Iterator[Closed]:
    """All of them, for a restore."""
    if folder().is_dir():
        for path in sorted(folder().glob("*.json")):
            yield Closed(**json.loads(path.read_bytes()))


def _name(subject: int) -> str:
    # Not the bare id: the folder's listing should not be a list of who came and went, in order.
    return f"{sha256(f'hustings/closed/{subject}'.encode()).hexdigest()[:32]}.json"
