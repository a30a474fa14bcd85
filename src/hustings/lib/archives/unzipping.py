"""Reading a ZIP that a stranger made: everything is checked before a byte is unpacked. No Django.

A ZIP says the same thing twice, in its directory and before each file, and tools differ in whom they believe;
most attacks live in that gap (names that differ, entries that overlap, sizes that lie). This reader believes
the directory, holds it to what it finds, and refuses what a tool that packs somebody's own data never makes.
Nothing is ever unpacked to a name of the archive's choosing: content comes out as blocks of bytes.

Every fault is gathered and named before `open_zip` answers. PKWARE's APPNOTE.TXT 6.3.9 is the format.
"""

import stat
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from hustings.lib.archives.errors import BadArchiveError

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_BLOCK: Final = 1 << 18
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_MOST_FAULTS: Final = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is believable of one archive. `ratio` is plain to packed bytes, asked of files over a megabyte."""

    entries: int = 20_000
    directory: int = 16 << 20
    plain: int = 8 << 30
    ratio: int = 200
    name: int = 400


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `where` is a file's name as far as it can be shown, `code` a stable word."""

    where: str
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)


SENTENCES: Final[Mapping[str, str]] = {
    "not_zip": "This is not a ZIP file, or its end is missing.",
    "split": "This is one part of an archive in several parts.",
    "directory": "The archive's directory is damaged.",
    "too_many": "The archive names {count} files; more than {most} are not taken.",
    "too_large": "Unpacked, the archive would be larger than {most} MB.",
    "name_encoding": "The name is not readable text.",
    "name_long": "The name is longer than {most} characters.",
    "path": "The name leads out of the archive.",
    "link": "This is a link or a device, not a file.",
    "encrypted": "The file is locked with a password.",
    "method": "The file is packed in a way we do not read.",
    "ratio": "The file claims to unpack to {ratio} times its size.",
    "overlap": "The file shares its bytes with another.",
    "differs": "The archive names this file in two different ways.",
    "outside": "The file lies outside the archive.",
    "twice": "The archive has two files of this name.",
    "json": "This is not the JSON that the app writes, or it breaks off.",
    "json_encoding": "This is not UTF-8 text. Do not open and save the file before you bring it here.",
    "json_deep": "This JSON is nested more than {most} deep, which no app writes.",
    "nested": "There is an archive within the archive. Unpack it, and bring what is inside.",
    "form": "This does not have the form that our exports have: {what}.",
    "damaged": "The content does not have the size or the checksum that the archive says.",
}


def sentence(fault: Fault) -> str:
    """A fault in English, for logs of the command line and the JSON of the error."""
    return SENTENCES[fault.code].format(**fault.params)


def refusal(faults: list[Fault]) -> BadArchiveError:
    """All faults as one error; `faults` hangs on it for those who say them in another language."""
    error = BadArchiveError(fields={fault.where: sentence(fault) for fault in faults[:_MOST_FAULTS]})
    error.faults = tuple(faults[:_MOST_FAULTS])
    return error


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a checked archive. `start` is where its packed bytes begin."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    start: int


@dataclass(frozen=True, slots=True)
class _Record:
    """A line of the directory, before it is believed."""

    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    made_by: int
    attributes: int


class Unzip:
    """A checked archive: `members` by name, folders left out. `blocks` unpacks one."""

    def __init__(self, file: BinaryIO, members: dict[str, Member]) -> None:
        self._file = file
        self.members = members

    def blocks(self, name: str, *, most: int | None = None) -> Iterator[bytes]:
        """The plain content of a member; BadArchiveError when it is not what the directory says.

        `most` stops a reader that wants less than all (a beginning, to see what it is); nothing is checked then.
        """
        member = self.members[name]
        produced, crc = 0, 0
        for block in self._plain(member):
            produced += len(block)
            if produced > member.size:
                raise refusal([Fault(name, "damaged")])
            crc = zlib.crc32(block, crc)
            yield block
            if most is not None and produced >= most:
                return
        if produced != member.size or crc != member.crc:
            raise refusal([Fault(name, "damaged")])

    def read(self, name: str, *, most: int) -> bytes:
        """The whole content of a small member; BadArchiveError when it is larger than `most` bytes."""
        if self.members[name].size > most:
            raise refusal([Fault(name, "too_large", {"most": most >> 20})])
        return b"".join(self.blocks(name))

    def _plain(self, member: Member) -> Iterator[bytes]:
        left, at = member.packed, member.start
        squeeze = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == _DEFLATED else None
        while left > 0:
            self._file.seek(at)
            packed = self._file.read(min(_BLOCK, left))
            if not packed:
                return
            left -= len(packed)
            at += len(packed)
            if squeeze is None:
                yield packed
                continue
            try:
                yield from _inflated(squeeze, packed)
            except zlib.error:
                raise refusal([Fault(member.name, "damaged")]) from None


