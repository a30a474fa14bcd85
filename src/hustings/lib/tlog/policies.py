"""Whom one believes: the logs, their witnesses, and how many of those must have cosigned (C2SP tlog-policy)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hustings.lib.tlog import notes
from hustings.lib.tlog.checkpoints import Checkpoint
from hustings.lib.tlog.encodings import read_decimal
from hustings.lib.tlog.errors import MalformedKeyError, MalformedPolicyError, OtherLogError, QuorumError
from hustings.lib.tlog.notes import Verifier
from hustings.lib.tlog.words import plain

LARGEST_POLICY = 128 * 1024
MOST_LINES = 1_000
NONE = "none"


@dataclass(frozen=True, slots=True)
class Known:
    """A log or a witness: its key, and its address where the policy gives one."""

    key: Verifier
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these members, witnesses or groups defined before."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A checkpoint is believed when one of `logs` signed it and `quorum` cosigned it; None asks for no witness."""

    logs: Sequence[Known]
    witnesses: Mapping[str, Known]
    groups: Mapping[str, Group]
    quorum: str | None

    @classmethod
    def parse(cls, raw: bytes) -> "Policy":
        """Read a policy file; MalformedPolicyError lists every fault with its line."""
        return _Reading(raw).policy()

    def open(self, raw: bytes, origin: str | None = None) -> tuple[Checkpoint, notes.Note]:
        """Check a checkpoint against the policy.

        Raises what `notes.open_note` raises, OtherLogError when a log's key signed for another log's name, and
        QuorumError.
        """
        cosigners = {(known.key.name, known.key.id): name for name, known in self.witnesses.items()}
        log_keys = [known.key for known in self.logs]
        # The log's own signature first: witnesses alone make no checkpoint.
        notes.open_note(raw, log_keys)
        note = notes.open_note(raw, [*log_keys, *(known.key for known in self.witnesses.values())])
        checkpoint = Checkpoint.parse(note.text)
        signers = {signature.name for signature in note.verified if (signature.name, signature.key_id) not in cosigners}
        wanted = origin if origin is not None else checkpoint.origin
        if checkpoint.origin != wanted or wanted not in signers:
            raise OtherLogError(plain(origin or " or ".join(sorted(signers))), plain(checkpoint.origin))
        seen = [cosigners[who] for s in note.verified if (who := (s.name, s.key_id)) in cosigners]
        if self.quorum is not None and self.quorum not in self._satisfied(seen):
            raise QuorumError(plain(self.quorum), [plain(name) for name in seen])
        return checkpoint, note

    def _satisfied(self, seen: Iterable[str]) -> set[str]:
        """The witnesses seen and the groups that they make up. A group only names what is defined before it."""
        satisfied = set(seen)
        for name, group in self.groups.items():
            if sum(member in satisfied for member in group.members) >= group.threshold:
                satisfied.add(name)
        return satisfied


class _Reading:
    """One pass over a policy's lines, which gathers its faults."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.faults: list[str] = []
        self.logs: list[Known] = []
        self.witnesses: dict[str, Known] = {}
        self.groups: dict[str, Group] = {}
        self.members: set[str] = set()
        self.quorums: list[str] = []
        self.line = 0

    def policy(self) -> Policy:
        if len(self.raw) > LARGEST_POLICY or self.raw.count(b"\n") > MOST_LINES:
            raise MalformedPolicyError([f"is longer than {LARGEST_POLICY} bytes or {MOST_LINES} lines"])
        # Names are octets to the format; this keeps each octet string apart and writes it back as it was.
        for number, line in enumerate(self.raw.decode("utf-8", "surrogateescape").split("\n"), 1):
            self.line = number
            if any(ord(c) < 0x20 and c != "\t" for c in line) or "\x7f" in line:
                self.wrong("holds a control character")
                continue
            words = line.replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if words and not words[0].startswith("#"):
                self.read(words[0], words[1:])
        if len(self.quorums) != 1:
            self.faults.append(f"has {len(self.quorums)} quorum lines; one is needed")
        if self.faults:
            raise MalformedPolicyError(self.faults)
        return Policy(self.logs, self.witnesses, self.groups, None if self.quorums[0] == NONE else self.quorums[0])

    def wrong(self, why: str) -> None:
        self.faults.append(f"line {self.line} {why}")

    def read(self, word: str, rest: list[str]) -> None:
        if word == "log" and 1 <= len(rest) <= 2:
            self.log(*rest)
        elif word == "witness" and 2 <= len(rest) <= 3:
            self.witness(*rest)
        elif word == "group" and len(rest) >= 3:
            self.group(rest[0], rest[1], rest[2:])
        elif word == "quorum" and len(rest) == 1:
            if rest[0] != NONE and rest[0] not in self.witnesses and rest[0] not in self.groups:
                self.wrong(f"names “{plain(rest[0])}”, which no line above defines")
            self.quorums.append(rest[0])
        else:
            self.wrong("is none of: log KEY [URL], witness NAME KEY [URL], group NAME K|any|all MEMBER…, quorum NAME")

    def key(self, vkey: str, wanted: int, others: list[Verifier]) -> Verifier | None:
        try:
            key = Verifier.parse(vkey)
        except MalformedKeyError as fault:
            self.wrong(f"has no key: {fault}")
            return None
        if key.type != wanted:
            self.wrong("has a witness's key for a log" if wanted == notes.ED25519 else "has a log's key for a witness")
            return None
        if any(notes.same_key(key, other) for other in others):
            self.wrong("repeats a key")
            return None
        return key

    def log(self, vkey: str, url: str | None = None) -> None:
        key = self.key(vkey, notes.ED25519, [known.key for known in self.logs])
        if key is not None:
            self.logs.append(Known(key, url))

    def witness(self, name: str, vkey: str, url: str | None = None) -> None:
        key = self.key(vkey, notes.COSIGNATURE, [known.key for known in self.witnesses.values()])
        if self.free(name) and key is not None:
            self.witnesses[name] = Known(key, url)

    def group(self, name: str, threshold: str, members: list[str]) -> None:
        sound = self.free(name)
        for member in members:
            if member not in self.witnesses and member not in self.groups:
                self.wrong(f"names “{plain(member)}”, which no line above defines")
                sound = False
            elif member in self.members:
                self.wrong(f"names “{plain(member)}”, which is a member of a group already")
                sound = False
            self.members.add(member)
        count = {"any": 1, "all": len(members)}.get(threshold) or read_decimal(threshold)
        if count is None or not 1 <= count <= len(members):
            self.wrong(f"asks for “{plain(threshold)}” of {len(members)}")
        elif sound:
            self.groups[name] = Group(count, tuple(members))

    def free(self, name: str) -> bool:
        if name == NONE or name in self.witnesses or name in self.groups:
            self.wrong(f"defines “{plain(name)}” again")
            return False
        return True
