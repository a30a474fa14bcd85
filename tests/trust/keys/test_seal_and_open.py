"""What is sealed opens with the person's key alone, in its place alone, and not after the key was erased."""

import pytest
from django.db import connection, transaction

from hustings.trust.api import erase_key, holding, open_sealed, seal
from hustings.trust.keys import people
from hustings.trust.keys.errors import KeyErasedError, SealBrokenError
from hustings.trust.keys.models import CellKey, PersonKey

pytestmark = pytest.mark.django_db


def test_what_is_sealed_opens() -> None:
    sealed = seal(7, "feed.taste", b"hiking")
    assert b"hiking" not in sealed
    assert open_sealed(7, "feed.taste", sealed) == b"hiking"
    assert CellKey.objects.get().state == "current"


def test_no_two_seals_are_alike() -> None:
    assert len({seal(7, "feed.taste", b"hiking") for _ in range(50)}) == 50


@pytest.mark.parametrize(
    ("subject", "purpose", "change"),
    [
        (8, "feed.taste", None),
        (7, "feed.seen", None),
        (7, "feed.taste", 0),
        (7, "feed.taste", 5),
        (7, "feed.taste", -1),
        (7, "feed.taste", "short"),
    ],
)
def test_anything_else_does_not_open(subject: int, purpose: str, change: int | str | None) -> None:
    seal(8, "feed.taste", b"somebody else has a key too")
    sealed = bytearray(seal(7, "feed.taste", b"hiking"))
    if change == "short":
        sealed = sealed[:10]
    elif isinstance(change, int):
        sealed[change] ^= 1
    with pytest.raises(SealBrokenError):
        open_sealed(subject, purpose, bytes(sealed))


def test_another_cell_cannot_open_it(settings: object) -> None:
    sealed = seal(7, "feed.taste", b"hiking")
    with people.holding([7]):
        settings.CELL = "elsewhere"  # type: ignore[attr-defined]
        with pytest.raises(SealBrokenError):
            open_sealed(7, "feed.taste", sealed)


def test_a_key_that_was_erased_opens_nothing_and_is_never_made_again() -> None:
    sealed = seal(7, "feed.taste", b"hiking")
    assert erase_key(7) is True
    assert erase_key(7) is False
    with pytest.raises(KeyErasedError):
        open_sealed(7, "feed.taste", sealed)
    with pytest.raises(KeyErasedError):
        seal(7, "feed.taste", b"again")
    row = PersonKey.objects.get(pk=7)
    assert bytes(row.wrapped) == b""
    assert row.kek_id == row.mark == ""
    assert row.erased_at is not None


def test_somebody_without_a_key_never_gets_one_after_closing() -> None:
    assert erase_key(9) is False
    with pytest.raises(KeyErasedError):
        seal(9, "feed.taste", b"too late")


def test_bulk_work_costs_a_few_queries(django_assert_max_num_queries: object) -> None:
    seal(1, "x.y", b"")  # the cell's key is there
    with django_assert_max_num_queries(8), holding(range(1, 400)):  # type: ignore[operator]
        boxes = {key: seal(key, "x.y", str(key).encode()) for key in range(1, 400)}
    people.forget_held()
    assert all(open_sealed(key, "x.y", box) == str(key).encode() for key, box in list(boxes.items())[:5])


@pytest.mark.django_db(transaction=True)
def test_a_key_whose_transaction_was_lost_seals_nothing_later() -> None:
    class LostError(Exception):
        pass

    @transaction.atomic
    def lost() -> None:
        seal(7, "x.y", b"lost")
        raise LostError

    with pytest.raises(LostError):
        lost()
    assert not PersonKey.objects.exists()
    sealed = seal(7, "x.y", b"kept")
    people.forget_held()
    assert open_sealed(7, "x.y", sealed) == b"kept"


@pytest.mark.django_db(transaction=True)
def test_a_key_is_looked_up_once_in_a_while(django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = seal(7, "x.y", b"data")
    with django_assert_num_queries(0):  # type: ignore[operator]
        open_sealed(7, "x.y", sealed)
    # Another process erases the key: this one learns of it after FRESH_S at the latest.
    PersonKey.objects.filter(pk=7).update(wrapped=b"", kek_id="")
    assert open_sealed(7, "x.y", sealed) == b"data"
    now = people.monotonic()
    monkeypatch.setattr(people, "monotonic", lambda: now + people.FRESH_S + 0.01)
    with pytest.raises(KeyErasedError):
        open_sealed(7, "x.y", sealed)


@pytest.mark.django_db(transaction=True)
def test_keys_leave_memory_when_their_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    for subject in range(1, 6):
        seal(subject, "x.y", b"data")
    assert set(people._held) == {1, 2, 3, 4, 5}
    now = people.monotonic()
    monkeypatch.setattr(people, "monotonic", lambda: now + people.KEPT_S + 1)
    seal(6, "x.y", b"data")
    assert set(people._held) == {6}
    monkeypatch.setattr(people, "MOST", 2)
    for subject in (7, 8, 9):
        seal(subject, "x.y", b"data")
    assert set(people._held) == {8, 9}


def test_a_query_can_bring_the_key_along() -> None:
    sealed = seal(7, "x.y", b"data")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {people.wrapped_sql('subject')} FROM trust_personkey WHERE subject = 7")  # noqa: S608
        wrapped, kek_id = cursor.fetchone()
    people.forget_held()
    assert people.key_of(7, wrapped, kek_id).open("x.y", sealed) == b"data"
    with pytest.raises(KeyErasedError):
        people.key_of(7, b"", "")
