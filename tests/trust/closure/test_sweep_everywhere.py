"""The sweep does not trust those who erased: whatever is left, wherever it is left, is found, named and erased again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cast import Visitor
from hustings.accounts.api import Author
from hustings.community.models import Follow
from hustings.feed.models import ClipStats
from hustings.lib import clock
from hustings.pages.models import AccountEntry
from hustings.site.health import examine
from hustings.trust.api import Choices, Erased, Wish, ask_to_close, holders
from hustings.trust.closure import asking, health, jobs, machine, sweeping
from hustings.trust.closure.models import Closure
from hustings.trust.log.models import LogEntry
from hustings.videos.holdings import VideosHolder
from published import published
from trust.access.employed import at_desk, employed
from trust.closure.living import finish, live

Move = Callable[[datetime], None]
Settle = Callable[[], int]


def _swept(subject: int, handle: str, **more: Any) -> sweeping.Swept:
    given: dict[str, Any] = {"names": {}, "known_by": ()} | more
    return sweeping.sweep(subject, handle, **given, beat=lambda: None)


@pytest.fixture
def gone(owner: Author, stranger: Author, moderator: Author, settle: Settle) -> int:
    """The id of an account that was erased; its handle was olwen."""
    live(owner, stranger, moderator)
    assert finish(ask_to_close(owner.id, Wish()), settle).state == "receipt"
    return owner.id


def test_it_finds_nothing_when_all_is_gone(gone: int) -> None:
    swept = _swept(gone, "olwen", known_by=["olwen@example.org"])
    assert swept.found == {}
    assert {check["what"] for check in swept.checks} >= {"holders", "tables", "names", "texts", "log", "key", "backups"}
    assert all(check["found"] == 0 for check in swept.checks)
    assert all(isinstance(check["looked_at"], int) for check in swept.checks)
    texts = next(check for check in swept.checks if check["what"] == "texts")
    assert texts["looked_at"] > 100, "columns of every table"


def _follow(gone: int, other: Author) -> None:
    """A row about somebody who is gone can only stand while the database does not look."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL does not let it stand at all")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        cursor.execute(
            "INSERT INTO community_follow (follower_id, followed_id, created_at) VALUES (%s, %s, %s)",
            [gone, other.id, "2026-01-01 00:00:00"],
        )


PLANTS: dict[str, tuple[Callable[[int, Author], object], str]] = {
    "a row": (_follow, "community: follow"),
    "the search index": (lambda gone, _: AccountEntry.objects.create(ref=str(gone), text="x"), "pages: accountentry"),
    "a cached value": (lambda _g, _o: _in_cache("olwen@example.org"), "hustings_cache.value"),
    "a log opening": (
        lambda gone, _: LogEntry.objects.create(kind="access", at=clock.now(), leaf=b"{}", subject=gone),
        "openings in the log",
    ),
    "a task's arguments": (
        lambda _g, _o: _a_task("olwen@example.org"),
        "django_tasks_database.DBTaskResult.args_kwargs",
    ),
}


def _in_cache(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO hustings_cache (cache_key, value, expires) VALUES (%s, %s, %s)",
            ["k", text, clock.now().replace(tzinfo=None)],
        )


def _a_task(text: str) -> None:
    from django_tasks_db.models import DBTaskResult

    DBTaskResult.objects.create(
        task_path="a.b",
        args_kwargs={"args": [text], "kwargs": {}},
        backend_name="default",
        run_after=clock.now(),
        exception_class_path="",
        traceback="",
    )


@pytest.mark.parametrize("what", PLANTS)
def test_what_is_left_is_found_and_named(gone: int, stranger: Author, what: str) -> None:
    plant, place = PLANTS[what]
    plant(gone, stranger)
    found = _swept(gone, "olwen", known_by=["olwen@example.org"]).found
    Follow.objects.filter(follower_id=gone).delete()
    assert place in found, found


def test_files_and_late_counts_are_found_by_the_names_that_were_listed(
    gone: int, media_root: Path, settings: Any
) -> None:
    names = {"videos": ["clips/11111111111/360-x.mp4", f"uploads/{'1' * 22}"], "feed": ["77"], "accounts": ["a.webp"]}
    assert _swept(gone, "olwen", names=names).found == {}
    (media_root / "clips" / "11111111111").mkdir(parents=True)
    (media_root / "clips" / "11111111111" / "360-x.mp4").touch()
    (settings.UPLOADS_ROOT / ("1" * 22)).touch()
    (media_root / "avatars").mkdir(exist_ok=True)
    (media_root / "avatars" / ".a.webp").touch()
    ClipStats.objects.create(video_id=77)
    found = _swept(gone, "olwen", names=names).found
    assert found == {
        "videos: media store": 1, "videos: uploads": 1, "accounts: media store": 1, "feed: clipstats": 1,
    }  # fmt: skip
    for holder in holders():
        if names.get(holder.name):
            holder.clear(names[holder.name])  # type: ignore[attr-defined]  # those three have names
    assert _swept(gone, "olwen", names=names).found == {}
    ClipStats.objects.all().delete()


def test_others_words_are_theirs_and_counted_apart(gone: int, stranger: Author) -> None:
    published(stranger, "I miss @olwen. (olwen without the sign is a name like others; so is @olwenna)")
    swept = _swept(gone, "olwen", known_by=["olwen@example.org"])
    assert swept.found == {}
    assert swept.mentions == {"community.Comment.text": 1, "videos.Video.caption": 1}


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ("@olwen", True), ("hello @Olwen!", True), ("(@olwen)", True), ("@olwen.", True), ("olwen", True),
        ("@olwenna", False), ("@olwen_2", False), ("@olwen.rees", False), ("me@olwen", False), ("olwen rees", False),
        ('{"handle": "olwen"}', True), ("write to Olwen@example.org now", True), ("olwen@example.com", False),
    ],
)  # fmt: skip
def test_what_speaks_of_an_account(text: str, *, speaks: bool) -> None:
    assert sweeping.Patterns("olwen", ("olwen@example.org",)).match(text) is speaks


