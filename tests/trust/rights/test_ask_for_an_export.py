"""Everything that is held about somebody, as one file: complete, theirs alone, and it survives what happens."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
from django.conf import settings

from archives import FILM, read
from cast import Visitor
from hustings.accounts.api import Author
from hustings.lib import clock
from hustings.lib.archives import zipping
from hustings.lib.archives.checking import check
from hustings.lib.errors import ForbiddenError, NotFoundError, TooManyRequestsError
from hustings.trust import datamap, log
from hustings.trust.access.models import AccessEntry
from hustings.trust.datamap import retention
from hustings.trust.rights import dumping, exporting
from hustings.trust.rights.errors import RunningAlreadyError
from hustings.trust.rights.models import Export
from hustings.videos.models import Video

Make = Callable[..., zipfile.ZipFile]


# --- Complete -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", dumping.exported_tables(), ids=lambda table: table.model)
def test_every_personal_column_is_in_it_or_listed_with_a_reason(table: Any) -> None:
    """Over the whole map: for each way in which a row can be about somebody, no column goes unaccounted."""
    explained = dumping.explained_columns()
    for part in dumping.parts(table):
        shown = {field.name for field in dumping.shown(table, part)}
        listed = {one.column: one.why for one in dumping.left_out(table) if one.part == part}
        elsewhere = {name for name in datamap.personal_columns(table.model) if f"{table.model}.{name}" in explained}
        assert shown | listed.keys() | elsewhere == datamap.personal_columns(table.model)
        assert not shown & listed.keys()
        assert all(listed.values())


def test_every_table_about_people_is_in_it_or_listed_whole() -> None:
    about = {table.model for table in datamap.tables().values() if table.subjects or table.through}
    with_people = {model for model in about if datamap.personal_columns(model)}
    exported = {table.model for table in dumping.exported_tables()}
    listed = {one.table for one in dumping.everything_left_out()}
    other = dumping.instead()
    assert with_people <= exported | listed | other.keys()
    for model, how in other.items():
        left = {one.column for one in dumping.left_out(datamap.table_of(model)) if not one.part}
        assert how.shows | left == datamap.personal_columns(model)
    for model in with_people - exported - other.keys():
        assert datamap.table_of(model).why


def test_what_somebody_did_is_in_it(life: dict[str, Video], owner: Author, exported: Make) -> None:
    archive = exported(owner)
    own, theirs = life["own"].public_id, life["theirs"].public_id
    profile = read(archive, "documents/profile.json")
    assert (profile["handle"], profile["bio"], profile["preferences"]) == (
        "olwen",
        "Gwneud ffilmiau",
        {"language": "cy"},
    )
    assert [place["handle"] for place in profile["organisations"]] == ["council"]
    clips = {clip["id"]: clip for clip in read(archive, "documents/clips.json")}
    assert clips[own]["caption"] == "Ein ffilm #haf"
    assert clips[life["draft"].public_id]["release"] == "draft"
    relations = read(archive, "documents/relations.json")
    assert [one["handle"] for one in relations["following"]] == ["sian"]
    assert [one["handle"] for one in relations["followers"]] == ["sian"]
    assert [one["handle"] for one in relations["muted"]] == ["tomos"]
    assert [one["clip"] for one in read(archive, "documents/reactions.json")["liked"]] == [theirs]
    assert [one["text"] for one in read(archive, "documents/comments.json")] == ["Da iawn!"]
    watching = read(archive, "documents/watching.json")
    assert ("watch", theirs, 7.5) in {(one["kind"], one["clip"], one["seconds"]) for one in watching}
    interests = read(archive, "documents/interests.json")
    assert theirs in interests["seen"]
    assert "sian" in {one["name"] for one in interests["authors"]}


def test_sealed_columns_come_out_opened(life: dict[str, Video], owner: Author, exported: Make) -> None:
    from hustings.feed.models import EventBatch

    lying = EventBatch.objects.filter(account=owner.id).values_list("events", flat=True)
    archive = exported(owner)
    raw = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".json"))
    assert lying
    assert not any(bytes(one) in raw for one in lying)
    assert read(archive, "documents/watching.json")


def test_films_captions_covers_and_picture_are_in_it(life: dict[str, Video], owner: Author, exported: Make) -> None:
    archive = exported(owner)
    own = life["own"].public_id
    assert archive.read(f"media/{own}.mp4") == FILM
    assert b"Helo" in archive.read(f"media/{own}.cy.vtt")
    assert archive.read(f"media/{own}.webp") == b"webp"
    assert archive.read("avatar.webp").startswith(b"RIFF")
    assert not [name for name in archive.namelist() if life["theirs"].public_id in name]


def test_the_manifest_names_every_file_with_its_hash(life: dict[str, Video], owner: Author, exported: Make) -> None:
    archive = exported(owner)
    manifest = read(archive, "manifest.json")
    assert manifest["server"]["cell"] == settings.CELL
    assert manifest["server"]["region"] == settings.REGION
    named = {one["path"]: one["sha256"] for one in manifest["files"]}
    assert {*named, "manifest.json"} == set(archive.namelist())
    for name, digest in named.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest
    assert manifest["counts"]["rows"]["community.Like"] == 2  # one of hers, one of a clip of hers
    assert ("accounts.Account", "password") in {(one["table"], one["column"]) for one in manifest["left_out"]}


def test_every_document_has_a_schema_and_keeps_it(life: dict[str, Video], owner: Author, exported: Make) -> None:
    """By the standard's reference implementation; ours is what people run, and must agree."""
    archive = exported(owner)
    for one in read(archive, "manifest.json")["files"]:
        if one["path"].endswith(".json") and not one["path"].startswith("schemas/"):
            schema = read(archive, one["schema"])
            jsonschema.Draft202012Validator.check_schema(schema)
            jsonschema.validate(read(archive, one["path"]), schema)
    assert check(Path(str(archive.filename))).faults == []


