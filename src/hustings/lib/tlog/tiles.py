"""Where a log's hashes and entries lie as static files (C2SP tlog-tiles), and how they are read and written.

A tile holds up to 256 hashes of one level. Level 0 are leaf hashes; each hash of level L + 1 is the root of a full
tile of level L. An entry bundle holds the entries of the tile of level 0 with the same number.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from hustings.lib.merkle import HASH_SIZE, HashReader, root_of
from hustings.lib.tlog.errors import MalformedBundleError, MalformedTileError

WIDTH = 256
HEIGHT = 8
HIGHEST_LEVEL = 63
LARGEST_ENTRY = 65_535
LARGEST_BUNDLE = WIDTH * (2 + LARGEST_ENTRY)
LARGEST_TILE = WIDTH * HASH_SIZE
_PATH = re.compile(
    r"tile/(entries|0|[1-5]?[0-9]|6[0-3])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The place of a tile: its level, its number on that level, and how many hashes it has (256 when full)."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The path under the log's prefix."""
        return path(self.level, self.number, self.width)


def path(level: int, number: int, width: int = WIDTH) -> str:
    """The path of a tile under the log's prefix, such as `tile/0/x001/x234/067` or `tile/0/273.p/112`."""
    if not 0 <= level <= HIGHEST_LEVEL:
        raise ValueError(f"there is no level {level}")
    return f"tile/{level}/{_numbered(number, width)}"


def entries_path(number: int, width: int = WIDTH) -> str:
    """The path of an entry bundle."""
    return f"tile/entries/{_numbered(number, width)}"


def parse_path(text: str) -> Tile | None:
    """The tile of a path that `path` could have written, or None. An entry bundle has level -1."""
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    level = -1 if match[1] == "entries" else int(match[1])
    number = int(re.sub(r"[x/]", "", match[2]))
    width = int(match[3] or WIDTH)
    if width > WIDTH:
        return None
    written = entries_path(number, width) if level < 0 else path(level, number, width)
    return Tile(level, number, width) if written == text else None


def _numbered(number: int, width: int) -> str:
    if number < 0 or not 1 <= width <= WIDTH:
        raise ValueError(f"there is no tile {number} of width {width}")
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03d}")
    return "/".join(reversed(parts)) + (f".p/{width}" if width < WIDTH else "")


def width_of(level: int, number: int, size: int) -> int:
    """How many hashes the tile has in a log of `size` entries: 0 when it is not there, 256 when full."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH))


def tiles_of(size: int, since: int = 0) -> Iterator[Tile]:
    """Every tile that a log of `size` entries has, or that a log of `since` entries did not have in this width."""
    level = 0
    while (hashes := size >> (HEIGHT * level)) > 0:
        before = since >> (HEIGHT * level)
        for number in range(before // WIDTH, (hashes + WIDTH - 1) // WIDTH):
            width = width_of(level, number, size)
            if width != width_of(level, number, since):
                yield Tile(level, number, width)
        level += 1


def hashes_of(tile: Tile, data: bytes) -> list[bytes]:
    """A tile's hashes; MalformedTileError when the file has not the length that its width asks for."""
    if len(data) != tile.width * HASH_SIZE:
        raise MalformedTileError(
            tile.path, f"has {len(data)} bytes; a tile of width {tile.width} has {tile.width * HASH_SIZE}"
        )
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def reader(size: int, fetch: Callable[[Tile], bytes]) -> HashReader:
    """The hashes of a log of `size` entries as `merkle` wants them, out of its tiles. Each tile is fetched once."""
    kept: dict[Tile, list[bytes]] = {}

    def read(level: int, index: int) -> bytes:
        inner = level % HEIGHT
        first = index << inner
        number = first // WIDTH
        tile = Tile(level // HEIGHT, number, width_of(level // HEIGHT, number, size))
        last = first - number * WIDTH + (1 << inner)
        if last > tile.width:
            raise ValueError(f"there is no subtree {index} of level {level} among {size} entries")
        if tile not in kept:
            kept[tile] = hashes_of(tile, fetch(tile))
        return root_of(kept[tile][last - (1 << inner) : last])

    return read


def write_bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of an entry bundle: each entry after its length as a big-endian uint16."""
    parts = []
    for entry in entries:
        if len(entry) > LARGEST_ENTRY:
            raise ValueError(f"an entry has at most {LARGEST_ENTRY} bytes, not {len(entry)}")
        parts += [len(entry).to_bytes(2), entry]
    return b"".join(parts)


def read_bundle(data: bytes, number: int, width: int) -> Sequence[bytes]:
    """The `width` entries of a bundle; MalformedBundleError names the entry at which it breaks."""
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at < end:
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1]) if start <= end else end + 1
        if at > end:
            index = number * WIDTH + len(entries)
            raise MalformedBundleError(entries_path(number, width), f"ends in the middle of entry {index}")
        entries.append(data[start:at])
    if len(entries) != width:
        raise MalformedBundleError(entries_path(number, width), f"holds {len(entries)} entries, not {width}")
    return entries