# --- A domain that cannot erase ----------------------------------------------------------------------


class _Stubborn(VideosHolder):
    """Fails as often as it is told to, before it has done anything or after it has done all."""

    def __init__(self, failures: int, *, after: bool) -> None:
        super().__init__()
        self.failures, self.after = failures, after

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        if self.after:
            yield from super().erase(account_id, choices)
        if self.failures:
            self.failures -= 1
            raise PermissionError(13, "Permission denied", "/somewhere/of/olwen")
        yield from super().erase(account_id, choices)


@pytest.fixture
def stubborn(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def replace(failures: int, *, after: bool = False) -> None:
        every = [_Stubborn(failures, after=after) if one.name == "videos" else one for one in holders()]
        monkeypatch.setattr(machine, "holders", lambda: every)

    return replace


@pytest.mark.parametrize("after", [False, True], ids=["lost", "landed and reported lost"])
def test_it_is_seen_and_tried_again_with_longer_rests(
    owner: Author,
    stranger: Author,
    moderator: Author,
    settle: Settle,
    moved_clock: Move,
    stubborn: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
    *,
    after: bool,
) -> None:
    live(owner, stranger, moderator)
    stubborn(3, after=after)
    start = clock.now()
    moved_clock(start)
    desk = at_desk(employed("dilys", "Dilys", "moderator"))
    secret = ask_to_close(owner.id, Wish())
    settle()
    rests = []
    for attempt in range(1, 4):
        row = asking.by_secret(secret)
        assert (row.state, row.attempts) == ("archived", attempt)
        assert row.error == "erase videos: PermissionError, Permission denied"
        assert row.lease_until is not None
        rests.append((row.lease_until - clock.now()).total_seconds())
        # Seen by its owner, by the operator and by staff, without a name.
        page = Visitor().get(f"/trust/closing/{secret}").content.decode()
        assert f"A step failed {attempt} times" in page
        assert "Tried again" in page
        screen = desk.get("/staff/closures").content.decode()
        assert row.error in screen
        assert ("tried again by itself" in screen) is (attempt >= health.SAID)
        assert "olwen" not in screen
        [standing] = health.under_way()
        assert standing.error == row.error
        said = [one for one in examine() if one.subject == "closing"]
        assert said[0].bad is (attempt >= health.SAID)
        assert "olwen" not in str(said)
        machine.advance(row.pk)
        assert asking.by_secret(secret).attempts == attempt, "it rests"
        moved_clock(row.lease_until + timedelta(seconds=1))
        jobs.wake_sleeping()
        settle()
    assert rests == [30.0, 60.0, 120.0]
    row = finish(secret, settle)
    assert (row.state, row.error, row.attempts) == ("receipt", "", 0)
    assert "No account is being closed now." in desk.get("/staff/closures").content.decode()
    assert "olwen" not in caplog.text, "no name in a log"


def test_what_a_holder_overlooks_is_found_and_erased_again(
    owner: Author,
    stranger: Author,
    moderator: Author,
    settle: Settle,
    moved_clock: Move,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clips = live(owner, stranger, moderator)
    removed = VideosHolder.erase
    turns: list[int] = []

    def careless(self: VideosHolder, account_id: int, choices: Choices) -> Iterator[Erased]:
        turns.append(1)
        yield from removed(self, account_id, choices)
        if len(turns) == 1:
            # An encoder that was slow to notice puts a file back.
            from django.conf import settings

            folder = settings.MEDIA_ROOT / "clips" / clips[0].public_id
            folder.mkdir(parents=True)
            (folder / "late.mp4").touch()

    monkeypatch.setattr(VideosHolder, "erase", careless)
    start = clock.now()
    moved_clock(start)
    secret = ask_to_close(owner.id, Wish())
    settle()
    row = asking.by_secret(secret)
    assert row.state == "archived"
    assert row.findings == {"videos: media store": 1}
    assert row.error == "sweep: still found: videos: media store: 1"
    moved_clock(start + timedelta(minutes=2))
    row = finish(secret, settle)
    assert (row.state, row.findings) == ("receipt", {})
    assert len(turns) == 2


def test_two_workers_at_once_one_does_it(stranger: Author) -> None:
    ask_to_close(stranger.id, Wish())
    row = Closure.objects.get()
    from hustings.trust.closure import leases

    key = leases.claim(row.pk)
    assert key is not None
    assert leases.claim(row.pk) is None
    assert machine.advance(row.pk) is None
    assert Closure.objects.get().state == "locked", "the second did nothing"
    # The first was slow: its lease ran out, another took over, and what it does now is rolled back.
    Closure.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert leases.claim(row.pk) is not None
    with pytest.raises(leases.LeaseLostError):
        leases.beat(row.pk, key)


def test_a_clock_that_went_back_binds_nobody(stranger: Author, moved_clock: Move) -> None:
    from hustings.trust.closure import leases

    ask_to_close(stranger.id, Wish())
    row = Closure.objects.get()
    assert leases.claim(row.pk)
    moved_clock(clock.now() - timedelta(days=3))
    assert leases.claim(row.pk), "a lease that far ahead was written by a clock that was wrong"
