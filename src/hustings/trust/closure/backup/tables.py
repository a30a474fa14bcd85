"""Rows of any table, out of the database and into one: who they are about, in which columns, in which form.

Which tables, and whose rows, the data map says (`Table`): a row is sealed for everybody for whom it would go when
they close their account; a column that would only be emptied is sealed by itself for whom it names; what is
kept, and what is about nobody, is sealed for the cell. Independent of the database's make: what was taken out of
SQLite goes into PostgreSQL.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from django.apps import apps
from django.db import connection, connections, transaction
from django.db.models import CASCADE, AutoField, BinaryField, F, Field, ForeignKey, JSONField, Model
from django.db.utils import load_backend

from hustings.trust import datamap
from hustings.trust.keys.fields import Sealed, SealedField

AT_ONCE = 2_000  # rows of one look
_AS_TEXT = {"DateField", "TimeField", "DecimalField", "UUIDField", "DurationField"}  # msgpack has no such types
_ALONE = 1  # the extension type of a value that is sealed by itself

write = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Alone:
    """A value that is sealed by itself: for whom, and the bytes."""

    tag: bytes
    sealed: bytes


def pack_alone(alone: Alone) -> msgspec.msgpack.Ext:
    return msgspec.msgpack.Ext(_ALONE, alone.tag + alone.sealed)


def _ext(code: int, data: memoryview) -> Any:
    raw = bytes(data)
    return Alone(raw[:16], raw[16:]) if code == _ALONE else raw


Row = tuple[tuple[int, ...], list[Any]]  # whom it is about, and its values

read = msgspec.msgpack.Decoder(list[list[Any]], ext_hook=_ext).decode
read_one = msgspec.msgpack.Decoder().decode


@dataclass(frozen=True)
class Plan:
    """A table of the backup: whose rows they are (`subjects`), which columns are emptied (`forgets`, by position)."""

    label: str
    model: type[Model]
    columns: tuple[Field[Any, Any], ...]
    subjects: tuple[str, ...]
    forgets: tuple[int, ...]

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)  # noqa: SLF001 - Django's own documented way to a table's name

    @property
    def names(self) -> list[str]:
        return [column.attname for column in self.columns]

    @cached_property
    def purpose(self) -> str:
        return f"backup/{self.label}"

    @property
    def numbered(self) -> bool:
        """Whether the database gives its rows their numbers."""
        return isinstance(self.model._meta.pk, AutoField)  # noqa: SLF001 - as above


def plans() -> list[Plan]:
    """Every table that a backup holds, those of libraries too, in Django's order."""
    left_out = {label for label, table in datamap.tables().items() if not table.backed_up}
    left_out |= {"django_migrations"}
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy  # noqa: SLF001 - Django's documented way
    ]
    return [_plan(model) for model in models if _label(model) not in left_out and not _links_left_out(model, left_out)]


def _label(model: type[Model]) -> str:
    return str(model._meta.label)  # noqa: SLF001 - Django's documented way


def _links_left_out(model: type[Model], left_out: set[str]) -> bool:
    """A table of links that a library's left-out table has made for itself."""
    if not model._meta.auto_created:  # noqa: SLF001 - Django's documented way
        return False
    return any(
        isinstance(column, ForeignKey) and _label(column.related_model) in left_out for column in _columns(model)
    )


def _columns(model: type[Model]) -> list[Field[Any, Any]]:
    return list(model._meta.local_concrete_fields)  # noqa: SLF001 - Django's documented way


def _plan(model: type[Model]) -> Plan:
    columns = _columns(model)
    table = datamap.tables().get(_label(model))
    if table is None:
        return Plan(_label(model), model, tuple(columns), _subjects_of_links(columns), ())
    goes = () if table.erased != "delete" else tuple(one for one in table.subjects if one not in table.forgets)
    names = [column.attname for column in columns]
    emptied = () if table.erased == "keep" else table.forgets
    return Plan(_label(model), model, tuple(columns), goes, tuple(names.index(one) for one in emptied))


def _subjects_of_links(columns: list[Field[Any, Any]]) -> tuple[str, ...]:
    """A table of links without a class of its own is about whom its first end is about that is about somebody."""
    for column in columns:
        if isinstance(column, ForeignKey):
            table = datamap.tables().get(_label(column.related_model))
            if table is not None and table.subjects and table.erased == "delete":
                return tuple(f"{column.name}__{one}" for one in table.subjects if one not in table.forgets)
    return ()


# --- Out of the database -----------------------------------------------------------------------------


@contextmanager
def snapshot() -> Iterator[str]:
    """Inside, everything read through the alias is of one instant, while others go on writing.

    A connection of its own: on SQLite a reader's transaction, which nobody waits for; on PostgreSQL `REPEATABLE
    READ READ ONLY`. Inside somebody's transaction (tests) that one's view is the instant.
    """
    if connection.in_atomic_block or _in_memory():
        yield "default"
        return
    alias = "backup"
    settings = _apart(connection.settings_dict)
    connections[alias] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, alias)
    try:
        with transaction.atomic(using=alias):
            if connections[alias].vendor == "postgresql":
                with connections[alias].cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield alias
    finally:
        connections[alias].close()
        del connections[alias]


def _in_memory() -> bool:
    return connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"])


def _apart(known: dict[str, Any]) -> dict[str, Any]:
    settings = {**known, "OPTIONS": {**known.get("OPTIONS", {})}, "CONN_MAX_AGE": 0}
    if "sqlite" in settings["ENGINE"]:
        # The site's own transactions take the write lock at once; one that only reads must not.
        settings["OPTIONS"]["transaction_mode"] = "DEFERRED"
    return settings


