"""All files of a log from its entries in order, in one pass and with little memory.

For mirrors, tests and benchmarks. A log that serves grows in batches and must survive a crash between two writes;
that is the sequencer's matter, and not here.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from hustings.lib.merkle import Frontier, leaf_hash
from hustings.lib.tlog import tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.notes import Signer


def files_of(entries: Iterable[bytes], tree: Frontier) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every tile and bundle. Afterwards `tree`, given empty, has the size and the root."""
    levels: list[list[bytes]] = [[]]
    counts = [0]
    bundle: list[bytes] = []
    for entry in entries:
        leaf = leaf_hash(entry)
        tree.append(leaf)
        bundle.append(entry)
        levels[0].append(leaf)
        level = 0
        while len(levels[level]) == tiles.WIDTH:
            if level == 0:
                yield tiles.entries_path(counts[0]), tiles.write_bundle(bundle)
                bundle = []
            yield tiles.path(level, counts[level]), b"".join(levels[level])
            block = Frontier()
            for value in levels[level]:
                block.append(value)
            levels[level], counts[level] = [], counts[level] + 1
            level += 1
            if level == len(levels):
                levels.append([])
                counts.append(0)
            levels[level].append(block.root())
    if bundle:
        yield tiles.entries_path(counts[0], len(bundle)), tiles.write_bundle(bundle)
    for level, hashes in enumerate(levels):
        if hashes:
            yield tiles.path(level, counts[level], len(hashes)), b"".join(hashes)


def write_log(folder: Path, entries: Iterable[bytes], origin: str, signers: Iterable[Signer]) -> Checkpoint:
    """Write a whole log into `folder`, its checkpoint last."""
    tree = Frontier()
    for path, data in files_of(entries, tree):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    checkpoint = Checkpoint(origin, tree.size, tree.root())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint").write_bytes(checkpoint.sign(signers))
    return checkpoint
