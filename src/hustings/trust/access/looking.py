"""What a screen or a command shows inside an access: the chosen columns of one person's rows, and no more."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps

from hustings.lib.records import Field
from hustings.trust import datamap
from hustings.trust.access import columns as guarded_columns
from hustings.trust.access import rules
from hustings.trust.access.ledger import chosen
from hustings.trust.keys.fields import SealedField

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One table whose columns can be chosen, for a form."""

    label: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What was read of one table. `more` says that there are rows beyond those shown."""

    label: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[str, ...], ...]
    more: bool


def choices() -> list[Choice]:
    """Every table with a column that an access can open, as the data map orders them."""
    guarded = {table.label for table in guarded_columns.tables().values() if table.columns and table.owner}
    found = []
    for label in datamap.tables():
        if label in guarded and not label.startswith("trust."):
            fields = [field for (model, _), field in datamap.fields().items() if model == label]
            open_ = tuple(field for field in fields if rules.choosable(field) and not datamap.public(field))
            if open_:
                found.append(Choice(label, open_))
    return found


def look(subject: int, names: Iterable[str], limit: int = MOST_ROWS) -> list[Shown]:
    """The chosen columns of the person's own rows, newest first. Inside `access` alone: the guard sees to it."""
    fields = chosen(names)
    shown = []
    for label in dict.fromkeys(field.model for field in fields):
        mine = tuple(field for field in fields if field.model == label)
        model = apps.get_model(label)
        owner = datamap.table_of(label).subjects[0]
        rows = model._base_manager.filter(**{owner: subject}).order_by("-pk")  # noqa: SLF001 - a default manager may hide rows
        columns = [model._meta.get_field(one.name) for one in mine]  # noqa: SLF001 - Django's own word for it
        found = [
            tuple(_text(_plain(column, value, subject)) for column, value in zip(columns, row, strict=True))
            for row in rows.values_list(*(one.name for one in mine))[: limit + 1]
        ]
        shown.append(Shown(label, mine, tuple(found[:limit]), len(found) > limit))
    return shown


def _plain(column: Any, value: Any, subject: int) -> Any:
    """What is sealed under the person's key, opened; everything else as it is."""
    return column.open(subject, value) if isinstance(column, SealedField) else value


def _text(value: Any) -> str:
    """A value as a person reads it; bytes as base64, cut: they are for a program."""
    if value is None:
        return "–"
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return f"{b64encode(raw[:48]).decode()}… ({len(raw)} bytes)" if len(raw) > 48 else b64encode(raw).decode()
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return str(value)
