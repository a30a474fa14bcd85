"""What is wrong with a backup is named, and nothing is changed; what was interrupted goes on."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.test import override_settings

from hustings.accounts.models import Account
from hustings.trust.api import Wish, ask_to_close, erase_key, hold_to_restored, seal
from hustings.trust.closure import backups
from hustings.trust.closure.backup import files, mirror, restoring, streams, tables, taking
from hustings.trust.closure.backup.errors import (
    BackupDamagedError,
    BackupFailedError,
    BackupPlaceError,
    BackupRunningError,
    RestoreRefusedError,
    RestoringError,
)
from hustings.trust.closure.backup.frames import Frame, read_frames
from hustings.trust.closure.backup.models import Backup, KeysMirror
from hustings.trust.closure.backup.places import Place
from hustings.trust.keys.models import PersonKey
from hustings.trust.log import sequence_once
from hustings.videos.models import Video
from trust.backup.cell import Cell, quiet, rows
from trust.closure.living import finish

Settle = Callable[[], int]


class KilledError(BaseException):
    pass


def newest(cell: Cell) -> Path:
    return max((cell.backups / "snapshots").iterdir())


# --- A damaged backup ----------------------------------------------------------------------------------


def flip(path: Path, at: int) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


def frames_of(path: Path) -> list[Frame]:
    with path.open("rb") as file:
        return list(read_frames(file, path.name))


def refused(cell: Cell, kind: type[Exception] = BackupDamagedError, **options: Any) -> str:
    """The sentence, and the proof that nothing was changed."""
    with pytest.raises(kind) as caught:
        cell.restore(**options)
    assert not Account.objects.exists()
    assert not restoring.mark_path().exists()
    assert not (cell.settings.DATA / "keys").exists()
    return str(caught.value)


def test_a_flipped_bit_in_rows_is_named_by_its_frame(cell: Cell, lived: dict[str, Any]) -> None:
    cell.back_up()
    path = newest(cell) / "rows" / "accounts.Account.rows"
    frames = frames_of(path)
    flip(path, frames[2].offset + 40)
    cell.lose_everything()
    assert refused(cell) == (
        f"backup_damaged: The backup is damaged: snapshots/{newest(cell).name}/rows/accounts.Account.rows "
        f"is not what was written in frame 2, which begins at byte {frames[2].offset}."
    )


@pytest.mark.parametrize("at", [0, 20, 300, -1])
@pytest.mark.parametrize("name", ["manifest.json", "manifest.note", "objects.txt", "files.rows"])
def test_any_flipped_bit_is_found(cell: Cell, lived: dict[str, Any], name: str, at: int) -> None:
    cell.back_up()
    path = newest(cell) / name
    flip(path, at if at < path.stat().st_size else 1)
    cell.lose_everything()
    assert name.partition(".")[0] in refused(cell)


@pytest.mark.parametrize("what", ["flip", "cut", "gone"])
def test_a_damaged_film_is_named(cell: Cell, lived: dict[str, Any], what: str) -> None:
    cell.back_up()
    path = max((cell.backups / "objects").rglob("*"))
    if what == "flip":
        flip(path, 60)
    elif what == "cut":
        path.write_bytes(path.read_bytes()[:-1])
    else:
        path.unlink()
    cell.lose_everything()
    assert path.name in refused(cell)


def test_a_missing_table_is_named(cell: Cell, lived: dict[str, Any]) -> None:
    cell.back_up()
    (newest(cell) / "rows" / "videos.Video.rows").unlink()
    cell.lose_everything()
    assert "videos.Video.rows is missing" in refused(cell)


def test_frames_left_out_are_missed(cell: Cell, lived: dict[str, Any]) -> None:
    """Whole frames, so that each check in them is right."""
    cell.back_up()
    path = newest(cell) / "rows" / "accounts.Account.rows"
    frames = frames_of(path)
    path.write_bytes(path.read_bytes()[: frames[-1].offset])
    cell.lose_everything()
    assert "holds 2 rows in 2 frames; 3 in 3 were written" in refused(cell)


def test_a_manifest_written_anew_is_not_the_one_that_was_signed(cell: Cell, lived: dict[str, Any]) -> None:
    cell.back_up()
    path = newest(cell) / "manifest.json"
    said = orjson.loads(path.read_bytes())
    said["tables"]["videos.Video"]["rows"] -= 1
    path.write_bytes(orjson.dumps(said))
    cell.lose_everything()
    assert "is not the one that was signed" in refused(cell)


def test_a_damaged_mirror_is_named(cell: Cell, lived: dict[str, Any]) -> None:
    cell.back_up()
    flip(mirror.path_in(cell.keys), 500)
    cell.lose_everything()
    assert "hustings-keys-local.mirror is not what was written" in refused(cell)


def test_a_damaged_log_is_refused(cell: Cell, lived: dict[str, Any]) -> None:
    cell.back_up()
    entries = (cell.backups / "log" / "tile" / "entries").rglob("*")
    flip(next(path for path in entries if path.is_file()), 30)
    cell.lose_everything()
    assert "log" in refused(cell, RestoreRefusedError)


# --- The wrong place, the wrong cell, the wrong keys ---------------------------------------------------


@pytest.mark.parametrize(("name", "value"), [("CELL", "us"), ("REGION", "us")])
def test_of_another_cell_or_region(cell: Cell, lived: dict[str, Any], settings: Any, name: str, value: str) -> None:
    cell.back_up()
    cell.lose_everything()
    # For the restore alone: what tidies up after the test stamps the database with the cell's name.
    with override_settings(**{name: value}), pytest.raises(BackupPlaceError, match="are of the cell local in region"):
        cell.restore()


def test_keys_of_another_cell(cell: Cell, lived: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    cell.back_up()
    raw = mirror.path_in(cell.keys).read_bytes()
    with override_settings(CELL="us"):
        mirror.path_in(cell.keys).write_bytes(raw)
        with pytest.raises(BackupPlaceError, match="The keys are of the cell local"):
            mirror.read(cell.keys)


def test_keys_of_another_database(cell: Cell, lived: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    cell.back_up()
    shutil.move(cell.backups, tmp_path / "first")
    shutil.rmtree(cell.keys)
    cell.lose_everything()
    seal(1, "x.y", b"another life")
    cell.back_up()
    cell.lose_everything()
    assert "keys are of another database" in refused(cell, RestoreRefusedError, source=tmp_path / "first")


def test_without_keys(cell: Cell, lived: dict[str, Any], tmp_path: Path) -> None:
    taken = cell.back_up(keys=None)
    assert "Without them" in taken.warnings[0] or "without them" in taken.warnings[0]
    (tmp_path / "nothing").mkdir()
    cell.lose_everything()
    assert "no mirror of the keys" in refused(cell, BackupPlaceError, keys=tmp_path / "nothing")


def test_an_older_log_than_the_mirror_knows_of(cell: Cell, lived: dict[str, Any], tmp_path: Path) -> None:
    """Going on from it would sign a second history."""
    from hustings.trust.log import append

    cell.back_up()
    shutil.copytree(cell.backups / "log", tmp_path / "old-log")
    append("key_erased", {"reason": "request", "people": "1"})
    sequence_once()
    shutil.copytree(cell.settings.DATA / "log", tmp_path / "public-log")
    cell.back_up()
    shutil.rmtree(cell.backups / "log")
    shutil.copytree(tmp_path / "old-log", cell.backups / "log")
    cell.lose_everything()
    assert "has 1 entries, and the keys' mirror knows of 2" in refused(cell, RestoreRefusedError)
    assert cell.restore(log=str(tmp_path / "public-log")).log_size == 2


def test_into_a_database_that_is_not_empty(cell: Cell, lived: dict[str, Any], settings: Any, tmp_path: Path) -> None:
    cell.back_up()
    with pytest.raises(RestoreRefusedError, match="The database is not empty"):
        cell.restore()
    assert Account.objects.count() == 3


def test_into_a_folder_with_keys_of_its_own(cell: Cell, lived: dict[str, Any], settings: Any) -> None:
    cell.back_up()
    cell.lose_everything()
    from hustings.trust.api import prepare_keys

    prepare_keys()
    with pytest.raises(RestoreRefusedError, match="this cell has keys of its own"):
        cell.restore()


def test_of_another_version(cell: Cell, lived: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    cell.back_up()
    cell.lose_everything()
    plans = tables.plans()
    changed = [plan for plan in plans if plan.label != "community.Like"]
    monkeypatch.setattr(tables, "plans", lambda: changed)
    assert "another version: community.Like" in refused(cell, RestoreRefusedError)


def test_places_that_are_refused(cell: Cell, settings: Any, tmp_path: Path) -> None:
    def said(where: Path, keys: Path | None = None) -> str:
        with pytest.raises(BackupPlaceError) as caught:
            taking.take(str(where), str(keys) if keys else None, quiet)
        return caught.value.message

    assert "one inside the other" in said(settings.DATA / "backups")
    assert "one inside the other" in said(settings.MEDIA_ROOT)
    assert "one inside the other" in said(tmp_path)
    for keys in (cell.backups, cell.backups / "keys", tmp_path):
        assert "one inside the other" in said(cell.backups, keys)
    full = tmp_path / "full"
    full.mkdir()
    (full / "letter.txt").write_text("mine")
    assert "not empty" in said(full)
    cell.back_up()
    assert "holds backups; keys never lie with them" in said(tmp_path / "other", cell.backups)
    link = tmp_path / "link"
    link.symlink_to(cell.backups)
    assert "one inside the other" in said(cell.backups, link / "keys")
    settings.BACKUP_REGION = "us"
    assert "is in region us" in said(tmp_path / "elsewhere")


def test_a_place_on_a_share_must_say_its_region(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    from hustings.trust.egress import cells

    monkeypatch.setattr(cells, "on_network_filesystem", lambda _: True)
    with pytest.raises(BackupPlaceError, match="HUSTINGS_BACKUP_REGION"):
        cell.back_up()


@pytest.mark.parametrize(
    "name",
    [
        "clips/../../etc/passwd", "clips//etc/passwd", "/etc/passwd", "clips/a/../../b", "elsewhere/x", "clips/",
        "clips", "clips/a\\..\\b", "clips/./x", "clips/a\0b", "../x", "",
    ],
)  # fmt: skip
def test_a_file_never_leads_out_of_its_folder(name: str) -> None:
    with pytest.raises(RestoreRefusedError, match="no part of this server keeps"):
        files.place_of(name)


def test_a_manifest_cannot_name_a_file_elsewhere(cell: Cell, lived: dict[str, Any], settings: Any) -> None:
    """Unsigned, so that only the names themselves are in the way."""
    cell.back_up()
    (newest(cell) / "manifest.note").unlink()
    path = newest(cell) / "manifest.json"
    said = orjson.loads(path.read_bytes())
    said["tables"]["../../../../etc/passwd"] = said["tables"]["videos.Video"]
    path.write_bytes(orjson.dumps(said))
    cell.lose_everything()
    assert "names a table" in refused(cell)


# --- Interrupted -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["_table", "_file", "_list_objects"])
def test_a_backup_killed_in_the_middle_is_none(
    cell: Cell, lived: dict[str, Any], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    first = cell.back_up()
    real, calls = getattr(taking._Taking, where), [0]

    def die(*given: Any) -> Any:
        calls[0] += 1
        if calls[0] == 3 or where == "_list_objects":
            raise KilledError
        return real(*given)

    monkeypatch.setattr(taking._Taking, where, die)
    with pytest.raises(KilledError):
        cell.back_up()
    monkeypatch.undo()
    assert Place(cell.backups).names() == [first.name]
    assert len(list((cell.backups / "snapshots").iterdir())) == 2
    second = cell.back_up()
    assert second.added_files == 0
    assert len(list((cell.backups / "snapshots").iterdir())) == 2, "what was left behind is gone"
    cell.lose_everything()
    assert cell.restore().rows == second.rows


def test_a_film_half_written_is_written_anew(
    cell: Cell, lived: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(key: bytes, name: bytes, source: Any, sink: Any, beat: Any) -> Any:
        sink.write(b"half")
        sink.flush()
        raise KilledError

    monkeypatch.setattr(streams, "seal", die)
    with pytest.raises(KilledError):
        cell.back_up()
    monkeypatch.undo()
    assert cell.back_up().added_files == 21
    cell.lose_everything()
    assert cell.restore().files == 21


def test_a_full_disk_in_the_middle(cell: Cell, lived: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    first = cell.back_up()
    (cell.settings.MEDIA_ROOT / "clips" / lived["clips"][0].public_id / "more-0.mp4").write_bytes(b"new")

    def full(*given: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device", str(cell.backups / "objects"))

    monkeypatch.setattr(streams, "seal", full)
    with pytest.raises(BackupFailedError, match="No space left on device"):
        cell.back_up()
    monkeypatch.undo()
    assert Place(cell.backups).names() == [first.name]
    assert cell.back_up().added_files == 1


def test_two_at_once(cell: Cell, lived: dict[str, Any]) -> None:
    first = cell.back_up()
    with Place(cell.backups).locked(), pytest.raises(BackupRunningError):
        cell.back_up()
    assert Place(cell.backups).names() == [first.name]


STEPS = ["put_keys", "put_rows", "put_files", "put_log", "replay_erasures"]


@pytest.mark.parametrize("after", [False, True], ids=["lost", "landed"])
@pytest.mark.parametrize("step", STEPS)
def test_a_restore_killed_at_any_step_goes_on(
    cell: Cell, lived: dict[str, Any], settle: Settle, monkeypatch: pytest.MonkeyPatch, step: str, after: bool
) -> None:
    old = cell.back_up()
    finish(ask_to_close(lived["olwen"].id, Wish()), settle)
    cell.back_up()
    cell.lose_everything()
    real = getattr(restoring._Restoring, step)

    def die(self: Any) -> None:
        if after:
            real(self)
        raise KilledError

    monkeypatch.setattr(restoring._Restoring, step, die)
    with pytest.raises(KilledError):
        cell.restore(snapshot=old.name)
    monkeypatch.undo()
    with pytest.raises(RestoringError):
        hold_to_restored()
    cell.restore(snapshot=old.name)
    hold_to_restored()
    assert set(Account.objects.values_list("handle", flat=True)) == {"sian", "meredith"}
    assert Video.objects.get().caption == "a clip of a friend #shared"


def test_rows_are_there_wholly_or_not_at_all(
    cell: Cell, lived: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cell.back_up()
    before = rows()
    cell.lose_everything()
    real, calls = tables.insert, [0]

    def die(*given: Any) -> None:
        calls[0] += 1
        if calls[0] == 8:
            raise KilledError
        real(*given)

    monkeypatch.setattr(tables, "insert", die)
    with pytest.raises(KilledError):
        cell.restore()
    monkeypatch.undo()
    assert not PersonKey.objects.exists()
    cell.restore()
    assert rows()["accounts.Account"] == before["accounts.Account"]


def test_another_restore_than_the_one_begun_is_refused(
    cell: Cell, lived: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cell.back_up()
    cell.back_up()
    cell.lose_everything()
    monkeypatch.setattr(restoring._Restoring, "put_rows", lambda _: (_ for _ in ()).throw(KilledError))
    with pytest.raises(KilledError):
        cell.restore(snapshot=first.name)
    monkeypatch.undo()
    with pytest.raises(RestoreRefusedError, match="was begun here and has not ended"):
        cell.restore()


# --- Old backups, and mirrors ----------------------------------------------------------------------------


def test_a_snapshot_goes_when_its_time_is_over(
    cell: Cell, lived: dict[str, Any], settings: Any, moved_clock: Callable[[Any], None]
) -> None:
    from datetime import timedelta

    from hustings.lib import clock

    settings.BACKUP_DAYS = 30
    first = cell.back_up()
    clip = lived["clips"][0]
    shutil.rmtree(cell.settings.MEDIA_ROOT / "clips" / clip.public_id)
    assert backups.until() is not None
    moved_clock(clock.now() + timedelta(days=31))
    second = cell.back_up()
    assert second.removed == [first.name]
    assert Place(cell.backups).names() == [second.name]
    assert Backup.objects.get(pk=first.name).gone_at is not None
    assert len([path for path in (cell.backups / "objects").rglob("*") if path.is_file()]) == 14


def test_a_closure_waits_until_the_key_is_gone_from_every_mirror(cell: Cell, lived: dict[str, Any]) -> None:
    olwen = lived["olwen"].id
    cell.back_up()
    wrapped = bytes(PersonKey.objects.get(pk=olwen).wrapped)
    assert wrapped in mirror.path_in(cell.keys).read_bytes()
    erase_key(olwen)
    away = cell.keys.with_name("put-away")
    cell.keys.rename(away)
    assert backups.remnants(olwen) == (1, {"mirror of the keys": 1})
    away.rename(cell.keys)
    assert backups.remnants(olwen) == (1, {})
    assert wrapped not in mirror.path_in(cell.keys).read_bytes()


def test_a_mirror_that_is_destroyed_is_said_to_be(cell: Cell, lived: dict[str, Any]) -> None:
    olwen = lived["olwen"].id
    cell.back_up()
    erase_key(olwen)
    shutil.rmtree(cell.keys)
    assert backups.remnants(olwen)[1]
    assert mirror.forget(str(cell.keys))
    assert not mirror.forget(str(cell.keys))
    assert not backups.remnants(olwen)[1]
    assert not KeysMirror.objects.exists()


def test_an_erased_key_is_overwritten_where_the_mirror_lay(cell: Cell, lived: dict[str, Any]) -> None:
    cell.back_up()
    with mirror.path_in(cell.keys).open("rb") as still_open:
        cell.back_up()
        still_open.seek(0)
        assert not still_open.read().strip(b"\0")
    assert mirror.path_in(cell.keys).stat().st_mode & 0o777 == 0o600


def test_rows_of_somebody_who_is_being_erased_are_left_out(cell: Cell, lived: dict[str, Any]) -> None:
    erase_key(lived["olwen"].id)
    taken = cell.back_up()
    assert taken.left_out["accounts.Account"] == 1
    assert taken.files == 0
