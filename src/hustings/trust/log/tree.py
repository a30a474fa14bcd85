"""The right edge of the tree: all that is needed to write the next tiles (C2SP tlog-tiles). Pure: bytes in, files out.

A log of millions of entries is extended by knowing only its last, incomplete tiles, one for each level, and the
last, incomplete bundle of entries: a few kilobytes. The idea is Sunlight's edge tiles.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hustings.lib.merkle import Frontier, leaf_hash, root_of
from hustings.lib.tlog import tiles

WIDTH = tiles.WIDTH


@dataclass(frozen=True)
class Edge:
    """A tree of `size` entries, by its edge.

    `levels[l]` are the hashes of the incomplete tile of level l: `(size >> 8 * l) % 256` of them. `bundle` are the
    entries of the incomplete bundle, which level 0 hashes.
    """

    size: int = 0
    bundle: tuple[bytes, ...] = ()
    levels: tuple[tuple[bytes, ...], ...] = ()

    def root(self) -> bytes:
        """The root over all entries."""
        return self.frontier().root()

    def frontier(self) -> Frontier:
        """The same edge as peaks: a tile of k hashes holds a peak for each set bit of k."""
        peaks: list[bytes] = []
        for hashes in reversed(self.levels):
            begin = 0
            for bit in reversed(range(8)):
                if len(hashes) >> bit & 1:
                    peaks.append(root_of(hashes[begin : begin + (1 << bit)]))
                    begin += 1 << bit
        return Frontier(self.size, peaks)


@dataclass
class Growth:
    """An edge on the move: takes entries, gives up each tile as it becomes full."""

    edge: Edge
    _bundle: list[bytes] = field(init=False)
    _levels: list[list[bytes]] = field(init=False)
    _size: int = field(init=False)
    _dirty: set[int] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self._size = self.edge.size
        self._bundle = list(self.edge.bundle)
        self._levels = [list(hashes) for hashes in self.edge.levels]

    def take(self, entries: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
        """The files that became full, as `(name, bytes)`."""
        for entry in entries:
            self._bundle.append(entry)
            self._size += 1
            yield from self._rise(0, leaf_hash(entry))

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """The incomplete files that changed: what the tree's size needs beside those that are full."""
        for level in sorted(self._dirty):
            hashes = self._levels[level]
            if not hashes:
                continue
            number = self._size >> 8 * level >> 8
            yield tiles.path(level, number, len(hashes)), b"".join(hashes)
            if level == 0:
                yield tiles.entries_path(number, len(hashes)), tiles.write_bundle(self._bundle)

    def done(self) -> Edge:
        """The new edge."""
        return Edge(self._size, tuple(self._bundle), tuple(tuple(hashes) for hashes in self._levels))

    def _rise(self, level: int, value: bytes) -> Iterator[tuple[str, bytes]]:
        if level == len(self._levels):
            self._levels.append([])
        hashes = self._levels[level]
        hashes.append(value)
        self._dirty.add(level)
        if len(hashes) < WIDTH:
            return
        number = (self._size >> 8 * level >> 8) - 1
        yield tiles.path(level, number, WIDTH), b"".join(hashes)
        if level == 0:
            yield tiles.entries_path(number, WIDTH), tiles.write_bundle(self._bundle)
            self._bundle = []
        self._levels[level] = []
        yield from self._rise(level + 1, root_of(hashes))