def test_what_was_published_is_an_outbox_of_activitystreams(
    life: dict[str, Video], owner: Author, exported: Make
) -> None:
    archive = exported(owner)
    actor, outbox = read(archive, "actor.json"), read(archive, "outbox.json")
    assert actor["@context"] == outbox["@context"] == "https://www.w3.org/ns/activitystreams"
    assert (actor["type"], actor["preferredUsername"]) == ("Person", "olwen")
    (create,) = outbox["orderedItems"]
    assert (create["type"], create["object"]["type"]) == ("Create", "Video")
    assert create["object"]["attachment"][0]["url"] in archive.namelist()
    assert create["to"] == ["https://www.w3.org/ns/activitystreams#Public"]


def test_what_others_decided_about_somebody_stays_theirs(
    life: dict[str, Video], owner: Author, as_stranger: Visitor, settle: Callable[[], int], exported: Make
) -> None:
    """Who blocked her is not hers to know; who liked her clip is, for she was told."""
    as_stranger.ask("PUT", "/api/v1/accounts/olwen/mute")
    settle()
    archive = exported(owner)
    mute = read(archive, "data/community.Mute.json")
    assert [row["muted"] for row in mute["rows"]] == ["@tomos"]
    assert mute["mentions"] == {}
    assert {one["part"] for one in mute["left_out"]} == {"muted_id"}
    like = read(archive, "data/community.Like.json")
    assert [row["account"] for row in like["mentions"]["video__author_id"]] == ["@sian"]


def test_no_secret_is_in_it(life: dict[str, Video], owner: Author, exported: Make) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.models import Session

    archive = exported(owner)
    raw = b"".join(archive.read(name) for name in archive.namelist() if name.endswith(".json"))
    assert get_user_model().objects.get(pk=owner.id).password.encode() not in raw
    for key in Session.objects.values_list("session_key", flat=True):
        assert key.encode() not in raw


def test_it_is_explained_in_both_languages(life: dict[str, Video], owner: Author, exported: Make) -> None:
    archive = exported(owner)
    assert "What Hustings holds about @olwen" in archive.read("README.md").decode()
    assert "Beth mae Hustings yn ei gadw am @olwen" in archive.read("DARLLENWCH.md").decode()


def test_an_owner_exports_the_organisation(
    organisation: Author, owner: Author, teammate: Author, stranger: Author, film: Any, exported: Make
) -> None:
    clip = film(organisation)
    archive = exported(owner, "council")
    assert read(archive, "documents/profile.json")["kind"] == "organisation"
    assert read(archive, "actor.json")["type"] == "Organization"
    assert {one["handle"] for one in read(archive, "documents/profile.json")["members"]} == {"olwen", "tomos"}
    assert f"media/{clip.public_id}.mp4" in archive.namelist()
    with pytest.raises(ForbiddenError):
        exporting.ask(teammate.id, "council")
    with pytest.raises(NotFoundError):
        exporting.ask(stranger.id, "council")


