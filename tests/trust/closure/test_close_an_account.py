"""Somebody closes their account: locked at once, erased completely, looked for everywhere, and a receipt says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from cast import Visitor
from hustings.accounts import api as accounts
from hustings.accounts import organisations
from hustings.accounts.api import Author
from hustings.accounts.errors import LastOwnerError
from hustings.accounts.models import Account
from hustings.community import api as community
from hustings.community.models import AccountCounts, ClipCounts, Comment, Notification
from hustings.feed.loading import Keeper
from hustings.lib import clock, receipts
from hustings.lib.errors import InvalidInputError, NotFoundError
from hustings.moderation.models import Report
from hustings.pages.models import AccountEntry, ClipEntry, HashtagEntry
from hustings.pages.search import keeping
from hustings.trust.api import Wish, ask_to_close, cancel_closing, closed_notice, closing
from hustings.trust.closure import asking, jobs, receipting
from hustings.trust.closure.errors import ClosingAlreadyError, ClosingTooLateError
from hustings.trust.closure.models import ClosedAccount, Closure, ClosureRecord
from hustings.videos.models import Hashtag, Sound, Upload, Video
from published import published
from trust.closure.living import finish, live

Settle = Callable[[], int]
Move = Callable[[datetime], None]


def test_a_full_life_goes_completely(
    owner: Author, stranger: Author, moderator: Author, settle: Settle, media_root: Path, settings: Any
) -> None:
    clips = live(owner, stranger, moderator)
    settle()
    secret = ask_to_close(owner.id, Wish(words="Thank you.", link="https://example.org/"))
    row = finish(secret, settle)
    assert (row.state, row.error, row.findings) == ("receipt", "", {})
    assert not Account.objects.filter(pk=owner.id).exists()
    assert not Video.objects.filter(public_id__in=[clip.public_id for clip in clips]).exists()
    assert not [path for clip in clips for path in media_root.rglob(f"*{clip.public_id}*")]
    assert not list(settings.UPLOADS_ROOT.iterdir())
    assert not Upload.objects.exists()
    assert not ClipEntry.objects.filter(ref__in=[str(clip.pk) for clip in clips]).exists()
    assert not AccountEntry.objects.filter(ref=str(owner.id)).exists()
    assert not Hashtag.objects.filter(name="onlyolwen").exists()
    assert not HashtagEntry.objects.filter(ref="onlyolwen").exists()
    assert Hashtag.objects.filter(name="shared").exists(), "others use it"
    # What others reported of theirs stands without a name; what was reported of the gone is gone.
    assert list(Report.objects.values_list("reporter", "text")) == [(None, "")]
    assert not Comment.objects.filter(text="first").exists()
    assert Comment.objects.get().text == "as @olwen says", "somebody else's words"
    assert row.subject is None
    assert row.working is None
    assert not ClosureRecord.objects.exists()


def test_no_row_of_any_table_leads_to_the_account(
    owner: Author, stranger: Author, moderator: Author, settle: Settle
) -> None:
    """By Django's own relations, which know nothing of the data map."""
    live(owner, stranger, moderator)
    finish(ask_to_close(owner.id, Wish()), settle)
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model is Account and not field.many_to_many:
                assert not model._base_manager.filter(**{field.attname: owner.id}).exists(), f"{model}.{field.name}"
        for name in ("account_id", "subject", "subject_id", "owner_id", "user_id"):
            try:
                model._meta.get_field(name)
            except FieldDoesNotExist:
                continue
            if model._meta.label != "trust.PersonKey":
                assert not model._base_manager.filter(**{name: owner.id}).exists(), f"{model}.{name}"


def test_counts_of_others_forget_it(owner: Author, stranger: Author, moderator: Author, settle: Settle) -> None:
    live(owner, stranger, moderator)
    theirs = Video.objects.get(author=stranger.id)
    finish(ask_to_close(owner.id, Wish()), settle)
    counts = ClipCounts.objects.get(video=theirs)
    assert (counts.likes, counts.saves, counts.comments) == (0, 0, 1)
    for who in (stranger, moderator):
        row = AccountCounts.objects.filter(pk=who.id).first()
        assert row is None or (row.followers, row.following, row.likes) == (0, 0, 0)
    for notification in Notification.objects.all():
        assert notification.count == notification.actors.count()


