"""What goes into an archive, in order: each piece a path and a way to get its bytes, made only when wanted.

The order is what makes building resumable: documents come first and in one go, then a README in each language,
which says that the documents are whole, then the films, each by itself.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.translation import override

from hustings.lib import clock
from hustings.lib.archives.checking import manifest_shape
from hustings.lib.records import Table
from hustings.trust import datamap
from hustings.trust.holdings import ExportFile, Holder, holders
from hustings.trust.people import people
from hustings.trust.rights import dumping

FORMAT: Final = "hustings-export.v1"
README: Final = {"en": "README.md", "cy": "DARLLENWCH.md"}
# Where readers of ActivityStreams look for these two.
AT_THE_TOP: Final = frozenset({"actor", "outbox"})
_BLOCK: Final = 1 << 20
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of the archive. `blocks` raises FileNotFoundError when what it was to hold is gone."""

    path: str
    blocks: Callable[[], Iterator[bytes]]
    media_type: str = "application/json"
    deflate: bool = True
    size: int = 0  # bytes, as far as it is known before
    note: Callable[[], dict[str, int]] = field(default=dict)


def written(account_id: int) -> Iterator[Piece]:
    """Documents with their schemas, then what explains them."""
    yield from _tables(account_id)
    yield from _documents(account_id)
    yield Piece("schemas/manifest.v1.json", partial(_one, manifest_shape()))
    for lang, name in README.items():
        yield Piece(name, partial(_readme, account_id, lang), "text/markdown; charset=utf-8")


def films(account_id: int) -> Iterator[Piece]:
    """Everything that is a file: films first, in the order in which the domains say them."""
    for holder in holders():
        for file in holder.files(account_id):
            yield Piece(file.path, partial(_stored, file), file.media_type, deflate=False, size=_size(file))


# --- Documents ----------------------------------------------------------------------------------------


def _tables(account_id: int) -> Iterator[Piece]:
    for table in dumping.exported_tables():
        if dumping.has_rows(account_id, table):
            counted: dict[str, int] = {}
            yield Piece(f"schemas/data/{table.model}.json", partial(_one, dumping.schema(table)))
            yield Piece(
                f"data/{table.model}.json",
                partial(dumping.dump, account_id, table, counted),
                note=counted.copy,
            )


def _documents(account_id: int) -> Iterator[Piece]:
    for holder in reversed(holders()):
        if not _has_own_documents(holder):
            continue
        for name, value in holder.documents(account_id):
            yield Piece(schema_path(document_path(name)), partial(_one, shape_of(name)))
            yield Piece(document_path(name), partial(_one, value))


def _has_own_documents(holder: Holder) -> bool:
    """Plain rows are in the tables already, with their names and schemas."""
    return getattr(type(holder), "documents", None) is not datamap.TableHolder.documents


def document_path(name: str) -> str:
    """Where a document of a holder lies in the archive."""
    return f"{name}.json" if name in AT_THE_TOP else f"documents/{name}.json"


def schema_path(path: str) -> str:
    """Where the schema of a JSON file of the archive lies; "" for files without one."""
    folder, _, name = path.rpartition("/")
    if not name.endswith(".json") or folder == "schemas" or folder.startswith("schemas/"):
        return ""
    return f"schemas/data/{name}" if folder == "data" else f"schemas/{name.removesuffix('.json')}.v1.json"


@cache
def shape_of(name: str) -> dict[str, Any]:
    """The JSON Schema of a document, from `formats/` of the domain that makes it. KeyError when it has none."""
    for config in apps.get_app_configs():
        if config.name.startswith("hustings."):
            for path in Path(config.path).rglob(f"formats/{name}.v1.json"):
                shape: dict[str, Any] = json.loads(path.read_text())
                return shape
    raise KeyError(f"no formats/{name}.v1.json: each document of an export has a schema")


def _one(value: object) -> Iterator[bytes]:
    """A document; one that is an iterator becomes a list, without ever being whole in memory."""
    if not isinstance(value, Iterator):
        yield orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"
        return
    yield b"["
    first = True
    while batch := list(islice(value, _AT_ONCE)):
        yield (b"\n" if first else b",\n") + b",\n".join(orjson.dumps(one) for one in batch)
        first = False
    yield b"\n]\n"


def _readme(account_id: int, lang: str) -> Iterator[bytes]:
    with override(lang):
        today = date_format(clock.now(), "j F Y")
    details = {
        "handle": people().handles([account_id]).get(account_id, ""),
        "site": settings.SITE_NAME,
        "address": settings.PUBLIC_URL,
        "date": today,
        "tables": [table.model for table in dumping.exported_tables() if dumping.has_rows(account_id, table)],
    }
    yield render_to_string(f"trust/export/readme.{lang}.md", details).encode()


# --- Files --------------------------------------------------------------------------------------------


def _stored(file: ExportFile) -> Iterator[bytes]:
    if file.content is not None:
        yield file.content
        return
    opened = file.local.open("rb") if file.local is not None else default_storage.open(str(file.storage_name))
    with opened as source:
        while block := source.read(_BLOCK):
            yield block


def _size(file: ExportFile) -> int:
    try:
        if file.content is not None:
            return len(file.content)
        if file.local is not None:
            return file.local.stat().st_size
        return int(default_storage.size(str(file.storage_name)))
    except FileNotFoundError:
        return 0


# --- The manifest -------------------------------------------------------------------------------------


def manifest(account_id: int, files: list[dict[str, object]], missing: list[str], rows: dict[str, int]) -> bytes:
    """The last file of an archive: what it is, what is in it, and what is not."""
    sizes = [int(str(one["size"])) for one in files]
    value = {
        "format": FORMAT,
        "made_at": clock.now().isoformat(),
        "server": {
            "name": settings.SITE_NAME,
            "address": settings.PUBLIC_URL,
            "cell": settings.CELL,
            "region": settings.REGION,
        },
        "account": {"handle": people().handles([account_id]).get(account_id, "")},
        "counts": {"files": len(files), "bytes": sum(sizes), "rows": rows},
        "files": files,
        "missing": missing,
        "instead": {table: document_path(how.document) for table, how in dumping.instead().items()},
        "left_out": [one.as_json() for one in dumping.everything_left_out()],
    }
    return orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n"


def tables_with_rows(account_id: int) -> list[Table]:
    """The tables that an export of the account holds; for the page that says so before one is made."""
    return [table for table in dumping.exported_tables() if dumping.has_rows(account_id, table)]
