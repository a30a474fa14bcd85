"""Columns that lie sealed: plain in the row's hands, sealed in the table, never stored in clear by mistake."""

from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection, transaction

from hustings.accounts.api import Author
from hustings.feed.models import EventBatch, ViewerState
from hustings.trust.api import erase_key, holding
from hustings.trust.keys import people
from hustings.trust.keys.errors import KeyErasedError, SealBrokenError
from hustings.trust.keys.fields import Sealed

pytestmark = pytest.mark.django_db

LIKES = b"likes choirs"


def stored(column: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM feed_viewerstate")  # noqa: S608
        return bytes(cursor.fetchone()[0])


@pytest.fixture
def row(stranger: Author) -> ViewerState:
    return ViewerState.objects.create(account_id=stranger.id, taste=LIKES, relations={"words": ["tax"]})


def test_the_row_has_the_plain_value_and_the_table_has_not(row: ViewerState) -> None:
    assert (row.taste, row.relations) == (LIKES, {"words": ["tax"]})
    again = ViewerState.objects.get()
    assert (again.taste, again.relations) == (LIKES, {"words": ["tax"]})
    assert LIKES not in stored("taste")
    assert b"tax" not in stored("relations")


def test_what_is_empty_stays_empty_and_costs_no_key(row: ViewerState) -> None:
    assert ViewerState.objects.get().seen == b""
    assert stored("seen") == b""


def test_what_is_changed_in_place_is_saved(row: ViewerState) -> None:
    again = ViewerState.objects.get()
    again.relations["words"].append("cats")
    again.save()
    assert ViewerState.objects.get().relations == {"words": ["tax", "cats"]}


def test_what_was_not_read_is_written_back_as_it_was(row: ViewerState) -> None:
    before = stored("taste")
    again = ViewerState.objects.get()
    again.version = 9
    again.save()
    assert stored("taste") == before
    deferred = ViewerState.objects.defer("taste").get()
    assert deferred.taste == LIKES
    deferred.refresh_from_db()
    assert deferred.taste == LIKES


def test_values_are_opened_by_whom_they_are_about(row: ViewerState, stranger: Author) -> None:
    (sealed,) = ViewerState.objects.values_list("taste", flat=True)
    assert isinstance(sealed, Sealed)
    assert ViewerState.taste.field.open(stranger.id, sealed) == LIKES
    with pytest.raises(SealBrokenError):
        ViewerState.seen.field.open(stranger.id, sealed)


def test_an_update_takes_sealed_values_alone(row: ViewerState, stranger: Author) -> None:
    with pytest.raises(TypeError, match="sealed"), transaction.atomic():
        ViewerState.objects.update(taste=b"in clear")
    with pytest.raises(TypeError, match="sealed"), transaction.atomic():
        ViewerState.objects.bulk_update([row], ["taste"])
    assert ViewerState.objects.update(taste=ViewerState.taste.field.seal(stranger.id, b"new"), seen=b"") == 1
    assert ViewerState.objects.get().taste == b"new"


def test_nothing_is_found_by_what_is_sealed(row: ViewerState) -> None:
    for lookup in ("taste", "taste__contains", "relations__words"):
        with pytest.raises(FieldError):
            ViewerState.objects.filter(**{lookup: LIKES}).exists()
    assert ViewerState.objects.filter(taste__isnull=False).exists()


def test_many_rows_at_once(stranger: Author, owner: Author, django_assert_max_num_queries: Any) -> None:
    rows = [
        EventBatch(account_id=who.id, count=1, events=[[n, "watch", 1.5]])
        for who in (stranger, owner)
        for n in range(50)
    ]
    with django_assert_max_num_queries(10), holding([stranger.id, owner.id]):
        EventBatch.objects.bulk_create(rows)
    people.forget_held()
    assert [batch.events for batch in EventBatch.objects.order_by("pk")] == [[[n, "watch", 1.5]] for n in range(50)] * 2


def test_a_row_about_nobody_is_not_saved() -> None:
    with pytest.raises(ValueError, match="account_id"):
        EventBatch(events=[[1, "watch", 1.0]]).save()


def test_an_erased_key_leaves_a_row_that_says_so(row: ViewerState, stranger: Author) -> None:
    erase_key(stranger.id)
    with pytest.raises(KeyErasedError):
        _ = ViewerState.objects.get().taste
    ViewerState.objects.get().delete()  # and is no obstacle to erasing the row


def test_a_row_moved_to_somebody_else_does_not_open(row: ViewerState, owner: Author) -> None:
    ViewerState.objects.update(account_id=owner.id)
    people.seal(owner.id, "x.y", b"they have a key of their own")
    with pytest.raises(SealBrokenError):
        _ = ViewerState.objects.get().taste
