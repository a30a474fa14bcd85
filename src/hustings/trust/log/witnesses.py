"""Asking witnesses to cosign (C2SP tlog-witness): others who see every checkpoint and would notice two histories.

The policy file (C2SP tlog-policy) names them. Without a quorum in it, a checkpoint is published at once and gets its
cosignatures as they come. With one, it is published when enough have cosigned, and not before.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from hustings.lib import clock
from hustings.lib.errors import HustingsError
from hustings.lib.merkle import consistency_proof
from hustings.lib.tlog import notes, tiles
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.encodings import read_decimal, write_base64
from hustings.lib.tlog.errors import FileError, MalformedPolicyError, QuorumError, TlogError
from hustings.lib.tlog.policies import Known, Policy
from hustings.trust.egress import gate
from hustings.trust.egress.rules import Destination, is_loopback
from hustings.trust.log import standing
from hustings.trust.log.errors import LogPolicyError, LogQuorumError
from hustings.trust.log.folder import Folder
from hustings.trust.log.models import LogWitness
from hustings.trust.log.signing import LogKey

PATIENCE_S = 5.0  # for one answer; all are asked at once
LARGEST_ANSWER = 64 * 1024
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Said:
    """What one witness answered: its signature, or why there is none. `size` is what it has cosigned so far."""

    name: str
    signature: notes.Signature | None
    size: int
    why: str = ""


def policy() -> Policy | None:
    """The operator's policy; None when no file is set. Raises LogPolicyError."""
    if not settings.LOG_POLICY:
        return None
    path = Path(settings.LOG_POLICY)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as fault:
        raise LogPolicyError(f"The witness policy {path} cannot be read: {fault.strerror}.") from None


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Policy:
    try:
        return Policy.parse(path.read_bytes())
    except MalformedPolicyError as fault:
        raise LogPolicyError(f"{path}: {fault}.") from fault


def needed_first() -> bool:
    """Whether a checkpoint may only be published with cosignatures."""
    found = policy()
    return found is not None and found.quorum is not None


def destinations() -> Iterator[Destination]:
    """Where the policy leads: for the list of the gate."""
    try:
        found = policy()
    except LogPolicyError:
        return  # nobody is asked then, and the sequencer and `hustings check` say why
    for known in found.witnesses.values() if found else ():
        parts = urlsplit(known.url or "")
        if parts.hostname:
            here = is_loopback(parts.hostname)
            yield Destination(
                host=parts.hostname.lower(),
                port=parts.port or (443 if parts.scheme == "https" else 80),
                purpose="trust.log.egress_witness",
                # A witness gets what everybody may read; where it stands, only the operator's own line can say.
                region=str(settings.REGION) if here else "elsewhere",
                private=here,
            )


def with_quorum(folder: Folder, key: LogKey, note: bytes) -> bytes:
    """The checkpoint with the cosignatures that the policy asks for, or LogQuorumError saying who did not."""
    found = _ours(key)
    answers = ask(folder, key, note)
    whole = _joined(note, answers, found)
    try:
        found.open(whole, key.origin)
    except QuorumError as fault:
        silent = "; ".join(f"{said.name}: {said.why}" for said in answers if said.signature is None)
        raise LogQuorumError(f"{str(fault)[:1].upper()}{str(fault)[1:]}. {silent}") from fault
    return whole


def cosigned(folder: Folder, key: LogKey, note: bytes) -> bytes:
    """The checkpoint with every cosignature that can be had now, those it carries already among them."""
    found = _ours(key)
    have = {signature.name for signature in notes.parse_note(note).signatures}
    missing = [name for name, known in found.witnesses.items() if known.key.name not in have]
    return _joined(note, ask(folder, key, note, missing), found) if missing else note


def ask(folder: Folder, key: LogKey, note: bytes, names: Sequence[str] | None = None) -> list[Said]:
    """Ask the policy's witnesses, all of them or `names`, at once; remember what they said."""
    found = _ours(key)
    checkpoint = standing.signed(note, key.verifier, standing.CHECKPOINT)
    asked = [(name, known) for name, known in found.witnesses.items() if names is None or name in names]
    rows = {row.name: row for row in LogWitness.objects.all()}
    sizes = {name: rows[name].size if name in rows else 0 for name, _ in asked}
    questions = _Round(folder, checkpoint, note)
    with ThreadPoolExecutor(AT_ONCE, "witness") as pool:
        answers = list(pool.map(lambda one: questions.ask(one[0], one[1], sizes[one[0]]), asked))
    now = clock.now()
    for said in answers:
        done = {"cosigned_at": now} if said.signature else {}
        values = {"size": said.size, "asked_at": now, "answer": said.why[:300], **done}
        LogWitness.objects.update_or_create(name=said.name[:200], defaults=values)
    return answers


