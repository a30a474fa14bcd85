"""The receipt of a closed account: what was erased, what stays and why, and the proof that the log says so too.

Plain Python, for the server that writes one and for anyone who checks one; docs/formats/closure-receipt.md
describes the file for outsiders. Three things are tied together, each to the next:

    the files' SHA-256, salted  →  `objects.root` in the statement
    the statement's SHA-256     →  the commitment `receipt` in the log's entry
    the entry                   →  the log's signed checkpoint, by an inclusion proof

A receipt changed anywhere breaks one of the ties, and the error says which.
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, ClassVar

from hustings.lib import merkle
from hustings.lib.tlog import commitments, entries, tiles
from hustings.lib.tlog.checkpoints import Checkpoint, open_checkpoint
from hustings.lib.tlog.encodings import read_base64, write_base64
from hustings.lib.tlog.errors import ForkError, MissingFileError, RollbackError, TlogError, WrongEntryError
from hustings.lib.tlog.notes import LARGEST_NOTE, Verifier
from hustings.lib.tlog.policies import Policy
from hustings.lib.tlog.proofs import TlogProof
from hustings.lib.tlog.scanning import fetch_tile
from hustings.lib.tlog.sources import Source

FORMAT = "hustings/closure-receipt/v1"
STATEMENT = "hustings/closure-statement/v1"
KIND = "closure_receipt"
LARGEST = 64 << 20  # bytes of a receipt that is read: room for some 800,000 files
_LARGEST_VKEY = 4_096
_FILE = b"hustings/closure-file/v1\x00"
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_SALT = re.compile(r"(?:[0-9a-f]{2}){16,255}", re.ASCII)

Files = Mapping[str, Sequence[str]]
"""SHA-256 in hex of every erased file, by what the file was."""


class ReceiptError(TlogError):
    """Something about a receipt is not as it must be; `part` names which part."""

    code: ClassVar[str] = "receipt"

    def __init__(self, part: str, why: str) -> None:
        self.part = part
        super().__init__(f"{part}: {why}")


class MalformedReceiptError(ReceiptError):
    """The file is no receipt, or a part of it has the wrong form."""

    code = "malformed_receipt"


class WrongStatementError(ReceiptError):
    """The statement is not the one that the log's entry commits to, or contradicts itself or the entry."""

    code = "wrong_statement"


class WrongFilesError(ReceiptError):
    """The list of files or its salt is not the one that the statement commits to."""

    code = "wrong_files"


class LeftOverError(ReceiptError):
    """The receipt is genuine, and says that a sweep still found something."""

    code = "left_over"


