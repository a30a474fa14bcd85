"""A change of the map is an entry of the public log: nobody begins to hold something quietly.

Looked at when the database is prepared and in each sweep, because a changed setting changes the map too.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from hustings.trust.datamap import document
from hustings.trust.datamap.models import MapState

# What an entry names of each kind of change; more are only counted, in the map's fingerprint.
NAMED = 500


def record() -> int | None:
    """Write an entry if the map is not the one the log knows; answers its id. Safe to run twice and at once."""
    fresh = document.fingerprint()
    if MapState.objects.filter(pk=1, sha256=fresh).exists():
        return None
    lines = dict(_lines())
    MapState.objects.get_or_create(pk=1)
    with transaction.atomic():
        before = MapState.objects.select_for_update().get(pk=1)
        # Whoever comes second finds it done.
        if (
            not MapState.objects.filter(pk=1, sha256=before.sha256)
            .exclude(sha256=fresh)
            .update(sha256=fresh, lines=lines)
        ):
            return None
        from hustings.trust.log import append

        return append("data_map_changed", _body(before, fresh, lines))


def recorded() -> bool:
    """Whether the log knows the map that this process works with."""
    return MapState.objects.filter(pk=1, sha256=document.fingerprint()).exists()


def _lines() -> Iterator[tuple[str, str]]:
    """(id, fingerprint) of each line; a table's is under its own name."""
    said = document.document()
    for kind, key in (("columns", "column"), ("tables", "table"), ("stores", "store"), ("rules", "rule")):
        for line in said[kind]:
            name = line[key] if kind != "rules" else f"rule:{line[key]}"
            yield name, _short(line)
    for part in ("sent", "never"):
        yield part, _short(said[part])


def _short(value: object) -> str:
    return hashlib.sha256(document.canonical(value)).hexdigest()[:16]


def _body(before: MapState, fresh: str, lines: dict[str, str]) -> dict[str, Any]:
    """The first entry names no lines: the whole map is what is new."""
    old = before.lines if before.sha256 else lines
    body: dict[str, Any] = {
        "map": fresh,
        "added": sorted(lines.keys() - old.keys())[:NAMED],
        "removed": sorted(old.keys() - lines.keys())[:NAMED],
        "changed": sorted(name for name in lines.keys() & old.keys() if lines[name] != old[name])[:NAMED],
        "fields": len(lines),
    }
    return body | ({"previous": before.sha256} if before.sha256 else {})
