"""What can be wrong with a log, each by its own name, so that nobody has to guess which file or line to look at.

`code` is stable, for programs; the sentence names the file, the line, the entry or the signature. These are facts
about a log, not refusals of our API: a log may be somebody else's.
"""

from collections.abc import Callable
from typing import Any, ClassVar


class TlogError(Exception):
    """Something about a log, a note, a proof or a policy is not as it must be."""

    code: ClassVar[str] = "tlog"

    def __reduce__(self) -> tuple[Callable[..., "TlogError"], tuple[type["TlogError"], str, dict[str, Any]]]:
        """A fault that a worker process found reaches its parent whole, whatever its constructor takes."""
        return _rebuilt, (type(self), str(self), self.__dict__)


def _rebuilt(kind: type[TlogError], sentence: str, facts: dict[str, Any]) -> TlogError:
    fault = kind.__new__(kind)
    Exception.__init__(fault, sentence)
    fault.__dict__.update(facts)
    return fault


# Signed notes and keys


class MalformedNoteError(TlogError):
    """The text is no signed note; names the line, counted from 1."""

    code = "malformed_note"

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(f"line {line} of the signed note: {why}")


class MalformedKeyError(TlogError):
    """A verifier or signing key is not of the form `name+id+base64`. Never repeats the key: it may be secret."""

    code = "malformed_key"


class NotSignedError(TlogError):
    """No known key has signed the note."""

    code = "not_signed"

    def __init__(self, wanted: list[str], found: list[str]) -> None:
        self.wanted, self.found = wanted, found
        signed = f"it is signed by {', '.join(found)}" if found else "it carries no signature"
        super().__init__(f"no signature by {' or '.join(wanted) or 'any known key'}; {signed}")


class KeyChangedError(TlogError):
    """The log no longer signs with the key that was remembered for it."""

    code = "key_changed"


class BadSignatureError(TlogError):
    """A signature names a known key, and that key did not make it."""

    code = "bad_signature"

    def __init__(self, name: str, key_id: bytes, line: int) -> None:
        self.name, self.key_id, self.line = name, key_id, line
        super().__init__(
            f"line {line} of the signed note: the signature of {name} (key {key_id.hex()}) does not verify"
        )


# Checkpoints


class MalformedCheckpointError(TlogError):
    """The signed text is no checkpoint; names the line, counted from 1."""

    code = "malformed_checkpoint"

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(f"line {line} of the checkpoint: {why}")


class OtherLogError(TlogError):
    """The checkpoint belongs to another log than the one asked about."""

    code = "other_log"

    def __init__(self, wanted: str, found: str) -> None:
        self.wanted, self.found = wanted, found
        super().__init__(f"the checkpoint is that of the log “{found}”, not of “{wanted}”")


class RollbackError(TlogError):
    """The log shows fewer entries than it has shown before."""

    code = "rollback"

    def __init__(self, seen: int, size: int) -> None:
        self.seen, self.size = seen, size
        super().__init__(f"the log went back: it has shown {seen} entries before, and now shows {size}")


class ForkError(TlogError):
    """The log has signed two histories that cannot both be true."""

    code = "fork"

    def __init__(self, seen: int, size: int) -> None:
        self.seen, self.size = seen, size
        super().__init__(
            f"the log forked: what it signed for its first {seen} entries is not the beginning of the {size} "
            "entries that it signs now"
        )


# Files of a log


class FileError(TlogError):
    """Something about one file of the log."""

    code = "file"

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        super().__init__(f"{path}: {why}")


class MissingFileError(FileError):
    """The log does not serve a file that its checkpoint needs."""

    code = "missing_file"

    def __init__(self, path: str, why: str = "the log does not have this file, and its checkpoint needs it") -> None:
        super().__init__(path, why)


class OversizedFileError(FileError):
    """A file is larger than its kind can be; reading stopped there."""

    code = "oversized_file"

    def __init__(self, path: str, limit: int) -> None:
        self.limit = limit
        super().__init__(path, f"is larger than {limit} bytes, which is the most such a file can have")


class MalformedTileError(FileError):
    """A tile has not the length that its width asks for, or a path names no tile."""

    code = "malformed_tile"


class MalformedBundleError(FileError):
    """An entry bundle ends in the middle of an entry, or holds more or fewer than its width."""

    code = "malformed_bundle"


class WrongTileError(FileError):
    """A tile differs from what the signed root and the entries demand."""

    code = "wrong_tile"

    def __init__(self, path: str, place: int) -> None:
        self.place = place
        super().__init__(path, f"hash {place} of this tile is not the one that the entries and the signed root give")


class WrongEntryError(FileError):
    """An entry is not the one that the log has signed."""

    code = "wrong_entry"

    def __init__(self, path: str, index: int) -> None:
        self.index = index
        super().__init__(path, f"entry {index} is not the one that the log has signed")


class WrongBlockError(FileError):
    """A bundle and its tile agree with each other and not with the signed root: both were changed."""

    code = "wrong_block"

    def __init__(self, path: str, first: int, last: int) -> None:
        self.first, self.last = first, last
        super().__init__(
            path,
            f"one of the entries {first} to {last} is not the one that the log has signed; its tile was changed too",
        )


class WrongRootError(TlogError):
    """Nothing that the log serves leads to the root it has signed."""

    code = "wrong_root"

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(
            f"neither the entries nor the tiles lead to the root that the checkpoint of {size} entries signs"
        )


class UnsteadyError(TlogError):
    """The log answered the same question in two ways within one visit."""

    code = "unsteady"


class UnreachableError(FileError):
    """The server did not answer, or not in time; says nothing about the log itself."""

    code = "unreachable"


class AddressError(TlogError):
    """The address cannot be that of a log."""

    code = "address"


# Entries


class EntryFormError(TlogError):
    """An entry has not the form that its kind and version demand; every fault is listed."""

    code = "entry_form"

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class MalformedOpeningError(TlogError):
    """A file of openings has not their form, or opens what the entry does not commit to."""

    code = "malformed_opening"


class WrongOpeningError(TlogError):
    """A salt and a value do not give the commitment in the entry."""

    code = "wrong_opening"

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"the opening of “{name}” does not give the commitment in the entry: the salt or the value was changed"
        )


# Proofs, policies, witnesses, what was remembered


class MalformedProofError(TlogError):
    """A `.tlog-proof` has a line that is none; counted from 1."""

    code = "malformed_proof"

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        super().__init__(f"line {line} of the proof: {why}")


class WrongProofError(TlogError):
    """A well-formed proof does not prove that the entry is in the log."""

    code = "wrong_proof"


class MalformedPolicyError(TlogError):
    """A policy has faults; each with its line, counted from 1."""

    code = "malformed_policy"

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("the policy: " + "; ".join(faults))


class QuorumError(TlogError):
    """Too few witnesses have cosigned."""

    code = "quorum"

    def __init__(self, quorum: str, seen: list[str]) -> None:
        self.quorum, self.seen = quorum, seen
        who = ", ".join(seen) if seen else "no witness"
        super().__init__(f"the policy asks for the quorum “{quorum}”; the checkpoint is cosigned by {who}")


class RememberedError(TlogError):
    """What was remembered of a log cannot be read or written."""

    code = "memory"


# Not the log's fault: the visitor's, the network's, or the disk's.
NOT_THE_LOG = (UnreachableError, AddressError, RememberedError, MalformedKeyError, MalformedPolicyError)
