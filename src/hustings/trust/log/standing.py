"""Whether key, folder and database tell one history: asked before anything is signed, and by whoever checks.

What was published binds: the folder's checkpoint carries our signature. The database may know more (a batch that was
given its places and not yet published), never less and never otherwise.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hustings.lib.merkle import Frontier, leaf_hash, root_of
from hustings.lib.tlog import tiles
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.errors import BadSignatureError, FileError, NotSignedError, OtherLogError, TlogError
from hustings.lib.tlog.notes import Verifier
from hustings.trust.log.errors import (
    LogFileDamagedError,
    LogFilesWentBackError,
    LogForkedError,
    LogKeyWrongError,
    LogWentBackError,
)
from hustings.trust.log.folder import Folder
from hustings.trust.log.tree import Edge

CHECKPOINT = "checkpoint"
# What was signed and shown to witnesses before it was published. As binding as the checkpoint itself.
SIGNED = ".signed"


@dataclass(frozen=True)
class Told:
    """What the database says: so many entries under this root, and so many of them published as far as it knows."""

    size: int
    root: bytes
    published_size: int


@dataclass(frozen=True)
class Standing:
    """`edge` is the tree as published, `note` its signed checkpoint (None before the first), `tree` the database's."""

    edge: Edge
    note: bytes | None
    tree: Frontier


Leaves = Callable[[int, int], Iterable[list[bytes]]]  # [first, end) in order, in portions; LookupError for a gap


def examine(folder: Folder, verifier: Verifier, leaves: Leaves, told: Told) -> Standing:
    """Where the log stands. Raises one of the errors that stop it; never writes."""
    note = folder.read(CHECKPOINT)
    if note is None:
        if told.published_size:
            raise LogFilesWentBackError(
                f"{told.published_size} entries were published, and {folder.root} holds no checkpoint."
            )
        edge = Edge()
    else:
        checkpoint = signed(note, verifier, CHECKPOINT)
        if checkpoint.size < told.published_size:
            raise LogFilesWentBackError(
                f"{told.published_size} entries were published, but the checkpoint in {folder.root} covers "
                f"{checkpoint.size}: the folder was put back from an older copy."
            )
        _not_behind(told.size, checkpoint.size)
        edge = read_edge(folder, checkpoint.size, checkpoint.root)
    witnessed = _witnessed(folder, verifier, edge.size)
    return Standing(edge, note, _tree(edge, witnessed, leaves, told))


def signed(note: bytes, verifier: Verifier, name: str) -> Checkpoint:
    """A checkpoint of ours. LogKeyWrongError when another key signed it, LogFileDamagedError when none did."""
    try:
        return open_checkpoint(note, [verifier], verifier.name)[0]
    except (NotSignedError, OtherLogError) as fault:
        raise LogKeyWrongError(
            f"The signing key is another than the one that signed what is published: {fault}."
        ) from fault
    except BadSignatureError as fault:
        raise LogFileDamagedError(f"{name}: {fault}.") from fault
    except TlogError as fault:
        raise LogFileDamagedError(f"{name}: {fault}.") from fault


def read_edge(folder: Folder, size: int, root: bytes) -> Edge:
    """The right edge of the tree as its files hold it, or LogFileDamagedError naming the file."""
    try:
        edge = _edge(folder, size)
    except FileError as fault:
        raise LogFileDamagedError(f"{fault}.") from fault
    if edge.root() != root:
        raise LogFileDamagedError(f"{_wrong_tile(folder, edge)}.")
    return edge


def fetch(folder: Folder) -> Callable[[tiles.Tile], bytes]:
    """Reads tiles for `tiles.reader`. An incomplete form that is gone is the beginning of the full one."""

    def read(tile: tiles.Tile) -> bytes:
        data = folder.read(tile.path)
        if data is None and tile.width < tiles.WIDTH:
            whole = folder.read(tiles.path(tile.level, tile.number))
            data = whole[: tile.width * 32] if whole is not None else None
        if data is None:
            raise FileError(tile.path, "is missing, and the signed checkpoint needs it")
        return data

    return read


