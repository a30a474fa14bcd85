"""The one writer of the log: gives waiting entries their places, writes the tiles, signs last.

    waiting rows ──▶ places and root, committed, flushed ──▶ bundles and tiles, flushed ──▶ checkpoint, flushed

The commit decides the order; everything after it follows from the database and can be done again, so that being killed
at any point loses nothing, and signing the same tree again gives the same bytes (Ed25519). Nothing is signed before
the files it speaks of are on the disk, and a checkpoint that witnesses see first is kept beside it.

After any failure the sequencer forgets what it knew and looks again at what is really there (`standing.examine`):
a write that was reported lost may have landed.
"""

import fcntl
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from django.db import DatabaseError

from hustings.lib.merkle import leaf_hash
from hustings.lib.tlog import tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.trust.log import signing, standing, store, witnesses
from hustings.trust.log.errors import LogForkedError, LogTakenError, LogWriteFailedError
from hustings.trust.log.folder import Disk, Folder
from hustings.trust.log.tree import Growth

BATCH = 4_096  # entries of one checkpoint
TURN = 256  # entries of one commit: on SQLite everybody else waits for some milliseconds
PORTION = 64  # files on their way to the disk at once
TIDY_AFTER_S = 3_600.0  # who has just read an older checkpoint may still ask for its incomplete tiles
TIDY_AT_ONCE = 2_000
LOCK = ".sequencer"


