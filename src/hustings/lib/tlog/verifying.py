"""A visit of an outsider to a log: whose signature, the same history as before, and every entry of it.

Nothing here needs the log's goodwill. What it serves is compared with what it signed, and what it signs with what
it signed before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from hustings.lib.merkle import EMPTY_ROOT, ProofError, consistency_proof, range_root, verify_consistency
from hustings.lib.tlog import notes, tiles
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.commitments import check_openings
from hustings.lib.tlog.encodings import write_base64
from hustings.lib.tlog.entries import Entry, parse
from hustings.lib.tlog.errors import (
    NOT_THE_LOG,
    AddressError,
    BadSignatureError,
    EntryFormError,
    ForkError,
    KeyChangedError,
    MalformedKeyError,
    MalformedOpeningError,
    MissingFileError,
    NotSignedError,
    OtherLogError,
    RememberedError,
    RollbackError,
    TlogError,
    UnsteadyError,
    WrongRootError,
)
from hustings.lib.tlog.notes import Note, Verifier
from hustings.lib.tlog.policies import Known, Policy
from hustings.lib.tlog.proofs import TlogProof
from hustings.lib.tlog.remembering import Memory, Seen
from hustings.lib.tlog.scanning import Progress, fetch_tile, scan
from hustings.lib.tlog.sources import Source
from hustings.lib.tlog.telling import Telling
from hustings.lib.tlog.words import plain

LARGEST_VKEY = 4_096


@dataclass(frozen=True, slots=True)
class Trust:
    """What the visitor brings, all of it optional: a key, a policy, the log's name, a checkpoint from elsewhere."""

    key: Verifier | None = None
    policy: Policy | None = None
    origin: str | None = None
    older: bytes | None = None


