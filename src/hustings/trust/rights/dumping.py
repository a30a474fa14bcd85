"""Rows of any declared table as an export shows them: by the data map, without knowing the domain.

A row is in the export for each way in which it is about somebody. Their own rows show every column that is
about a person, except what proves who they are. Rows that are somebody else's and only mention them show what
that person lets them read by the map (`Reader.TOLD` and wider): who liked a clip of theirs, but not who
blocked them. Whatever is left out is listed with its reason; `left_out` and the dump come from one place, so
that neither can forget what the other does.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Final

import orjson
from django.contrib.auth import get_user_model
from django.db.models import Field as Column
from django.db.models import ForeignKey, Model, QuerySet
from django.db.models.fields import BigIntegerField

from hustings.lib.records import Field, Reader, Table
from hustings.trust import datamap
from hustings.trust.datamap import rows
from hustings.trust.holdings import holders

AT_ONCE: Final = 500

# What somebody may see of a row that another person made about them.
SHOWN_TO_OTHERS: Final = frozenset({Reader.EVERYONE, Reader.AUDIENCE, Reader.TOLD, Reader.MEMBERS})

SECRET = "It proves who you are: whoever stole this archive could get in with it."  # noqa: S105 - a reason
OTHERS = "It lies in somebody else's row and shows what they did; only they may read it."
STAFF = "It says which person of the staff it was. How and why they acted is shown; who they are is not."
_STAFF_ONLY: Final = frozenset({Reader.STAFF, Reader.OPERATOR, Reader.SERVER, Reader.NOBODY})


@dataclass(frozen=True, slots=True)
class Instead:
    """A table that an export shows by a document of its own: these columns, and for a reason not the others."""

    document: str
    shows: frozenset[str]
    why: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that the export does not show. `part` is the lookup by which the row is about the person; "" for own."""

    table: str
    column: str
    part: str
    why: str

    def as_json(self) -> dict[str, str]:
        return {"table": self.table, "column": self.column, "part": self.part, "why": self.why}


def exported_tables() -> list[Table]:
    """The tables with rows about people that an export dumps, by name."""
    other = instead()
    dumped = (table for table in datamap.tables().values() if table.exported and table.model not in other)
    return sorted(filter(_about, dumped), key=_name)


def instead() -> dict[str, Instead]:
    """Tables that are not dumped but shown by a document, which knows what may be told and when."""
    return {table: how for holder in holders() for table, how in getattr(holder, "instead", {}).items()}


def _name(table: Table) -> str:
    return table.model


def _about(table: Table) -> bool:
    return bool(table.subjects or table.through) and bool(datamap.personal_columns(table.model))


def parts(table: Table) -> tuple[str, ...]:
    """The ways in which a row can be about somebody: "" for its owner, else the lookup."""
    return ("", *table.subjects[1:]) if table.subjects else ("",)


def shown(table: Table, part: str) -> list[Field]:
    """The columns that an export shows of a row, for one way in which it is about somebody."""
    explained = explained_columns()
    return [field for field in _personal(table) if _why_not(field, part, table) is None and field.id not in explained]


def explained_columns() -> dict[str, str]:
    """Columns that say nothing by themselves (packed numbers), and the document that says what is in them."""
    return {column: name for holder in holders() for column, name in getattr(holder, "explained", {}).items()}


def left_out(table: Table) -> list[LeftOut]:
    """The columns that it does not show, each with the reason."""
    found = []
    for part in parts(table):
        for field in _personal(table):
            why = table.why if not table.exported else _why_not(field, part, table)
            if why is not None:
                found.append(LeftOut(table.model, field.name, part, why))
    return found


def everything_left_out() -> list[LeftOut]:
    """Every column of the whole map that exports leave out."""
    tables = sorted((table for table in datamap.tables().values() if _about(table)), key=_name)
    return [one for table in tables for one in left_out(table)]


