"""What was backed up comes back as it was; who was erased since does not, from whatever old backup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hustings.accounts.models import Account
from hustings.community.models import AccountCounts, ClipCounts, Comment, Follow, Like
from hustings.feed import states
from hustings.feed.models import EventBatch, ViewerState
from hustings.trust.api import Wish, ask_to_close, seal
from hustings.trust.closure.backup.models import Backup
from hustings.trust.closure.models import ClosedAccount
from hustings.trust.keys.errors import KeyErasedError
from hustings.trust.keys.models import PersonKey
from hustings.trust.log import append, sequence_once
from hustings.trust.log.models import LogEntry
from hustings.videos.models import Sound, Video
from published import published
from trust.backup.cell import Cell, rows
from trust.closure.living import finish


def files(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_everything_comes_back_as_it_was(cell: Cell, lived: dict[str, Any]) -> None:
    before, media = rows(), files(cell.settings.MEDIA_ROOT)
    log = files(cell.settings.DATA / "log")
    taken = cell.back_up()
    assert taken.rows == sum(map(len, before.values()))
    assert taken.files == len(media) == 21
    assert (taken.left_out, taken.missing) == ({}, 0)
    cell.lose_everything()
    done = cell.restore()
    assert (done.rows, done.files, done.signed) == (taken.rows, taken.files, True)
    assert (done.dropped, done.mended, done.closed, done.erasures) == ({}, {}, 0, 0)
    after = rows()
    for label, were in before.items():
        assert after[label] == were, label
    assert {name: data for name, data in files(cell.settings.MEDIA_ROOT).items() if name != "cell.json"} == media
    restored_log = files(cell.settings.DATA / "log")
    assert {name: restored_log[name] for name in log if not name.startswith(".")} == {
        name: data for name, data in log.items() if not name.startswith(".")
    }


def test_life_goes_on_after_a_restore(cell: Cell, lived: dict[str, Any], settle: Callable[[], int]) -> None:
    cell.back_up()
    last = Account.objects.order_by("pk").last()
    cell.lose_everything()
    cell.restore()
    from cast import person

    new = person("newcomer")
    assert last is not None
    assert new.id > last.pk
    sian = lived["sian"].id
    assert states.read(sian).relations.following
    states.change(sian, lambda _: None)
    assert published(new, "after").pk > max(clip.pk for clip in lived["clips"])
    append("key_erased", {"reason": "request", "people": "1"})
    sequence_once()
    assert LogEntry.objects.filter(index=1).exists(), "the log goes on where it was"


def test_somebody_who_closed_since_is_in_no_old_backup(
    cell: Cell, lived: dict[str, Any], settle: Callable[[], int]
) -> None:
    olwen, sian, meredith = (lived[name].id for name in ("olwen", "sian", "meredith"))
    old = cell.back_up()
    clips = [clip.public_id for clip in lived["clips"]]
    assert finish(ask_to_close(olwen, Wish(words="Find us elsewhere.")), settle).state == "receipt"
    cell.back_up()
    cell.lose_everything()
    done = cell.restore(snapshot=old.name)
    # Nothing of them is there.
    assert done.dropped["accounts.Account"] == 1
    assert done.dropped["videos.Video"] == 4
    assert done.dropped_files == 21
    assert not Account.objects.filter(pk=olwen).exists()
    assert not Video.objects.filter(public_id__in=clips).exists()
    assert not [
        path for path in files(cell.settings.MEDIA_ROOT) if path.split("/")[1:2] and path.split("/")[1] in clips
    ]
    assert not EventBatch.objects.filter(account=olwen).exists()
    assert not Like.objects.filter(account=olwen).exists()
    assert not Follow.objects.filter(followed=olwen).exists()
    assert not Comment.objects.filter(author=olwen).exists()
    assert bytes(PersonKey.objects.get(pk=olwen).wrapped) == b""
    with pytest.raises(KeyErasedError):
        seal(olwen, "x.y", b"again")
    assert ClosedAccount.objects.get().handle == "olwen"
    # The others are whole.
    assert set(Account.objects.values_list("pk", flat=True)) == {sian, meredith}
    theirs = Video.objects.get(author=sian)
    assert theirs.caption == "a clip of a friend #shared"
    assert Comment.objects.get(author=meredith, parent=None).text == "as @olwen says"
    counts = ClipCounts.objects.get(video=theirs)
    assert (counts.likes, counts.saves, counts.comments) == (0, 0, 1)
    assert AccountCounts.objects.get(pk=sian).followers == 0
    assert all(batch.events for batch in EventBatch.objects.filter(account=sian))
    assert not states.read(sian).relations.following


def test_an_old_mirror_does_not_bring_them_back_either(
    cell: Cell, lived: dict[str, Any], settle: Callable[[], int], tmp_path: Path
) -> None:
    """The keys are as old as the backup; the public log, which anybody has, says which were destroyed since."""
    import shutil

    olwen = lived["olwen"].id
    old = cell.back_up()
    shutil.copytree(cell.keys, tmp_path / "old-keys")
    finish(ask_to_close(olwen, Wish()), settle)
    sequence_once()
    shutil.copytree(cell.settings.DATA / "log", tmp_path / "public-log")
    cell.lose_everything()
    done = cell.restore(snapshot=old.name, keys=tmp_path / "old-keys", log=str(tmp_path / "public-log"))
    assert done.erasures == 1
    assert not Account.objects.filter(pk=olwen).exists()
    assert PersonKey.objects.get(pk=olwen).erased_at is not None
    assert done.log_size == LogEntry.objects.exclude(index=None).count()


def test_somebody_whose_erasure_had_begun_is_erased_to_the_end(
    cell: Cell, lived: dict[str, Any], settle: Callable[[], int]
) -> None:
    """Locked, and in the journal; their key still there when the mirror was made."""
    from hustings.trust.closure import asking, machine

    olwen = lived["olwen"].id
    old = cell.back_up()
    row = asking.by_secret(ask_to_close(olwen, Wish()))
    machine.advance(row.pk, slice_s=0.0)
    assert not PersonKey.objects.get(pk=olwen).erased_at
    cell.back_up()
    cell.lose_everything()
    done = cell.restore(snapshot=old.name)
    assert done.closed == 1
    assert not Account.objects.filter(pk=olwen).exists()
    assert PersonKey.objects.get(pk=olwen).erased_at is not None
    assert LogEntry.objects.filter(kind="key_erased").count() == 2, "of the fixture, and theirs"
    assert ClosedAccount.objects.get().handle == "olwen"


def test_somebody_who_came_after_the_backup_is_lost_and_their_number_is_not_given_again(
    cell: Cell, lived: dict[str, Any]
) -> None:
    from cast import person

    old = cell.back_up()
    late = person("late")
    seal(late.id, "x.y", b"data")
    cell.back_up()
    cell.lose_everything()
    cell.restore(snapshot=old.name)
    assert not Account.objects.filter(handle="late").exists()
    assert person("later").id > late.id


def test_a_sound_of_the_erased_stays_without_whose_it_was(
    cell: Cell, lived: dict[str, Any], settle: Callable[[], int]
) -> None:
    olwen, sian = lived["olwen"].id, lived["sian"].id
    sound = Sound.objects.create(maker_id=olwen, title="Bells")
    Video.objects.filter(author=sian).update(sound=sound)
    old = cell.back_up()
    finish(ask_to_close(olwen, Wish()), settle)
    cell.back_up()
    cell.lose_everything()
    cell.restore(snapshot=old.name)
    assert Sound.objects.get(pk=sound.pk).maker_id is None
    assert Video.objects.get(author=sian).sound_id == sound.pk


def test_nothing_can_be_read_in_a_backup(cell: Cell, lived: dict[str, Any]) -> None:
    """Not a handle, not a text, not a film, not a number of an account: neither in clear nor in what opens without keys."""
    cell.back_up()
    secrets = [b"olwen", b"sian", b"badger", b"my own words", b"well said", b"clip number", b"argon2", b"example.org"]
    secrets += [clip.public_id.encode() for clip in lived["clips"]]
    for name, data in files(cell.backups).items():
        if name.startswith("log/"):
            continue
        for secret in secrets:
            assert secret not in data, f"{secret!r} in {name}"


def test_no_key_lies_in_the_backup_and_no_data_with_the_keys(cell: Cell, lived: dict[str, Any]) -> None:
    cell.back_up()
    wrapped = [bytes(one) for one in PersonKey.objects.values_list("wrapped", flat=True)]
    cell_key = (cell.settings.DATA / "keys" / "cell-key").read_bytes()
    stored = b"".join(files(cell.backups).values())
    assert not any(one in stored for one in wrapped)
    assert cell_key not in stored
    assert b"my own words" not in b"".join(files(cell.keys).values())


def test_the_next_backup_adds_what_is_new_alone(cell: Cell, lived: dict[str, Any]) -> None:
    first = cell.back_up()
    objects = files(cell.backups / "objects")
    second = cell.back_up()
    assert (first.added_files, second.added_files, second.files) == (21, 0, 21)
    assert files(cell.backups / "objects") == objects
    assert second.name > first.name
    cell.lose_everything()
    assert cell.restore().name == second.name
    assert Backup.objects.get().restored_at is not None


def test_a_restored_viewer_row_is_theirs(cell: Cell, lived: dict[str, Any]) -> None:
    sian = lived["sian"].id
    seen = ViewerState.objects.get(account=sian).seen
    assert seen
    cell.back_up()
    cell.lose_everything()
    cell.restore()
    assert ViewerState.objects.get(account=sian).seen == seen