def _inflated(squeeze: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """Never more than a block at a time in memory, however well it was packed."""
    while packed:
        block = squeeze.decompress(packed, _BLOCK)
        packed = squeeze.unconsumed_tail
        if block:
            yield block


def open_zip(file: BinaryIO, limits: Limits = Limits(), beat: Callable[[], object] = lambda: None) -> Unzip:
    """Check all of an archive that can be checked without unpacking. BadArchiveError names every fault."""
    faults: list[Fault] = []
    records, directory = _directory(file, limits)
    members: dict[str, Member] = {}
    folded: set[str] = set()
    taken: list[tuple[int, int, str]] = []
    plain = 0
    for record in records:
        name, wrong = _name(record.raw, utf8=bool(record.flags & 0x800), limits=limits)
        found = wrong or _form(record, limits)
        start = None
        if found is None:
            start, found = _start(file, record, directory)
        if found is None and not name.endswith("/"):
            found = Fault("", "twice") if _fold(name) in folded else None
            folded.add(_fold(name))
        if found is not None or start is None:
            code, params = (found.code, found.params) if found else ("damaged", {})
            faults.append(Fault(name, code, params))
            continue
        taken.append((record.offset, start + record.packed, name))
        plain += record.size
        if not name.endswith("/"):
            members[name] = Member(name, record.method, record.crc, record.packed, record.size, start)
        beat()
    faults += _overlaps(taken)
    if plain > limits.plain:
        faults.append(Fault("archive", "too_large", {"most": limits.plain >> 20}))
    if faults:
        raise refusal(faults)
    return Unzip(file, members)


def is_zip(path: Path) -> bool:
    """Whether a file begins as archives do (an empty one begins with its end)."""
    with path.open("rb") as file:
        return file.read(4) in {b"PK\3\4", b"PK\5\6"}


# --- The directory ------------------------------------------------------------------------------------


def _directory(file: BinaryIO, limits: Limits) -> tuple[list[_Record], int]:
    """Its lines, and where it begins. Faults here end the reading: nothing after them means anything."""
    size = file.seek(0, 2)
    count, length, offset, end = _end(file, size)
    if count > limits.entries:
        raise refusal([Fault("archive", "too_many", {"count": count, "most": limits.entries})])
    # Anything between the directory and its end, or before the first file, is room for tricks.
    if length > limits.directory or offset + length != end:
        raise refusal([Fault("archive", "directory")])
    file.seek(offset)
    raw = file.read(length)
    records: list[_Record] = []
    at = 0
    while at < len(raw):
        record, at = _record(raw, at)
        records.append(record)
    if len(records) != count:
        raise refusal([Fault("archive", "directory")])
    return records, offset


def _end(file: BinaryIO, size: int) -> tuple[int, int, int, int]:
    """(entries, bytes of the directory, where it begins, where it must end)."""
    tail = min(size, _END.size + _MAX16)
    file.seek(size - tail)
    data = file.read(tail)
    at = data.rfind(b"PK\5\6")
    if at < 0 or len(data) - at < _END.size:
        raise refusal([Fault("archive", "not_zip")])
    _, disk, first, here, count, length, offset, comment = _END.unpack_from(data, at)
    if at + _END.size + comment != len(data):
        raise refusal([Fault("archive", "not_zip")])
    end = size - tail + at
    if _MAX16 in (count, here) or _MAX32 in (length, offset):
        return _end_zip64(file, end)
    if disk or first or here != count:
        raise refusal([Fault("archive", "split")])
    return count, length, offset, end


def _end_zip64(file: BinaryIO, end: int) -> tuple[int, int, int, int]:
    at = end - _LOCATOR.size
    if at < 0:
        raise refusal([Fault("archive", "directory")])
    file.seek(at)
    signature, disk, where, disks = _LOCATOR.unpack(file.read(_LOCATOR.size))
    if signature != b"PK\6\7":
        raise refusal([Fault("archive", "directory")])
    if disk or disks > 1:
        raise refusal([Fault("archive", "split")])
    if where + _END_ZIP64.size != at:
        raise refusal([Fault("archive", "directory")])
    file.seek(where)
    fields = _END_ZIP64.unpack(file.read(_END_ZIP64.size))
    if fields[0] != b"PK\6\6" or fields[6] != fields[7]:
        raise refusal([Fault("archive", "directory")])
    return fields[7], fields[8], fields[9], where


def _record(raw: bytes, at: int) -> tuple[_Record, int]:
    if at + _CENTRAL.size > len(raw):
        raise refusal([Fault("archive", "directory")])
    fields = _CENTRAL.unpack_from(raw, at)
    signature, made_by, _, flags, method, _, _, crc, packed, size, name, extra, comment, disk = fields[:14]
    attributes, offset = fields[15], fields[16]
    begin = at + _CENTRAL.size
    after = begin + name + extra + comment
    if signature != b"PK\1\2" or after > len(raw):
        raise refusal([Fault("archive", "directory")])
    sizes = _widened(raw[begin + name : begin + name + extra], [size, packed, offset])
    if sizes is None or disk not in {0, _MAX16}:
        raise refusal([Fault("archive", "directory")])
    size, packed, offset = sizes
    return _Record(raw[begin : begin + name], flags, method, crc, packed, size, offset, made_by, attributes), after


def _widened(extra: bytes, values: list[int]) -> list[int] | None:
    """Sizes and offset, with those that stand in the ZIP64 field taken from there; None when it lacks one."""
    if _MAX32 not in values:
        return values
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            data, used = extra[at + 4 : at + 4 + length], 0
            for index, value in enumerate(values):
                if value == _MAX32:
                    if used + 8 > len(data):
                        return None
                    (values[index],) = struct.unpack_from("<Q", data, used)
                    used += 8
            return values
        at += 4 + length
    return None


# --- One file -----------------------------------------------------------------------------------------


def _name(raw: bytes, *, utf8: bool, limits: Limits) -> tuple[str, Fault | None]:
    """The name as text, and what is wrong with it."""
    try:
        name = raw.decode("utf-8" if utf8 else "cp437")
    except UnicodeDecodeError:
        return raw.decode("ascii", "replace")[: limits.name], Fault("", "name_encoding")
    shown = "".join(c if c.isprintable() else "\ufffd" for c in name)[: limits.name]
    if len(name) > limits.name:
        return shown, Fault("", "name_long", {"most": limits.name})
    if shown != name:
        return shown, Fault("", "name_encoding")
    return name, None if is_inside(name) else Fault("", "path")


def is_inside(name: str) -> bool:
    """Whether a name stays below wherever one might put it, on any system."""
    parts = name.removesuffix("/").split("/")
    drive = len(name) > 1 and name[1] == ":"
    return bool(name) and not drive and "\\" not in name and not any(part in {"", ".", ".."} for part in parts)


def _fold(name: str) -> str:
    """Two names that a Mac or Windows holds to be one."""
    return unicodedata.normalize("NFC", name).casefold()


def _form(record: _Record, limits: Limits) -> Fault | None:
    kind = stat.S_IFMT(record.attributes >> 16) if record.made_by >> 8 == 3 else 0
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return Fault("", "link")
    if record.flags & 0x41:
        return Fault("", "encrypted")
    if record.method not in {_STORED, _DEFLATED} or record.flags & 0x20:
        return Fault("", "method")
    if record.method == _STORED and record.packed != record.size:
        return Fault("", "damaged")
    if record.size > 1 << 20 and record.size > limits.ratio * max(1, record.packed):
        return Fault("", "ratio", {"ratio": record.size // max(1, record.packed)})
    return None


def _start(file: BinaryIO, record: _Record, directory: int) -> tuple[int | None, Fault | None]:
    """Where the packed bytes begin, by the header before them, which must say what the directory says."""
    if record.offset + _LOCAL.size > directory:
        return None, Fault("", "outside")
    file.seek(record.offset)
    fields = _LOCAL.unpack(file.read(_LOCAL.size))
    name = file.read(fields[9])
    if fields[0] != b"PK\3\4" or name != record.raw or fields[3] != record.method:
        return None, Fault("", "differs")
    start = record.offset + _LOCAL.size + fields[9] + fields[10]
    if start + record.packed > directory:
        return None, Fault("", "outside")
    return start, None


def _overlaps(taken: list[tuple[int, int, str]]) -> list[Fault]:
    """Files that begin before another has ended: how a small archive unpacks to petabytes (Fifield, 2019)."""
    faults = []
    until = 0
    for begin, end, name in sorted(taken):
        if begin < until:
            faults.append(Fault(name, "overlap"))
        until = max(until, end)
    return faults
