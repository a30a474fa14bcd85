"""Reading a whole log and checking all of it: each entry, each tile, up to the root that is signed.

The work is cut into chunks of blocks, a block being an entry bundle and its tile of level 0. Chunks go to as many
processes as there are cores; what comes back is small: the root of each block, and what its entries say.
"""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from hustings.lib.merkle import HASH_SIZE, Frontier, root_of
from hustings.lib.tlog import tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.errors import (
    MissingFileError,
    TlogError,
    WrongBlockError,
    WrongEntryError,
    WrongRootError,
    WrongTileError,
)
from hustings.lib.tlog.sources import Source
from hustings.lib.tlog.telling import Telling, tell
from hustings.lib.tlog.tiles import HEIGHT, WIDTH, Tile, width_of

CHUNK = 64  # blocks, that is 16,384 entries
WORTH_PROCESSES = 4  # chunks; below, starting a second process takes longer than the work

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Difference:
    """A block whose entries do not hash to its tile: the first such place in it, and the hashes of both."""

    place: int
    by_entries: bytes
    by_tile: bytes


@dataclass(slots=True)
class Block:
    """What reading one block gave. `hashes` is the root of a full block, all leaf hashes of a partial one."""

    hashes: bytes
    told: Telling
    difference: Difference | None


@dataclass(slots=True)
class Chunk:
    """What reading some blocks in a row gave."""

    roots: bytes = b""
    edge: bytes = b""
    told: Telling = field(default_factory=Telling)
    differences: dict[int, Difference] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker must know. `form`: look into the entries. `keep`: so many of the last ones stay whole."""

    source: Source
    size: int
    form: bool
    keep: int


def fetch_tile(source: Source, tile: Tile) -> bytes:
    """A tile's bytes. A partial one may have been replaced by the full one, of which it is the beginning."""
    full = tiles.path(tile.level, tile.number)
    try:
        return source.get(tile.path, tiles.LARGEST_TILE)
    except MissingFileError:
        if tile.path == full:
            raise
    try:
        return source.get(full, tiles.LARGEST_TILE)[: tile.width * HASH_SIZE]
    except MissingFileError:
        raise MissingFileError(tile.path) from None


def scan(source: Source, checkpoint: Checkpoint, *, form: bool, keep: int, jobs: int, progress: Progress) -> Telling:
    """Check the whole log against its signed root; answers what it says.

    `progress` is told how many entries are done, of how many. Raises what is wrong, by the most exact name.
    """
    task = Task(source, checkpoint.size, form, keep)
    whole = Chunk()
    for chunk in _chunks(task, jobs):
        whole.roots += chunk.roots
        whole.edge = chunk.edge
        whole.told.merge(chunk.told, keep)
        whole.differences |= chunk.differences
        progress(whole.told.entries, checkpoint.size)
    _check_upwards(source, checkpoint, whole)
    return whole.told


