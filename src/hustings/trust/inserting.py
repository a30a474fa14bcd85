"""Inserting one row without building a query for it: for the few writes that somebody waits for.

Django composes the same INSERT anew each time, which costs several times what the database needs. The
statement is composed here once for each table; values that a database takes as they are go in as they are.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

# Types whose Python value is the database's on both engines.
_PLAIN = frozenset(
    [
        "BigAutoField",
        "BigIntegerField",
        "BooleanField",
        "CharField",
        "IntegerField",
        "PositiveIntegerField",
        "TextField",
    ]
)
_Prepare = Callable[[Any, Any], Any]


@cache
def _columns(model: type[Model], vendor: str) -> tuple[str, str, tuple[tuple[str, _Prepare | None], ...]]:
    """Table and columns as SQL has them, and the attribute of each value with what prepares it."""
    meta = model._meta  # noqa: SLF001 - Django's own documented way to a model's columns
    assert meta.pk is not None
    columns = tuple(column for column in meta.concrete_fields if column is not meta.pk)
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(column.column)) for column in columns)
    prepared = tuple((column.attname, None if _is_plain(column) else column.get_db_prep_save) for column in columns)
    return f"{quote(meta.db_table)} ({names})", quote(str(meta.pk.column)), prepared


def _is_plain(column: Any) -> bool:
    return type(column).__module__ == "django.db.models.fields" and column.get_internal_type() in _PLAIN


def _values(row: Model, columns: tuple[tuple[str, _Prepare | None], ...]) -> list[Any]:
    held = row.__dict__
    return [held[name] if prepare is None else prepare(held[name], connection) for name, prepare in columns]


def _places(columns: tuple[tuple[str, _Prepare | None], ...]) -> str:
    return ", ".join(["%s"] * len(columns))


def insert(row: Model) -> int:
    """Store a new row in the caller's transaction and give it its number; no signals are sent."""
    into, key, columns = _columns(type(row), connection.vendor)
    text = f"INSERT INTO {into} VALUES ({_places(columns)}) RETURNING {key}"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(text, _values(row, columns))
        row.pk = cursor.fetchone()[0]
    return int(row.pk)


def insert_both(first: Model, second: Model, link: str) -> None:
    """Store `first`, and `second` with the number of `first` in its attribute `link`: committed both, or neither.

    On PostgreSQL one statement, which commits by itself: one journey to the server instead of four. Refuses to
    stand in a transaction, because a rollback of that would take both away.
    """
    if connection.vendor != "postgresql":
        with transaction.atomic(durable=True):
            setattr(second, link, insert(first))
            insert(second)
        return
    block = connection.atomic_blocks[-1] if connection.atomic_blocks else None
    if block is not None and not block._from_testcase:  # type: ignore[attr-defined]  # noqa: SLF001 - as `durable` asks
        raise RuntimeError("insert_both cannot stand in a transaction")
    into, key, columns = _columns(type(first), connection.vendor)
    into_too, key_too, columns_too = _columns(type(second), connection.vendor)
    places = ", ".join("one.key" if name == link else "%s" for name, _ in columns_too)
    text = (
        f"WITH one AS (INSERT INTO {into} VALUES ({_places(columns)}) RETURNING {key} AS key) "  # noqa: S608 - names of ours
        f"INSERT INTO {into_too} SELECT {places} FROM one RETURNING {key_too}, {connection.ops.quote_name(link)}"
    )
    others = tuple(column for column in columns_too if column[0] != link)
    with connection.cursor() as cursor:
        cursor.execute(text, [*_values(first, columns), *_values(second, others)])
        second.pk, first.pk = cursor.fetchone()
    setattr(second, link, first.pk)