def test_comments_stay_without_a_name_if_one_likes(
    owner: Author, stranger: Author, moderator: Author, settle: Settle, anonymous: Visitor
) -> None:
    clip = published(stranger, "a clip")
    first = community.comment(owner.id, clip.pk, "worth keeping")
    community.comment(moderator.id, clip.pk, "an answer", reply_to=first)
    row = finish(ask_to_close(owner.id, Wish(comments="anonymise")), settle)
    assert row.state == "receipt", row.error
    shown = anonymous.ask("GET", f"/api/v1/clips/{clip.public_id}/comments")["items"]
    assert [(one["text"], one["author"]["handle"], one["author"]["name"]) for one in shown] == [
        ("worth keeping", "", "")
    ]
    assert shown[0]["replies"][0]["author"]["handle"] == moderator.handle
    # Others can go on answering, and the clip's owner can still remove it.
    community.comment(stranger.id, clip.pk, "another answer", reply_to=first)
    Visitor(stranger).ask("DELETE", f"/api/v1/comments/{first}", status=200)
    assert not Comment.objects.exists()


def test_a_comment_for_an_organisation_stays_the_organisations(
    organisation: Author, teammate: Author, stranger: Author, settle: Settle
) -> None:
    clip = published(stranger, "a clip")
    community.comment(organisation.id, clip.pk, "the council says", written_by=teammate.id)
    mine = published(organisation, "uploaded by a member", uploaded_by_id=teammate.id)
    half = Video.objects.create(author_id=organisation.id, uploaded_by_id=teammate.id, state="receiving")
    Upload.objects.create(video=half, owner_id=teammate.id, length=9, expires_at=clock.now() + timedelta(days=1))
    whole = Video.objects.create(author_id=organisation.id, uploaded_by_id=teammate.id, state="received")
    Upload.objects.create(
        video=whole, owner_id=teammate.id, length=9, filename="mine.mp4", expires_at=clock.now() + timedelta(days=1)
    )
    row = finish(ask_to_close(teammate.id, Wish()), settle)
    assert row.state == "receipt", row.error
    comment = Comment.objects.get()
    assert (comment.author_id, comment.written_by_id) == (organisation.id, None)
    mine.refresh_from_db()
    assert mine.uploaded_by_id is None
    assert not Video.objects.filter(pk=half.pk).exists(), "nobody else can send the rest"
    left = Upload.objects.get(video=whole)
    assert (left.owner_id, left.filename) == (organisation.id, "")


def test_a_sound_that_others_use_stays_without_its_maker(owner: Author, stranger: Author, settle: Settle) -> None:
    used, unused = Sound.objects.create(maker_id=owner.id), Sound.objects.create(maker_id=owner.id)
    published(stranger, "with the sound of another", sound_id=used.pk)
    finish(ask_to_close(owner.id, Wish()), settle)
    assert list(Sound.objects.values_list("pk", "maker")) == [(used.pk, None)]
    assert not Sound.objects.filter(pk=unused.pk).exists()


# --- The lock ----------------------------------------------------------------------------------------


def test_nothing_is_served_from_the_lock_on(
    owner: Author, stranger: Author, moderator: Author, settle: Settle, anonymous: Visitor, media_root: Path
) -> None:
    """Before anything is erased: the lock alone has been done here."""
    clip = live(owner, stranger, moderator)[0]
    settle()
    (media_root / "avatars").mkdir(exist_ok=True)
    picture = f"{'0' * 16}11111111111.webp"
    (media_root / "avatars" / picture).write_bytes(b"webp")
    Account.objects.filter(pk=owner.id).update(avatar=picture)
    keeper = Keeper()
    keeper.load()
    keeper.running = True
    before = next((media_root / "clips" / clip.public_id).glob("poster-*.webp"))
    digest = "0" * 32
    before.rename(before.with_name(f"poster-{digest}.webp"))
    media = f"/media/{clip.public_id}/{clip.media_key}/poster-{digest}.webp"
    assert anonymous.get(media).status_code == 200
    shown = anonymous.get(f"/media/avatars/{picture}")
    assert shown.status_code == 200
    assert shown.getvalue() == b"webp"
    as_owner = Visitor(owner)
    assert as_owner.ask("GET", "/api/v1/me")["account"]

    keeping.mend()
    assert len(anonymous.ask("GET", "/api/v1/search?q=clip")["clips"]) == 4
    ask_to_close(owner.id, Wish())
    _commit()
    assert Video.objects.filter(pk=clip.pk).exists(), "nothing is erased yet"
    assert as_owner.ask("GET", "/api/v1/me")["account"] is None
    assert anonymous.get(media).status_code == 404
    assert anonymous.get(f"/media/avatars/{picture}").status_code == 404
    anonymous.ask("GET", f"/api/v1/clips/{clip.public_id}", status=404)
    anonymous.ask("GET", f"/api/v1/clips/{clip.public_id}/comments", status=404)
    found = anonymous.ask("GET", "/api/v1/search?q=clip")["clips"]
    assert [one["author"]["handle"] for one in found] == ["sian"]
    tagged = anonymous.ask("GET", "/api/v1/hashtags/shared/clips")["items"]
    assert [one["author"]["handle"] for one in tagged] == ["sian"]
    assert anonymous.get(f"/embed/{clip.public_id}").status_code == 404
    assert clip.pk in keeper.catalogue.ids()
    keeper.look_for_changes()
    assert clip.pk not in keeper.catalogue.ids(), "every serving process hears of it"
    under_theirs = Video.objects.get(author=stranger.id)
    said = anonymous.ask("GET", f"/api/v1/clips/{under_theirs.public_id}/comments")["items"]
    assert "first" not in [one["text"] for one in said]


