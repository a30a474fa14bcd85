"""A log in a folder for tests: real entries, a key, and ways to change one byte of one file."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hustings.lib.tlog import tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.entries import encode
from hustings.lib.tlog.notes import Signer
from hustings.lib.tlog.remembering import Memory
from hustings.lib.tlog.sources import Source, source_of
from hustings.lib.tlog.tiles import Tile
from hustings.lib.tlog.verifying import Trust, Visit, Visitor
from hustings.lib.tlog.writing import write_log

ORIGIN = "log.example/hustings"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ACCESS: dict[str, Any] = {
    "reason": "support",
    "role": "moderator",
    "categories": ["user.contact.email"],
    "records": "1",
    "method": "screen",
    "office_country": "GB",
    "physical_country": "GB",
    "break_glass": False,
}


def instant(number: int) -> str:
    return f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"


def access(number: int, **changes: Any) -> bytes:
    dice = random.Random(number)
    return encode("access", 1, instant(number), ACCESS | changes, {"subject": dice.randbytes(32).hex()})


def entries(count: int, first: int = 0) -> list[bytes]:
    return [access(number) for number in range(first, first + count)]


@dataclass
class SmallLog:
    """`write` replaces the whole log by one of these entries; `checkpoint` is what it signed last."""

    folder: Path
    signer: Signer = field(default_factory=lambda: Signer(ORIGIN, 1, b"\7" * 32))
    entries: list[bytes] = field(default_factory=list)

    def write(self, what: list[bytes] | int) -> Checkpoint:
        self.entries = entries(what) if isinstance(what, int) else what
        checkpoint = write_log(self.folder, self.entries, ORIGIN, [self.signer])
        (self.folder / "vkey").write_text(f"{self.signer.verifier}\n")
        return checkpoint

    @property
    def checkpoint_file(self) -> Path:
        return self.folder / "checkpoint"

    def flip(self, path: str, byte: int = 0, bit: int = 0) -> None:
        file = self.folder / path
        data = bytearray(file.read_bytes())
        data[byte] ^= 1 << bit
        file.write_bytes(bytes(data))

    def sign(self, checkpoint: Checkpoint) -> None:
        self.checkpoint_file.write_bytes(checkpoint.sign([self.signer]))


def files_of(size: int) -> Iterator[str]:
    """The path of every file of a log of this size, but the checkpoint."""
    for tile in tiles.tiles_of(size):
        yield tile.path
        if tile.level == 0:
            yield tiles.entries_path(tile.number, tile.width)


def edge(level: int, size: int) -> Tile:
    """The last tile of a level."""
    number = ((size >> (8 * level)) - 1) // 256
    return Tile(level, number, tiles.width_of(level, number, size))


@dataclass
class Outsider:
    """Somebody with a memory, and the key from somewhere else unless they say otherwise."""

    folder: Path
    trust: Trust = field(default_factory=lambda: Trust(key=Signer(ORIGIN, 1, b"\7" * 32).verifier))
    jobs: int = 1
    form: bool = True
    keep: int = 10
    now: datetime = NOW
    told: list[tuple[int, int]] = field(default_factory=list)

    @property
    def memory(self) -> Memory:
        return Memory(self.folder)

    def visit(self, where: Source | Path | str) -> Visit:
        source = source_of(str(where)) if isinstance(where, Path | str) else where
        visitor = Visitor(self.memory, self.now, jobs=self.jobs, form=self.form, keep=self.keep)
        try:
            return visitor.visit(source, self.trust, lambda done, whole: self.told.append((done, whole)))
        finally:
            source.close()
