"""Where the cell's key is kept: a file of this machine, or a program that asks a key service.

A driver wraps and unwraps people's keys and never says what the cell's key is. `file` is the default;
`command` starts a program of the operator's for each batch (docs/operate/keys.md has the protocol and
one for a key service). Both name their keys, so that a row says which of them opens it.
"""

import base64
import json
import os
import secrets
import shlex
import stat
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from hustings.lib import clock
from hustings.trust.keys import envelope
from hustings.trust.keys.errors import CellKeyError, KeyDriverError

FORMAT = "hustings cell key 1"
PROGRAM_S = 20.0  # a program that has not answered by then is not going to
AT_ONCE = 500  # keys in one call of a program


class Driver(Protocol):
    """Keeps the cell's keys. A `subject` belongs to each person's key and is bound into the wrapping."""

    name: str

    def ids(self) -> list[str]:
        """The names of the keys it has, the current one last; empty when it has none yet. CellKeyError."""
        ...

    def make(self) -> None:
        """The first key, if there is none. Only ever called when nothing is wrapped."""
        ...

    def wrap(self, keys: Sequence[tuple[int, bytes]]) -> tuple[str, list[bytes]]:
        """(name of the current key, the wrapped keys in their order) for (subject, key)."""
        ...

    def unwrap(self, kek_id: str, wrapped: Sequence[tuple[int, bytes]]) -> list[bytes]:
        """The keys of (subject, wrapped). BrokenError when one does not open, CellKeyError without `kek_id`."""
        ...

    def add(self) -> str:
        """A new current key, and its name; those before it still open."""
        ...

    def destroy(self, kek_id: str) -> None:
        """Destroy a key that is not the current one, so that nothing it wrapped ever opens again. Twice is once."""
        ...


