"""What trust itself holds about somebody and lets go when they leave: exports, imports, requests, staff sessions.

The ledger and the log are not here: they outlive what they record, and say how in their own rooms.
"""

import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from django.conf import settings

from hustings.lib import ids
from hustings.lib.records import Table
from hustings.trust.datamap import TableHolder
from hustings.trust.holdings import Choices, Erased, ExportFile, Trace
from hustings.trust.rights import accesses, exporting, importing
from hustings.trust.rights.models import Export, Import


class TrustHolder(TableHolder):
    """The holder of trust's own rooms."""

    instead = accesses.INSTEAD

    def __init__(self, tables: tuple[Table, ...]) -> None:
        super().__init__("trust", tables)

    def documents(self, account_id: int) -> Iterator[tuple[str, object]]:
        return accesses.documents(account_id)

    def files(self, account_id: int) -> Iterator[ExportFile]:
        return accesses.files(account_id)

    def traces(self, account_id: int) -> Iterator[Trace]:
        """Folders of archives, by the keys that only the rows know."""
        for key in Export.objects.filter(account_id=account_id).values_list("key", flat=True):
            yield Trace(f"exports/{key}")
        for key in Import.objects.filter(account_id=account_id).values_list("key", flat=True):
            yield Trace(f"imports/{key}")

    def left(self, names: Collection[str]) -> Mapping[str, int]:
        there = sum(_path(name).exists() for name in names)
        return {"archives": there} if there else {}

    def clear(self, names: Collection[str]) -> int:
        """Remove what a slow worker wrote after the rows had gone."""
        there = [_path(name) for name in names if _path(name).exists()]
        for path in there:
            shutil.rmtree(path)
        return len(there)

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        """Files first: a row that is gone leads to nothing any more."""
        if count := exporting.erase(account_id):
            yield Erased("export", count)
        if count := importing.erase(account_id):
            yield Erased("import", count)
        yield from super().erase(account_id, choices)


def _path(name: str) -> Path:
    """Where a trace lies; ValueError for what is none of ours."""
    place, _, key = name.partition("/")
    roots = {"exports": settings.EXPORTS_ROOT, "imports": settings.IMPORTS_ROOT}
    if place not in roots or not ids.is_id(key, ids.SECRET_LENGTH):
        raise ValueError(f"no trace of ours: {name!r}")
    return Path(roots[place]) / key
