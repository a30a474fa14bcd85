"""Bringing database and folder together again when one of them was put back from an older copy.

Each holds all of the log: the folder what was published, the database what was decided. Whichever is behind is
completed from the other, and only as far as our own signature on a checkpoint vouches for it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from hustings.lib.merkle import Frontier, leaf_hash
from hustings.lib.tlog import entries, tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.errors import EntryFormError, FileError
from hustings.trust.log import signing, standing, store
from hustings.trust.log.errors import (
    LogFileDamagedError,
    LogFilesWentBackError,
    LogForkedError,
    LogKeyMissingError,
    LogStoppedError,
)
from hustings.trust.log.sequencing import PORTION, Sequencer
from hustings.trust.log.tree import Edge, Growth

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done: entries taken into the database, files written anew."""

    entries: int
    files: int


def recover(tell: Tell | None = None) -> Recovered:
    """Make database and folder agree, or raise the error that says why nobody can. `tell` hears each step.

    The worker must not be running: LogTakenError.
    """
    with Sequencer() as sequencer:
        holder = sequencer.take_folder()
        key = signing.load()
        if key is None:
            if sequencer.begun():
                raise LogKeyMissingError(f"The log has entries, but its signing key {signing.key_path()} is gone.")
            return Recovered(0, 0)
        fence = store.take_lease(holder)
        try:
            return _recover(sequencer, key, fence, tell or _silently)
        finally:
            store.give_up_lease(fence)


def _silently(line: str) -> None:
    pass


def _recover(sequencer: Sequencer, key: signing.LogKey, fence: int, tell: Tell) -> Recovered:
    folder = sequencer.folder
    furthest = _furthest(sequencer, key)
    taken = 0
    if furthest is not None and furthest.size > (known := store.state().size):
        tell(
            f"The database knows {known} entries, {furthest.size} were signed: reading the missing ones from the files."
        )
        _into_database(sequencer, furthest, fence)
        taken = furthest.size - known
        tell(f"{taken} entries are in the database again. Their openings are only in a newer backup, if there is one.")
    note = _published(sequencer, key)
    if note is None:
        return Recovered(taken, 0)
    checkpoint = standing.signed(note, key.verifier, standing.CHECKPOINT)
    written = _into_folder(sequencer, checkpoint)
    if folder.read(standing.CHECKPOINT) != note:
        folder.put({standing.CHECKPOINT: note})
        written += 1
    if written:
        tell(f"{written} files of the log were written anew from the database.")
    store.record_published(fence, checkpoint.size, note.decode())
    store.flush_commits()
    return Recovered(taken, written)


def _furthest(sequencer: Sequencer, key: signing.LogKey) -> Checkpoint | None:
    """The largest checkpoint that we have ever signed, as far as the folder knows."""
    found = []
    for name in (standing.CHECKPOINT, standing.SIGNED):
        note = sequencer.folder.read(name)
        if note is not None:
            try:
                found.append(standing.signed(note, key.verifier, name))
            except LogFileDamagedError:
                continue  # written anew below, from the database's own copy
    return max(found, key=lambda checkpoint: checkpoint.size, default=None)


def _published(sequencer: Sequencer, key: signing.LogKey) -> bytes | None:
    """The newest checkpoint that anybody may have seen: the folder's, or the database's copy of it."""
    notes = [sequencer.folder.read(standing.CHECKPOINT), store.state().checkpoint.encode() or None]
    found: list[tuple[int, bytes]] = []
    fault: LogStoppedError | None = None
    for note in notes:
        if note is not None:
            try:
                found.append((standing.signed(note, key.verifier, standing.CHECKPOINT).size, note))
            except LogFileDamagedError as broken:
                fault = broken
    if not found and fault is not None:
        raise fault
    # The folder's comes first, and of two for the same tree it may carry cosignatures.
    return max(found, key=lambda one: one[0])[1] if found else None


def _into_database(sequencer: Sequencer, target: Checkpoint, fence: int) -> None:
    state = store.state()
    tree = Frontier()
    for portion in store.leaves(0, state.size):
        for leaf in portion:
            tree.append(leaf_hash(leaf))
    if tree.root() != bytes(state.root):
        raise LogForkedError("Rows of the log were changed in the database.")
    rows = []
    for index, entry in _from_files(sequencer, state.size, target.size):
        tree.append(leaf_hash(entry))
        rows.append(_row(index, entry))
    if tree.root() != target.root:
        raise LogForkedError(
            f"The database's {state.size} entries and the files' {target.size} are not of one history."
        )
    store.put_back(state.size, rows, target.root, fence)


def _from_files(sequencer: Sequencer, first: int, end: int) -> Iterator[tuple[int, bytes]]:
    for number in range(first // tiles.WIDTH, (end + tiles.WIDTH - 1) // tiles.WIDTH):
        try:
            bundle = standing.read_bundle(sequencer.folder, number, end)
        except FileError as fault:
            raise LogFileDamagedError(
                f"{fault}.",
                hint="This entry is in neither database nor folder. Put either back from its newest copy.",
            ) from fault
        for index, entry in enumerate(bundle, number * tiles.WIDTH):
            if index >= first:
                yield index, entry


def _row(index: int, entry: bytes) -> store.Waiting:
    try:
        said = entries.parse(entry)
    except EntryFormError as fault:
        raise LogFileDamagedError(f"Entry {index} is not one that this program wrote: {fault}.") from fault
    return store.Waiting(0, said.kind, datetime.fromisoformat(said.at), entry)


def _into_folder(sequencer: Sequencer, checkpoint: Checkpoint) -> int:
    """Write every file that is missing or differs; how many. Only if the database fits the signature."""
    _fits(checkpoint)
    written = 0
    waiting: dict[str, bytes] = {}
    for name, data in _all_files(checkpoint.size):
        if sequencer.folder.read(name) != data:
            waiting[name] = data
        if len(waiting) == PORTION:
            sequencer.folder.put(waiting)
            written += len(waiting)
            waiting = {}
    sequencer.folder.put(waiting)
    return written + len(waiting)


def _fits(checkpoint: Checkpoint) -> None:
    if store.state().size < checkpoint.size:
        raise LogFilesWentBackError("Neither the database nor the folder holds all that was signed.")
    tree = Frontier()
    try:
        for portion in store.leaves(0, checkpoint.size):
            for leaf in portion:
                tree.append(leaf_hash(leaf))
    except LookupError as fault:
        raise LogForkedError(f"Rows of the log are gone from the database: {fault.args[0]}.") from fault
    if tree.root() != checkpoint.root:
        raise LogForkedError(f"The database tells the first {checkpoint.size} entries otherwise than they were signed.")


def _all_files(size: int) -> Iterator[tuple[str, bytes]]:
    growth = Growth(Edge())
    for portion in store.leaves(0, size):
        yield from growth.take(portion)
    yield from growth.rest()