def _chunks(task: Task, jobs: int) -> Iterator[Chunk]:
    """The chunks in order, with no more of them under way than the processes can use."""
    blocks = (task.size + WIDTH - 1) // WIDTH
    starts = range(0, blocks, CHUNK)
    jobs = min(jobs, len(starts))
    if jobs < 2 or len(starts) < WORTH_PROCESSES:
        with _Worker(task) as worker:
            for start in starts:
                yield worker.chunk(start, min(start + CHUNK, blocks))
        return
    # Fresh processes, not forks: the parent may have threads, and a fork of those can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _begin, (task,)) as pool:
        waiting: deque[Future[Chunk]] = deque()
        try:
            for start in starts:
                waiting.append(pool.submit(_work, start, min(start + CHUNK, blocks)))
                if len(waiting) > 2 * jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class _Worker:
    """Reads blocks: one after the other from a folder, several at once from a server."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.threads = ThreadPoolExecutor(task.source.parallel) if task.source.parallel > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.threads is not None:
            self.threads.shutdown(wait=True, cancel_futures=True)
        self.task.source.close()

    def chunk(self, start: int, end: int) -> Chunk:
        numbers = range(start, end)
        made = Chunk()
        blocks = map(self.block, numbers) if self.threads is None else self.threads.map(self.block, numbers)
        for number, block in zip(numbers, blocks, strict=True):
            if width_of(0, number, self.task.size) == WIDTH:
                made.roots += block.hashes
            else:
                made.edge = block.hashes
            if block.difference is not None:
                made.differences[number] = block.difference
            made.told.merge(block.told, self.task.keep)
        return made

    def block(self, number: int) -> Block:
        task = self.task
        width = width_of(0, number, task.size)
        entries = self._entries(number, width)
        leaves = [sha256(b"\x00" + entry).digest() for entry in entries]
        tile = Tile(0, number, width)
        served = fetch_tile(task.source, tile)
        hashes = b"".join(leaves)
        difference = None
        if served != hashes:
            others = tiles.hashes_of(tile, served)
            place = next(at for at, (mine, other) in enumerate(zip(leaves, others, strict=True)) if mine != other)
            difference = Difference(place, hashes, served)
        told = tell(number * WIDTH, entries, form=task.form, keep=task.keep)
        return Block(_full_root(leaves) if width == WIDTH else hashes, told, difference)

    def _entries(self, number: int, width: int) -> Sequence[bytes]:
        path, full = tiles.entries_path(number, width), tiles.entries_path(number)
        try:
            return tiles.read_bundle(self.task.source.get(path, tiles.LARGEST_BUNDLE), number, width)
        except MissingFileError:
            if path == full:
                raise
        try:
            data = self.task.source.get(full, tiles.LARGEST_BUNDLE)
        except MissingFileError:
            raise MissingFileError(path) from None
        return tiles.read_bundle(data, number, WIDTH)[:width]


_worker: _Worker


def _begin(task: Task) -> None:
    global _worker  # noqa: PLW0603 - one for each process of the pool
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever presses Ctrl-C speaks to the parent, which ends its workers
    _worker = _Worker(task)


def _work(start: int, end: int) -> Chunk:
    return _worker.chunk(start, end)


def _full_root(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes; quicker than a Frontier, and called for each block."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]


def _cut(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def _check_upwards(source: Source, checkpoint: Checkpoint, whole: Chunk) -> None:
    """Compare the served tiles above level 0, and the root, with what the entries give."""
    size = checkpoint.size
    computed = [_cut(whole.edge), _cut(whole.roots)]
    while len(computed[-1]) >= WIDTH:
        below = computed[-1]
        computed.append([_full_root(below[at : at + WIDTH]) for at in range(0, len(below) - WIDTH + 1, WIDTH)])
    served: list[list[bytes]] = [computed[0]]
    wrong: TlogError | None = None
    with ThreadPoolExecutor(source.parallel) as threads:
        for level in range(1, len(computed)):
            wanted = [
                Tile(level, number, width_of(level, number, size))
                for number in range((len(computed[level]) + WIDTH - 1) // WIDTH)
            ]
            found: list[bytes] = []
            for tile, data in zip(wanted, threads.map(lambda tile: fetch_tile(source, tile), wanted), strict=True):
                found += tiles.hashes_of(tile, data)
            served.append(found)
            for at, (mine, other) in enumerate(zip(computed[level], found, strict=True)):
                if mine != other and wrong is None:
                    wrong = WrongTileError(wanted[at // WIDTH].path, at % WIDTH)
    fault = _Witnesses(size, checkpoint.root, computed, served, whole.differences).fault() or wrong
    if fault is not None:
        raise fault


def _root(size: int, levels: Sequence[Sequence[bytes]], top: int) -> bytes:
    """The root from the hashes of level `top`, and at the right edge of those below. `levels[0]` is the edge alone."""
    tree = Frontier()
    for level in range(top, -1, -1):
        hashes = levels[level]
        first = size // WIDTH * WIDTH if level == 0 else 0
        for value in hashes[(tree.size >> (HEIGHT * level)) - first :]:
            tree.append_subtree(HEIGHT * level, value)
    return tree.root()


class _Witnesses:
    """What entries and tiles say about each hash, and whom the signed root proves right.

    The root convicts: whichever hashes lead to it are the truth, and whoever says otherwise below is wrong.
    """

    def __init__(
        self,
        size: int,
        root: bytes,
        computed: list[list[bytes]],
        served: list[list[bytes]],
        differences: dict[int, Difference],
    ) -> None:
        self.size, self.root, self.differences = size, root, differences
        self.computed, self.served = computed, served
        self.last = size // WIDTH
        self.edge, self.blocks = computed[0], computed[1]
        # The same by the tiles of level 0, which were kept where they differ from the entries alone.
        self.edge_tile = _cut(differences[self.last].by_tile) if self.last in differences else self.edge
        self.block_tiles = list(self.blocks)
        for number, difference in differences.items():
            if number < self.last:
                self.block_tiles[number] = root_of(_cut(difference.by_tile))

    def fault(self) -> TlogError | None:
        """None when the entries lead to the root and no tile of level 0 differs from them."""
        if _root(self.size, [self.edge, self.blocks], 1) == self.root:
            return self._first_lie(self.blocks, self.edge)
        edges = (self.edge, self.edge_tile)
        for blocks in (self.blocks, self.block_tiles, self.served[1]):
            for edge in edges:
                if _root(self.size, [edge, blocks], 1) == self.root:
                    return self._first_lie(blocks, edge) or WrongRootError(self.size)
        for level in range(2, len(self.served)):
            if any(_root(self.size, [edge, *self.served[1:]], level) == self.root for edge in edges):
                return self._wrong_child(level)
        return WrongRootError(self.size)

    def _first_lie(self, blocks: Sequence[bytes], edge: Sequence[bytes]) -> TlogError | None:
        for number, truth in enumerate(blocks):
            if self.blocks[number] != truth != self.block_tiles[number]:
                return WrongBlockError(tiles.entries_path(number), number * WIDTH, number * WIDTH + WIDTH - 1)
            if self.blocks[number] != self.block_tiles[number]:
                return self._liar(number, entries_right=self.blocks[number] == truth)
        if self.edge != self.edge_tile:
            return self._liar(self.last, entries_right=self.edge == edge)
        return None

    def _liar(self, number: int, *, entries_right: bool) -> TlogError:
        width, place = width_of(0, number, self.size), self.differences[number].place
        if entries_right:
            return WrongTileError(tiles.path(0, number, width), place)
        return WrongEntryError(tiles.entries_path(number, width), number * WIDTH + place)

    def _wrong_child(self, level: int) -> TlogError:
        """The tile below `level` that does not lead to its hash there, and where it contradicts the entries."""
        for number, truth in enumerate(self.served[level]):
            children = self.served[level - 1][number * WIDTH : (number + 1) * WIDTH]
            if _full_root(children) != truth:
                mine = self.computed[level - 1][number * WIDTH : (number + 1) * WIDTH]
                place = next(
                    (at for at, (one, other) in enumerate(zip(mine, children, strict=True)) if one != other), 0
                )
                return WrongTileError(tiles.path(level - 1, number), place)
        return WrongRootError(self.size)


def cores() -> int:
    """How many processes are worth while on this machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
