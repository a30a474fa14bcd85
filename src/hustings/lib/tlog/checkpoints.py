"""What a log signs about itself: its name, how many entries it has, and their root (C2SP tlog-checkpoint)."""

from collections.abc import Iterable
from dataclasses import dataclass

from hustings.lib.tlog import notes
from hustings.lib.tlog.encodings import read_decimal, read_hash, write_base64
from hustings.lib.tlog.errors import MalformedCheckpointError, OtherLogError
from hustings.lib.tlog.words import plain


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log at one moment. `root` is of 32 bytes; `extensions` are further lines, opaque to us."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), write_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a note's text; MalformedCheckpointError names the line."""
        lines = text.split("\n")
        if lines.pop() != "":
            raise MalformedCheckpointError(len(lines) + 1, "does not end")
        if len(lines) < 3:
            raise MalformedCheckpointError(len(lines) + 1, "is missing; a checkpoint has an origin, a size and a root")
        for number, line in enumerate(lines, 1):
            if not line:
                raise MalformedCheckpointError(number, "is empty")
        size, root = read_decimal(lines[1]), read_hash(lines[2])
        if size is None:
            raise MalformedCheckpointError(2, f"“{plain(lines[1], 40)}” is no size")
        if root is None:
            raise MalformedCheckpointError(3, f"“{plain(lines[2], 60)}” is no SHA-256 in base 64")
        return cls(lines[0], size, root, tuple(lines[3:]))

    def sign(self, signers: Iterable[notes.Signer]) -> bytes:
        """The signed checkpoint, as it is served."""
        text = self.text()
        return notes.write_note(text, [signer.sign(text) for signer in signers])


def open_checkpoint(
    raw: bytes, verifiers: Iterable[notes.Verifier], origin: str | None = None
) -> tuple[Checkpoint, notes.Note]:
    """Check the signatures, then read. With `origin`, a checkpoint of another log is an OtherLogError."""
    note = notes.open_note(raw, verifiers)
    checkpoint = Checkpoint.parse(note.text)
    if origin is not None and checkpoint.origin != origin:
        raise OtherLogError(plain(origin), plain(checkpoint.origin))
    return checkpoint, note