class FileDriver:
    """Keys in a file that only the server's user may read.

    The file says which cell it belongs to, because a key restored into the wrong cell would otherwise be
    found out one person at a time. Read again whenever it was replaced.
    """

    name = "file"

    def __init__(self, path: Path, cell: str) -> None:
        self.path, self.cell = path, cell
        self._read_as: tuple[int, int, int] | None = None
        self._keys: dict[str, tuple[AESGCM, dict[str, str]]] = {}

    def ids(self) -> list[str]:
        return list(self._all()) if self.path.exists() else []

    def make(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = self._aside([_fresh()])
        try:
            # Linked, not renamed: of two that begin at once, the first one's key stays.
            os.link(aside, self.path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
        _settle(self.path.parent)

    def wrap(self, keys: Sequence[tuple[int, bytes]]) -> tuple[str, list[bytes]]:
        kek_id, (cipher, _) = list(self._all().items())[-1]
        return kek_id, [
            envelope.close(cipher, key, envelope.wrapped_in(self.cell, kek_id, subject)) for subject, key in keys
        ]

    def unwrap(self, kek_id: str, wrapped: Sequence[tuple[int, bytes]]) -> list[bytes]:
        known = self._all()
        if kek_id not in known:
            raise CellKeyError(
                f"The cell key {self.path} is another one: it has no {kek_id}, which wraps people's keys.",
                hint="Put the file back that belongs to this database; the newest is in the last backup of the keys.",
            )
        cipher = known[kek_id][0]
        return [
            envelope.open_(cipher, one, envelope.wrapped_in(self.cell, kek_id, subject)) for subject, one in wrapped
        ]

    def add(self) -> str:
        new = _fresh()
        self._replace([*self._rows(), new])
        return new["id"]

    def destroy(self, kek_id: str) -> None:
        rows = self._rows()
        if rows[-1]["id"] == kek_id:
            raise CellKeyError(f"{kek_id} is the cell's current key and is not destroyed.")
        if kek_id in {row["id"] for row in rows}:
            self._replace([row for row in rows if row["id"] != kek_id])

    def _rows(self) -> list[dict[str, str]]:
        return [row for _, row in self._all().values()]

    def _all(self) -> dict[str, tuple[AESGCM, dict[str, str]]]:
        try:
            there = self.path.stat()
        except FileNotFoundError:
            raise CellKeyError(
                f"The cell key {self.path} does not exist.",
                hint="Put it back from the backup of the keys (docs/operate/keys.md). None is made in its place.",
            ) from None
        if stat.S_IMODE(there.st_mode) & 0o077:
            raise CellKeyError(
                f"The cell key {self.path} has mode {stat.S_IMODE(there.st_mode):04o}: "
                "others on this machine could read it.",
                hint=f"Run: chmod 600 {self.path}",
            )
        read_as = (there.st_ino, there.st_mtime_ns, there.st_size)
        if read_as != self._read_as:
            self._keys = self._parsed()
            self._read_as = read_as
        return self._keys

    def _parsed(self) -> dict[str, tuple[AESGCM, dict[str, str]]]:
        try:
            said = json.loads(self.path.read_bytes())
            form, cell, rows = said["format"], str(said["cell"]), said["keys"]
            keys = {str(row["id"]): (AESGCM(base64.b64decode(row["key"], validate=True)), row) for row in rows}
        except OSError as fault:
            raise CellKeyError(f"The cell key {self.path} cannot be read: {fault.strerror}.") from None
        except (ValueError, KeyError, TypeError):
            form, cell, keys = "", "", {}
        if form != FORMAT or not keys:
            raise CellKeyError(
                f"The cell key {self.path} is damaged: it is not a file that this program wrote.",
                hint="Put it back from the backup of the keys (docs/operate/keys.md).",
            )
        if cell != self.cell:
            raise CellKeyError(
                f"The cell key {self.path} belongs to the cell “{cell}”, but this is “{self.cell}”.",
                hint="Correct HUSTINGS_CELL, or put this cell's own key there.",
            )
        return keys

    def _aside(self, rows: list[dict[str, str]]) -> Path:
        aside = self.path.with_name(f".{self.path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"format": FORMAT, "cell": self.cell, "keys": rows}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        return aside

    def _replace(self, rows: list[dict[str, str]]) -> None:
        """Put new rows in the file's place, and overwrite what was there: it may hold a key that was destroyed."""
        with self.path.open("r+b") as before:
            self._aside(rows).rename(self.path)
            _settle(self.path.parent)
            before.write(b"\0" * os.fstat(before.fileno()).st_size)
            before.flush()
            os.fsync(before.fileno())


class CommandDriver:
    """A program of the operator's: one JSON object in, one out, exit status 0."""

    name = "command"

    def __init__(self, command: str, cell: str) -> None:
        self.command, self.cell = shlex.split(command), cell

    def ids(self) -> list[str]:
        said = self._ask({"op": "describe"})
        if said.get("cell") != self.cell:
            raise CellKeyError(
                f"The keeper of keys serves the cell “{said.get('cell')}”, but this is “{self.cell}”.",
                hint="Correct HUSTINGS_CELL, or the program's own configuration.",
            )
        return [str(key) for key in said.get("keys", [])]

    def make(self) -> None:
        self._ask({"op": "rotate"})

    def wrap(self, keys: Sequence[tuple[int, bytes]]) -> tuple[str, list[bytes]]:
        used, done = set(), []
        for start in range(0, len(keys), AT_ONCE):
            part = keys[start : start + AT_ONCE]
            said = self._ask({"op": "wrap", "items": [self._item(subject, key) for subject, key in part]})
            used.add(str(said.get("key")))
            done += self._items(said, len(part))
        if len(used) > 1:
            raise KeyDriverError("The keeper of keys changed its current key in between.")
        return used.pop(), done

    def unwrap(self, kek_id: str, wrapped: Sequence[tuple[int, bytes]]) -> list[bytes]:
        done = []
        for start in range(0, len(wrapped), AT_ONCE):
            part = wrapped[start : start + AT_ONCE]
            said = self._ask(
                {"op": "unwrap", "key": kek_id, "items": [self._item(subject, one) for subject, one in part]}
            )
            done += self._items(said, len(part))
        if any(len(key) != envelope.KEY for key in done):
            raise envelope.BrokenError
        return done

    def add(self) -> str:
        return str(self._ask({"op": "rotate"})["key"])

    def destroy(self, kek_id: str) -> None:
        self._ask({"op": "destroy", "key": kek_id})

    def _item(self, subject: int, data: bytes) -> dict[str, str]:
        context = envelope.wrapped_in(self.cell, "", subject)
        return {"context": base64.b64encode(context).decode(), "data": base64.b64encode(data).decode()}

    def _items(self, said: dict[str, Any], count: int) -> list[bytes]:
        try:
            items = [base64.b64decode(item, validate=True) for item in said["items"]]
        except (KeyError, TypeError, ValueError):
            items = []
        if len(items) != count:
            raise KeyDriverError(f"{self.command[0]} answered {len(items)} keys where {count} were asked for.")
        return items

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            done = subprocess.run(
                self.command,
                input=json.dumps({"cell": self.cell, **question}).encode(),
                capture_output=True,
                timeout=PROGRAM_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise KeyDriverError(f"{self.command[0]} could not be asked: {fault}.") from None
        if done.returncode:
            # What the program said is for the operator; it never sees personal data, so it has none to tell.
            raise KeyDriverError(
                f"{self.command[0]} refused {question['op']}: {done.stderr.decode(errors='replace').strip()[:300]}"
            )
        try:
            said = json.loads(done.stdout)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise KeyDriverError(f"{self.command[0]} answered {question['op']} with something that is not an object.")
        return said


def _fresh() -> dict[str, str]:
    return {
        "id": "k" + secrets.token_hex(8),
        "key": base64.b64encode(AESGCM.generate_key(256)).decode(),
        "made_at": clock.now().isoformat(timespec="seconds"),
    }


def _settle(folder: Path) -> None:
    """A name in a folder is safe only when the folder itself is on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def driver() -> Driver:
    """The one that the settings name."""
    return _driver(settings.KEYS_DRIVER, settings.KEYS_COMMAND, Path(settings.DATA), settings.CELL)


@cache
def _driver(name: str, command: str, data: Path, cell: str) -> Driver:
    if name == "command":
        if not command.strip():
            raise CellKeyError("HUSTINGS_KEYS_COMMAND is empty, but HUSTINGS_KEYS_DRIVER is command.")
        return CommandDriver(command, cell)
    if name != "file":
        raise CellKeyError(f"HUSTINGS_KEYS_DRIVER: {name!r} is neither file nor command.")
    return FileDriver(data / "keys" / "cell-key", cell)