def rows(plan: Plan, alias: str) -> Iterator[list[Row]]:
    """(whom the row is about, its values) in portions, by key."""
    extra = {f"backup_subject_{number}": F(one) for number, one in enumerate(plan.subjects)}
    binary = [place for place, column in enumerate(plan.columns) if isinstance(column, BinaryField | SealedField)]
    found = plan.model._base_manager.using(alias).annotate(**extra).order_by("pk")  # noqa: SLF001 - a default manager may hide rows
    width, portion = len(plan.columns), []
    for row in found.values_list(*plan.names, *extra).iterator(chunk_size=AT_ONCE):
        values = list(row[:width])
        for place in binary:
            if values[place] is not None:
                values[place] = bytes(values[place])
        about = tuple(dict.fromkeys(one for one in row[width:] if one is not None))
        portion.append((about, values))
        if len(portion) == AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def next_numbers(alias: str, some: Sequence[Plan]) -> dict[str, int]:
    """The last number that each table has given, which is more than its last row's where rows were deleted."""
    numbered = [plan for plan in some if plan.numbered]
    opened = connections[alias]
    with opened.cursor() as cursor:
        if opened.vendor == "sqlite":
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            given = dict(cursor.fetchall())
            return {plan.label: int(given.get(plan.table, 0)) for plan in numbered}
        last = {}
        for plan in numbered:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [plan.table, _number(plan)])
            cursor.execute(f"SELECT last_value, is_called FROM {cursor.fetchone()[0]}")  # noqa: S608 - the catalogue's own name
            value, called = cursor.fetchone()
            last[plan.label] = int(value) if called else int(value) - 1
        return last


def _number(plan: Plan) -> str:
    pk = plan.model._meta.pk  # noqa: SLF001 - Django's documented way
    assert pk is not None, "every table has a key"
    return str(pk.column)


# --- Into a database ---------------------------------------------------------------------------------


def insert(plan: Plan, given: Sequence[Sequence[Any]]) -> None:
    """Rows as they were taken out; columns in the plan's order. By hand: nothing is to be made up or sealed again."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(str(column.column)) for column in plan.columns)
    places = ", ".join(["%s"] * len(plan.columns))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {quote(plan.table)} ({names}) VALUES ({places})",  # noqa: S608 - names of our own tables
            [[_stored(column, value) for column, value in zip(plan.columns, row, strict=True)] for row in given],
        )


def _stored(column: Field[Any, Any], value: Any) -> Any:
    if value is None and not isinstance(column, JSONField):
        return None
    if isinstance(column, SealedField):
        value = Sealed(value)
    elif column.get_internal_type() in _AS_TEXT and isinstance(value, str):
        value = column.to_python(value)
    elif value is None:
        return None
    return column.get_db_prep_save(value, connection)


def set_next_numbers(given: dict[str, int]) -> None:
    """Let each table go on counting where it had stopped, at least: nobody gets the number of somebody who is gone."""
    known = {plan.label: plan for plan in plans()}
    with connection.cursor() as cursor:
        for label, last in given.items():
            plan = known.get(label)
            if plan is None or last <= 0:
                continue
            if connection.vendor == "sqlite":
                cursor.execute("UPDATE sqlite_sequence SET seq = MAX(seq, %s) WHERE name = %s", [last, plan.table])
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT %s, %s "
                    "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %s)",
                    [plan.table, last, plan.table],
                )
            else:
                cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [plan.table, _number(plan)])
                quote = connection.ops.quote_name
                cursor.execute(
                    f"SELECT setval(%s, GREATEST(%s, (SELECT COALESCE(MAX({quote(_number(plan))}), 1) "  # noqa: S608 - ours
                    f"FROM {quote(plan.table)})))",
                    [cursor.fetchone()[0], last],
                )


def is_empty(plan: Plan) -> bool:
    return not plan.model._base_manager.exists()  # noqa: SLF001 - as above


def mend(some: Sequence[Plan]) -> dict[str, int]:
    """Bring in order what points at rows that are not there, as deleting those rows would have: removed, or emptied.

    How many rows of each table changed. Again and again, until nothing points nowhere.
    """
    changed: dict[str, int] = {}
    while round_ := _mend_once(some):
        for label, count in round_.items():
            changed[label] = changed.get(label, 0) + count
    return changed


def _mend_once(some: Sequence[Plan]) -> dict[str, int]:
    quote, changed = connection.ops.quote_name, dict[str, int]()
    with connection.cursor() as cursor:
        for plan in some:
            for column in plan.columns:
                if not isinstance(column, ForeignKey):
                    continue
                target = column.target_field
                nowhere = (
                    f"{quote(column.column)} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "  # noqa: S608 - our own names
                    f"{quote(target.model._meta.db_table)} there WHERE there.{quote(str(target.column))} = "  # noqa: SLF001 - as above
                    f"{quote(plan.table)}.{quote(column.column)})"
                )
                if column.null and column.remote_field.on_delete is not CASCADE:
                    cursor.execute(f"UPDATE {quote(plan.table)} SET {quote(column.column)} = NULL WHERE {nowhere}")  # noqa: S608
                else:
                    cursor.execute(f"DELETE FROM {quote(plan.table)} WHERE {nowhere}")  # noqa: S608
                if cursor.rowcount > 0:
                    changed[plan.label] = changed.get(plan.label, 0) + cursor.rowcount
    return changed