def _ours(key: LogKey) -> Policy:
    found = policy()
    if found is None:
        raise LogPolicyError("HUSTINGS_LOG_POLICY names no policy.")
    if all(known.key != key.verifier for known in found.logs):
        raise LogPolicyError(
            f"The witness policy {settings.LOG_POLICY} does not name this log.",
            hint=f"Add the line: log {key.verifier}",
        )
    return found


def _joined(note: bytes, answers: Sequence[Said], found: Policy) -> bytes:
    """Our signature first, then the witnesses' in the policy's order."""
    parsed = notes.parse_note(note)
    lines = {signature.name: signature for signature in parsed.signatures}
    lines |= {said.signature.name: said.signature for said in answers if said.signature}
    order = {known.key.name: number for number, known in enumerate(found.witnesses.values(), 1)}
    return notes.write_note(parsed.text, sorted(lines.values(), key=lambda line: order.get(line.name, 0)))


class _UnsignedError(Exception):
    """A witness did not cosign; `size` is how far it says that it has followed."""

    def __init__(self, why: str, size: int | None = None) -> None:
        super().__init__(why)
        self.why, self.size = why, size


@dataclass(frozen=True, slots=True)
class _Round:
    """One checkpoint on its way to the witnesses."""

    folder: Folder
    checkpoint: Checkpoint
    note: bytes

    def ask(self, name: str, known: Known, old: int) -> Said:
        """One witness, which cosigned `old` entries as far as we know."""
        try:
            return Said(name, self._cosignature(known, old), self.checkpoint.size)
        except _UnsignedError as fault:
            return Said(name, None, old if fault.size is None else fault.size, fault.why)
        except HustingsError as fault:
            return Said(name, None, old, fault.message)
        except FileError as fault:
            return Said(name, None, old, f"no proof could be made for it: {fault}")
        except TlogError as fault:
            return Said(name, None, old, f"its cosignature is none: {fault}")

    def _cosignature(self, known: Known, old: int) -> notes.Signature:
        if not known.url:
            raise _UnsignedError("the policy gives no address")
        old = min(old, self.checkpoint.size)
        status, body = self._post(known.url, old)
        if status == 409 and (told := self._told(body)) not in {None, old}:
            old = told or 0
            status, body = self._post(known.url, old)
        if status == 409:
            why = f"has cosigned another history of {old} entries: the log forked"
            raise _UnsignedError(why if old == self.checkpoint.size else "answered 409 without another size", old)
        if status != 200:
            raise _UnsignedError(_REFUSALS.get(status, f"answered {status}"), old)
        text = notes.parse_note(self.note).text
        return notes.open_note(f"{text}\n".encode() + body, [known.key]).verified[0]

    def _told(self, body: bytes) -> int | None:
        """Its own word on how far it has followed counts more than ours: either of us may have been put back."""
        told = read_decimal(body.decode("ascii", "replace").removesuffix("\n"))
        if told is not None and told > self.checkpoint.size:
            why = f"has cosigned {told} entries of this log, which now shows {self.checkpoint.size}: the log went back"
            raise _UnsignedError(why, told)
        return told

    def _post(self, url: str, old: int) -> tuple[int, bytes]:
        size = self.checkpoint.size
        proof = consistency_proof(old, size, tiles.reader(size, standing.fetch(self.folder))) if old else []
        lines = "".join(f"{line}\n" for line in (f"old {old}", *map(write_base64, proof), ""))
        answer = gate.request(
            "POST",
            f"{url.rstrip('/')}/add-checkpoint",
            body=lines.encode() + self.note,
            headers={"Content-Type": "text/plain; charset=utf-8"},
            timeout_s=PATIENCE_S,
            max_bytes=LARGEST_ANSWER,
        )
        return answer.status, answer.body


_REFUSALS = {
    403: "does not know this log's key",
    404: "does not know this log",
    422: "does not accept the proof that this log only grew",
    429: "was asked too often",
}