def _commit() -> None:
    from django.db import connection

    while connection.run_on_commit:
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _, callback, _ in waiting:
            callback()


def test_a_second_wish_is_refused(stranger: Author, settle: Settle) -> None:
    ask_to_close(stranger.id, Wish(days=7))
    with pytest.raises(ClosingAlreadyError):
        ask_to_close(stranger.id, Wish())
    assert Closure.objects.get().cooling_days == 7


def test_nobody_can_close_who_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        ask_to_close(4711, Wish())


test_nobody_can_close_who_is_not_there = pytest.mark.django_db(test_nobody_can_close_who_is_not_there)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(days=31), "days"),
        (Wish(days=-1), "days"),
        (Wish(comments="keep"), "comments"),
        (Wish(words="x" * 281), "words"),
        (Wish(link="http://example.org/"), "link"),
        (Wish(link="javascript:alert(1)"), "link"),
        (Wish(link="https://example.org@evil.test/"), "link"),
        (Wish(link="https://localhost/"), "link"),
        (Wish(link="https://exa mple.org/"), "link"),
        (Wish(link='https://example.org/"onclick'), "link"),
        (Wish(link=f"https://example.org/{'x' * 200}"), "link"),
        (Wish(link="https://[::1/"), "link"),
    ],
)
def test_every_fault_of_a_wish_is_named(stranger: Author, wish: Wish, field: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        ask_to_close(stranger.id, wish)
    assert set(refused.value.fields) == {field}
    assert accounts.by_handle("sian").active
    assert not Closure.objects.exists()


# --- Cooling -----------------------------------------------------------------------------------------


def test_while_it_cools_everything_is_as_before(as_stranger: Visitor, stranger: Author, settle: Settle) -> None:
    ask_to_close(stranger.id, Wish(days=7))
    settle()
    for sweep in jobs.SWEEPS:
        sweep()
    settle()
    assert as_stranger.ask("GET", "/api/v1/me")["account"]["handle"] == "sian"
    found = closing(stranger.id)
    assert found is not None
    assert found.state == "cooling"
    cancel_closing(stranger.id)
    assert closing(stranger.id) is None
    with pytest.raises(NotFoundError):
        cancel_closing(stranger.id)


def test_when_it_is_over_the_account_is_locked(stranger: Author, settle: Settle, moved_clock: Move) -> None:
    start = clock.now()
    secret = ask_to_close(stranger.id, Wish(days=7))
    moved_clock(start + timedelta(days=6, hours=23))
    asking.lock_due()
    assert accounts.by_handle("sian").active
    moved_clock(start + timedelta(days=7, seconds=1))
    asking.lock_due()
    with pytest.raises(ClosingTooLateError):
        cancel_closing(stranger.id)
    row = finish(secret, settle)
    assert row.state == "receipt", row.error
    statement = receipts.read(_receipt(row, secret)).statement
    assert statement["cooling_days"] == 7


def test_a_due_account_that_cannot_be_locked_says_so_and_is_tried_again(
    organisation: Author, owner: Author, teammate: Author, settle: Settle, moved_clock: Move
) -> None:
    organisations.set_role(owner.id, "council", teammate.handle, "owner")
    start = clock.now()
    secret = ask_to_close(owner.id, Wish(days=1))
    organisations.set_role(owner.id, "council", teammate.handle, "editor")
    moved_clock(start + timedelta(days=1, minutes=1))
    asking.lock_due()
    row = asking.by_secret(secret)
    assert (row.state, row.attempts) == ("cooling", 1)
    assert row.error == "lock: You are the only owner of @council."
    assert accounts.by_handle("olwen").active
    organisations.set_role(owner.id, "council", teammate.handle, "owner")
    asking.lock_due()
    assert asking.by_secret(secret).state == "cooling", "it rests"
    moved_clock(start + timedelta(days=1, minutes=3))
    asking.lock_due()
    assert finish(secret, settle).state == "receipt"


# --- Organisations -----------------------------------------------------------------------------------


def test_the_last_owner_hands_over_first(organisation: Author, owner: Author, teammate: Author) -> None:
    with pytest.raises(LastOwnerError) as refused:
        ask_to_close(owner.id, Wish())
    assert refused.value.params == {"organisation": "council"}
    assert asking.preview(owner.id).stopped_by is not None
    assert not Closure.objects.exists()
    organisations.set_role(owner.id, "council", teammate.handle, "owner")
    assert asking.preview(owner.id).stopped_by is None
    ask_to_close(owner.id, Wish())
    assert accounts.may_act_for(teammate.id, organisation.id, "owner")


def test_an_official_account_leaves_a_public_receipt(
    organisation: Author, owner: Author, stranger: Author, settle: Settle
) -> None:
    accounts.give_official_mark(organisation.id)
    live(organisation, stranger, owner)
    secret = ask_to_close(organisation.id, Wish(words="Find us at www.example.org", link="https://www.example.org/"))
    row = finish(secret, settle)
    assert row.state == "receipt", row.error
    notice = closed_notice("council")
    raw = Visitor().get(f"/trust/receipts/{notice.receipt}.json").content
    found = receipts.read(raw)
    receipts.check(found)
    assert found.statement["account"] == "official"
    settle()
    from hustings.trust.log import reading

    kinds = [entry.kind for entry in reading.page()]
    assert {"official_account_opened", "official_account_closed", "closure_receipt", "key_erased"} <= set(kinds)
    closed = reading.latest("official_account_closed")
    receipt = reading.latest("closure_receipt")
    assert closed is not None
    assert receipt is not None
    assert closed.value["handle"] == "council"
    assert closed.value["organisation"] == "Cwm Council"
    assert closed.value["receipt"] == receipt.index
    assert receipt.value["erased"]["video"] == 4
    assert accounts.by_handle("olwen").active, "its people stay"


def test_the_log_says_little_of_a_person(owner: Author, stranger: Author, moderator: Author, settle: Settle) -> None:
    from hustings.trust.log import reading

    live(owner, stranger, moderator)
    finish(ask_to_close(owner.id, Wish(words="my words")), settle)
    entry = reading.latest("closure_receipt")
    assert entry is not None
    assert "olwen" not in entry.leaf.decode()
    assert entry.value["erased"].keys() == {"rows", "files"}
    for count in entry.value["erased"].values():
        assert str(count).rstrip("0") in {"1", "2", "5"}, "rounded, so that no number points at somebody"
    assert not {"handle", "closed_at", "notice", "cooling_days"} & entry.value.keys()


# --- Handles -----------------------------------------------------------------------------------------


def test_a_handle_is_never_given_again(stranger: Author, settle: Settle) -> None:
    finish(ask_to_close(stranger.id, Wish()), settle)
    for trusted in (False, True):
        with pytest.raises(InvalidInputError) as refused:
            accounts.create_person("sian", trusted=trusted)
        assert "closed" in refused.value.fields["handle"]


def test_nobody_poses_as_an_official_account_that_is_gone(organisation: Author, owner: Author, settle: Settle) -> None:
    accounts.give_official_mark(organisation.id)
    finish(ask_to_close(organisation.id, Wish()), settle)
    assert ClosedAccount.objects.get().name == "Cwm Council"
    for handle in ("c0uncil", "council_official", "the.council"):
        with pytest.raises(InvalidInputError):
            accounts.create_person(handle)
    with pytest.raises(InvalidInputError):
        accounts.create_person("someone", name="Cwm Council")


def _receipt(row: Closure, secret: str) -> bytes:
    raw = receipting.opened(row, secret)
    assert raw is not None
    return raw


def test_the_receipt_opens_with_the_link_alone(stranger: Author, settle: Settle) -> None:
    from hustings.trust.closure import secrets

    secret = ask_to_close(stranger.id, Wish())
    row = finish(secret, settle)
    raw = _receipt(row, secret)
    receipts.check(receipts.read(raw))
    assert raw not in bytes(row.receipt)
    assert b"closure" not in bytes(row.receipt), "what lies here says nothing"
    assert secret not in str(Closure.objects.values().get())
    with pytest.raises(NotFoundError):
        receipting.opened(row, secrets.new())
