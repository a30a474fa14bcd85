"""From the last byte to all renditions ready, or refused with a reason; whatever breaks on the way."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, transaction

from hustings.accounts.api import Author
from hustings.lib import clock, ffmpeg, ids
from hustings.videos import api, cards, encoding, events, jobs, leases, processing, rules, sweeps
from hustings.videos.models import Rendition, Upload, Video

pytestmark = [pytest.mark.urls("videos.urls"), pytest.mark.django_db, pytest.mark.ffmpeg]


def files_of(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def nothing_left_over(media_root: Path, settings: Any) -> None:
    """Every file has a row, and every row its file."""
    named = set()
    for video in Video.objects.all():
        named |= {f"clips/{video.public_id}/{name}" for name in cards.names_in_use(video)}
    assert set(files_of(media_root)) == named
    kept = {upload.key for upload in Upload.objects.exclude(video__state__in=("ready", "refused"))}
    assert {path.name for path in settings.UPLOADS_ROOT.iterdir()} == kept


@pytest.fixture
def heard() -> Any:
    """Names of announced events, in order."""
    said: list[str] = []
    receivers = []
    for name in [name for name in dir(events) if name.startswith("clip_")]:
        receiver = partial(_hear, said, name)
        receivers.append((getattr(events, name), receiver))
        getattr(events, name).connect(receiver)
    yield said
    for signal, receiver in receivers:
        signal.disconnect(receiver)


def _hear(said: list[str], name: str, **_: Any) -> None:
    said.append(name)


def test_a_film_that_browsers_play_is_playable_before_the_ladder(
    owner: Author, compatible: Path, settle: Callable[[], int], media_root: Path, settings: Any, heard: list[str]
) -> None:
    clip = api.ingest_file(owner.id, compatible, caption="Good #Bills", publish=True)
    video = Video.objects.get(public_id=clip)
    assert video.state == "received"
    jobs.examine.call(video.pk)
    video.refresh_from_db()
    assert (video.state, video.release) == ("playable", "published")
    assert video.published_at is not None
    assert video.poster
    assert video.thumbhash
    assert [rendition.original for rendition in video.renditions.all()] == [True]
    settle()
    video.refresh_from_db()
    assert video.state == "ready"
    assert (video.width, video.height, video.has_audio) == (180, 320, True)
    assert video.duration == pytest.approx(2, abs=0.1)
    assert [rendition.edge for rendition in video.renditions.all()] == [180]
    assert video.covers
    assert video.storyboard["count"] > 1
    assert video.sound is not None
    assert heard.count("clip_published") == 1
    assert heard.index("clip_playable") < heard.index("clip_published")
    sweeps.remove_orphans(everything=True)
    # The original is kept for an hour, for those who are watching it.
    assert len([name for name in files_of(media_root) if "source" in name]) == 1
    for path in media_root.rglob("*.*"):
        os.utime(path, (1, 1))
    sweeps.remove_orphans(everything=True)
    nothing_left_over(media_root, settings)


def test_another_film_becomes_playable_with_its_ladder(
    ingested: Callable[..., Video], foreign: Path, media_root: Path, settings: Any, heard: list[str]
) -> None:
    video = ingested(foreign)
    assert video.state == "ready"
    assert video.refusal is None
    assert [(one.edge, one.width, one.height) for one in video.renditions.all()] == [(180, 320, 180)]
    assert heard == ["clip_changed", "clip_playable", "clip_published"] or heard[-2:] == [
        "clip_playable",
        "clip_published",
    ]
    nothing_left_over(media_root, settings)
    facts = api.media_facts([video.pk])[video.pk]
    for url in (facts["renditions"][0]["url"], facts["poster"]["avif"], facts["storyboard"]["url"]):
        assert (media_root / "clips" / video.public_id / url.rpartition("/")[2]).exists()


def test_a_heavy_film_is_playable_in_a_small_size_before_its_ladder(
    owner: Author, heavy: Path, settle: Callable[[], int], media_root: Path, settings: Any, heard: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    seen: list[tuple[str, list[tuple[int, str]], bool]] = []
    whole = ffmpeg.transcode

    def look_first(*args: Any, **kwargs: Any) -> ffmpeg.Transcoded:
        video = Video.objects.get(public_id=clip)
        renditions = [(r.edge, r.file.partition("-")[2][:5]) for r in video.renditions.all()]
        seen.append((video.state, renditions, bool(video.poster)))
        return whole(*args, **kwargs)

    monkeypatch.setattr(ffmpeg, "transcode", look_first)
    clip = api.ingest_file(owner.id, heavy, caption="Big", publish=True)
    settle()
    assert seen == [("playable", [(540, "first")], True)]
    video = Video.objects.get(public_id=clip)
    assert video.state == "ready"
    assert sorted(video.renditions.values_list("edge", flat=True)) == [360, 540, 720, 1080]
    assert heard.index("clip_playable") < heard.index("clip_published")
    assert heard.count("clip_playable") == 1


def test_a_heavy_film_whose_ladder_cannot_be_made_still_plays(
    owner: Author, heavy: Path, settle: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> ffmpeg.Transcoded:
        raise ffmpeg.DecodeError("halfway")

    monkeypatch.setattr(ffmpeg, "transcode", fail)
    clip = api.ingest_file(owner.id, heavy, publish=True)
    settle()
    video = Video.objects.get(public_id=clip)
    assert video.state == "ready"
    assert list(video.renditions.values_list("edge", flat=True)) == [540]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"just some text, named .mp4\n" * 100, "not_a_video"),
        (b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", "playlist_refused"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "playlist_refused"),
    ],
)
def test_refused_with_a_reason(
    ingested: Callable[..., Video],
    tmp_path: Path,
    media_root: Path,
    settings: Any,
    body: bytes,
    code: str,
    heard: list[str],
) -> None:
    path = tmp_path / "../odd name.mp4"
    path.write_bytes(body)
    video = ingested(path)
    assert video.state == "refused"
    assert video.refusal["code"] == code
    assert video.refusal["message"]
    assert video.refusal["hint"]
    assert heard[-1] == "clip_refused"
    assert "clip_published" not in heard
    nothing_left_over(media_root, settings)


def test_the_same_film_twice(
    ingested: Callable[..., Video], owner: Author, stranger: Author, compatible: Path, settle: Any
) -> None:
    first = ingested(compatible)
    again = ingested(compatible)
    assert again.state == "refused"
    assert again.refusal["code"] == "duplicate"
    assert again.refusal["params"] == {"clip": first.public_id}
    theirs = api.ingest_file(stranger.id, compatible)
    settle()
    assert Video.objects.get(public_id=theirs).state == "ready"
    api.delete(first.pk)
    assert ingested(compatible).state == "ready"


def test_a_draft_is_not_published_by_becoming_playable(
    ingested: Callable[..., Video], compatible: Path, heard: list[str]
) -> None:
    video = ingested(compatible, publish=False)
    assert (video.release, video.published_at) == ("draft", None)
    assert "clip_published" not in heard


def test_the_source_is_gone(owner: Author, compatible: Path, settle: Callable[[], int], settings: Any) -> None:
    clip = api.ingest_file(owner.id, compatible)
    for path in settings.UPLOADS_ROOT.iterdir():
        path.unlink()
    settle()
    assert Video.objects.get(public_id=clip).refusal["code"] == "source_lost"


def test_a_ladder_that_cannot_be_made_leaves_a_clip_that_plays(
    owner: Author, compatible: Path, settle: Callable[[], int], settings: Any
) -> None:
    clip = api.ingest_file(owner.id, compatible)
    video = Video.objects.get(public_id=clip)
    jobs.examine.call(video.pk)
    settings.FFMPEG_MEMORY_MB = TIGHT
    for _ in range(settings.VIDEO_JOB_ATTEMPTS + 1):
        Video.objects.update(lease_until=None)
        jobs.encode.call(video.pk)
    video.refresh_from_db()
    assert video.state == "ready"
    assert [rendition.original for rendition in video.renditions.all()] == [True]


def test_out_of_memory_every_time(owner: Author, foreign: Path, settle: Callable[[], int], settings: Any) -> None:
    clip = api.ingest_file(owner.id, foreign)
    video = Video.objects.get(public_id=clip)
    jobs.examine.call(video.pk)
    settings.FFMPEG_MEMORY_MB = TIGHT
    for attempt in range(1, settings.VIDEO_JOB_ATTEMPTS + 1):
        video.refresh_from_db()
        assert video.state == "processing"
        Video.objects.update(lease_until=None)
        jobs.encode.call(video.pk)
        assert Video.objects.get().attempts in {attempt, 0}
    video.refresh_from_db()
    assert video.refusal["code"] == "out_of_memory"


def test_no_ffmpeg_is_the_operators_matter(owner: Author, foreign: Path, settings: Any) -> None:
    """However often it is tried, the clip waits and is not refused."""
    clip = api.ingest_file(owner.id, foreign)
    settings.FFMPEG = "/nowhere/ffmpeg"
    for _ in range(settings.VIDEO_JOB_ATTEMPTS * 2):
        Video.objects.update(lease_until=None)
        jobs.examine.call(Video.objects.get().pk)
    assert Video.objects.get(public_id=clip).state == "received"
    settings.FFMPEG = ""
    Video.objects.update(lease_until=None)
    jobs.examine.call(Video.objects.get().pk)
    assert Video.objects.get(public_id=clip).state == "processing"


# --- leases ------------------------------------------------------------------------------------------


@pytest.fixture
def received(owner: Author, compatible: Path) -> Video:
    return Video.objects.get(public_id=api.ingest_file(owner.id, compatible))


TIGHT = 400  # MiB: enough to look at a film, too little to encode it
RECEIVED = frozenset({"received"})


def test_one_worker_has_it(received: Video) -> None:
    mine = leases.claim(received.pk, RECEIVED)
    assert mine is not None
    assert leases.claim(received.pk, RECEIVED) is None
    assert leases.claim(received.pk, frozenset({"ready"})) is None
    mine.give_back()
    assert leases.claim(received.pk, RECEIVED) is not None


def test_a_lease_runs_out(received: Video, moved_clock: Callable[[Any], None]) -> None:
    slow = leases.claim(received.pk, RECEIVED)
    assert slow is not None
    (slow.folder / "half.mp4").write_bytes(b"x")
    moved_clock(clock.now() + rules.LEASE + timedelta(seconds=1))
    quick = leases.claim(received.pk, RECEIVED)
    assert quick is not None
    assert not slow.folder.exists()
    with pytest.raises(leases.LeaseLostError):
        slow.update(state="playable")
    quick.update(state="playable")


def test_the_clock_goes_back(received: Video, moved_clock: Callable[[Any], None]) -> None:
    now = clock.now()
    assert leases.claim(received.pk, RECEIVED) is not None
    moved_clock(now - timedelta(days=3))
    assert leases.claim(received.pk, RECEIVED) is not None  # a lease three days long is none
    moved_clock(now - timedelta(days=6))
    sweeps.wake_lost()
    assert Video.objects.get().lease_key == ""


def test_a_published_clip_stays_out_when_the_clock_goes_back(
    make_clip: Callable[..., Video], moved_clock: Callable[[Any], None]
) -> None:
    video = make_clip()
    moved_clock(clock.now() - timedelta(days=1))
    assert api.visible(video.public_id, None) == video.pk


def test_deleted_while_one_works_on_it(
    received: Video, settle: Callable[[], int], monkeypatch: pytest.MonkeyPatch, media_root: Path, settings: Any
) -> None:
    real = ffmpeg.remux

    def deleted_meanwhile(*arguments: Any, **named: Any) -> Any:
        api.delete(received.pk)
        settle()
        named["folder"].mkdir(parents=True)
        return real(*arguments, **named)

    monkeypatch.setattr(ffmpeg, "remux", deleted_meanwhile)
    jobs.examine.call(received.pk)
    assert not Video.objects.exists()
    nothing_left_over(media_root, settings)


def test_a_dead_workers_clip_is_woken(
    received: Video, settle: Callable[[], int], moved_clock: Callable[[Any], None]
) -> None:
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.all().delete()  # the task is marked as running, for ever
    assert leases.claim(received.pk, RECEIVED) is not None
    sweeps.wake_lost()
    assert settle() == 0  # its holder may be alive
    moved_clock(clock.now() + rules.LEASE + timedelta(seconds=1))
    sweeps.wake_lost()
    sweeps.wake_lost()
    assert DBTaskResult.objects.count() == 1
    settle()
    assert Video.objects.get().state == "ready"


def test_a_lost_wake_is_repeated(
    received: Video, settle: Callable[[], int], moved_clock: Callable[[Any], None]
) -> None:
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.all().delete()
    sweeps.wake_lost()
    assert settle() == 0
    moved_clock(clock.now() + timedelta(minutes=11))
    sweeps.wake_lost()
    settle()
    assert Video.objects.get().state == "ready"


def test_killed_too_often(received: Video, settings: Any) -> None:
    Video.objects.update(attempts=settings.VIDEO_JOB_ATTEMPTS)
    jobs.examine.call(received.pk)
    received.refresh_from_db()
    assert received.refusal["code"] == "worker_failed"


def test_the_queue_may_wake_it_as_often_as_it_likes(received: Video, settle: Callable[[], int]) -> None:
    for _ in range(3):
        for job in (jobs.encode, jobs.examine, jobs.redo_cover, jobs.encode_av1):
            job.call(received.pk)
    settle()
    assert Video.objects.get().state == "ready"
    assert Rendition.objects.count() == 1


# --- each write, lost and landed ---------------------------------------------------------------------


@pytest.mark.parametrize("step", ["examine", "encode"])
@pytest.mark.parametrize("write", range(1, 5))
def test_each_write_to_the_row_is_lost(
    received: Video,
    step: str,
    write: int,
    monkeypatch: pytest.MonkeyPatch,
    settle: Any,
    media_root: Path,
    settings: Any,
) -> None:
    """The database refuses the nth write of a step; the next attempt ends well and nothing is left over."""
    job = getattr(jobs, step)
    if step == "encode":
        jobs.examine.call(received.pk)
    count = [0]
    real = leases.Lease.update

    def locked(self: leases.Lease, **values: Any) -> None:
        count[0] += 1
        if count[0] == write:
            raise OperationalError("database is locked")
        real(self, **values)

    with monkeypatch.context() as broken:
        broken.setattr(leases.Lease, "update", locked)
        job.call(received.pk)
    _recover(settle, media_root, settings)


@pytest.mark.parametrize("step", ["examine", "encode"])
def test_the_last_write_landed_but_was_reported_lost(
    received: Video, step: str, monkeypatch: pytest.MonkeyPatch, settle: Any, media_root: Path, settings: Any
) -> None:
    job = getattr(jobs, step)
    if step == "encode":
        jobs.examine.call(received.pk)
    real = leases.Lease.hand_over

    def landed(self: leases.Lease, **values: Any) -> None:
        real(self, **values)
        transaction.on_commit(lambda: (_ for _ in ()).throw(OperationalError("server closed the connection")))

    with monkeypatch.context() as broken:
        broken.setattr(leases.Lease, "hand_over", landed)
        job.call(received.pk)
    from django.db import connection

    connection.run_on_commit = []  # the process never came to what follows a commit
    _recover(settle, media_root, settings)


def _recover(settle: Any, media_root: Path, settings: Any) -> None:
    for _ in range(3):
        Video.objects.exclude(lease_until=None).update(lease_until=clock.now() - timedelta(seconds=1))
        Video.objects.update(woken_at=None)
        sweeps.wake_lost()
        settle()
    assert Video.objects.get().state == "ready"
    for folder in (media_root, settings.UPLOADS_ROOT):
        for path in folder.rglob("*"):
            os.utime(path, (1, 1))
    sweeps.remove_orphans(everything=True)
    nothing_left_over(media_root, settings)


def test_orphans_of_every_kind(make_clip: Callable[..., Video], media_root: Path, settings: Any) -> None:
    video = make_clip()
    young = media_root / "clips" / video.public_id / f"720-{'a' * 32}.mp4"
    orphans = [
        media_root / "clips" / ids.new() / "film.mp4",
        media_root / "clips" / video.public_id / f"540-{'b' * 32}.mp4",
        media_root / "work" / ids.new() / ids.secret() / "half.mp4",
        media_root / "work" / video.public_id / ids.secret() / "half.mp4",
        settings.UPLOADS_ROOT / ids.secret(),
        settings.UPLOADS_ROOT / "something else",
    ]
    for path in (young, *orphans):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    kept = list((media_root / "clips" / video.public_id).iterdir())
    for path in (*orphans, *(path.parent for path in orphans), *(path.parent.parent for path in orphans), *kept):
        if path != young:
            os.utime(path, (1, 1))
    os.utime(media_root / "clips" / video.public_id)
    sweeps.remove_orphans(everything=True)
    assert [path for path in orphans if path.exists()] == []
    assert young.exists()
    assert (media_root / "clips" / video.public_id / video.renditions.get().file).exists()


# --- covers and AV1 ----------------------------------------------------------------------------------


def test_a_cover_chosen_past_the_end_does_not_cost_the_film(ingested: Callable[..., Video], foreign: Path) -> None:
    """Covers are offered before the film was measured, so a moment may turn out not to exist."""
    video = ingested(foreign, cover_time=150.0)
    assert (video.state, video.refusal) == ("ready", None)
    assert video.poster


def test_another_cover(ingested: Callable[..., Video], compatible: Path, settle: Callable[[], int]) -> None:
    video = ingested(compatible)
    api.set_details(video.pk, api.Details(cover_time=1.5))
    settle()
    after = Video.objects.get()
    assert after.poster != video.poster
    assert after.poster_time == 1.5
    assert (after.state, after.lease_key, after.attempts) == ("ready", "", 0)


def test_a_cover_chosen_before_the_ladder(
    ingested: Callable[..., Video], foreign: Path, settle: Callable[[], int]
) -> None:
    video = ingested(foreign, cover_time=1.0)
    assert video.poster_time == pytest.approx(1.0)
    sweeps.redo_covers()
    assert settle() == 0


def test_a_cover_chosen_while_the_ladder_is_made(received: Video, settle: Callable[[], int]) -> None:
    lease = leases.claim(received.pk, RECEIVED)
    assert lease is not None
    Video.objects.update(cover_time=1.0, state="ready", lease_key="", lease_until=None)
    sweeps.redo_covers()
    jobs.redo_cover.call(received.pk)  # no rendition yet to take it from
    assert Video.objects.get().lease_key == ""


@pytest.mark.skipif(ffmpeg.find("").av1_encoder is None, reason="this FFmpeg has no SVT-AV1")
def test_av1_for_a_popular_clip(
    ingested: Callable[..., Video], compatible: Path, settle: Callable[[], int], settings: Any
) -> None:
    video = ingested(compatible)
    api.became_popular(video.pk)
    sweeps.encode_popular()
    assert settle() == 0  # the operator did not ask for it
    settings.VIDEO_AV1 = True
    Video.objects.update(woken_at=None)
    sweeps.encode_popular()
    settle()
    mimes = [rendition["mime"] for rendition in api.media_facts([video.pk])[video.pk]["renditions"]]
    assert ["av01" in mime for mime in mimes] == [False, True]
    api.became_popular(video.pk)
    assert not Video.objects.get().popular


def test_room_runs_out(
    received: Video, monkeypatch: pytest.MonkeyPatch, settle: Callable[[], int], settings: Any
) -> None:
    jobs.examine.call(received.pk)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 0}))
    for _ in range(settings.VIDEO_JOB_ATTEMPTS + 2):
        Video.objects.update(lease_until=None)
        jobs.encode.call(received.pk)
    assert Video.objects.get().state == "playable"
    monkeypatch.undo()


def test_limits_come_from_the_settings(settings: Any) -> None:
    settings.VIDEO_TOP_EDGE = 720
    assert processing.edges() == (360, 540, 720)
    assert encoding.ENCODE.states == {"processing", "playable"}
