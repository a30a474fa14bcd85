"""Signed notes and their keys (C2SP signed-note): text, an empty line, then one line for each signature.

Two kinds of key are known here: Ed25519, with which a log signs, and timestamped Ed25519, with which a witness
cosigns. Signatures of all others are kept and ignored, as the format demands.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hustings.lib.tlog import cosignatures
from hustings.lib.tlog.encodings import read_base64, write_base64
from hustings.lib.tlog.errors import BadSignatureError, MalformedKeyError, MalformedNoteError, NotSignedError
from hustings.lib.tlog.words import plain

ED25519 = 0x01
COSIGNATURE = 0x04
_TYPES = {ED25519: "a log's key (Ed25519)", COSIGNATURE: "a witness's key (timestamped Ed25519)"}
PRIVATE = "PRIVATE+KEY+"
MOST_SIGNATURES = 64  # the format asks for at least 16
LARGEST_NOTE = 256 * 1024  # room for as many signatures of the kinds to come, of 5 kB each


def is_key_name(name: str) -> bool:
    """Whether `name` may name a key: not empty, no Unicode space, no plus, nothing that is no UTF-8."""
    return bool(name) and "+" not in name and not any(c.isspace() or "\ud800" <= c <= "\udfff" for c in name)


def key_id(name: str, key_type: int, public: bytes) -> bytes:
    """The four bytes that, with the name, tell a key from others."""
    return sha256(name.encode() + b"\n" + bytes([key_type]) + public).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name. `str()` gives the `vkey` text that people pass on."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The key's id, 4 bytes."""
        return key_id(self.name, self.type, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{write_base64(bytes([self.type]) + self.public)}"

    def verifies(self, text: bytes, signature: bytes) -> bool:
        """Whether this key made `signature` for the note's text."""
        if self.type == COSIGNATURE:
            parts = cosignatures.split(signature)
            if parts is None:
                return False
            text, signature = cosignatures.message(text, parts[0]), parts[1]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except InvalidSignature:
            return False
        return True

    @classmethod
    def parse(cls, vkey: str) -> "Verifier":
        """Read a `vkey`; MalformedKeyError says what is wrong with it."""
        name, key_type, public = _parse_key(vkey.strip(), "a verifier key has the form name+id+key")
        try:
            Ed25519PublicKey.from_public_bytes(public)
        except ValueError:  # pragma: no cover - OpenSSL takes any 32 bytes today
            raise MalformedKeyError(f"the key of {plain(name)} is no point of Ed25519") from None
        verifier = cls(name, key_type, public)
        if verifier.id != bytes.fromhex(vkey.strip().split("+", 2)[1]):
            raise MalformedKeyError(f"the id in the key of {plain(name)} does not belong to it; a letter may be wrong")
        return verifier


class Signer:
    """A private key with its name. Never shown but by `secret()`."""

    __slots__ = ("_private", "verifier")

    def __init__(self, name: str, key_type: int, seed: bytes) -> None:
        if not is_key_name(name):
            raise MalformedKeyError("a key's name is not empty and has neither spaces nor a plus")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, key_type, self._private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, key_type: int = ED25519) -> "Signer":
        """A new key from the system's source of randomness."""
        return cls(name, key_type, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, skey: str) -> "Signer":
        """Read the text of a private key; an error never repeats any of it."""
        text = skey.strip()
        if not text.startswith(PRIVATE):
            raise MalformedKeyError("a private key begins with PRIVATE+KEY+")
        name, key_type, seed = _parse_key(
            text.removeprefix(PRIVATE), "a private key has the form PRIVATE+KEY+name+id+key"
        )
        signer = cls(name, key_type, seed)
        if signer.verifier.id != bytes.fromhex(text.removeprefix(PRIVATE).split("+", 2)[1]):
            raise MalformedKeyError(f"the id in the private key of {plain(name)} does not belong to it")
        return signer

    def secret(self) -> str:
        """The private key as text, for the one file that holds it."""
        verifier = self.verifier
        seed = bytes([verifier.type]) + self._private.private_bytes_raw()
        return f"{PRIVATE}{verifier.name}+{verifier.id.hex()}+{write_base64(seed)}"

    def sign(self, text: str, timestamp: int | None = None) -> "Signature":
        """Sign a note's text; a witness's key needs the `timestamp`, in seconds since 1970."""
        if (self.verifier.type == COSIGNATURE) != (timestamp is not None):
            raise ValueError("a witness's key signs with a time, a log's without")
        raw = text.encode()
        signature = self._private.sign(raw if timestamp is None else cosignatures.message(raw, timestamp))
        if timestamp is not None:
            signature = cosignatures.join(timestamp, signature)
        return Signature(self.verifier.name, self.verifier.id, signature)

    def __repr__(self) -> str:
        return f"Signer({self.verifier.name!r})"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line. `value` is what follows the key's id."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"— {self.name} {write_base64(self.key_id + self.value)}"

    @property
    def timestamp(self) -> int | None:
        """When a witness says that it signed; only of meaning when its key is a witness's."""
        parts = cosignatures.split(self.value)
        return parts[0] if parts else None