def _why_not(field: Field, part: str, table: Table) -> str | None:
    if field.topic.secret:
        return SECRET
    if part:
        return OTHERS if SHOWN_TO_OTHERS.isdisjoint(field.readers) else None
    shown_by = instead().get(table.model)
    if shown_by is not None:
        return None if field.name in shown_by.shows else shown_by.why
    names_another = any(lookup in {field.name, f"{field.name}_id"} for lookup in table.subjects[1:])
    return STAFF if names_another and _STAFF_ONLY.issuperset(field.readers) else None


def _personal(table: Table) -> list[Field]:
    known = datamap.fields()
    names = [column.name for column in _columns(table)]
    return [known[table.model, name] for name in names if known[table.model, name].personal]


def _columns(table: Table) -> list[Column[Any, Any]]:
    meta = rows.model_of(table)._meta  # noqa: SLF001 - Django's own word for it
    return [*meta.local_concrete_fields, *meta.local_many_to_many]


# --- The dump -----------------------------------------------------------------------------------------


def has_rows(account_id: int, table: Table) -> bool:
    """Whether an export of the account needs the table at all."""
    return any(_rows(account_id, table, part).exists() for part in parts(table) if shown(table, part))


def dump(account_id: int, table: Table, counted: dict[str, int] | None = None) -> Iterator[bytes]:
    """The table's document as JSON, in pieces; memory stays small however many rows there are.

    `counted` is told how many `rows` and `mentions` it held.
    """
    tally = {} if counted is None else counted
    tally.update(rows=0, mentions=0)
    explained = explained_columns()
    columns = {
        field.name: {"category": field.category, "purpose": field.purpose}
        | ({"document": explained[field.id]} if field.id in explained else {})
        for field in _personal(table)
        if not field.topic.secret
    }
    head = {"format": "table.v1", "table": table.model, "columns": columns}
    yield orjson.dumps(head)[:-1] + b',"left_out":' + orjson.dumps([one.as_json() for one in left_out(table)])
    yield b',"rows":['
    yield from _joined(_values(account_id, table, ""), tally, "rows")
    yield b'],"mentions":{'
    first = True
    for part in parts(table)[1:]:
        if not shown(table, part):
            continue
        yield (b"" if first else b",") + orjson.dumps(part) + b":["
        yield from _joined(_values(account_id, table, part), tally, "mentions")
        yield b"]"
        first = False
    yield b"}}\n"


def _joined(values: Iterator[dict[str, object]], tally: dict[str, int], word: str) -> Iterator[bytes]:
    first = True
    while batch := list(islice(values, AT_ONCE)):
        tally[word] += len(batch)
        yield (b"\n" if first else b",\n") + b",\n".join(orjson.dumps(value) for value in batch)
        first = False


def _rows(account_id: int, table: Table, part: str) -> QuerySet[Any]:
    own = rows.owned_rows(account_id, table)
    if not part:
        return own
    model = rows.model_of(table)
    mentioned = model._base_manager.filter(**{part: account_id})  # noqa: SLF001 - a default manager may hide rows
    return mentioned.exclude(pk__in=own.order_by().values("pk")) if table.subjects else mentioned


def _values(account_id: int, table: Table, part: str) -> Iterator[dict[str, object]]:
    """One dictionary for each row, by primary key, read in chunks that a change in between cannot break."""
    names = {field.name for field in shown(table, part)}
    columns = [column for column in _columns(table) if column.name in names]
    after: object = None
    while True:
        found = _rows(account_id, table, part).order_by("pk")
        batch = list(found.filter(pk__gt=after)[:AT_ONCE] if after is not None else found[:AT_ONCE])
        if not batch:
            return
        references = {column.name: _references(column, table, batch) for column in columns}
        for row in batch:
            yield {column.name: _value(row, column, references[column.name]) for column in columns}
        after = batch[-1].pk


# --- One value ----------------------------------------------------------------------------------------


def _value(row: Model, column: Column[Any, Any], names: Mapping[Any, str] | None) -> object:
    if column.many_to_many:
        return sorted(str(one) for one in getattr(row, column.name).all())
    # By the attribute and not by Django's `value_from_object`: a sealed column opens when it is read as one.
    value = getattr(row, column.attname)
    if names is not None and value is not None:
        return names.get(value)
    return plain(value)