@dataclass(slots=True)
class Visit:
    """What a visit found. `fault` is None when nothing contradicts what the log has signed."""

    address: str
    at: datetime
    checkpoint: Checkpoint | None = None
    note: Note | None = None
    key: Verifier | None = None
    # How the key came to be believed: "given", "policy", "remembered" or "first use".
    key_from: str = ""
    # The policy's names of the witnesses who cosigned, and when, in seconds since 1970.
    witnesses: list[tuple[str, int]] = field(default_factory=list)
    seen: Seen | None = None
    told: Telling | None = None
    fault: TlogError | None = None
    evidence: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether the log is what it says, and each entry has the form of its kind."""
        return self.fault is None and self.told is not None and self.told.fault_count == 0


class Visitor:
    """Visits logs, with a memory of what they signed before and at a moment that the caller names.

    `jobs` processes share the work; `form` says whether entries must be of our kinds; `keep` of the last are kept.
    """

    def __init__(self, memory: Memory, now: datetime, *, jobs: int, form: bool = True, keep: int = 10) -> None:
        self.memory, self.now, self.jobs, self.form, self.keep = memory, now, jobs, form, keep

    def visit(self, source: Source, trust: Trust, progress: Progress) -> Visit:
        """Check the log and remember it. What is wrong with the log is in the answer's `fault`.

        Raises what is not the log's fault (`errors.NOT_THE_LOG`): no answer, no log there, no key, no memory.
        """
        visit = Visit(source.address, self.now)
        try:
            try:
                raw = source.get("checkpoint", notes.LARGEST_NOTE)
            except MissingFileError:
                raise AddressError(f"there is no log at {source.address}: it has no checkpoint") from None
            checkpoint = self._who(visit, source, raw, trust)
            doubtful = self._as_before(visit, source, raw, checkpoint, trust)
            visit.told = scan(source, checkpoint, form=self.form, keep=self.keep, jobs=self.jobs, progress=progress)
            if doubtful:
                raise UnsteadyError("the log served one set of tiles first and another a moment later")
        except NOT_THE_LOG:
            raise
        except TlogError as fault:
            visit.fault = fault
            return visit
        assert visit.key is not None
        # An entry of a wrong form is kept in mind too: the log did sign it, and must go on from there.
        self.memory.keep(Seen(source.address, visit.key, raw, f"{self.now:%Y-%m-%dT%H:%M:%SZ}"))
        return visit

    def _who(self, visit: Visit, source: Source, raw: bytes, trust: Trust) -> Checkpoint:
        """Whose checkpoint it is: its key, its name, its witnesses."""
        claimed = Checkpoint.parse(notes.parse_note(raw).text)
        origin = trust.origin or (trust.key.name if trust.key else None) or self.memory.origin_at(source.address)
        if origin is not None and claimed.origin != origin:
            raise OtherLogError(plain(origin), plain(claimed.origin))
        visit.seen = self.memory.of(claimed.origin)
        keys = self._keys(visit, source, trust)
        try:
            if trust.policy is None:
                checkpoint, note = open_checkpoint(raw, keys, claimed.origin)
            else:
                policy = replace(trust.policy, logs=[Known(key) for key in keys])
                checkpoint, note = policy.open(raw, claimed.origin)
        except (NotSignedError, BadSignatureError):
            if visit.key_from == "remembered" and visit.seen is not None:
                self._explain(visit.seen, source, raw)
            raise
        if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
            raise WrongRootError(0)
        by_id = {(key.name, key.id): key for key in keys}
        signed = [by_id[who] for s in note.verified if (who := (s.name, s.key_id)) in by_id]
        visit.checkpoint, visit.note, visit.key = checkpoint, note, signed[0]
        if trust.policy is not None:
            names = {(known.key.name, known.key.id): name for name, known in trust.policy.witnesses.items()}
            for signature in note.verified:
                who = (signature.name, signature.key_id)
                if who in names:
                    visit.witnesses.append((names[who], signature.timestamp or 0))
        if visit.seen is not None and visit.seen.key != visit.key:
            visit.warnings.append(f"the key {visit.key} is not the one remembered, {visit.seen.key}")
        return checkpoint

    def _keys(self, visit: Visit, source: Source, trust: Trust) -> Sequence[Verifier]:
        if trust.key is not None:
            visit.key_from = "given"
            return [trust.key]
        if trust.policy is not None and trust.policy.logs:
            visit.key_from = "policy"
            return [known.key for known in trust.policy.logs]
        if visit.seen is not None:
            visit.key_from = "remembered"
            return [visit.seen.key]
        visit.key_from = "first use"
        try:
            published = _published_key(source)
        except MissingFileError:
            raise AddressError(f"{source.address} publishes no key at vkey; name the log's key with --key") from None
        except MalformedKeyError as fault:
            raise AddressError(f"what {source.address}/vkey holds is no key ({fault}); name one with --key") from None
        visit.warnings.append(
            f"the key was believed because the log itself published it, at {source.address}/vkey. Compare it with one "
            f"from somewhere else: {published}"
        )
        if source.address.startswith("http://"):
            visit.warnings.append("it came over plain http: anybody on the way could have put another in its place")
        return [published]

    def _explain(self, seen: Seen, source: Source, raw: bytes) -> None:
        """Say so when the log signs with a new key that it also publishes."""
        try:
            published = _published_key(source)
            open_checkpoint(raw, [published])
        except TlogError:
            return
        raise KeyChangedError(
            f"the log signs with another key than the one remembered on {seen.at[:10]}. It was {seen.key}, and now the "
            f"log publishes {published}. Learn the new key from somewhere else, then name it with --key"
        )

    def _as_before(self, visit: Visit, source: Source, raw: bytes, new: Checkpoint, trust: Trust) -> bool:
        """Whether it is still open that the log continues what it signed before: then only its tiles can be wrong."""
        doubtful = False
        if trust.older is not None:
            assert visit.key is not None
            try:
                older, _ = open_checkpoint(trust.older, [visit.key], new.origin)
            except TlogError as fault:
                raise RememberedError(f"the older checkpoint is of no use: {fault}") from None
            doubtful = not self._continues(visit, source, (older, trust.older), (new, raw))
        if visit.seen is not None:
            before = (visit.seen.checkpoint, visit.seen.note)
            doubtful = not self._continues(visit, source, before, (new, raw)) or doubtful
        return doubtful

    def _continues(
        self, visit: Visit, source: Source, before: tuple[Checkpoint, bytes], after: tuple[Checkpoint, bytes]
    ) -> bool:
        """Whether the new checkpoint is shown to continue the old. Raises RollbackError or ForkError with evidence."""
        (old, old_raw), (new, raw) = before, after
        files = {"before.checkpoint": old_raw, "now.checkpoint": raw}
        if new.size < old.size:
            self._keep_evidence(visit, new, "rollback", files)
            raise RollbackError(old.size, new.size)
        if new.size == old.size and new.root != old.root:
            self._keep_evidence(visit, new, "fork", files)
            raise ForkError(old.size, new.size)
        if old.size in {0, new.size}:
            return True
        read = tiles.reader(new.size, lambda tile: fetch_tile(source, tile))
        proof = consistency_proof(old.size, new.size, read)
        try:
            verify_consistency(old.size, new.size, proof, old.root, new.root)
        except ProofError:
            pass
        else:
            return True
        # Only when the very same tiles lead to the new root is it the log that lies, and not a file that is broken.
        other = range_root(0, old.size, read)
        try:
            verify_consistency(old.size, new.size, proof, other, new.root)
        except ProofError:
            return False
        lines = [f"old {old.size}", *map(write_base64, proof)]
        files["proof"] = ("\n".join(lines) + "\n").encode()
        files["other-root"] = f"{write_base64(other)}\n".encode()
        self._keep_evidence(visit, new, "fork", files)
        raise ForkError(old.size, new.size)

    def _keep_evidence(self, visit: Visit, log: Checkpoint, name: str, files: dict[str, bytes]) -> None:
        files["README.txt"] = _EVIDENCE[name].encode()
        visit.evidence = str(self.memory.keep_evidence(log.origin, name, self.now, files))


@dataclass(frozen=True, slots=True)
class Proven:
    """An entry that is shown to be in a log. `entry` is None where its form is not one of ours."""

    index: int
    leaf: bytes
    entry: Entry | None
    checkpoint: Checkpoint
    note: Note
    opened: Mapping[str, str]


def check(
    raw: bytes,
    leaf: bytes | None,
    trusted: Sequence[Verifier] | Policy,
    origin: str | None = None,
    openings: Mapping[str, tuple[bytes, str]] | None = None,
) -> Proven:
    """Check a `.tlog-proof`, the entry (given, or carried in the proof's extra data), and openings of its commitments.

    Raises what `TlogProof` raises, WrongOpeningError and MalformedOpeningError.
    """
    proof = TlogProof.parse(raw)
    leaf = leaf if leaf is not None else proof.extra
    if leaf is None:
        raise AddressError("the proof carries no entry; name the entry's file")
    checkpoint, note = proof.verify(leaf, trusted, origin)
    try:
        entry = parse(leaf)
    except EntryFormError:
        entry = None
    if openings:
        if entry is None:
            raise MalformedOpeningError("the entry is none of ours and commits to nothing")
        check_openings(entry.kind, entry.commitments, openings)
    opened = {name: value for name, (_, value) in (openings or {}).items()}
    return Proven(proof.index, leaf, entry, checkpoint, note, opened)


_EVIDENCE = {
    "rollback": (
        "before.checkpoint and now.checkpoint are signed by the same log, and now.checkpoint, which was served later,\n"
        "has fewer entries. Either an old copy was served, or entries were taken away.\n"
    ),
    "fork": (
        "before.checkpoint and now.checkpoint are signed by the same log and contradict each other: no log that only\n"
        "grows can have signed both. Anybody can check this without us.\n\n"
        "When both have the same size, their roots differ. Else `proof` is a consistency proof (RFC 6962, 2.1.2) from\n"
        "the size in its first line to the size of now.checkpoint. It leads to the root in now.checkpoint from\n"
        "`other-root`, which is not the root in before.checkpoint.\n"
    ),
}


def _published_key(source: Source) -> Verifier:
    text = source.get("vkey", LARGEST_VKEY).decode("utf-8", "replace").strip()
    return Verifier.parse(text.split("\n")[0])