@dataclass(frozen=True, slots=True)
class Opening:
    """What shows the meaning of one commitment: the salt in hex, and the value."""

    salt: str
    value: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it lies in the file; nothing is checked but its form."""

    site: str
    key: Verifier  # as the file says it; whether to believe it is the reader's question
    entry: bytes
    proof: TlogProof
    openings: Mapping[str, Opening]
    statement: Mapping[str, Any]
    salt: bytes
    files: Files

    def encode(self) -> bytes:
        """The bytes of the file."""
        value = {
            "format": FORMAT,
            "site": self.site,
            "log": str(self.key),
            "entry": write_base64(self.entry),
            "proof": self.proof.encode().decode(),
            "openings": {name: {"salt": one.salt, "value": one.value} for name, one in sorted(self.openings.items())},
            "statement": self.statement,
            "files": {
                "salt": self.salt.hex(),
                "sha256": {what: list(some) for what, some in sorted(self.files.items())},
            },
        }
        return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


# --- Commitments -------------------------------------------------------------------------------------


def digest(statement: Mapping[str, Any]) -> str:
    """The SHA-256 of a statement's canonical form: UTF-8, keys in order, no white space. In hex."""
    canonical = json.dumps(statement, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(canonical.encode()).hexdigest()


def root_of(salt: bytes, files: Files) -> str:
    """The root of the Merkle tree (RFC 6962) over all files, in hex.

    A leaf is `hustings/closure-file/v1`, 0x00, the file's own salt, what it was, a line feed, its SHA-256 in hex. The
    own salt is the first 16 bytes of HMAC-SHA-256(salt, number), so that one leaf can be shown without the others.
    Files are numbered in the order of what they were, then of their hashes.
    """
    every = ((what, one) for what in sorted(files) for one in sorted(files[what]))
    return merkle.root_of(merkle.leaf_hash(_leaf(salt, number, *one)) for number, one in enumerate(every)).hex()


def _leaf(salt: bytes, number: int, what: str, file: str) -> bytes:
    own = hmac.digest(salt, number.to_bytes(8, "big"), "sha256")[:16]
    return _FILE + own + f"{what}\n{file}".encode()


# --- Reading -----------------------------------------------------------------------------------------


def read(raw: bytes) -> Receipt:
    """The receipt in a file's bytes. MalformedReceiptError, or the error of the key or the proof in it."""
    if len(raw) > LARGEST:
        raise MalformedReceiptError("the file", f"has more than {LARGEST} bytes")
    try:
        value = json.loads(raw, parse_constant=_no_number)
        # Half a surrogate pair can be written in JSON, and is no text; 1e999 is no number of JSON either.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise MalformedReceiptError("the file", "is no JSON") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise MalformedReceiptError("the file", f"does not say “format”: “{FORMAT}”")
    entry = read_base64(_text(value, "entry"))
    if entry is None:
        raise MalformedReceiptError("entry", "is no base 64")
    statement = _object(value, "statement")
    if statement.get("format") != STATEMENT:
        raise MalformedReceiptError("statement", f"does not say “format”: “{STATEMENT}”")
    salt, files = _files(_object(value, "files"))
    return Receipt(
        site=_text(value, "site"),
        key=Verifier.parse(_text(value, "log")),
        entry=entry,
        proof=TlogProof.parse(_text(value, "proof").encode()),
        openings={name: _opening(name, one) for name, one in _object(value, "openings").items()},
        statement=statement,
        salt=salt,
        files=files,
    )


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise MalformedReceiptError(name, "is missing or no text")
    return found


def _object(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    if not isinstance(found, dict):
        raise MalformedReceiptError(name, "is missing or no object")
    return found


def _opening(name: str, value: Any) -> Opening:
    if not isinstance(value, dict) or not isinstance(value.get("value"), str):
        raise MalformedReceiptError(f"openings.{name}", "has no value")
    salt = value.get("salt")
    if not isinstance(salt, str) or not _SALT.fullmatch(salt):
        raise MalformedReceiptError(f"openings.{name}", "has no salt of at least 16 bytes in hexadecimal")
    return Opening(salt, value["value"])


def _files(value: Mapping[str, Any]) -> tuple[bytes, Files]:
    salt = value.get("salt")
    if not isinstance(salt, str) or not _SALT.fullmatch(salt):
        raise MalformedReceiptError("files.salt", "is no salt of at least 16 bytes in hexadecimal")
    found = _object(value, "sha256")
    for what, some in found.items():
        if not _WORD.fullmatch(what) or not isinstance(some, list):
            raise MalformedReceiptError(f"files.sha256.{what[:40]}", "is no list under a small name")
        for number, one in enumerate(some):
            if not isinstance(one, str) or not _HASH.fullmatch(one):
                raise MalformedReceiptError(f"files.sha256.{what}", f"number {number} is no SHA-256 in hexadecimal")
    return bytes.fromhex(salt), found


# --- Checking ----------------------------------------------------------------------------------------


def check(receipt: Receipt, trusted: Verifier | Policy | None = None) -> Checkpoint:
    """Check all that the file alone can show; the checkpoint that covers it is answered.

    `trusted` is the log's key, or a policy with its witnesses, from a source that one believes; None takes the key
    from the file itself, which shows that the parts fit together but not whose log it is. Raises what
    `TlogProof.verify` raises, WrongOpeningError, WrongStatementError, WrongFilesError, and LeftOverError.
    """
    if isinstance(trusted, Policy):
        checkpoint, _ = receipt.proof.verify(receipt.entry, trusted)
    else:
        checkpoint, _ = receipt.proof.verify(receipt.entry, [trusted or receipt.key])
    _check_entry(receipt)
    _check_statement(receipt.statement)
    _check_files(receipt)
    _check_zero(receipt.statement)
    return checkpoint


def check_live(receipt: Receipt, checkpoint: Checkpoint, source: Source, key: Verifier) -> Checkpoint:
    """Check that the log as it is served now still holds the entry; its checkpoint of now is answered.

    `checkpoint` is the receipt's, as `check` answered it. RollbackError, ForkError, WrongEntryError, and what reading
    and opening a log raises.
    """
    now, _ = open_checkpoint(source.get("checkpoint", LARGEST_NOTE), [key], checkpoint.origin)
    if now.size < checkpoint.size:
        raise RollbackError(checkpoint.size, now.size)
    read = tiles.reader(now.size, lambda tile: fetch_tile(source, tile))
    try:
        way = merkle.consistency_proof(checkpoint.size, now.size, read)
        merkle.verify_consistency(checkpoint.size, now.size, way, checkpoint.root, now.root)
    except merkle.ProofError:
        raise ForkError(checkpoint.size, now.size) from None
    _check_served(receipt, source, now.size)
    return now


def _check_served(receipt: Receipt, source: Source, size: int) -> None:
    """The entry is served as it stands in the receipt. A partial bundle may have become the full one meanwhile."""
    index = receipt.proof.index
    number, place = divmod(index, tiles.WIDTH)
    width = min(tiles.WIDTH, size - number * tiles.WIDTH)
    path = tiles.entries_path(number, width)
    try:
        raw = source.get(path, tiles.LARGEST_BUNDLE)
    except MissingFileError:
        if width == tiles.WIDTH:
            raise
        width, path = tiles.WIDTH, tiles.entries_path(number)
        raw = source.get(path, tiles.LARGEST_BUNDLE)
    if tiles.read_bundle(raw, number, width)[place] != receipt.entry:
        raise WrongEntryError(path, index)


def published_key(source: Source) -> Verifier:
    """The key that a log says is its own: worth as much as the connection it came over."""
    return Verifier.parse(source.get("vkey", _LARGEST_VKEY).decode(errors="replace").strip())


def _check_entry(receipt: Receipt) -> None:
    """The entry is that of this receipt."""
    entry = _closing_entry(receipt.entry)
    for name, commitment in entry.commitments.items():
        opening = receipt.openings.get(name)
        if opening is None:
            raise MalformedReceiptError(f"openings.{name}", "is missing, and the entry commits to it")
        commitments.check(KIND, name, bytes.fromhex(opening.salt), opening.value, commitment)
    statement, value = receipt.statement, entry.value
    if "receipt" not in entry.commitments or not hmac.compare_digest(
        receipt.openings["receipt"].value, digest(statement)
    ):
        raise WrongStatementError("statement", "is not the one that the log's entry commits to")
    account = receipt.openings.get("account")
    if account is None or account.value != f"{statement.get('site')}/@{statement.get('handle')}":
        raise WrongStatementError("statement", "names another account than the log's entry commits to")
    if receipt.site != statement.get("site"):
        raise WrongStatementError("site", "is not the one in the statement")
    if value.get("objects") != _dig(statement, "objects", "root"):
        raise WrongStatementError("statement", "says another root of files than the log's entry")
    if any(value["residue"].values()):
        raise LeftOverError("entry", "says that a sweep still found something")


def _closing_entry(raw: bytes) -> entries.Entry:
    """The entry, which has the fields of a closure's."""
    try:
        entry = entries.parse(raw)
    except TlogError as fault:
        raise MalformedReceiptError("entry", str(fault)) from None
    if entry.kind != KIND:
        raise WrongStatementError("entry", f"is one of the kind “{entry.kind[:40]}”, not the receipt of a closure")
    if not entry.known:
        raise MalformedReceiptError("entry", f"is of version {entry.version}, which this program does not know")
    return entry


def _check_statement(statement: Mapping[str, Any]) -> None:
    """The statement does not contradict itself: times in order, whole counts, a reason for all that stays."""
    times = [_instant(statement, name) for name in ("asked_at", "locked_at", "erased_at", "verified_at")]
    if times != sorted(times):
        raise WrongStatementError("statement", "its times are not in order: asked, locked, erased, verified")
    for domain, rows in _dig(statement, "erased", "rows", kind=dict).items():
        if not isinstance(rows, dict):
            raise WrongStatementError(f"statement.erased.rows.{domain}", "is no object of counts")
        for what, count in rows.items():
            if type(count) is not int or count < 0:
                raise WrongStatementError(f"statement.erased.rows.{domain}.{what}", "is no count")
    for number, one in enumerate(_dig(statement, "remains", kind=list)):
        if not isinstance(one, dict) or not one.get("what") or not one.get("why"):
            raise WrongStatementError(f"statement.remains.{number}", "does not say what remains and why")
        if one.get("until") is not None and not _is_date(one["until"]):
            raise WrongStatementError(f"statement.remains.{number}", "its end is no day")
    if not _dig(statement, "checks", kind=list):
        raise WrongStatementError("statement.checks", "is empty: nothing was looked at")


def _check_files(receipt: Receipt) -> None:
    statement, files = receipt.statement, receipt.files
    told = _dig(statement, "erased", "files", kind=dict)
    counted = {what: len(some) for what, some in files.items() if some}
    if counted != {what: count for what, count in told.items() if count}:
        differing = sorted({*counted, *told} - {what for what in counted if counted[what] == told.get(what)})
        raise WrongFilesError("files", f"has not as many of these as the statement says: {', '.join(differing)}")
    if sum(counted.values()) != _dig(statement, "objects", "count", kind=int):
        raise WrongFilesError("files", "has not as many hashes as the statement says")
    if root_of(receipt.salt, files) != _dig(statement, "objects", "root", kind=str):
        raise WrongFilesError("files", "their hashes or their salt are not those that the statement commits to")


def _check_zero(statement: Mapping[str, Any]) -> None:
    """Genuine is not yet good: whether the sweep found nothing."""
    for one in statement["checks"]:
        if not isinstance(one, dict) or type(one.get("found")) is not int:
            raise WrongStatementError("statement.checks", "one of them does not say what it found")
        if one["found"]:
            raise LeftOverError(f"the check of {str(one.get('what'))[:40]}", f"still found {one['found']}")


def _dig(value: Mapping[str, Any], *names: str, kind: type = object) -> Any:
    found: Any = value
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, kind) or found is None or (kind is int and isinstance(found, bool)):
        raise WrongStatementError(f"statement.{'.'.join(names)}", "is missing or of another form")
    return found


def _instant(statement: Mapping[str, Any], name: str) -> datetime:
    try:
        return datetime.strptime(str(statement.get(name)), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        raise WrongStatementError(f"statement.{name}", "is no instant") from None


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
