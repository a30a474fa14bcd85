"""What an outsider does with a log's folder: reads it with `lib` alone and believes nothing."""

from __future__ import annotations

from pathlib import Path

from hustings.lib.merkle import leaf_hash, root_of
from hustings.lib.tlog import tiles
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.notes import Verifier
from hustings.trust.models import LogEntry


def checkpoint(root: Path) -> Checkpoint:
    vkey = Verifier.parse((root / "vkey").read_text())
    return open_checkpoint((root / "checkpoint").read_bytes(), [vkey], vkey.name)[0]


def published(root: Path) -> list[bytes]:
    """Every entry that the checkpoint covers; fails unless entries and every tile lead to the signed root."""
    found = checkpoint(root)
    entries: list[bytes] = []
    levels: dict[int, list[bytes]] = {}
    for tile in tiles.tiles_of(found.size):
        levels.setdefault(tile.level, []).extend(tiles.hashes_of(tile, (root / tile.path).read_bytes()))
        if tile.level == 0:
            name = tiles.entries_path(tile.number, tile.width)
            entries += tiles.read_bundle((root / name).read_bytes(), tile.number, tile.width)
    hashes = [leaf_hash(entry) for entry in entries]
    assert levels.get(0, []) == hashes
    for level in range(1, len(levels)):
        below = levels[level - 1]
        full = [root_of(below[at : at + 256]) for at in range(0, len(below) - 255, 256)]
        assert levels[level] == full, f"level {level}"
    assert root_of(hashes) == found.root
    return entries


def in_the_database() -> list[bytes]:
    """The leaves that have their place, in order; fails unless the places have no gap."""
    rows = list(LogEntry.objects.filter(index__isnull=False).order_by("index").values_list("index", "leaf"))
    assert [index for index, _ in rows] == list(range(len(rows)))
    return [bytes(leaf) for _, leaf in rows]
