"""From TikTok or another Hustings: seen before it comes, taken once, as drafts, and undone for a day."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cast import Visitor, person
from hustings.accounts.api import Author
from hustings.community.models import Follow, Like, MutedWord
from hustings.lib import clock
from hustings.lib.errors import ForbiddenError, NotFoundError
from hustings.trust.rights import importing, uploading
from hustings.trust.rights.errors import RunningAlreadyError, TooLateError
from hustings.trust.rights.models import Import, ImportItem
from hustings.videos.models import Upload, Video
from published import published

REF = "7123456789012345678"
LIKED = "7000000000000000001"
FILM = b"a film of its own " * 999


def tiktok(films: dict[str, bytes] | None = None, **changes: Any) -> bytes:
    """A TikTok export as a ZIP: two posts, one liked, one watched, and what we never read."""
    value = {
        "Post": {
            "Posts": {
                "VideoList": [
                    {
                        "Date": "2024-05-01 10:00:00",
                        "Link": f"https://www.tiktok.com/@gwen/video/{REF}",
                        "WhoCanView": "Public",
                        "AllowComments": "No",
                        "Title": "Ar y traeth #haf",
                        "Location": "Aberystwyth",
                    },
                    {"Date": "2024-06-02 11:30:05", "Link": "https://v16.tiktokcdn.com/x", "Title": "Yn y Senedd"},
                ]
            }
        },
        "Likes and Favorites": {
            "Like List": {"ItemFavoriteList": [{"date": "x", "link": f"https://www.tiktokv.com/share/video/{LIKED}/"}]}
        },
        "Your Activity": {
            "Watch History": {"VideoList": [{"Date": "x", "Link": f"https://www.tiktokv.com/share/video/{LIKED}/"}]},
            "Login History": {"LoginHistoryList": [{"IP": "203.0.113.7"}] * 7},
        },
        **changes,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("user_data_tiktok.json", json.dumps(value))
        for name, body in ({f"Posts/{REF}.mp4": FILM} if films is None else films).items():
            archive.writestr(name, body)
    return made.getvalue()


@pytest.fixture
def bring(tmp_path: Path, settle: Callable[[], int]) -> Callable[..., Import]:
    """`bring(person, {name: bytes})`: send these files and let the worker look into them."""

    def send(who: Author, files: dict[str, bytes], handle: str | None = None) -> Import:
        batch = importing.receive(who.id, _laid(tmp_path, files), handle)
        settle()
        batch.refresh_from_db()
        return batch

    return send


def _laid(folder: Path, files: dict[str, bytes]) -> list[tuple[str, Path]]:
    laid = []
    for number, (name, body) in enumerate(files.items()):
        path = folder / f"sent-{number}"
        path.write_bytes(body)
        laid.append((name, path))
    return laid


def states(batch: Import) -> dict[str, dict[str, int]]:
    return {kind: dict(counts) for kind, counts in importing.counts(batch)}


def take(batch: Import, who: Author, kinds: list[str], settle: Callable[[], int], **options: bool) -> None:
    importing.start(who.id, batch.key, kinds, **options)
    settle()
    batch.refresh_from_db()


# --- TikTok -------------------------------------------------------------------------------------------


def test_nothing_comes_in_before_the_person_has_seen_it(owner: Author, bring: Any) -> None:
    batch = bring(owner, {"TikTok_Data.zip": tiktok()})
    assert (batch.state, batch.source) == ("preview", "tiktok")
    assert states(batch) == {"clip": {"found": 2}}
    assert batch.summary["found"] == {"clip": 2, "like": 1, "watch": 1}
    ignored = {one["section"]: one["items"] for one in batch.summary["ignored"]}
    assert ignored == {"Login History": 7, "Post: Location": 1}
    assert not Video.objects.exists()


def test_films_come_in_as_private_drafts_with_their_dates(owner: Author, bring: Any, settle: Any) -> None:
    batch = bring(owner, {"TikTok_Data.zip": tiktok()})
    take(batch, owner, ["clip"], settle)
    assert batch.state == "done"
    assert states(batch) == {"clip": {"taken": 1, "waiting": 1}}
    video = Video.objects.get()
    assert (video.caption, video.visibility, video.release) == ("Ar y traeth #haf", "private", "draft")
    assert (video.origin, video.origin_at) == (f"tiktok:{REF}", datetime(2024, 5, 1, 10, tzinfo=UTC))
    assert video.allow_comments is False
    assert video.published_at is None
    assert video.upload.filename == f"{REF}.mp4"
    # The ordinary way of an upload: our text file is no film, and its examination says so.
    assert video.state == "refused"
    assert not importing.folder_of(batch).exists()


def test_who_could_see_it_is_kept_when_the_person_says_so(owner: Author, bring: Any, settle: Any) -> None:
    batch = bring(owner, {"TikTok_Data.zip": tiktok()})
    take(batch, owner, ["clip"], settle, keep_visibility=True)
    video = Video.objects.get()
    assert (video.visibility, video.release) == ("public", "draft")


def test_places_and_devices_reach_no_row(owner: Author, bring: Any, settle: Any) -> None:
    from django.apps import apps

    batch = bring(owner, {"TikTok_Data.zip": tiktok()})
    take(batch, owner, ["clip", "like", "watch"], settle)
    for model in apps.get_models():
        for row in model._base_manager.all():
            said = repr({name: getattr(row, name) for name in (field.attname for field in model._meta.concrete_fields)})
            assert "Aberystwyth" not in said
            assert "203.0.113.7" not in said


def test_a_film_that_is_only_linked_waits_until_it_is_brought(
    owner: Author, bring: Any, settle: Any, tmp_path: Path
) -> None:
    batch = bring(owner, {"user_data_tiktok.json": zipfile.ZipFile(io.BytesIO(tiktok())).read("user_data_tiktok.json")})
    take(batch, owner, ["clip"], settle)
    assert states(batch) == {"clip": {"waiting": 2}}
    found = importing.bring_films(
        owner.id,
        batch.key,
        _laid(tmp_path, {"2024-06-02 11_30_05.mp4": FILM, "holiday.mp4": b"another film"}),
    )
    settle()
    batch.refresh_from_db()
    assert (found, batch.state) == (1, "done")
    assert states(batch) == {"clip": {"waiting": 1, "taken": 1}}
    assert Video.objects.get().caption == "Yn y Senedd"
    assert not [path for path in importing.folder_of(batch).parent.rglob("*") if path.is_file()]


def test_likes_and_watching_come_in_only_when_ticked_and_only_of_films_that_are_here(
    owner: Author, stranger: Author, bring: Any, settle: Any
) -> None:
    here = published(stranger, "Yma hefyd", origin=f"tiktok:{LIKED}")
    batch = bring(owner, {"TikTok_Data.zip": tiktok()})
    assert states(batch) == {"clip": {"found": 2}, "like": {"found": 1}, "watch": {"found": 1}}
    take(batch, owner, ["clip"], settle)
    assert not Like.objects.exists()
    assert states(batch)["like"] == {"left": 1}

    again = bring(owner, {"TikTok_Data.zip": tiktok()})
    take(again, owner, ["like", "watch"], settle)
    assert Like.objects.get().video_id == here.pk
    from hustings.feed import states as viewers

    assert here.pk in viewers.read(owner.id).memory.seen.tolist()


def test_the_same_archive_twice_brings_nothing_twice(owner: Author, bring: Any, settle: Any, film: Any) -> None:
    first = bring(owner, {"a.zip": tiktok()})
    take(first, owner, ["clip"], settle)
    Video.objects.update(state="ready")
    second = bring(owner, {"a.zip": tiktok()})
    take(second, owner, ["clip"], settle)
    assert states(second) == {"clip": {"there": 1, "waiting": 1}}
    assert Video.objects.count() == 1


def test_films_alone_come_in_too(owner: Author, bring: Any, settle: Any) -> None:
    batch = bring(owner, {"2024-06-02 11_30_05.mp4": FILM, "b.mov": b"another " * 99})
    assert batch.source == "clips"
    take(batch, owner, ["clip"], settle)
    assert Video.objects.count() == 2
    assert Video.objects.filter(origin_at=datetime(2024, 6, 2, 11, 30, 5, tzinfo=UTC)).exists()


# --- Our own ------------------------------------------------------------------------------------------


def test_an_export_of_hustings_comes_in_for_somebody_new(
    life: dict[str, Video], owner: Author, exported: Any, bring: Any, settle: Any
) -> None:
    archive = Path(str(exported(owner).filename)).read_bytes()
    newcomer = person("gwen")
    batch = bring(newcomer, {"hustings-export.zip": archive})
    assert (batch.state, batch.source) == ("preview", "hustings")
    take(batch, newcomer, ["clip", "follow", "mute", "like", "save", "watch", "profile"], settle)
    assert batch.state == "done"
    assert Follow.objects.filter(follower=newcomer.id, followed__handle="sian").exists()
    assert Like.objects.filter(account=newcomer.id, video=life["theirs"]).exists()
    brought = Video.objects.filter(author=newcomer.id)
    assert {video.caption for video in brought} == {"Ein ffilm #haf"}  # of two with the same bytes the first
    assert all(video.origin.startswith("hustings:") for video in brought)
    assert Upload.objects.filter(video__in=brought).count() == 1


def test_captions_come_with_their_film(
    life: dict[str, Video], owner: Author, exported: Any, bring: Any, settle: Any
) -> None:
    archive = Path(str(exported(owner).filename)).read_bytes()
    newcomer = person("gwen")
    batch = bring(newcomer, {"hustings-export.zip": archive})
    importing.start(newcomer.id, batch.key, ["clip"])
    importing.work.call(batch.pk)
    video = Video.objects.get(author=newcomer.id)
    assert set(video.tracks.values_list("language", flat=True)) == {"en", "cy"}


def test_an_export_that_was_changed_to_another_form_is_refused(
    life: dict[str, Video], owner: Author, exported: Any, bring: Any
) -> None:
    made = io.BytesIO()
    with exported(owner) as archive, zipfile.ZipFile(made, "w") as changed:
        for name in archive.namelist():
            body = archive.read(name)
            if name in {"documents/clips.json", "documents/relations.json"}:
                body = b'{"evil": [1, 2]}'
            changed.writestr(name, body)
    batch = bring(owner, {"export.zip": made.getvalue()})
    assert batch.state == "refused"
    assert {one["where"] for one in batch.summary["faults"]} == {"documents/clips.json", "documents/relations.json"}
    assert not importing.folder_of(batch).exists()


def _changed(archive: Any, documents: dict[str, Any]) -> bytes:
    """An export of ours with other documents in it; a text stands as it is."""
    made = io.BytesIO()
    with archive, zipfile.ZipFile(made, "w") as changed:
        for name in archive.namelist():
            wanted = documents.get(name)
            said = wanted if isinstance(wanted, str) else json.dumps(wanted)
            changed.writestr(name, archive.read(name) if wanted is None else said)
    return made.getvalue()


RELATIONS: dict[str, Any] = {"following": [], "followers": [], "blocked": [], "muted": [], "muted_words": []}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (RELATIONS | {"muted_words": [f"word {number}" for number in range(1_001)]}, "too_many"),
        (RELATIONS | {"following": [{"handle": f"x{n}", "since": ""} for n in range(100_001)]}, "too_many"),
        ("[" + "[]," * 3_000_000 + "[]]", "too_many"),
        ('{"following": NaN}', "json"),
    ],
    ids=["words", "people", "lists", "no number"],
)
def test_a_document_that_would_fill_the_memory_is_named(
    document: Any, code: str, life: dict[str, Video], owner: Author, exported: Any, bring: Any
) -> None:
    batch = bring(owner, {"export.zip": _changed(exported(owner), {"documents/relations.json": document})})
    assert batch.state == "refused"
    assert [(one["where"], one["code"]) for one in batch.summary["faults"]] == [("documents/relations.json", code)]


def test_what_an_export_says_a_thousand_times_is_taken_once(
    life: dict[str, Video], owner: Author, exported: Any, bring: Any
) -> None:
    said = RELATIONS | {"muted_words": ["glaw"] * 900}
    batch = bring(person("gwen"), {"export.zip": _changed(exported(owner), {"documents/relations.json": said})})
    assert dict(importing.counts(batch))["word"] == {"found": 1}


# --- Bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [("../../evil.mp4", "path"), ("/etc/cron.d/evil", "path"), ("C:evil.mp4", "path"), ("..\\evil.mp4", "path")],
)
def test_a_name_that_leads_out_refuses_the_whole_archive(owner: Author, bring: Any, name: str, code: str) -> None:
    batch = bring(owner, {"a.zip": tiktok({f"Posts/{REF}.mp4": FILM, name: b"x"})})
    assert batch.state == "refused"
    assert batch.summary["faults"] == [{"where": name, "code": code, "params": {}}]
    assert not batch.items.exists()
    assert not importing.folder_of(batch).exists()


def test_a_bomb_is_refused_before_it_is_unpacked(owner: Author, bring: Any) -> None:
    batch = bring(owner, {"a.zip": tiktok({"Posts/bomb.mp4": b"\0" * (20 << 20)})})
    assert [one["code"] for one in batch.summary["faults"]] == ["ratio"]


def test_an_archive_within_the_archive_is_named(owner: Author, bring: Any) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("TikTok_Data.zip", tiktok())
    batch = bring(owner, {"outer.zip": made.getvalue()})
    assert [(one["where"], one["code"]) for one in batch.summary["faults"]] == [("TikTok_Data.zip", "nested")]


@pytest.mark.parametrize("body", [b"", b"hello", b"PK\3\4 broken", b'{"a": 1}'])
def test_what_is_no_export_is_refused_and_said_so(owner: Author, bring: Any, body: bytes) -> None:
    batch = bring(owner, {"user_data.json": body or b" "})
    assert batch.state == "refused"
    assert batch.summary["faults"]


def test_a_film_that_is_damaged_is_refused_alone(owner: Author, bring: Any, settle: Any) -> None:
    raw = tiktok({f"Posts/{REF}.mp4": FILM, "Posts/2024-06-02 11_30_05.mp4": b"fine " * 500})
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as after:
        for name in before.namelist():
            after.writestr(name, before.read(name))
    bent = made.getvalue().replace(FILM[:300], b"X" * 300, 1)
    batch = bring(owner, {"a.zip": bent})
    take(batch, owner, ["clip"], settle)
    assert states(batch) == {"clip": {"refused": 1, "taken": 1}}
    assert batch.items.get(state="refused").fault == "damaged"
    assert Video.objects.count() == 1


def test_somebody_elses_import_is_not_there(owner: Author, stranger: Author, bring: Any) -> None:
    batch = bring(owner, {"a.zip": tiktok()})
    for act in (importing.start, importing.bring_films):
        with pytest.raises(NotFoundError):
            act(stranger.id, batch.key, [])
    for act in (importing.undo, importing.cancel, importing.mine):
        with pytest.raises(NotFoundError):
            act(stranger.id, batch.key)
    with pytest.raises(NotFoundError):
        importing.mine(owner.id, "nonsense")


def test_an_owner_brings_films_for_the_organisation(
    organisation: Author, owner: Author, teammate: Author, bring: Any, settle: Any
) -> None:
    batch = bring(owner, {"a.zip": tiktok()}, "council")
    take(batch, owner, ["clip"], settle)
    video = Video.objects.get()
    assert (video.author_id, video.uploaded_by_id) == (organisation.id, owner.id)
    with pytest.raises(ForbiddenError):
        bring(teammate, {"a.zip": tiktok()}, "council")


def test_one_import_at_a_time(owner: Author, bring: Any, tmp_path: Path) -> None:
    bring(owner, {"a.zip": tiktok()})
    left = _laid(tmp_path, {"a.zip": tiktok()})
    with pytest.raises(RunningAlreadyError):
        importing.receive(owner.id, left)


# --- Undone, killed, forgotten ------------------------------------------------------------------------


def test_all_of_it_is_taken_back(life: dict[str, Video], owner: Author, exported: Any, bring: Any, settle: Any) -> None:
    archive = Path(str(exported(owner).filename)).read_bytes()
    newcomer = person("gwen", name="Gwen")
    batch = bring(newcomer, {"e.zip": archive})
    take(batch, newcomer, ["clip", "follow", "mute", "like", "save", "profile"], settle)
    from hustings.accounts import profiles

    assert profiles.own(newcomer.id)[0]["bio"] == "Gwneud ffilmiau"
    importing.undo(newcomer.id, batch.key)
    settle()
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert not Video.objects.filter(author=newcomer.id).exists()
    assert not Follow.objects.filter(follower=newcomer.id).exists()
    assert not Like.objects.filter(account=newcomer.id).exists()
    own, preferences = profiles.own(newcomer.id)
    assert (own["name"], own["bio"], preferences) == ("Gwen", "", {})


def test_what_was_published_since_stays(owner: Author, bring: Any, settle: Any) -> None:
    batch = bring(owner, {"a.zip": tiktok()})
    take(batch, owner, ["clip"], settle)
    Video.objects.update(release="published", state="ready")
    importing.undo(owner.id, batch.key)
    settle()
    assert Video.objects.count() == 1
    assert states(batch)["clip"] == {"kept": 1, "waiting": 1}


def test_after_a_day_it_stays(owner: Author, bring: Any, settle: Any, moved_clock: Any) -> None:
    batch = bring(owner, {"a.zip": tiktok()})
    take(batch, owner, ["clip"], settle)
    moved_clock(clock.now() + timedelta(days=1, minutes=1))
    with pytest.raises(TooLateError):
        importing.undo(owner.id, batch.key)


class Killed(BaseException):
    """What a killed worker looks like from inside."""


@pytest.mark.parametrize("landed", [False, True])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_killed_at_any_film_each_is_taken_once(
    at: int, landed: bool, owner: Author, bring: Any, settle: Any, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lost, and landed but never reported: what became of a film and the film itself are one write."""
    films = {f"2024-06-0{number} 11_30_05.mp4": f"film {number} ".encode() * 99 for number in range(1, 4)}
    batch = bring(owner, films)
    importing.start(owner.id, batch.key, ["clip"])
    became = importing._became
    left = at

    def dying(item: ImportItem, taken: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0 and not landed:
            raise Killed
        became(item, taken)
        if left < 0:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_became", dying)
        with pytest.raises(Killed):
            settle()
    moved_clock(clock.now() + timedelta(minutes=2))
    importing.wake_lost()
    settle()
    batch.refresh_from_db()
    assert batch.state == "done"
    assert states(batch) == {"clip": {"taken": 3}}
    assert Video.objects.count() == 3


def test_killed_while_looking_it_looks_again(
    owner: Author, bring: Any, settle: Any, moved_clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = importing.receive(owner.id, _laid(tmp_path, {"a.zip": tiktok()}))

    def dying(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_known", dying)
        with pytest.raises(Killed):
            settle()
    moved_clock(clock.now() + timedelta(minutes=2))
    importing.wake_lost()
    settle()
    batch.refresh_from_db()
    assert (batch.state, batch.items.count()) == ("preview", 2)


def test_a_preview_nobody_decides_on_is_forgotten(owner: Author, bring: Any, moved_clock: Any) -> None:
    batch = bring(owner, {"a.zip": tiktok()})
    folder = importing.folder_of(batch)
    assert folder.exists()
    moved_clock(clock.now() + timedelta(days=7, minutes=1))
    importing.forget_expired(clock.now())
    assert not Import.objects.exists()
    assert not folder.exists()


def test_an_account_that_is_closed_takes_its_imports_with_it(owner: Author, bring: Any) -> None:
    batch = bring(owner, {"a.zip": tiktok()})
    assert importing.erase(owner.id) == 1
    assert not Import.objects.exists()
    assert not ImportItem.objects.exists()
    assert not importing.folder_of(batch).exists()


# --- Over HTTP ----------------------------------------------------------------------------------------


def _file(body: bytes, name: str = "TikTok_Data.zip") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, body, content_type="application/zip")


def test_the_pages_lead_from_a_file_to_drafts_and_back(
    owner: Author, stranger: Author, as_owner: Visitor, as_stranger: Visitor, settle: Any
) -> None:
    published(stranger, "Yma hefyd", origin=f"tiktok:{LIKED}")
    answer = as_owner.post("/trust/import", {"file": _file(tiktok())})
    page = answer.headers["Location"]
    assert page.startswith("/trust/import/")
    assert b'http-equiv="refresh"' in as_owner.get(page, {"lang": "en"}).content
    settle()
    preview = as_owner.get(page, {"lang": "en"}).content.decode()
    assert "Nothing has come in yet" in preview
    assert "Ar y traeth #haf" in preview
    assert "Where you were" in preview
    assert "Aberystwyth" not in preview
    assert "Ble buoch chi" in as_owner.get(page, {"lang": "cy"}).content.decode()
    assert as_stranger.get(page).status_code == 404
    as_owner.post(page, {"act": "start", "kind": ["clip"]})
    settle()
    done = as_owner.get(page, {"lang": "en"}).content.decode()
    assert "came in" in done
    assert "Take it all back" in done
    as_owner.post(page, {"act": "undo"})
    settle()
    assert not Video.objects.filter(author=owner.id).exists()


def test_a_faulty_archive_is_explained_fault_by_fault(as_owner: Visitor, settle: Any) -> None:
    bad = tiktok({"../evil.mp4": b"x", "/absolute.mp4": b"y"})
    page = as_owner.post("/trust/import", {"file": _file(bad)}).headers["Location"]
    settle()
    said = as_owner.get(page, {"lang": "en"}).content.decode()
    assert "../evil.mp4" in said
    assert "/absolute.mp4" in said
    assert said.count("The name leads out of the archive.") == 2


def test_the_signed_out_send_nothing(anonymous: Visitor, settings: Any) -> None:
    answer = anonymous.post("/trust/import", {"file": _file(tiktok())})
    assert answer.headers["Location"].startswith("/signin?next=")
    assert not settings.IMPORTS_ROOT.exists()


def test_without_a_token_nothing_is_taken(owner: Author, settings: Any) -> None:
    from django.test import Client

    from hustings.accounts.models import Account

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Account.objects.get(pk=owner.id))
    assert strict.post("/trust/import", {"file": _file(tiktok())}).status_code == 403
    assert not Import.objects.exists()
    assert not [path for path in settings.IMPORTS_ROOT.iterdir() if path.is_file()]


def test_a_file_beyond_the_limit_is_refused_and_not_kept(as_owner: Visitor, settings: Any) -> None:
    settings.IMPORT_MAX_BYTES = 500
    assert as_owner.post("/trust/import", {"file": _file(tiktok())}).status_code == 413
    assert not Import.objects.exists()
    assert not settings.IMPORTS_ROOT.exists() or not list(settings.IMPORTS_ROOT.iterdir())


def test_a_length_that_lies_is_found_while_it_comes(
    as_owner: Visitor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMPORT_MAX_BYTES = 500
    monkeypatch.setattr(uploading, "room_for", lambda _: True)
    length = {"CONTENT_LENGTH": "400"}
    body = _file(tiktok())
    # The header says 400 bytes; the server reads no further than that, and the form breaks off.
    answer = as_owner.post("/trust/import", {"file": body}, **length)  # type: ignore[arg-type]  # WSGI variables
    assert answer.status_code in {400, 413, 422}
    assert not Import.objects.exists()


def test_a_form_without_a_file_says_so(as_owner: Visitor) -> None:
    answer = as_owner.post("/trust/import", {"for": ""}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert b"Choose a file." in answer.content


def test_files_that_broke_off_are_swept_up(settings: Any, db: None) -> None:
    import os

    settings.IMPORTS_ROOT.mkdir()
    old, new = settings.IMPORTS_ROOT / "incoming-old", settings.IMPORTS_ROOT / "incoming-new"
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (clock.now().timestamp() - 7200,) * 2)
    importing.remove_orphans()
    assert not old.exists()
    assert new.exists()


def test_muted_words_come_with_us(owner: Author, as_owner: Visitor, exported: Any, bring: Any, settle: Any) -> None:
    as_owner.ask("PUT", "/api/v1/me/muted-words", {"words": ["spoiler", "rygbi"]})
    archive = Path(str(exported(owner).filename)).read_bytes()
    newcomer = person("gwen")
    batch = bring(newcomer, {"e.zip": archive})
    take(batch, newcomer, ["word"], settle)
    assert set(MutedWord.objects.filter(account=newcomer.id).values_list("word", flat=True)) == {"spoiler", "rygbi"}
    importing.undo(newcomer.id, batch.key)
    settle()
    assert not MutedWord.objects.filter(account=newcomer.id).exists()
