"""The Merkle tree of RFC 6962, section 2.1: roots, proofs, and the checks that anyone makes of them.

Pure: hashes in, hashes out. A hash is 32 bytes. `read(level, index)` gives the hash of the complete
subtree over the leaves `index << level` up to `(index + 1) << level`; level 0 is the leaf hash itself.
Where those hashes are kept (tiles, a database, a list) is the caller's matter.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

HashReader = Callable[[int, int], bytes]


class ProofError(Exception):
    """A proof does not show what it claims; the sentence says which step failed."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry. The 0x00 keeps an entry from ever passing as an inner node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """What a growing tree must remember: the roots of its complete subtrees, the largest first.

    `peaks` has one hash for each set bit of `size`. Both may be stored and handed back to go on later.
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size, self.peaks = size, list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {max(size, 0).bit_count()} peaks, not {len(self.peaks)}")

    def append(self, leaf: bytes) -> None:
        """Take one more leaf hash."""
        self.append_subtree(0, leaf)

    def append_subtree(self, level: int, root: bytes) -> None:
        """Take `1 << level` leaves at once, by their root; the tree's size must be a multiple of as many."""
        if self.size % (1 << level):
            raise ValueError(f"a subtree of {1 << level} leaves cannot stand at {self.size}")
        end = self.size >> level
        while end & 1:
            root = node_hash(self.peaks.pop(), root)
            end >>= 1
        self.peaks.append(root)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root of the tree so far; of an empty tree it is the hash of nothing."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    tree = Frontier()
    for leaf in hashes:
        tree.append(leaf)
    return tree.root()


def range_root(begin: int, end: int, read: HashReader) -> bytes:
    """The root over the leaves [begin, end), where `begin` is where a subtree of an RFC 6962 split starts."""
    parts = Frontier()
    while begin < end:
        level = (end - begin).bit_length() - 1
        parts.append_subtree(level, read(level, begin >> level))
        begin += 1 << level
    return parts.root()


def inclusion_proof(index: int, size: int, read: HashReader) -> list[bytes]:
    """The siblings from leaf `index` up to the root of the tree of `size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size} leaves")
    siblings, begin, end = [], 0, size
    while end - begin > 1:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if index < middle:
            siblings.append(range_root(middle, end, read))
            end = middle
        else:
            siblings.append(range_root(begin, middle, read))
            begin = middle
    return siblings[::-1]


def consistency_proof(size1: int, size2: int, read: HashReader) -> list[bytes]:
    """What shows that the tree of `size2` leaves begins with that of `size1` (RFC 6962, 2.1.2)."""
    if not 0 < size1 <= size2:
        raise ValueError(f"no proof leads from {size1} to {size2} leaves")
    hashes, begin, end, whole = [], 0, size2, True
    while end > size1:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if size1 <= middle:
            hashes.append(range_root(middle, end, read))
            end = middle
        else:
            hashes.append(range_root(begin, middle, read))
            begin, whole = middle, False
    # The verifier knows the old root already when the old tree is a subtree by itself.
    return hashes[::-1] if whole else [range_root(begin, end, read), *hashes[::-1]]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raise ProofError unless `leaf` is number `index` under `root` of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"entry {index} is not in a log of {size} entries")
    if len(leaf) != HASH_SIZE:
        raise ProofError(f"the leaf hash has {len(leaf)} bytes, not {HASH_SIZE}")
    found = leaf
    for sibling, left in _climb(index, size - 1, proof):
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    if found != root:
        raise ProofError("the proof leads to another root")


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Raise ProofError unless the tree of `size2` extends that of `size1` (RFC 9162, 2.1.4.2). No size may be 0."""
    if not 0 < size1 <= size2:
        raise ProofError(f"nothing can be shown from {size1} to {size2} entries")
    if size1 == size2:
        if proof or root1 != root2:
            raise ProofError("equal sizes need no proof" if proof else f"two different roots for {size1} entries")
        return
    # A complete old tree is itself the first step, and its root is known: the proof leaves it out.
    path = list(proof) if size1 & (size1 - 1) else [root1, *proof]
    place, last = size1 - 1, size2 - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0] if path else b""
    for sibling, left in _climb(place, last, path[1:]):
        if left:
            old = node_hash(sibling, old)
        new = node_hash(sibling, new) if left else node_hash(new, sibling)
    if old != root1 or new != root2:
        raise ProofError(f"the proof does not lead to the {'older' if old != root1 else 'newer'} root")


def _climb(place: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each sibling on the way up from node `place` of a level that ends at `last`, and whether it is a left one."""
    for number, sibling in enumerate(proof):
        if len(sibling) != HASH_SIZE:
            raise ProofError(f"hash {number} of the proof has {len(sibling)} bytes, not {HASH_SIZE}")
        if last == 0:
            raise ProofError(f"the proof goes on above the root, after {number} of its {len(proof)} hashes")
        left = bool(place & 1) or place == last
        yield sibling, left
        # A node without a right neighbour rises until it is somebody's right child.
        while left and not place & 1 and place:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError(f"the proof stops below the root, after {len(proof)} hashes")
