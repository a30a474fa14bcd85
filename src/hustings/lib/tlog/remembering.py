"""What an outsider remembers of each log between two visits: the last checkpoint, and the key it was signed with.

One small file for each log, replaced in one step. Evidence of a log that lied is kept beside it and never removed.
"""

import contextlib
import fcntl
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from hustings.lib.tlog import durable
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.errors import RememberedError, TlogError
from hustings.lib.tlog.notes import Verifier, parse_note

_FORM = 1
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """A log as it was at the last visit that found nothing wrong. `note` is the signed checkpoint, byte for byte."""

    address: str
    key: Verifier
    note: bytes
    at: str

    @property
    def checkpoint(self) -> Checkpoint:
        """What it signed then."""
        return Checkpoint.parse(parse_note(self.note).text)


class Memory:
    """A folder with what is remembered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, origin: str) -> Seen | None:
        """What is remembered of a log, None when it was never visited; RememberedError when it cannot be read."""
        return self._read(self._of_log(origin) / "seen.json")

    def origin_at(self, address: str) -> str | None:
        """Which log was at this address at the last visit."""
        seen = self._read(self._of_address(address))
        return None if seen is None else seen.checkpoint.origin

    def keep(self, seen: Seen) -> None:
        """Remember. A smaller checkpoint than the one remembered changes nothing: two visits may end out of order."""
        folder = self._of_log(seen.checkpoint.origin)
        try:
            with self._alone(folder):
                before = self._read(folder / "seen.json")
                if before is None or before.checkpoint.size <= seen.checkpoint.size:
                    durable.replace(folder / "seen.json", _write(seen))
                    durable.replace(self._of_address(seen.address), _write(seen))
        except OSError as fault:
            raise RememberedError(
                f"{self.folder} cannot be written: {fault.strerror}; name another with --state"
            ) from None

    def keep_evidence(self, origin: str, name: str, at: datetime, files: Mapping[str, bytes]) -> Path:
        """Put files aside that show what a log did; answers their folder."""
        folder = self._of_log(origin) / "evidence" / f"{at:%Y%m%dT%H%M%SZ}-{name}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for file, data in files.items():
                durable.replace(folder / file, data)
        except OSError as fault:
            raise RememberedError(f"the evidence cannot be kept in {folder}: {fault.strerror}") from None
        return folder

    def _of_log(self, origin: str) -> Path:
        return self.folder / sha256(origin.encode()).hexdigest()

    def _of_address(self, address: str) -> Path:
        return self.folder / "addresses" / f"{sha256(address.encode()).hexdigest()}.json"

    def _read(self, path: Path) -> Seen | None:
        try:
            with path.open("rb") as file:
                return _parse(file.read(_LARGEST))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, TlogError) as fault:
            raise RememberedError(
                f"what was remembered cannot be read: {path} ({type(fault).__name__}). Restore it from a copy; without "
                "it a log that went back or forked is not noticed. Removing it means to trust the log anew"
            ) from None

    @contextlib.contextmanager
    def _alone(self, folder: Path) -> Iterator[None]:
        folder.mkdir(parents=True, exist_ok=True)
        self._of_address("").parent.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _parse(data: bytes) -> Seen:
    value = json.loads(data)
    if value["form"] != _FORM:
        raise ValueError("another form")
    seen = Seen(value["address"], Verifier.parse(value["key"]), value["checkpoint"].encode(), value["at"])
    _ = seen.checkpoint
    return seen


def _write(seen: Seen) -> bytes:
    value = {
        "form": _FORM,
        "address": seen.address,
        "key": str(seen.key),
        "checkpoint": seen.note.decode(),
        "at": seen.at,
    }
    return (json.dumps(value, indent=1, ensure_ascii=False) + "\n").encode()
