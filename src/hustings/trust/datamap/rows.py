"""Rows of any declared table, by whom they are about: counted, read and erased without knowing the domain."""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.db.models import Field, Model, Q, QuerySet
from django.db.models.functions import Cast

from hustings.lib.records import Table

AT_ONCE = 1_000  # rows of one deletion: a longer one would hold the database


def model_of(table: Table) -> type[Model]:
    """The table's class."""
    return apps.get_model(table.model)


def _all(table: Table) -> QuerySet[Any]:
    return model_of(table)._base_manager.all()  # noqa: SLF001 - a default manager may hide rows


def _by(account_id: int, table: Table, lookup: str) -> QuerySet[Any]:
    """Rows that `lookup` ties to the account."""
    return _all(table).filter(**{lookup: account_id})


def _through(account_id: int, table: Table) -> QuerySet[Any]:
    """Rows without a foreign key, tied to the account by another table's rows."""
    way = table.through
    assert way is not None
    column = model_of(table)._meta.get_field(way.column)  # noqa: SLF001 - Django's own word for it
    assert isinstance(column, Field)
    keys = apps.get_model(way.model)._base_manager.filter(**{way.subject: account_id})  # noqa: SLF001 - as above
    # The other table's key may be a number where this column is text.
    found = keys.annotate(found_key=Cast(way.key, output_field=type(column)())).values("found_key")
    return _all(table).filter(**{f"{way.column}__in": found})


def _ties(account_id: int, table: Table, lookups: tuple[str, ...]) -> list[QuerySet[Any]]:
    """One query for each way in which a row can be about somebody.

    Apart, because a database that is asked for "this or that" across joins reads the whole table.
    """
    ties = [_by(account_id, table, lookup) for lookup in lookups]
    return [*ties, _through(account_id, table)] if table.through else ties


def rows_of(account_id: int, table: Table) -> QuerySet[Any]:
    """Every row that is about the account, in whatever part."""
    return _any_of(table, _ties(account_id, table, table.subjects))


def owned_rows(account_id: int, table: Table) -> QuerySet[Any]:
    """The rows that are the account's own: what an export of theirs holds."""
    return _any_of(table, _ties(account_id, table, table.subjects[:1]))


def _any_of(table: Table, ties: list[QuerySet[Any]]) -> QuerySet[Any]:
    if len(ties) == 1:
        return ties[0]
    either = [Q(pk__in=tie.order_by().values("pk")) for tie in ties]
    return _all(table).filter(reduce(or_, either)) if either else _all(table).none()


def count_of(account_id: int, table: Table) -> int:
    """How many rows are about the account; what a sweep after a closure looks for."""
    return rows_of(account_id, table).count()


def erase_rows(account_id: int, table: Table, *, at_once: int = AT_ONCE) -> Iterator[int]:
    """Remove every row about the account, or empty the columns that `forgets` names; yields how many, chunk by chunk.

    Each chunk is a transaction of its own (the caller opens none), so that a killed worker goes on where it
    stopped. Rows that hang on a row by cascade go with it and are not counted here: their own table says.
    A table that is kept loses nothing and yields nothing.
    """
    if table.erased == "keep":
        return
    for lookup in table.forgets:
        column = lookup.removesuffix("_id")
        yield from _chunks(_by(account_id, table, lookup), at_once, lambda rows, c=column: rows.update(**{c: None}))
    if table.erased == "anonymise":
        return
    going = tuple(lookup for lookup in table.subjects if lookup not in table.forgets)
    for tie in _ties(account_id, table, going):
        yield from _chunks(tie, at_once, _delete)


def _delete(rows: QuerySet[Any]) -> int:
    deleted: int = rows.delete()[1].get(rows.model._meta.label, 0)  # noqa: SLF001 - Django's own word for it
    return deleted


def _chunks(rows: QuerySet[Any], at_once: int, act: Any) -> Iterator[int]:
    table = rows.model._base_manager  # noqa: SLF001 - as above
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:at_once]):
        yield act(table.filter(pk__in=keys))
