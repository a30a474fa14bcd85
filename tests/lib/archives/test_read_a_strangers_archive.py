"""Archives made to do harm are refused whole, with every fault named; what people really have is read."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hustings.lib.archives.errors import BadArchiveError
from hustings.lib.archives.unzipping import Limits, Unzip, is_inside, is_zip, open_zip
from hustings.lib.archives.zipping import Zip


def zipped(files: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made


def codes(file: io.BytesIO, limits: Limits | None = None) -> dict[str, str]:
    """The faults of an archive, by name."""
    with pytest.raises(BadArchiveError) as refused:
        _all(open_zip(file, limits or Limits()))
    assert refused.value.fields
    return {fault.where: fault.code for fault in refused.value.faults}


def _all(opened: Unzip) -> dict[str, bytes]:
    return {name: b"".join(opened.blocks(name)) for name in opened.members}


def changed(file: io.BytesIO, old: bytes, new: bytes, count: int = -1) -> io.BytesIO:
    assert len(old) == len(new)
    assert old in file.getvalue()
    return io.BytesIO(file.getvalue().replace(old, new, count))


def test_it_reads_what_every_tool_packs(tmp_path: Path) -> None:
    files = {"user_data_tiktok.json": b"{}" * 1000, "Posts/2024-05-01 10_00_00.mp4": bytes(range(256)) * 999}
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        opened = open_zip(zipped(files, method=method))
        assert _all(opened) == files
    with Zip(tmp_path / "part") as archive:
        for name, data in files.items():
            archive.write(name, [data], deflate=True)
        archive.finish(tmp_path / "own.zip")
    assert is_zip(tmp_path / "own.zip")
    with (tmp_path / "own.zip").open("rb") as file:
        opened = open_zip(file)
        assert {name: opened.read(name, most=1 << 20) for name in opened.members} == files


def test_it_reads_archives_that_were_streamed() -> None:
    """Sizes after the content, as a server writes that does not know them before."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]  # narrower than a buffer, enough here
            self.data += data
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.json", b"abc" * 100)
        archive.writestr("b/c.json", b"def")
    opened = open_zip(io.BytesIO(bytes(pipe.data)))
    assert opened.read("a.json", most=1000) == b"abc" * 100


@pytest.mark.parametrize(
    "name",
    ["../evil", "a/../../evil", "/etc/passwd", "C:/x", "c:x", "..\\evil", "a//b", "./a", "a/./b", "", "\\\\host\\x"],
)
def test_names_stay_inside(name: str) -> None:
    assert not is_inside(name)


@pytest.mark.parametrize("name", ["a", "a/b", "a/b/", "..a", "a..", "a/..b", "Posts/1 (2).mp4"])
def test_honest_names_are_fine(name: str) -> None:
    assert is_inside(name)


def test_a_name_that_leads_out_is_named() -> None:
    assert codes(zipped({"good.json": b"{}", "../../etc/passwd": b"x"})) == {"../../etc/passwd": "path"}
    assert codes(zipped({"/absolute": b"x", "C:drive": b"x"})) == {"/absolute": "path", "C:drive": "path"}


def test_nul_and_unreadable_names_are_named() -> None:
    good = zipped({"aXb.json": b"{}"})
    assert codes(changed(good, b"aXb.json", b"a\0b.json")) == {"a�b.json": "name_encoding"}
    made = zipped({"ŵŵ.json": b"{}"})
    assert list(codes(changed(made, "ŵŵ".encode(), b"\xff\xfe\xff\xfe")).values()) == ["name_encoding"]


def test_links_and_devices_are_named() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.create_system = 3
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert codes(made) == {"link": "link"}


def test_a_small_archive_that_claims_to_be_huge_is_refused() -> None:
    assert codes(zipped({"bomb.json": b"\0" * (8 << 20)})) == {"bomb.json": "ratio"}
    assert codes(zipped({"a": b"ab" * 9, "b": b"cd" * 9}), Limits(plain=20)) == {"archive": "too_large"}
    assert codes(zipped({str(n): b"" for n in range(30)}), Limits(entries=20)) == {"archive": "too_many"}


def test_entries_that_share_their_bytes_are_refused() -> None:
    """Two names, one content: the second header of the directory is pointed at the first file."""
    made = zipped({"aaa": b"x" * 100, "bbb": b"x" * 100})
    raw = bytearray(made.getvalue())
    second = raw.rfind(b"PK\1\2")
    struct.pack_into("<L", raw, second + 42, 0)
    assert codes(io.BytesIO(bytes(raw))) == {"bbb": "differs"}
    raw[second + 46 : second + 49] = b"aaa"
    found = codes(io.BytesIO(bytes(raw)))
    assert set(found.values()) <= {"twice", "overlap"}
    assert found


def test_sizes_that_lie_are_found_while_reading() -> None:
    data = b"honest content " * 100
    made = zipped({"a.json": data})
    short = changed(made, struct.pack("<L", len(data)), struct.pack("<L", len(data) - 5))
    assert codes(short) == {"a.json": "damaged"}
    crc = struct.pack("<L", zlib.crc32(data))
    assert codes(changed(made, crc, struct.pack("<L", 1))) == {"a.json": "damaged"}


def test_a_bomb_that_lies_about_its_size_stays_small_in_memory() -> None:
    data = b"\0" * (64 << 20)
    made = zipped({"a.json": data})
    raw = changed(made, struct.pack("<L", len(data)), struct.pack("<L", 1000))
    tracemalloc.start()
    assert codes(raw) == {"a.json": "damaged"}
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_locked_and_unknown_ways_of_packing_are_named() -> None:
    made = zipped({"a": b"x"}, method=zipfile.ZIP_STORED)
    raw = bytearray(made.getvalue())
    raw[raw.rfind(b"PK\1\2") + 8] |= 1
    assert codes(io.BytesIO(bytes(raw))) == {"a": "encrypted"}
    assert codes(zipped({"a": b"x"}, method=zipfile.ZIP_BZIP2)) == {"a": "method"}


def test_the_same_name_twice_is_named_also_where_only_some_systems_say_so() -> None:
    made = zipped({"Clips.json": b"1", "clips.JSON": b"2"})
    assert list(codes(made).values()) == ["twice"]


def test_every_fault_is_gathered() -> None:
    found = codes(zipped({"../a": b"", "ok": b"", "/b": b"", "c\\d": b""}))
    assert found == {"../a": "path", "/b": "path", "c\\d": "path"}


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw[:0],
        lambda raw: raw.replace(b"PK", b"no"),
        lambda raw: raw[:-10],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: b"junk before" + raw,
        lambda raw: raw + b"junk after",
        lambda raw: raw.replace(b"PK\1\2", b"PK\1\3"),
        lambda raw: raw.replace(b"PK\3\4", b"PK\3\5"),
    ],
)
def test_damage_is_a_refusal_never_a_crash(damage: Callable[[bytes], bytes]) -> None:
    assert codes(io.BytesIO(damage(zipped({"a": b"abc" * 99, "b": b"x"}).getvalue())))


def test_any_flipped_byte_is_found_or_harmless() -> None:
    """Over every byte of a small archive: what comes out is the content, or a refusal."""
    files = {"a.json": b'{"a": 1}' * 4, "b/c.vtt": b"WEBVTT\n"}
    raw = zipped(files).getvalue()
    for at in range(len(raw)):
        bent = bytearray(raw)
        bent[at] ^= 0x41
        try:
            opened: Unzip = open_zip(io.BytesIO(bytes(bent)))
            out = _all(opened)
        except BadArchiveError:
            continue
        assert set(out.values()) <= set(files.values())
