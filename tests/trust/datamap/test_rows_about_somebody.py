"""Rows of any declared table are found, counted and erased by whom they are about."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session

from cast import Visitor
from hustings.accounts.api import Author
from hustings.community.models import Notification
from hustings.lib import clock
from hustings.lib.records import Table
from hustings.trust import datamap
from hustings.trust.holdings import Choices
from hustings.videos.models import Sound, Video
from published import published


def busy(owner: Author, stranger: Author) -> Video:
    """`stranger` likes and comments on a clip of `owner`, and follows them."""
    clip = published(owner, "Budget day #tax", sound="Bells")
    visitor = Visitor(stranger)
    visitor.ask("PUT", f"/api/v1/clips/{clip.public_id}/like")
    visitor.ask("PUT", f"/api/v1/accounts/{owner.handle}/follow")
    visitor.ask("POST", f"/api/v1/clips/{clip.public_id}/comments", {"text": "Well put."})
    return clip


def told(who: Author, times: int) -> None:
    """`who` has so many notifications."""
    for n in range(times):
        Notification.objects.create(account_id=who.id, kind="like", topic=f"like:{n}")


def count(account_id: int, label: str) -> int:
    return datamap.count_of(account_id, datamap.table_of(label))


def erase(account_id: int, label: str, **options: Any) -> list[int]:
    return list(datamap.erase_rows(account_id, datamap.table_of(label), **options))


def test_rows_are_found_by_each_way_in_which_they_are_about_somebody(owner: Author, stranger: Author) -> None:
    busy(owner, stranger)
    for label in ("community.Like", "community.Follow", "community.Comment"):
        assert count(owner.id, label) == count(stranger.id, label) == 1
    assert count(owner.id, "community.Notification") == 3
    assert count(stranger.id, "community.Notification") == 0
    assert datamap.owned_rows(owner.id, datamap.table_of("community.Like")).count() == 0


def test_rows_without_a_foreign_key_are_found_through_another_table(
    owner: Author, stranger: Author, settle: Any
) -> None:
    busy(owner, stranger)
    from hustings.pages.search import keeping

    keeping.mend()
    assert count(owner.id, "pages.ClipEntry") == 1
    assert count(stranger.id, "pages.ClipEntry") == 0
    assert count(stranger.id, "pages.AccountEntry") == 1


def test_a_session_is_found_through_the_list_of_sessions(owner: Author, stranger: Author) -> None:
    for who, key in ((owner, "a"), (stranger, "b")):
        Session.objects.create(session_key=key, session_data="", expire_date=clock.now())
        UserSession.objects.create(user_id=who.id, session_key=key, ip="192.0.2.1", user_agent="Firefox")
    assert count(owner.id, "sessions.Session") == 1
    assert erase(owner.id, "sessions.Session") == [1]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["b"]


def test_erasing_goes_in_chunks_and_takes_nobody_elses(stranger: Author, teammate: Author) -> None:
    for who in (stranger, teammate):
        told(who, 5)
    assert erase(stranger.id, "community.Notification", at_once=2) == [2, 2, 1]
    assert erase(stranger.id, "community.Notification") == []
    assert set(Notification.objects.values_list("account", flat=True)) == {teammate.id}


def test_a_killed_erasure_goes_on_where_it_stopped(stranger: Author) -> None:
    told(stranger, 5)
    assert next(datamap.erase_rows(stranger.id, datamap.table_of("community.Notification"), at_once=2)) == 2
    assert count(stranger.id, "community.Notification") == 3
    assert sum(erase(stranger.id, "community.Notification", at_once=2)) == 3


def test_what_is_somebody_elses_is_emptied_and_stays(owner: Author, teammate: Author) -> None:
    clip = published(owner, uploaded_by_id=teammate.id)
    assert erase(teammate.id, "videos.Video") == [1]
    clip.refresh_from_db()
    assert clip.uploaded_by_id is None
    sound = Sound.objects.create(maker_id=teammate.id)
    assert erase(teammate.id, "videos.Sound") == [1]
    sound.refresh_from_db()
    assert sound.maker_id is None
    assert count(teammate.id, "videos.Sound") == 0


def test_what_is_kept_loses_nothing(owner: Author, stranger: Author) -> None:
    busy(owner, stranger)
    kept = Table("community.Like", subjects=("account_id",), erased="keep", why="a test")
    assert list(datamap.erase_rows(stranger.id, kept)) == []
    assert datamap.count_of(stranger.id, kept) == 1


def test_a_holder_of_tables_previews_exports_erases_and_finds_nothing_left(owner: Author, stranger: Author) -> None:
    busy(owner, stranger)
    holder = datamap.TableHolder(
        "community", tuple(table for label, table in datamap.tables().items() if label.startswith("community."))
    )
    preview = holder.preview(stranger.id)
    assert preview["like"] == preview["follow"] == preview["comment"] == 1
    documents = dict(holder.documents(stranger.id))
    assert documents["comment"][0]["text"] == "Well put."  # type: ignore[index]  # a JSON array
    assert "id" not in documents["comment"][0]  # type: ignore[index]  # likewise
    erased = list(holder.erase(stranger.id, Choices()))
    assert sum(step.count for step in erased) == sum(preview.values())
    assert holder.residue(stranger.id) == {}
    assert list(holder.erase(stranger.id, Choices())) == []


def test_secrets_are_not_exported(owner: Author) -> None:
    accounts = datamap.TableHolder(
        "accounts", tuple(datamap.table_of(label) for label in ("sessions.Session", "accounts.Account"))
    )
    Visitor(owner).ask("GET", "/api/v1/me")
    documents = dict(accounts.documents(owner.id))
    assert documents.keys() == {"account"}
    assert "password" not in documents["account"][0]  # type: ignore[operator, index]  # a JSON array


@pytest.mark.parametrize("label", sorted(datamap.tables()))
def test_every_declared_way_to_a_person_is_one_the_database_can_follow(label: str, owner: Author) -> None:
    """A lookup with a slip of the pen fails here and not in somebody's closure."""
    table = datamap.table_of(label)
    assert datamap.rows_of(owner.id, table).count() >= 0
    assert datamap.owned_rows(owner.id, table).count() >= 0
    for lookup in table.forgets:
        assert lookup in table.subjects
        assert apps.get_model(label)._meta.get_field(lookup.removesuffix("_id")).null
