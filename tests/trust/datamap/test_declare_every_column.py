"""The build fails on a column that nobody declared, a word nobody knows, a promise nobody keeps."""

from __future__ import annotations

import fnmatch
from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.db import connection
from fideslang.default_taxonomy import DEFAULT_TAXONOMY
from fideslang.models import LegalBasisForProcessingEnum

from hustings.lib.records import Basis, End, Expiry, Field, Reader, Retention, Store, Table
from hustings.trust import datamap
from hustings.trust.datamap import vocabulary
from hustings.trust.datamap.checks import faults

HANDLE = datamap.fields()["accounts.Account", "handle"]
LIKES = datamap.table_of("community.Like")


def found(
    fields: list[Field] | None = None, tables: list[Table] | None = None, stores: list[Store] | None = None
) -> set[str]:
    """The ids of what is wrong with the map changed so."""
    wrong = faults(
        list(datamap.fields().values()) if fields is None else fields,
        list(datamap.tables().values()) if tables is None else tables,
        list(datamap.stores()) if stores is None else stores,
    )
    return {str(fault.id).removeprefix("hustings.trust.") for fault in wrong}


def changed(**changes: object) -> list[Field]:
    return [replace(one, **changes) if one is HANDLE else one for one in datamap.fields().values()]  # type: ignore[arg-type]  # of any column


def tables(**changes: object) -> list[Table]:
    return [replace(one, **changes) if one is LIKES else one for one in datamap.tables().values()]  # type: ignore[arg-type]  # likewise


def test_nothing_is_wrong_with_the_map() -> None:
    assert [str(fault) for fault in run_checks() if str(fault.id).startswith("hustings.trust")] == []
    assert found() == set()


def test_an_undeclared_column_and_an_undeclared_table() -> None:
    assert found(fields=[one for one in datamap.fields().values() if one is not HANDLE]) == {"E001"}
    assert found(tables=[one for one in datamap.tables().values() if one is not LIKES]) == {"E001"}


def test_a_line_for_what_is_not_there() -> None:
    ghost = replace(HANDLE, name="shoe_size")
    assert found(fields=[*datamap.fields().values(), ghost]) == {"E002"}
    assert found(tables=[*datamap.tables().values(), Table("accounts.Ghost")]) == {"E002"}


@pytest.mark.parametrize("word", [{"data": ("user.shoe_size",)}, {"use": "curiosity"}, {"subject": "martian"}])
def test_a_word_that_fideslang_does_not_know(word: dict[str, object]) -> None:
    assert found(fields=changed(topic=replace(HANDLE.topic, **word))) == {"E003"}  # type: ignore[arg-type]  # of any kind
    store = datamap.stores()[0]
    odd = replace(store, topic=replace(store.topic, **word))  # type: ignore[arg-type]  # likewise
    assert found(stores=[odd, *datamap.stores()[1:]]) == {"E003"}


def test_a_column_about_a_person_in_a_table_of_nobodys() -> None:
    assert found(tables=tables(subjects=())) == {"E004"}
    assert found(tables=tables(subjects=(), why="nobody could tell")) == set()


@pytest.mark.parametrize(
    "ends",
    [
        (),
        (Expiry("odd", "accounts.Account", "shoe_size", timedelta(days=1)),),
        (Expiry("odd", "accounts.Ghost", "at", timedelta(days=1)),),
        (Expiry("odd", "accounts.Account", "created_at", timedelta(days=1), by="hustings.accounts.jobs:nothing"),),
        (Expiry("odd", "accounts.Account", "created_at", timedelta(days=1), by="hustings.nowhere:nothing"),),
    ],
)
def test_a_promise_that_nobody_keeps(ends: tuple[End | Expiry, ...]) -> None:
    assert found(fields=changed(retention=Retention("odd", "for a day", ends))) == {"E005"}


@pytest.mark.parametrize(
    "how",
    [
        {"erased": "burn"},
        {"erased": "keep"},
        {"exported": False},
        {"forgets": ("nobody_id",)},
        {"forgets": ("account_id",)},  # a like without its account is none
    ],
)
def test_an_erasure_that_cannot_be(how: dict[str, object]) -> None:
    assert found(tables=tables(**how)) == {"E006"}


def test_a_line_twice() -> None:
    assert found(fields=[*datamap.fields().values(), HANDLE]) == {"E007"}
    assert found(tables=[*datamap.tables().values(), LIKES]) == {"E007"}
    assert found(stores=[*datamap.stores(), datamap.stores()[0]]) == {"E007"}


# --- Words and readers -----------------------------------------------------------------------------------


def test_our_list_of_words_is_fideslangs_own() -> None:
    assert {str(one.fides_key) for one in DEFAULT_TAXONOMY.data_category} == vocabulary.DATA_CATEGORIES
    assert {str(one.fides_key) for one in DEFAULT_TAXONOMY.data_use} == vocabulary.DATA_USES
    assert {str(one.fides_key) for one in DEFAULT_TAXONOMY.data_subject} == vocabulary.DATA_SUBJECTS
    assert {basis.value for basis in LegalBasisForProcessingEnum} == {basis.value for basis in Basis}


def test_only_what_everyone_may_read_is_public() -> None:
    fields = datamap.fields()
    assert datamap.public(fields["accounts.Account", "bio"])
    for private in (
        ("accounts.Account", "age_band"),
        ("account.EmailAddress", "email"),
        ("videos.Video", "caption"),  # a clip can be private
        ("feed.EventBatch", "at"),
    ):
        assert not datamap.public(fields[private])
    assert all(
        not datamap.public(field) or set(field.readers) == {Reader.EVERYONE} for field in datamap.fields().values()
    )


def test_the_personal_columns_of_a_table() -> None:
    assert datamap.personal_columns("community.Like") == {"account", "video", "created_at"}
    assert datamap.personal_columns("feed.ClipStats") == frozenset()


# --- What no model shows -----------------------------------------------------------------------------------


def test_every_table_of_the_database_is_a_models_or_declared(db: None) -> None:
    """A library that makes its own table, or a migration that makes one by hand, cannot do so unseen."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    ours = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    patterns = [store.place.removeprefix("table:") for store in datamap.stores() if store.place.startswith("table:")]
    unknown = {name for name in there - ours if not any(fnmatch.fnmatch(name, pattern) for pattern in patterns)}
    assert not unknown
