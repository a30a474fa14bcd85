"""A power cut forgets what was not flushed: file contents, and the names of files in their folders.

The disk of these tests keeps two states, what programs see and what is on the platter, and the second is all that is
left after the cut. Whatever checkpoint is left must find every file that it signs.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from hustings.lib.merkle import leaf_hash, root_of
from hustings.trust import log
from hustings.trust.log import sequencing, signing, standing, store
from hustings.trust.log.folder import Disk
from hustings.trust.models import LogCount, LogEntry, LogState
from trust.log import reading_the_log as outsider
from trust.log.breaking import DiedError

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


class ForgetfulDisk(Disk):
    """Cuts the power after call number `at`. `seen` is what programs see, `kept` what survives.

    Both map a folder to its names; a name leads to a folder (None) or to a file's number, whose flushed content is in
    `content`.
    """

    def __init__(self, root: Path, at: int) -> None:
        self.root, self.at, self.calls = root, at, 0
        self.order: list[str] = []
        self.next = 0
        self.seen: dict[Path, dict[str, int | None]] = {}
        self.content: dict[int, bytes] = {}
        self.unflushed: dict[int, bytes] = {}
        for path in [root, *root.rglob("*")]:
            names = self.seen.setdefault(path.parent, {})
            if path.is_dir():
                names[path.name] = None
                self.seen.setdefault(path, {})
            else:
                names[path.name] = self._number(path.read_bytes(), flushed=True)
        self.kept = {folder: dict(names) for folder, names in self.seen.items()}

    def _number(self, data: bytes, *, flushed: bool = False) -> int:
        self.next += 1
        (self.content if flushed else self.unflushed)[self.next] = data
        return self.next

    def _tick(self, what: str) -> None:
        self.calls += 1
        self.order.append(what)
        if self.calls == self.at:
            raise DiedError

    def make_folder(self, path: Path) -> None:
        super().make_folder(path)
        self.seen.setdefault(path, {})
        self.seen[path.parent][path.name] = None
        self._tick("make_folder")

    def write(self, path: Path, data: bytes) -> None:
        super().write(path, data)
        self.seen[path.parent][path.name] = self._number(data)
        self._tick("write")

    def flush(self, path: Path) -> None:
        super().flush(path)
        if path.is_dir():
            self.kept[path] = dict(self.seen[path])
        else:
            number = self.seen[path.parent][path.name]
            assert number is not None
            if number in self.unflushed:
                self.content[number] = self.unflushed[number]
        self._tick("flush")

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self.seen[target.parent][target.name] = self.seen[source.parent].pop(source.name)
        self._tick(f"rename {target.name}")

    def cut(self) -> None:
        """Leave on the real disk what the platter holds."""
        shutil.rmtree(self.root)
        self._lay(self.root)

    def _lay(self, folder: Path) -> None:
        folder.mkdir()
        for name, number in self.kept.get(folder, {}).items():
            if number is None:
                self._lay(folder / name)
            else:
                (folder / name).write_bytes(self.content.get(number, b""))


def begin(count: int) -> None:
    signing.begin_anew()
    for model in (LogCount, LogEntry, LogState):
        model.objects.all().delete()
    write(count)
    log.sequence_once()


def write(count: int) -> None:
    for number in range(count):
        log.append("moderation_reversal", {**REVERSAL, "standing_days": number})


@pytest.mark.parametrize(("first", "more"), [(0, 1), (3, 2), (250, 10)])
def test_at_any_moment(first: int, more: int) -> None:
    root = signing.log_root()
    at, whole = 0, False
    while not whole:
        at += 1
        begin(first)
        write(more)
        disk = ForgetfulDisk(root, at)
        sequencer = sequencing.Sequencer(disk=disk)
        try:
            sequencer.once()
            whole = True
        except DiedError:
            pass
        sequencer._fence = 0
        sequencer.close()
        shown = (root / "checkpoint").read_bytes()  # what anybody may have read before the lights went out
        disk.cut()
        entries = outsider.published(root)
        assert len(entries) in {first, first + more}
        with suppress(FileNotFoundError):
            (root / standing.SIGNED).unlink()
        write(1)
        log.sequence_once()
        final = outsider.published(root)
        assert final == outsider.in_the_database()
        assert len(final) == first + more + 1
        seen = standing.signed(shown, signing.load().verifier, "checkpoint")  # type: ignore[union-attr]  # it is there
        assert root_of(map(leaf_hash, final[: seen.size])) == seen.root
    assert at > 12
    assert len(entries) == first + more, "what was reported as published is there"


def test_commits_are_flushed_before_anything_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    begin(3)
    write(2)
    disk = ForgetfulDisk(signing.log_root(), 0)
    monkeypatch.setattr(store, "flush_commits", lambda: disk.order.append("commits"))
    with sequencing.Sequencer(disk=disk) as sequencer:
        sequencer.once()
    assert disk.order.index("commits") < disk.order.index("rename checkpoint")
    assert disk.order[-1] == "flush", "and the checkpoint's own name at last"
    assert disk.order.index("rename 5") < disk.order.index("rename checkpoint")
    between = disk.order[disk.order.index("rename 5") : disk.order.index("commits")]
    assert "flush" in between, "the tiles' names are on the disk before the signature"
