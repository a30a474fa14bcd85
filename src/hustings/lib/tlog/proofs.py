"""A proof that an entry is in a log, in one file that needs no network (C2SP tlog-proof): the receipt people keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hustings.lib.merkle import ProofError, leaf_hash, verify_inclusion
from hustings.lib.tlog import notes
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.encodings import read_base64, read_decimal, read_hash, write_base64
from hustings.lib.tlog.errors import MalformedProofError, WrongProofError
from hustings.lib.tlog.policies import Policy

HEADER = "c2sp.org/tlog-proof@v1"
LARGEST_PROOF = 512 * 1024
MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """The place of an entry, the hashes up to the root, and the signed checkpoint, byte for byte.

    `extra` is what the application adds. Nothing signs it: never believe it.
    """

    index: int
    hashes: Sequence[bytes]
    checkpoint: bytes
    extra: bytes | None = None

    def encode(self) -> bytes:
        """The bytes of a `.tlog-proof` file."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {write_base64(self.extra)}")
        lines += [f"index {self.index}", *map(write_base64, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, raw: bytes) -> "TlogProof":
        """Read a `.tlog-proof` file; MalformedProofError names the line. Nothing is verified yet."""
        if len(raw) > LARGEST_PROOF:
            raise MalformedProofError(1, f"a proof of {len(raw)} bytes is too long; {LARGEST_PROOF} are read")
        head, blank, checkpoint = raw.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError as fault:
            raise MalformedProofError(head.count(b"\n", 0, fault.start) + 1, "is not ASCII") from None
        if lines[0] != HEADER:
            raise MalformedProofError(1, f"is not “{HEADER}”")
        if not blank:
            raise MalformedProofError(len(lines) + 1, "the empty line before the checkpoint is missing")
        extra, index, at = _head(lines)
        hashes: list[bytes] = []
        for number, line in enumerate(lines[at:], at + 1):
            value = read_hash(line)
            if value is None or len(hashes) == MOST_HASHES:
                raise MalformedProofError(
                    number, "is no SHA-256 in base 64" if value is None else "is one hash too many"
                )
            hashes.append(value)
        return cls(index, hashes, checkpoint, extra)

    def verify(
        self, entry: bytes, trusted: Iterable[notes.Verifier] | Policy, origin: str | None = None
    ) -> tuple[Checkpoint, notes.Note]:
        """Check the signatures and that `entry` is number `index` of the log; what was signed is answered.

        `trusted` are the log's keys, or a policy that also asks for witnesses. Raises what `open_checkpoint` and
        `Policy.open` raise, and WrongProofError.
        """
        if isinstance(trusted, Policy):
            checkpoint, note = trusted.open(self.checkpoint, origin)
        else:
            checkpoint, note = open_checkpoint(self.checkpoint, trusted, origin)
        try:
            verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.hashes, checkpoint.root)
        except ProofError as fault:
            raise WrongProofError(f"the entry is not shown to be number {self.index} of the log: {fault}") from None
        return checkpoint, note


def _head(lines: list[str]) -> tuple[bytes | None, int, int]:
    """The extra data, the index, and where the hashes begin."""
    at, extra = 1, None
    if lines[1:] and lines[1].startswith("extra "):
        at, extra = 2, read_base64(lines[1].removeprefix("extra "))
        if extra is None:
            raise MalformedProofError(2, "the extra data is no base 64")
    word, _, number = lines[at].partition(" ") if lines[at:] else ("", "", "")
    index = read_decimal(number)
    if word != "index" or index is None:
        raise MalformedProofError(at + 1, "is not “index” and a number")
    return extra, index, at + 1
