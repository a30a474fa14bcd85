"""The entries of the log: canonical JSON of a kind and a version, checked before writing and by anyone after.

An entry is `{"kind", "v", "at", …}`, with `"commitments": {name: 64 hex digits}` where it speaks of a person.
Canonical means one byte sequence for one meaning: UTF-8, no white space, keys in order and once, whole numbers only,
nothing escaped that need not be (RFC 8785 for what our entries use).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from hustings.lib.tlog import welsh
from hustings.lib.tlog.errors import EntryFormError
from hustings.lib.tlog.schemas import KINDS, NAME, Schema, is_instant
from hustings.lib.tlog.words import plain

LARGEST = 65_535  # tlog-tiles counts an entry's bytes in a uint16
MOST_COMMITMENTS = 16
_HASH_LENGTH, _HEXADECIMAL = 64, b"0123456789abcdef"
ENVELOPE = frozenset({"kind", "v", "at", "commitments"})

__all__ = ["ENVELOPE", "KINDS", "LARGEST", "Entry", "check_form", "encode", "kinds_of", "parse", "say"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, well-formed. `known` is False when its kind or version is newer than this program."""

    kind: str
    version: int
    at: str
    value: Mapping[str, Any]
    known: bool

    @property
    def commitments(self) -> Mapping[str, str]:
        """Name to 64 hexadecimal digits."""
        found: Mapping[str, str] = self.value.get("commitments", {})
        return found


def parse(raw: bytes) -> Entry:
    """The entry, or EntryFormError with all its faults. An unknown kind or version is no fault: `known` says so."""
    value, schema = read(raw)
    return Entry(value["kind"], value["v"], value["at"], value, schema is not None)


def read(raw: bytes) -> tuple[Mapping[str, Any], Schema | None]:
    """`parse` without the object around it, for those who read a million: the fields, and the schema they fit."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise EntryFormError(["is no JSON"]) from None
    schema = check_form(value)
    if _canonical(value) != raw:
        raise EntryFormError(["is not in canonical form: white space, the order of keys, or a key twice"])
    return value, schema


def encode(kind: str, version: int, at: str, body: Mapping[str, Any], commitments: Mapping[str, str]) -> bytes:
    """The bytes of a new entry, or EntryFormError with all that its schema refuses. Its kind must be known."""
    doubled = ENVELOPE & body.keys()
    value = {**body, "kind": kind, "v": version, "at": at}
    if commitments:
        value["commitments"] = dict(commitments)
    faults = [f"the body may not set “{name}”" for name in sorted(doubled)]
    if version not in KINDS.get(kind, {}):
        faults.append(f"there is no kind “{plain(str(kind))}” of version {version}")
    else:
        try:
            check_form(value)
        except EntryFormError as fault:
            faults += fault.faults
    if faults:
        raise EntryFormError(faults)
    raw = _canonical(value)
    if len(raw) > LARGEST:
        raise EntryFormError([f"has {len(raw)} bytes; an entry has {LARGEST} at most"])
    return raw


def check_form(value: Any) -> Schema | None:
    """The schema that a decoded entry fits, None for an unknown kind or version; EntryFormError lists its faults."""
    if type(value) is not dict:
        raise EntryFormError(["is no JSON object"])
    kind, version = value.get("kind"), value.get("v")
    if type(kind) is not str or type(version) is not int or version < 1 or not NAME.fits(kind):
        raise EntryFormError(["has no kind and version"])
    faults = []
    if not is_instant(value.get("at")):
        faults.append("“at” is no instant in UTC to the second")
    if "commitments" in value and not _are_commitments(value["commitments"]):
        faults.append(f"“commitments” are not 1 to {MOST_COMMITMENTS} names with 64 hexadecimal digits each")
    schema = KINDS.get(kind, {}).get(version)
    if schema is not None:
        faults += _faults_of_fields(value, schema)
    if faults:
        raise EntryFormError(faults)
    return schema


def _faults_of_fields(value: Mapping[str, Any], schema: Schema) -> list[str]:
    faults = []
    fields = schema.fields
    for name, given in value.items():
        if name in fields:
            of = fields[name].type
            # The first half of `fits`, without a call: this line runs ten million times for a large log.
            if not (type(given) is str and given in of.accepted) and not of.fits(given):
                faults.append(f"“{name}” is not {of.about}")
        elif name not in ENVELOPE:
            faults.append(f"“{plain(name)}” is no field of {value['kind']} version {value['v']}")
    if not schema.needed <= value.keys():
        faults += [f"“{name}” is missing" for name in sorted(schema.needed - value.keys())]
    return faults


def say(entry: Entry, language: str = "en") -> str:
    """The entry as a sentence without its full stop, in English or Welsh (`cy`); safe to print."""
    if language == "cy":
        return welsh.say(entry.kind, entry.version, entry.value)
    if not entry.known:
        return f"an entry of a kind that this program does not know: {plain(entry.kind)}, version {entry.version}"
    return KINDS[entry.kind][entry.version].says(entry.value)


def kinds_of(commitments: Mapping[str, str], kind: str, version: int) -> dict[str, str]:
    """What each commitment of an entry is about, where its schema says so."""
    about = KINDS[kind][version].commitments if version in KINDS.get(kind, {}) else {}
    return {name: about.get(name, "not described") for name in commitments}


def _canonical(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (orjson.JSONEncodeError, TypeError, RecursionError) as fault:
        raise EntryFormError([f"cannot be written as canonical JSON: {plain(str(fault))}"]) from None


def _are_commitments(value: Any) -> bool:
    if type(value) is not dict or not 0 < len(value) <= MOST_COMMITMENTS:
        return False
    for name, commitment in value.items():
        if name not in NAME.accepted and not NAME.fits(name):
            return False
        # HASH.fits, in a third of its time: a log holds millions of these, and no two are equal.
        if type(commitment) is not str or len(commitment) != _HASH_LENGTH:
            return False
        if commitment.encode("utf-8", "replace").translate(None, _HEXADECIMAL):
            return False
    return True
