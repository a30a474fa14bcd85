"""Asking the index: every word must be there, the last one may be unfinished."""

from collections.abc import Sequence

from django.db import connection

from hustings.lib import text
from hustings.pages.models import Entry

WORDS = 8  # of a query; more narrows nothing
NEWEST = 2**63 - 1

_FTS5 = """
    SELECT entry.id, entry.ref FROM {table}_words AS words JOIN {table} AS entry ON entry.id = words.rowid
    WHERE words.text MATCH %s AND words.rowid < %s ORDER BY words.rowid DESC LIMIT %s
"""
_TSVECTOR = """
    SELECT id, ref FROM {table} WHERE words @@ %s::tsquery AND id < %s ORDER BY id DESC LIMIT %s
"""


def terms(query: str) -> list[str]:
    """The words that are looked for, folded as the index is."""
    return text.words(query)[:WORDS]


def find(index: type[Entry], wanted: Sequence[str], *, before: int = NEWEST, limit: int) -> list[tuple[int, str]]:
    """Up to `limit` pairs (place, ref), newest entry first; `before` is the last place seen.

    `wanted` comes from `terms`: its words hold letters, digits and `_` alone, so that nothing in them
    is read as an operator of either query language.
    """
    if not wanted:
        return []
    table = index._meta.db_table  # noqa: SLF001 - Django's own public-but-underscored name
    if connection.vendor == "sqlite":
        statement, match = _FTS5, " ".join(f'"{word}"' for word in wanted) + " *"
    else:
        statement, match = _TSVECTOR, " & ".join(f"'{word}'" for word in wanted) + ":*"
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=table), [match, before, limit])
        return [(int(place), str(ref)) for place, ref in cursor.fetchall()]
