"""A witness: it cosigns a log's checkpoint when that continues the one it cosigned before (C2SP tlog-witness).

What it promises is worth something only when it never forgets: the new checkpoint is on the disk before the
cosignature leaves the house. After a crash between the two, the log asks again and gets it.
"""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from hustings.lib.merkle import EMPTY_ROOT, ProofError, verify_consistency
from hustings.lib.tlog import durable, notes
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.encodings import read_decimal, read_hash
from hustings.lib.tlog.errors import (
    BadSignatureError,
    MalformedCheckpointError,
    MalformedKeyError,
    MalformedNoteError,
    NotSignedError,
    RememberedError,
    TlogError,
)
from hustings.lib.tlog.notes import COSIGNATURE, Signer, Verifier
from hustings.lib.tlog.words import plain

MOST_HASHES = 63
MOST_EVIDENCE = 100
LARGEST_BODY = notes.LARGEST_NOTE + 8 * 1024
TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: bytes
    content_type: str = TEXT


class _Refusal(Exception):  # noqa: N818 - an answer on its way out
    def __init__(self, status: int, why: str, content_type: str = TEXT) -> None:
        self.answer = Answer(status, f"{why}\n".encode(), content_type)
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request to cosign, well-formed: the size it starts from, the proof, the checkpoint and its bytes."""

    old: int
    proof: Sequence[bytes]
    checkpoint: Checkpoint
    raw: bytes


class Witness:
    """Cosigns the checkpoints of `logs` (origin to keys), and remembers the last of each in `folder`.

    One process for a folder: a second would be a second memory, and `RememberedError` says so.
    """

    def __init__(
        self, folder: Path, signer: Signer, logs: Mapping[str, Sequence[Verifier]], clock: Callable[[], datetime]
    ) -> None:
        if signer.verifier.type != COSIGNATURE:
            raise MalformedKeyError("a witness needs a key of its own kind: hustings log keygen --witness")
        self.folder, self.signer, self.logs, self.clock = folder, signer, dict(logs), clock
        self._locks = {origin: threading.Lock() for origin in logs}
        self._alone = self._enter()
        try:
            for origin in logs:
                self._latest(origin)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another process have the folder."""
        os.close(self._alone)

    def add_checkpoint(self, body: bytes) -> Answer:
        """The answer to `POST add-checkpoint`."""
        try:
            asked = _read(body)
            origin = asked.checkpoint.origin
            keys = self.logs.get(origin)
            if keys is None:
                raise _Refusal(404, "this log is not known here")  # noqa: TRY301 - the answers stand in their order
            signed = _signed_by(asked.raw, keys)
            if asked.old > asked.checkpoint.size:
                raise _Refusal(400, "the old size is larger than the checkpoint's")  # noqa: TRY301
            with self._locks[origin]:
                return self._cosign(asked, signed)
        except _Refusal as refusal:
            return refusal.answer
        except OSError as fault:
            return Answer(500, f"the checkpoint could not be stored: {fault.strerror}\n".encode())
        except TlogError as fault:
            return Answer(500, f"{fault}\n".encode())

    def checkpoint(self, origin_hash: str) -> Answer:
        """The answer to `GET <sha256hex(origin)>/checkpoint`: the last checkpoint with our cosignature."""
        for origin in self.logs:
            if _name(origin) == origin_hash:
                raw = self._stored(origin)
                if raw is not None:
                    return Answer(200, raw)
        return Answer(404, b"there is no such checkpoint\n")

    def _cosign(self, asked: _Asked, signed: notes.Note) -> Answer:
        new, origin = asked.checkpoint, asked.checkpoint.origin
        latest = self._latest(origin)
        size, root, last_time = (0, EMPTY_ROOT, 0) if latest is None else latest
        if asked.old != size:
            raise _Refusal(409, str(size), SIZE)
        if 0 < size == new.size and root != new.root:
            self._keep_evidence(origin, asked.raw)
            raise _Refusal(409, "another root was cosigned for this size")
        try:
            _check_continues(size, root, asked)
        except ProofError as fault:
            self._keep_evidence(origin, asked.raw)
            raise _Refusal(422, str(fault)) from None
        now = int(self.clock().timestamp())
        if now < last_time:
            # “As of this time, this is the largest I have seen” must not contradict what was said for a later time.
            raise _Refusal(503, "the clock of this witness went back; nothing is cosigned until it is right")
        signature = self.signer.sign(signed.text, now)
        folder = self._of(origin)
        folder.mkdir(parents=True, exist_ok=True)
        durable.replace(folder / "checkpoint", notes.write_note(signed.text, [*signed.verified, signature]))
        return Answer(200, f"{signature}\n".encode())

    def _latest(self, origin: str) -> tuple[int, bytes, int] | None:
        """Size and root that were cosigned last, and when; RememberedError when the file is not what we wrote."""
        raw = self._stored(origin)
        if raw is None:
            return None
        try:
            checkpoint, note = open_checkpoint(raw, [self.signer.verifier], origin)
        except TlogError as fault:
            raise RememberedError(
                f"{self._of(origin) / 'checkpoint'} is not what this witness wrote ({fault}). Restore it from a copy: "
                "a witness that forgets may cosign two histories"
            ) from None
        return checkpoint.size, checkpoint.root, note.verified[0].timestamp or 0

    def _stored(self, origin: str) -> bytes | None:
        try:
            return (self._of(origin) / "checkpoint").read_bytes()
        except FileNotFoundError:
            return None

    def _keep_evidence(self, origin: str, raw: bytes) -> None:
        """A signed checkpoint that does not continue the last one may show that the log lied; some are kept."""
        folder = self._of(origin) / "evidence"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{sha256(raw).hexdigest()[:32]}.checkpoint"
        if not file.exists() and len(list(folder.iterdir())) < MOST_EVIDENCE:
            durable.replace(file, raw)

    def _of(self, origin: str) -> Path:
        return self.folder / _name(origin)

    def _enter(self) -> int:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise RememberedError(f"{self.folder} cannot be used: {fault.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            raise RememberedError(f"another witness is at work in {self.folder}") from None
        return lock


def _check_continues(size: int, root: bytes, asked: _Asked) -> None:
    """Raise ProofError unless the checkpoint asked about continues the one of `size` and `root`."""
    new = asked.checkpoint
    if 0 < size < new.size:
        verify_consistency(size, new.size, asked.proof, root, new.root)
    elif asked.proof:
        raise ProofError("an empty proof was wanted")
    elif new.size == 0 and new.root != EMPTY_ROOT:
        raise ProofError("the root of an empty log is another")


def _name(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()


def _read(body: bytes) -> _Asked:
    """An `add-checkpoint` body: the old size, the proof, an empty line, the checkpoint."""
    head, blank, raw = body.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise _Refusal(400, "the lines before the checkpoint are not ASCII") from None
    word, _, number = lines[0].partition(" ")
    old = read_decimal(number)
    if word != "old" or old is None or not blank:
        raise _Refusal(400, "a request has a line “old” and a size, proof lines, an empty line and a checkpoint")
    proof = [read_hash(line) for line in lines[1:]]
    if len(proof) > MOST_HASHES or None in proof:
        raise _Refusal(400, f"the proof has more than {MOST_HASHES} lines, or one that is no SHA-256 in base 64")
    try:
        checkpoint = Checkpoint.parse(notes.parse_note(raw).text)
    except (MalformedNoteError, MalformedCheckpointError) as fault:
        raise _Refusal(400, plain(str(fault))) from None
    return _Asked(old, [value for value in proof if value is not None], checkpoint, raw)


def _signed_by(raw: bytes, keys: Sequence[Verifier]) -> notes.Note:
    try:
        return notes.open_note(raw, keys)
    except (NotSignedError, BadSignatureError) as fault:
        raise _Refusal(403, plain(str(fault), 500)) from None


@contextmanager
def open_witness(
    folder: Path, signer: Signer, logs: Mapping[str, Sequence[Verifier]], clock: Callable[[], datetime]
) -> Iterator[Witness]:
    """A witness for the length of the block."""
    witness = Witness(folder, signer, logs, clock)
    try:
        yield witness
    finally:
        witness.close()