def read_bundle(folder: Folder, number: int, size: int) -> list[bytes]:
    """The entries of a bundle in a log of `size` entries. Raises FileError."""
    width = tiles.width_of(0, number, size)
    name = tiles.entries_path(number, width)
    data = folder.read(name)
    if data is not None:
        return list(tiles.read_bundle(data, number, width))
    whole = folder.read(tiles.entries_path(number)) if width < tiles.WIDTH else None
    if whole is None:
        raise FileError(name, "is missing, and the signed checkpoint needs it")
    return list(tiles.read_bundle(whole, number, tiles.WIDTH))[:width]


def _edge(folder: Folder, size: int) -> Edge:
    read = fetch(folder)
    levels: list[tuple[bytes, ...]] = []
    level = 0
    while size >> 8 * level:
        width = (size >> 8 * level) % tiles.WIDTH
        tile = tiles.Tile(level, size >> 8 * (level + 1), width)
        levels.append(tuple(tiles.hashes_of(tile, read(tile))) if width else ())
        level += 1
    bundle = read_bundle(folder, size // tiles.WIDTH, size) if size % tiles.WIDTH else []
    for number, entry in enumerate(bundle):
        if leaf_hash(entry) != levels[0][number]:
            name = tiles.entries_path(size // tiles.WIDTH, len(bundle))
            index = size // tiles.WIDTH * tiles.WIDTH + number
            raise FileError(name, f"entry {index} and its hash in the tile beside it do not fit together")
    return Edge(size, tuple(bundle), tuple(levels))


def _wrong_tile(folder: Folder, edge: Edge) -> str:
    """Which tile of the edge is wrong: each hash above level 0 is the root of a full tile that is still there."""
    for level, hashes in enumerate(edge.levels):
        first = edge.size >> 8 * (level + 1) << 8
        for number, value in enumerate(hashes if level else ()):
            below = folder.read(tiles.path(level - 1, first + number))
            if below is None or root_of(tiles.hashes_of(tiles.Tile(level - 1, first + number), below)) != value:
                name = tiles.path(level, edge.size >> 8 * (level + 1), len(hashes))
                return f"{name}: hash {number} is not the root of the tile below it"
    return f"the last files of the first {edge.size} entries do not lead to the root that is signed"


def _witnessed(folder: Folder, verifier: Verifier, size: int) -> Checkpoint | None:
    """What witnesses were shown beyond the `size` entries that are published."""
    shown = folder.read(SIGNED)
    found = signed(shown, verifier, SIGNED) if shown is not None else None
    return found if found is not None and found.size > size else None


def _tree(edge: Edge, witnessed: Checkpoint | None, leaves: Leaves, told: Told) -> Frontier:
    """The database's tree, grown from what is published; it must end at the database's own root."""
    if witnessed is not None:
        _not_behind(told.size, witnessed.size)
    tree = edge.frontier()
    try:
        for portion in leaves(edge.size, told.size):
            for leaf in portion:
                tree.append(leaf_hash(leaf))
                if witnessed is not None and tree.size == witnessed.size and tree.root() != witnessed.root:
                    raise LogForkedError(
                        f"Witnesses were shown {witnessed.size} entries that the database tells otherwise."
                    )
    except LookupError as fault:
        raise LogForkedError(f"Rows of the log are gone from the database: {fault.args[0]}.") from fault
    if tree.root() != told.root:
        raise LogForkedError(
            f"What the database says about its {told.size} entries does not begin with the {edge.size} that are "
            "published."
        )
    return tree


def _not_behind(size: int, published: int) -> None:
    if size < published:
        raise LogWentBackError(
            f"{published} entries were published, but the database knows {size}: it was put back from an older copy."
        )
