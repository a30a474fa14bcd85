"""The map as one JSON document, and its fingerprint: what `/trust/data.json` shows and the public log commits to."""

import hashlib
import json
from typing import Any

from django.conf import settings

from hustings.lib.records import Expiry, Field, Retention, Store, Table
from hustings.trust.datamap import never, retention, wire
from hustings.trust.datamap.gathering import fields, public, stores, tables
from hustings.trust.datamap.words import kept

FORM = 1  # of the document; a reader of another one must not guess


def document() -> dict[str, Any]:
    """Everything the map says, in English, as plain values. docs/formats/datamap.md describes it."""
    return {
        "form": FORM,
        "columns": [_column(field) for field in sorted(fields().values(), key=lambda one: one.id)],
        "tables": [_table(table) for table in sorted(tables().values(), key=lambda one: one.model)],
        "stores": [
            {"store": store.id, "place": store.place} | _line(store)
            for store in sorted(stores(), key=lambda one: one.place)
        ],
        "rules": [_rule(rule) for _, rule in sorted(retention.rules().items())],
        "sent": {
            "cookies": dict(wire.COOKIES),
            "kept_in_the_browser": dict(wire.STORED),
            "headers": dict(wire.HEADERS),
            "calls": [_call(call) for call in wire.CALLS],
        },
        "never": [{"claim": claim.id, "held_by": list(claim.tests)} for claim in never.CLAIMS],
    }


def published() -> dict[str, Any]:
    """The document with where it is served and its fingerprint."""
    return {"cell": settings.CELL, "region": settings.REGION, "sha256": fingerprint(), "map": document()}


def fingerprint() -> str:
    """SHA-256, in hex, of the document in canonical form: keys in order, no spaces, UTF-8."""
    return hashlib.sha256(canonical(document())).hexdigest()


def canonical(value: object) -> bytes:
    """One value, one way to write it, so that two who have the same map have the same fingerprint."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _line(line: Field | Store) -> dict[str, Any]:
    return {
        "personal": line.personal,
        "topic": line.topic.name,
        "categories": list(line.topic.data),
        "use": line.topic.use,
        "basis": line.topic.basis.value if line.personal else None,
        "subject": line.topic.subject if line.personal else None,
        "purpose": line.purpose,
        "kept": kept(line.retention, "en"),
        "ends": _ends(line.retention),
        "readers": [reader.value for reader in line.readers],
        "public": public(line),
    }


def _ends(promise: Retention) -> list[str]:
    return [f"rule:{end.name}" if isinstance(end, Expiry) else end.value for end in promise.ends]


def _column(field: Field) -> dict[str, Any]:
    table = tables()[field.model]
    exported = field.personal and table.exported and not field.topic.secret
    return {"column": field.id, "exported": exported} | _line(field)


def _table(table: Table) -> dict[str, Any]:
    return {
        "table": table.model,
        "subjects": list(table.subjects),
        "through": table.through.model if table.through else None,
        "erased": table.erased,
        "emptied": list(table.forgets),
        "exported": table.exported,
        "why": table.why,
    }


def _call(call: wire.Call) -> dict[str, Any]:
    named = {"query": call.query, "fields": call.fields, "headers": call.headers, "body": call.raw}
    return {"methods": call.methods, "path": call.path} | {key: value for key, value in named.items() if value}


def _rule(rule: Expiry) -> dict[str, Any]:
    return {
        "rule": rule.name,
        "table": rule.model,
        "column": rule.column,
        "where": dict(rule.where),
        "seconds": retention.limit(rule).total_seconds(),
    }
