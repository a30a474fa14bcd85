"""A holder for what plain rows need, so that a domain writes only what the map cannot say."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from hustings.lib.records import Table
from hustings.trust.datamap.gathering import fields
from hustings.trust.datamap.rows import count_of, erase_rows, model_of, owned_rows
from hustings.trust.holdings import Choices, Erased, ExportFile


class TableHolder:
    """What one domain's declared tables hold about somebody. Tables are erased in the order given.

    `what` an `Erased` names is the model's name in lower case (`commentlike`). Subclass it for files, indexes
    and caches.
    """

    def __init__(self, name: str, tables: tuple[Table, ...]) -> None:
        self.name = name
        self.tables = tables

    def preview(self, account_id: int) -> Mapping[str, int]:
        """How many rows about the account each table holds that a closure removes or empties."""
        return self._found(account_id)

    def documents(self, account_id: int) -> Iterator[tuple[str, object]]:
        """Each exported table's rows: column to value, without secrets and columns about nobody."""
        for table in self.tables:
            if table.exported and (table.subjects or table.through):
                rows = [_exported(row, table) for row in owned_rows(account_id, table).order_by("pk")]
                if rows:
                    yield _word(table), rows

    def files(self, account_id: int) -> Iterator[ExportFile]:
        """Rows have no files; a subclass whose domain has them says which."""
        return iter(())

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        """Erase table by table; a killed worker begins anew and finds less."""
        for table in self.tables:
            for count in erase_rows(account_id, table):
                yield Erased(_word(table), count)

    def residue(self, account_id: int) -> Mapping[str, int]:
        """What is still there of what should be gone."""
        return self._found(account_id)

    def _found(self, account_id: int) -> dict[str, int]:
        counts = {_word(table): count_of(account_id, table) for table in self.tables if table.erased != "keep"}
        return {word: count for word, count in counts.items() if count}


def _word(table: Table) -> str:
    return table.model.partition(".")[2].lower()


def _exported(row: Any, table: Table) -> dict[str, object]:
    """A row as an export shows it: what is about a person, by column."""
    values: dict[str, object] = {}
    for column in model_of(table)._meta.local_concrete_fields:  # noqa: SLF001 - Django's own word for it
        field = fields().get((table.model, column.name))
        if field is not None and field.personal and not field.topic.secret:
            values[column.name] = _plain(column.value_from_object(row))
    return values


def _plain(value: object) -> object:
    """As JSON has it: moments in ISO 8601, bytes in base64."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return b64encode(value).decode()
    return str(value) if isinstance(value, UUID | Decimal) else value