@dataclass(frozen=True, slots=True)
class Note:
    """A note's text, the signatures that verified, and those of keys that were not asked for."""

    text: str
    verified: tuple[Signature, ...]
    unknown: tuple[Signature, ...]

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """All of them."""
        return self.verified + self.unknown


def parse_note(raw: bytes) -> Note:
    """Read a note without believing it: no signature is checked."""
    text, lines = _split(raw)
    return Note(text, (), tuple(signature for _, signature in _signatures(text, lines)))


def open_note(raw: bytes, verifiers: Iterable[Verifier]) -> Note:
    """Read a note and check the signatures of the keys given; at least one must have signed it.

    Raises MalformedNoteError, BadSignatureError when a known key's signature is wrong, NotSignedError.
    """
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    text, lines = _split(raw)
    message = text.encode()
    verified: dict[tuple[str, bytes], Signature] = {}
    unknown: dict[Signature, None] = {}
    for number, signature in _signatures(text, lines):
        who = (signature.name, signature.key_id)
        if who not in known:
            unknown[signature] = None
        elif not known[who].verifies(message, signature.value):
            raise BadSignatureError(signature.name, signature.key_id, number)
        else:
            verified.setdefault(who, signature)
    if not verified:
        wanted = [f"{verifier.name} (key {verifier.id.hex()})" for verifier in known.values()]
        raise NotSignedError(wanted, [f"{plain(s.name)} (key {s.key_id.hex()})" for s in unknown][:8])
    return Note(text, tuple(verified.values()), tuple(unknown))


def write_note(text: str, signatures: Iterable[Signature]) -> bytes:
    """The bytes of a signed note. The text ends with a line's end."""
    if not text.endswith("\n") or any(ord(c) < 0x20 and c != "\n" for c in text):
        raise ValueError("a note's text ends with a newline and holds no other control character")
    return (text + "\n" + "".join(f"{signature}\n" for signature in signatures)).encode()


def _parse_key(text: str, form: str) -> tuple[str, int, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3 or not is_key_name(parts[0]) or len(parts[1]) != 8:
        raise MalformedKeyError(form)
    try:
        bytes.fromhex(parts[1])
    except ValueError:
        raise MalformedKeyError(form) from None
    raw = read_base64(parts[2])
    if not raw:
        raise MalformedKeyError(f"{form}; the last part is no base 64")
    if raw[0] not in _TYPES:
        raise MalformedKeyError(f"keys of type {raw[0]:#04x} are not known here; only Ed25519 is")
    if len(raw) != 33:
        raise MalformedKeyError(f"an Ed25519 key has 32 bytes, this one {len(raw) - 1}")
    return parts[0], raw[0], raw[1:]


def _split(raw: bytes) -> tuple[str, list[str]]:
    """The text with its last newline, and the signature lines."""
    if len(raw) > LARGEST_NOTE:
        raise MalformedNoteError(1, f"a note of {len(raw)} bytes is too long; {LARGEST_NOTE} are read")
    try:
        whole = raw.decode()
    except UnicodeDecodeError as fault:
        raise MalformedNoteError(raw.count(b"\n", 0, fault.start) + 1, "is not UTF-8") from None
    for number, line in enumerate(whole.split("\n"), 1):
        if any(ord(c) < 0x20 for c in line):
            raise MalformedNoteError(number, "holds a control character")
    head, blank, tail = whole.rpartition("\n\n")
    lines = whole.count("\n") + 1
    if not blank:
        raise MalformedNoteError(lines, "the text ends here without an empty line and signatures")
    if not tail.endswith("\n"):
        raise MalformedNoteError(lines, "the note ends in the middle of a line, or without a signature")
    return head + "\n", tail[:-1].split("\n")


def _signatures(text: str, lines: list[str]) -> list[tuple[int, Signature]]:
    if len(lines) > MOST_SIGNATURES:
        raise MalformedNoteError(text.count("\n") + 2, f"{len(lines)} signatures; at most {MOST_SIGNATURES} are read")
    found = []
    for number, line in enumerate(lines, text.count("\n") + 2):
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = read_base64(encoded)
        if mark != "—" or not is_key_name(name) or raw is None or len(raw) < 5:
            raise MalformedNoteError(number, "is no signature line (— name base64)")
        found.append((number, Signature(name, raw[:4], raw[4:])))
    return found


def same_key(one: Verifier, other: Verifier) -> bool:
    """Whether two verifiers are the same key, whatever they are called."""
    return hmac.compare_digest(one.public, other.public)
