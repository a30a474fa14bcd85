"""A ZIP that is killed goes on; what is in it, every tool reads."""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hustings.lib.archives import zipping
from hustings.lib.archives.zipping import Zip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exports"
    made.mkdir()
    return made


class Killed(BaseException):
    """What a killed worker looks like from inside: nothing after it runs."""


def content(name: str) -> bytes:
    return name.encode() * 5000


NAMES = ["DARLLENWCH.md", "data/a.json", "media/ŵy.mp4", "media/b.mp4", "empty.json"]


def fill(path: Path, names: list[str] = NAMES) -> Zip:
    archive = Zip(path)
    for name in names:
        if name not in archive:
            archive.write(name, [content(name)] if name != "empty.json" else [], deflate=name.endswith(".json"))
    return archive


def check(path: Path) -> None:
    with zipfile.ZipFile(path) as made:
        assert made.testzip() is None
        assert {one: made.read(one) for one in made.namelist()} == {
            name: content(name) if name != "empty.json" else b"" for name in NAMES
        }


def test_every_tool_reads_it(folder: Path) -> None:
    size = fill(folder / "part").finish(folder / "whole.zip")
    assert (folder / "whole.zip").stat().st_size == size
    assert [path.name for path in folder.iterdir()] == ["whole.zip"]
    check(folder / "whole.zip")


def test_equal_content_makes_equal_bytes(folder: Path) -> None:
    for name in ("a", "b"):
        fill(folder / f"{name}.part").finish(folder / f"{name}.zip")
    assert (folder / "a.zip").read_bytes() == (folder / "b.zip").read_bytes()


def test_only_its_owner_may_read_it(folder: Path) -> None:
    fill(folder / "part").close()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("write", range(24))
def test_killed_at_any_write_it_goes_on(folder: Path, write: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write to the disk in turn: lost with the process, and landed although the process died."""
    for landed in (False, True):
        part, whole = folder / f"{landed}.part", folder / f"{landed}.zip"
        left = write
        opened: list[_Loose] = []
        put = zipping._put

        def dying(file: object, data: bytes, put: object = put, landed: bool = landed) -> None:
            nonlocal left
            if left == 0:
                if landed:
                    put(file, data)  # type: ignore[operator]  # the real one
                else:
                    put(file, data[: len(data) // 2])  # type: ignore[operator]  # torn
                left -= 1
                # A killed process does not tidy up: its files are as they are.
                file.truncate = lambda size: size  # type: ignore[attr-defined]  # an instance that is gone
                raise Killed
            left -= 1
            put(file, data)  # type: ignore[operator]  # the real one

        with monkeypatch.context() as patch:
            patch.setattr(zipping, "_put", dying)
            patch.setattr(zipping, "_opened", lambda path, opened=opened: opened.append(_Loose(path)) or opened[-1])
            with suppress(Killed):
                fill(part).finish(whole)
        for file in opened:
            file.close()
        if not whole.exists():
            fill(part).finish(whole)
        check(whole)


class _Loose(zipping.io.FileIO):
    """A file whose `truncate` can be taken away."""

    def __init__(self, path: Path) -> None:
        super().__init__(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


def test_a_torn_journal_is_believed_up_to_its_tear(folder: Path) -> None:
    fill(folder / "part").close()
    journal = folder / "part.journal"
    journal.write_bytes(journal.read_bytes()[:-7])
    with Zip(folder / "part") as again:
        assert list(again.entries) == NAMES[:-1]
    fill(folder / "part").finish(folder / "whole.zip")
    check(folder / "whole.zip")


def test_a_file_shorter_than_its_journal_is_not_believed(folder: Path) -> None:
    """The file system lost what the journal promised: those entries are made again."""
    fill(folder / "part").close()
    os.truncate(folder / "part", 30_000)
    fill(folder / "part").finish(folder / "whole.zip")
    check(folder / "whole.zip")


def test_a_full_disk_leaves_what_was_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = fill(folder / "part", NAMES[:2])

    def full(file: object, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(zipping, "_put", full)
        with pytest.raises(OSError, match="No space"):
            archive.write(NAMES[2], [content(NAMES[2])])
    assert (folder / "part").stat().st_size == archive.size
    archive.close()
    fill(folder / "part").finish(folder / "whole.zip")
    check(folder / "whole.zip")


def test_nothing_stays_of_content_that_broke_off(folder: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise FileNotFoundError

    archive = fill(folder / "part", NAMES[:1])
    with pytest.raises(FileNotFoundError):
        archive.write("gone.mp4", broken())
    assert "gone.mp4" not in archive
    for name in NAMES[1:]:
        archive.write(name, [content(name)] if name != "empty.json" else [])
    archive.finish(folder / "whole.zip")
    check(folder / "whole.zip")


def test_a_name_is_given_once(folder: Path) -> None:
    with fill(folder / "part") as archive, pytest.raises(ValueError, match="already"):
        archive.write(NAMES[0], [b""])