class Sequencer:
    """Holds the lock on the folder and the lease on the rows while it is open; `once` publishes what waits."""

    def __init__(self, root: Path | None = None, disk: Disk | None = None) -> None:
        self.folder = Folder(root or signing.log_root(), disk)
        self._lock: int | None = None
        self._known: standing.Standing | None = None
        self._key: signing.LogKey | None = None
        self._turn = threading.Lock()
        self._fence = 0
        self._kept = 0.0  # when the lease was last prolonged

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def key(self) -> signing.LogKey:
        assert self._key is not None, "open() was called"
        return self._key

    def open(self) -> None:
        """Become the sequencer, if nobody else is, and look where the log stands. Raises LogStoppedError's kinds."""
        holder = self.take_folder()
        self._key = signing.load_or_make(begun=self.begun())
        self._fence = store.take_lease(holder)
        self._kept = time.monotonic()
        state = store.state()
        told = standing.Told(state.size, bytes(state.root), state.published_size)
        self._known = standing.examine(self.folder, self.key.verifier, store.leaves, told)
        vkey = f"{self.key.verifier}\n".encode()
        if self.folder.read("vkey") != vkey:
            self.folder.put({"vkey": vkey})
        note = self._known.note
        if note is None:
            self._publish([])
        elif note.decode() != state.checkpoint:
            # It landed, and whoever wrote it did not live to say so.
            store.record_published(self._fence, self._known.edge.size, note.decode())

    def begun(self) -> bool:
        """Whether database or folder remember an entry or a checkpoint."""
        state = store.state()
        return bool(state.size or state.published_size) or self.folder.read(standing.CHECKPOINT) is not None

    def close(self) -> None:
        """Let the next one begin. Safe to call twice."""
        if self._fence:
            # A database that is away keeps the lease until it runs out; nobody is held up for longer.
            with suppress(DatabaseError):
                store.give_up_lease(self._fence)
            self._fence = 0
        self.forget()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def forget(self) -> None:
        """Believe nothing about disk and database any more; the next `once` looks again."""
        self._known = None

    def once(self) -> int:
        """Publish one batch; how many entries got their place. After a failure nothing is lost: call it again."""
        with self._turn:
            try:
                if not self._still_true():
                    self.open()
                placed = self._assign()
                self._publish(placed)
            except BaseException:
                self.forget()
                raise
        return len(placed)

    def cosign(self) -> None:
        """Add the cosignatures that witnesses give now to what is published, if it is still the latest then."""
        known = self._known
        if known is None or known.note is None or witnesses.policy() is None:
            return
        whole = witnesses.cosigned(self.folder, self.key, known.note)
        with self._turn:
            if whole == known.note or self._known is None or self._known.note != known.note:
                return
            try:
                self._show(whole, known.edge.size)
            except BaseException:
                self.forget()
                raise
            self._known = replace(self._known, note=whole)

    def tidy(self) -> None:
        """Remove the incomplete forms of tiles that have long been full (tlog-tiles allows it, and they add up).

        Whoever still asks for one gets the full tile's beginning by asking for the full tile, as clients do.
        """
        known = self._known
        if known is None:
            return
        number = first = store.state().tidied_tiles
        last = min(known.edge.size // tiles.WIDTH, first + TIDY_AT_ONCE)
        while number < last and self._long_full(number):
            for name in _incomplete(number):
                shutil.rmtree(self.folder.root / name, ignore_errors=True)
            number += 1
        if number > first:
            store.tidied(self._fence, number)

    def _long_full(self, number: int) -> bool:
        try:
            full_since = (self.folder.root / tiles.path(0, number)).stat().st_mtime
        except FileNotFoundError:
            return False
        return time.time() - full_since > TIDY_AFTER_S

    # --- One batch --------------------------------------------------------------------------------------------------

    def _still_true(self) -> bool:
        """Whether folder and rows are as we left them: either may have been put back from a copy under our hands."""
        known = self._known
        if known is None:
            return False
        state = store.state()
        return (
            state.fence == self._fence
            and state.size == known.tree.size
            and bytes(state.root) == known.tree.root()
            and self.folder.read(standing.CHECKPOINT) == known.note
        )

    def _assign(self) -> list[bytes]:
        """Give what waits its places; the leaves that got one, in order."""
        known = self._standing()
        rows = store.waiting(BATCH)
        if not rows:
            if time.monotonic() - self._kept > store.LEASE.total_seconds() / 3:
                store.keep_lease(self._fence)
                self._kept = time.monotonic()
            return []
        for first in range(0, len(rows), TURN):
            portion = rows[first : first + TURN]
            before = known.tree.size
            for row in portion:
                known.tree.append(leaf_hash(row.leaf))
            store.assign(portion, fence=self._fence, before=before, root=known.tree.root())
        self._kept = time.monotonic()
        return [row.leaf for row in rows]

    def _publish(self, placed: list[bytes]) -> None:
        """Bring the files to where the database is; `placed` are its last leaves, which need not be read again."""
        known = self._standing()
        if known.note is not None and known.edge.size == known.tree.size:
            return
        growth = Growth(known.edge)
        files: dict[str, bytes] = {}
        behind = known.edge.size + len(placed) < known.tree.size
        for portion in store.leaves(known.edge.size, known.tree.size) if behind else [placed]:
            for name, data in growth.take(portion):
                files[name] = data
                if len(files) == PORTION:
                    self.folder.put(files)
                    files = {}
        files |= growth.rest()
        edge = growth.done()
        if edge.root() != known.tree.root():
            raise LogForkedError("A row of the log was changed while it was published.")
        self.folder.put(files)
        store.flush_commits()
        note = Checkpoint(self.key.origin, edge.size, edge.root()).sign([self.key.signer])
        if witnesses.needed_first():
            self.folder.put({standing.SIGNED: note})
            note = witnesses.with_quorum(self.folder, self.key, note)
        self._show(note, edge.size)
        self._known = standing.Standing(edge, note, known.tree)

    def _show(self, note: bytes, size: int) -> None:
        with store.publishing(self._fence):
            self.folder.put({standing.CHECKPOINT: note})
            store.record_published(self._fence, size, note.decode())

    def _standing(self) -> standing.Standing:
        assert self._known is not None, "open() was called"
        return self._known

    # --- Being the only one -----------------------------------------------------------------------------------------

    def take_folder(self) -> str:
        """Lock the folder; the name it holds the lease under. The kernel lets go when we are killed."""
        path = self.folder.root / LOCK
        try:
            self.folder.root.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(handle)
                    raise LogTakenError(f"Another process on this machine writes the log in {path.parent}.") from None
                self._lock = handle
            name = os.pread(self._lock, 100, 0).decode(errors="replace")
            if len(name) != 32:
                name = secrets.token_hex(16)
                os.ftruncate(self._lock, 0)
                os.pwrite(self._lock, name.encode(), 0)
        except OSError as fault:
            raise LogWriteFailedError(f"The log's folder cannot be used: {fault.strerror} ({path})") from fault
        return name


def sequence_once() -> int:
    """Publish all that waits, here and now; how many entries got their place. For tests, and commands that end."""
    done = 0
    with Sequencer() as sequencer:
        while (taken := sequencer.once()) > 0:
            done += taken
            if taken < BATCH:
                break
    return done


def _incomplete(number: int) -> Iterator[str]:
    """The folders of the incomplete forms of a full bundle and of every tile that became full with it."""
    yield tiles.entries_path(number, 1).rpartition("/")[0]
    level = 0
    while True:
        yield tiles.path(level, number, 1).rpartition("/")[0]
        if number % tiles.WIDTH != tiles.WIDTH - 1:
            return
        number, level = number // tiles.WIDTH, level + 1