def plain(value: object) -> object:
    """A column's value as JSON; bytes as base64, because the map's reader has no other way to show them."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview() | bytearray():
            return {"base64": base64.b64encode(bytes(value)).decode()}
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case Iterable():
            return [plain(one) for one in value]
        case _:
            return str(value)


def _references(column: Column[Any, Any], table: Table, batch: list[Any]) -> dict[Any, str] | None:
    """What the keys of a column are called outside: handles, public ids. None for a column that is no key.

    Keys themselves say nothing to anybody and are not ours to show; of what has no name outside, a key
    becomes None.
    """
    target = _target(column, table)
    if target is None:
        return None
    model, name, sign = target
    keys = {getattr(row, column.attname) for row in batch} - {None}
    found = model._base_manager.filter(pk__in=keys).values_list("pk", name)  # noqa: SLF001 - as above
    return {key: f"{sign}{value}" for key, value in found}


def _target(column: Column[Any, Any], table: Table) -> tuple[type[Model], str, str] | None:
    people = get_user_model()
    if isinstance(column, ForeignKey):
        model = column.related_model
        if model is people:
            return people, people.USERNAME_FIELD, "@"
        assert isinstance(model, type)
        names = {field.name for field in model._meta.local_concrete_fields}  # noqa: SLF001 - as above
        for name in ("public_id", "key", "handle"):
            if name in names:
                return model, name, ""
        return model, model._meta.pk.name, "#"  # noqa: SLF001 - as above
    # Trust's own tables hold accounts as numbers, without a foreign key.
    if isinstance(column, BigIntegerField) and column.name in table.subjects:
        return people, people.USERNAME_FIELD, "@"
    return None


# --- The schema ---------------------------------------------------------------------------------------


def schema(table: Table) -> dict[str, object]:
    """The JSON Schema of the table's document (draft 2020-12)."""
    row = {column.name: _form(column, table) for column in _columns(table)}
    own = [field.name for field in shown(table, "")]
    mentions = {part: _rows_form(row, [field.name for field in shown(table, part)]) for part in parts(table)[1:]}
    text = {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": table.model,
        "type": "object",
        "required": ["format", "table", "columns", "left_out", "rows", "mentions"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": "table.v1"},
            "table": {"const": table.model},
            "columns": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["category", "purpose"],
                    "properties": {"category": text, "purpose": text, "document": text},
                    "additionalProperties": False,
                },
            },
            "left_out": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["table", "column", "part", "why"],
                    "properties": dict.fromkeys(("table", "column", "part", "why"), text),
                },
            },
            "rows": _rows_form(row, own),
            "mentions": {"type": "object", "properties": mentions, "additionalProperties": False},
        },
    }


def _rows_form(row: Mapping[str, object], names: list[str]) -> dict[str, object]:
    return {
        "type": "array",
        "items": {
            "type": "object",
            "required": names,
            "additionalProperties": False,
            "properties": {name: row[name] for name in names},
        },
    }


_FORMS: Final[Mapping[str, str]] = {
    "BooleanField": "boolean",
    "CharField": "string",
    "TextField": "string",
    "SlugField": "string",
    "EmailField": "string",
    "GenericIPAddressField": "string",
    "DateTimeField": "string",
    "DateField": "string",
    "FloatField": "number",
    "DecimalField": "string",
}


def _form(column: Column[Any, Any], table: Table) -> dict[str, object]:
    if column.many_to_many:
        return {"type": "array", "items": {"type": "string"}}
    if _target(column, table) is not None:
        return {"type": ["string", "null"]}
    kind = column.get_internal_type()
    if "Integer" in kind or "Auto" in kind:
        form = "integer"
    elif kind in _FORMS:
        form = _FORMS[kind]
    else:
        return {}  # JSON and sealed values: anything
    return {"type": [form, "null"]} if column.null else {"type": form}