def _looked_at(subject: Author, *, delayed: bool) -> str:
    """A look at somebody's data, in the ledger and in the log; answers its public id."""
    later = clock.now() + timedelta(days=30) if delayed else None
    entry = log.append(
        "access",
        {
            "reason": "support",
            "role": "support",
            "categories": ["user.account"],
            "records": "1",
            "method": "screen",
            "office_country": "GB",
            "physical_country": "GB",
            "break_glass": False,
        },
        secrets={"subject": subject.handle, "actor": "secret colleague", "case": "SU-1", "reason": "a lost key"},
        subject=subject.id,
        disclose_after=later,
    )
    look = AccessEntry.objects.create(
        log_entry=entry,
        actor=999_999,
        subject=subject.id,
        role="support",
        reason="support",
        reason_text="a lost key",
        case="SU-1",
        employer="Cwm Council",
        office_country="GB",
        physical_country="GB",
        ended_at=clock.now(),
        review_note="a note between colleagues",
        disclose_after=later,
    )
    return look.public_id


def test_who_looked_is_in_it_with_what_opens_the_log(owner: Author, exported: Make) -> None:
    seen = _looked_at(owner, delayed=False)
    log.sequence_once()
    archive = exported(owner)
    (look,) = read(archive, "documents/accesses.json")
    assert (look["id"], look["words"], look["case"]) == (seen, "a lost key", "SU-1")
    (entry,) = read(archive, "documents/log.json")
    assert entry["openings"]["case"]["value"] == "SU-1"
    assert len(entry["openings"]["case"]["salt"]) >= 32
    assert archive.read(entry["proof"])
    assert check(Path(str(archive.filename))).faults == []


def test_what_the_law_keeps_back_and_who_it_was_are_not_in_it(owner: Author, exported: Make) -> None:
    _looked_at(owner, delayed=True)
    archive = exported(owner)
    assert read(archive, "documents/accesses.json") == []
    assert read(archive, "documents/log.json") == []
    raw = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (b"a lost key", b"a note between colleagues", b"999999"):
        assert secret not in raw
    listed = {(one["table"], one["column"]) for one in read(archive, "manifest.json")["left_out"]}
    assert {("trust.AccessEntry", "actor"), ("trust.AccessEntry", "review_note")} <= listed


def test_a_closure_finds_trusts_own_rows_and_files(owner: Author, exported: Make) -> None:
    from hustings.trust.api import Choices, holders

    folder = Path(str(exported(owner).filename)).parent
    (holder,) = (one for one in holders() if one.name == "trust")
    names = [trace.name for trace in holder.traces(owner.id)]  # type: ignore[attr-defined]  # it is Traced
    assert names == [f"exports/{folder.name}"]
    assert holder.residue(owner.id)
    assert [one.what for one in holder.erase(owner.id, Choices())] == ["export"]
    assert holder.residue(owner.id) == {}
    assert holder.left(names) == {}  # type: ignore[attr-defined]  # as above
    folder.mkdir()
    assert holder.left(names) == {"archives": 1}  # type: ignore[attr-defined]  # as above
    holder.clear(names)  # type: ignore[attr-defined]  # as above
    assert not folder.exists()


# --- Its states ---------------------------------------------------------------------------------------


def test_one_at_a_time(owner: Author, organisation: Author) -> None:
    exporting.ask(owner.id)
    with pytest.raises(RunningAlreadyError):
        exporting.ask(owner.id)
    exporting.ask(owner.id, "council")


def test_a_new_one_takes_the_place_of_the_last(owner: Author, exported: Make) -> None:
    first = Path(str(exported(owner).filename))
    second = Path(str(exported(owner).filename))
    assert not first.exists()
    assert second.exists()


def test_four_a_day(owner: Author, exported: Make, moved_clock: Any) -> None:
    for _ in range(exporting.A_DAY):
        exported(owner)
    with pytest.raises(TooManyRequestsError):
        exporting.ask(owner.id)
    moved_clock(clock.now() + timedelta(days=1, minutes=1))
    exported(owner)


def test_after_seven_days_it_is_deleted(owner: Author, exported: Make, moved_clock: Any) -> None:
    path = Path(str(exported(owner).filename))
    rule = retention.rules()["rights.archives"]
    moved_clock(clock.now() + timedelta(days=6, hours=23))
    retention.enforce(rule)
    assert path.exists()
    moved_clock(clock.now() + timedelta(hours=2))
    for _ in range(2):
        retention.enforce(rule)
        assert not path.parent.exists()
    assert Export.objects.get().state == "expired"


def test_cancelling_deletes_what_is_there(owner: Author, settle: Any) -> None:
    made = exporting.ask(owner.id)
    exporting.cancel(owner.id)
    settle()
    assert not exporting.folder_of(made).exists()
    assert Export.objects.get().state == "expired"


# --- Killed, full, erased -----------------------------------------------------------------------------


class Killed(BaseException):
    """What a killed worker looks like from inside."""


def _dying(after: int) -> Callable[..., None]:
    """The disk's write, until the process is killed at the nth."""
    left = after
    put = zipping._put

    def write(file: Any, data: bytes) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Killed
        put(file, data)

    return write


@pytest.mark.parametrize("at", [0, 1, 7, 30, 60, 90, 120, 150])
def test_killed_anywhere_it_goes_on(
    at: int, life: dict[str, Video], owner: Author, settle: Any, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exporting.ask(owner.id)
    killed = False
    with monkeypatch.context() as patch:
        patch.setattr(zipping, "_put", _dying(at))
        try:
            settle()
        except Killed:
            killed = True
    # The lease of the dead runs out; the sweep wakes the next.
    moved_clock(clock.now() + timedelta(minutes=2))
    exporting.wake_lost()
    settle()
    made.refresh_from_db()
    assert made.state == "ready"
    assert killed or at > 100
    assert check(exporting.archive_of(made)).faults == []
    assert check(exporting.archive_of(made)).files > 40


def test_killed_between_the_file_and_the_row_it_is_ready_all_the_same(
    owner: Author, settle: Any, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exporting.ask(owner.id)

    def dying(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "_ready", dying)
        with pytest.raises(Killed):
            settle()
    before = exporting.archive_of(made).read_bytes()
    moved_clock(clock.now() + timedelta(minutes=2))
    exporting.wake_lost()
    settle()
    made.refresh_from_db()
    assert made.state == "ready"
    assert exporting.archive_of(made).read_bytes() == before


def test_a_slice_at_a_time(life: dict[str, Video], owner: Author, settle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is needed elsewhere gives each export a moment; the next slice goes on where it was."""
    slices = 0
    one = exporting._slice

    def counted(lease: Any, export: Any) -> bool:
        nonlocal slices
        slices += 1
        return one(lease, export)

    monkeypatch.setattr(exporting, "_slice", counted)
    # Each look at the clock takes half a second, so that a slice is six pieces.
    times = iter(range(10_000))
    monkeypatch.setattr(exporting, "time", SimpleNamespace(monotonic=lambda: next(times) * 0.5))
    made = exporting.ask(owner.id)
    settle()
    made.refresh_from_db()
    assert made.state == "ready"
    assert slices > 3
    assert check(exporting.archive_of(made)).faults == []


def test_a_full_disk_is_waited_for_without_half_an_archive_on_it(
    life: dict[str, Video], owner: Author, settle: Any, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exporting.ask(owner.id)
    left = 40

    def filling(file: Any, data: bytes, put: Any = zipping._put) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        put(file, data)

    with monkeypatch.context() as patch:
        patch.setattr(zipping, "_put", filling)
        settle()
    made.refresh_from_db()
    assert (made.state, made.fault, made.attempts) == ("building", "disk_full", 0)
    assert not exporting.folder_of(made).exists()
    moved_clock(clock.now() + timedelta(minutes=11))
    exporting.wake_lost()
    settle()
    made.refresh_from_db()
    assert (made.state, made.fault) == ("ready", "")


def test_a_disk_too_small_is_known_before(owner: Author, settle: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = exporting.ask(owner.id)
    with monkeypatch.context() as patch:
        patch.setattr(exporting.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 0))  # type: ignore[attr-defined]  # its own type
        settle()
    made.refresh_from_db()
    assert made.fault == "disk_full"


def test_a_film_that_goes_meanwhile_is_named(
    life: dict[str, Video], owner: Author, exported: Make, media_root: Path
) -> None:
    own = life["own"].public_id
    shutil.rmtree(media_root / "clips" / own)
    archive = exported(owner)
    assert f"media/{own}.mp4" in read(archive, "manifest.json")["missing"]
    assert f"media/{own}.mp4" not in archive.namelist()
    assert check(Path(str(archive.filename))).faults == []


def test_an_account_that_goes_meanwhile_takes_its_export_with_it(
    life: dict[str, Video], owner: Author, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exporting.ask(owner.id)
    add = exporting._add
    left = 10

    def erasing(*args: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            exporting.erase(owner.id)
        add(*args)

    monkeypatch.setattr(exporting, "_add", erasing)
    settle()
    assert not Export.objects.exists()
    assert not exporting.folder_of(made).exists()


def test_after_five_attempts_somebody_is_told(
    owner: Author, settle: Any, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exporting.ask(owner.id)

    def broken(*_: object) -> Iterator[Any]:
        raise RuntimeError("our own fault")

    monkeypatch.setattr(exporting.contents, "written", broken)
    for _ in range(7):
        settle()
        moved_clock(clock.now() + timedelta(minutes=11))
        exporting.wake_lost()
    settle()
    made.refresh_from_db()
    assert (made.state, made.fault) == ("failed", "worker_failed")
    assert not exporting.folder_of(made).exists()


def test_folders_without_a_row_are_removed(owner: Author, exported: Make) -> None:
    kept = Path(str(exported(owner).filename)).parent
    stray = kept.parent / ("z" * 22)
    stray.mkdir()
    (stray / "part").write_bytes(b"x")
    exporting.remove_orphans()
    assert not stray.exists()
    assert kept.exists()


# --- Over HTTP ----------------------------------------------------------------------------------------


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """`fresh(True)`: who asks has just proved that it is them."""
    from hustings.accounts.identity import Identity

    def say(answer: bool) -> None:
        monkeypatch.setattr(Identity, "fresh", lambda *_: answer)

    say(True)
    return say


def test_the_page_leads_from_asking_to_the_file(
    life: dict[str, Video], as_owner: Visitor, settle: Any, fresh: Callable[[bool], None]
) -> None:
    assert b"Make my archive" in as_owner.get("/trust/export", {"lang": "en"}).content
    assert b"Gwneud fy archif" in as_owner.get("/trust/export", {"lang": "cy"}).content
    assert as_owner.post("/trust/export", {"act": "ask"}).status_code == 302
    waiting = as_owner.get("/trust/export", {"lang": "en"}).content
    assert b'http-equiv="refresh"' in waiting
    settle()
    made = Export.objects.get()
    page = as_owner.get("/trust/export", {"lang": "en"})
    assert f"/trust/export/{made.key}/hustings-export-olwen-".encode() in page.content
    assert b"http-equiv" not in page.content
    assert page.headers["Cache-Control"] == "private, no-store"


def body_of(answer: Any) -> bytes:
    """Read to its end: closing an answer by hand would close the test's own connection to the database with it."""
    return b"".join(answer)


def _address(made: Export) -> str:
    return f"/trust/export/{made.key}/export.zip"


@pytest.fixture
def ready(life: dict[str, Video], owner: Author, exported: Make) -> Export:
    exported(owner).close()
    return Export.objects.get()


def test_it_is_fetched_with_ranges(ready: Export, as_owner: Visitor, fresh: Callable[[bool], None]) -> None:
    body = exporting.archive_of(ready).read_bytes()
    whole = as_owner.get(_address(ready))
    assert whole.status_code == 200
    assert b"".join(whole) == body
    assert whole.headers["Content-Disposition"].startswith('attachment; filename="hustings-export-olwen-')
    part = as_owner.get(_address(ready), headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 100-299/{len(body)}")
    assert b"".join(part) == body[100:300]
    rest = as_owner.get(_address(ready), headers={"Range": f"bytes={len(body) - 5}-"})
    assert b"".join(rest) == body[-5:]
    assert as_owner.get(_address(ready), headers={"Range": f"bytes={len(body)}-"}).status_code == 416
    changed = as_owner.get(_address(ready), headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert changed.status_code == 200
    body_of(changed)
    head = as_owner.head(_address(ready))
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(len(body)))


def test_strangers_and_the_signed_out_learn_nothing(
    ready: Export, as_stranger: Visitor, as_teammate: Visitor, anonymous: Visitor, fresh: Callable[[bool], None]
) -> None:
    assert as_stranger.get(_address(ready)).status_code == 404
    assert as_teammate.get(_address(ready)).status_code == 404
    assert anonymous.get(_address(ready)).headers["Location"].startswith("/signin?next=")
    assert as_stranger.get("/trust/export/" + "z" * 22 + "/export.zip").status_code == 404
    assert as_stranger.get("/trust/export/nonsense/export.zip").status_code == 404


def test_only_owners_fetch_an_organisations_archive(
    organisation: Author,
    owner: Author,
    exported: Make,
    as_owner: Visitor,
    as_teammate: Visitor,
    fresh: Callable[[bool], None],
) -> None:
    exported(owner, "council").close()
    made = Export.objects.get()
    answer = as_owner.get(_address(made))
    assert answer.status_code == 200
    body_of(answer)
    assert as_teammate.get(_address(made)).status_code == 404
    assert as_teammate.get("/trust/export", {"for": "council"}).status_code == 403


def test_an_open_session_alone_is_not_enough(ready: Export, as_owner: Visitor, fresh: Callable[[bool], None]) -> None:
    fresh(False)
    assert as_owner.get(_address(ready)).headers["Location"].startswith("/trust/confirm?next=")
    assert as_owner.post("/trust/export", {"act": "ask"}).headers["Location"].startswith("/trust/confirm?next=")
    assert Export.objects.count() == 1


def test_a_download_that_takes_hours_is_proved_once(
    ready: Export, as_owner: Visitor, fresh: Callable[[bool], None], moved_clock: Any
) -> None:
    body_of(as_owner.get(_address(ready)))
    fresh(False)
    moved_clock(clock.now() + timedelta(hours=11))
    later = as_owner.get(_address(ready), headers={"Range": "bytes=0-9"})
    assert later.status_code == 206
    body_of(later)
    moved_clock(clock.now() + timedelta(hours=2))
    assert as_owner.get(_address(ready)).status_code == 302


def test_an_archive_that_is_over_says_so(ready: Export, as_owner: Visitor, fresh: Callable[[bool], None]) -> None:
    exporting.cancel(ready.account_id)
    assert as_owner.get(_address(ready)).status_code == 410


def test_too_many_slow_downloads_do_not_shut_others_out(
    ready: Export, as_owner: Visitor, fresh: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hustings.trust.rights import downloads
    from hustings.trust.rights.seats import Seats

    monkeypatch.setattr(downloads, "_seats", Seats(2, each=1))
    held = as_owner.get(_address(ready))
    assert as_owner.get(_address(ready)).status_code == 503
    body_of(held)
    again = as_owner.get(_address(ready))
    assert again.status_code == 200
    body_of(again)


@pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", ""])
def test_confirming_leads_nowhere_else(as_owner: Visitor, fresh: Callable[[bool], None], path: str) -> None:
    answer = as_owner.get("/trust/confirm", {"next": path})
    assert answer.headers["Location"] == "/trust/rights"


def test_confirming_by_password(db: None) -> None:
    from cast import person

    somebody = Visitor(person("gwen", password="pump ceffyl cryf"))
    refused = somebody.post("/trust/confirm", {"next": "/trust/export", "password": "wrong"})
    assert refused.status_code == 403
    taken = somebody.post("/trust/confirm", {"next": "/trust/export", "password": "pump ceffyl cryf"})
    assert taken.headers["Location"] == "/trust/export"
    assert somebody.post("/trust/export", {"act": "ask"}).headers["Location"] == "/trust/export"
    assert Export.objects.count() == 1


def test_manifest_numbers_are_numbers(life: dict[str, Video], owner: Author, exported: Make) -> None:
    manifest = json.loads(exported(owner).read("manifest.json"))
    assert manifest["counts"]["bytes"] == sum(one["size"] for one in manifest["files"])
