"""The description of every kind of entry, for people and as JSON Schema, made from the one table that checks them."""

import json
from typing import Any

from hustings.lib.tlog.entries import LARGEST, MOST_COMMITMENTS
from hustings.lib.tlog.schemas import HASH, INSTANT, KINDS, NAME, Schema

_HEAD = f"""# Entries of the public log

For whoever reads a log of Hustings with a program of their own. This page is written by `hustings log formats --write
docs/formats` from the table that also checks every entry (`src/hustings/lib/tlog/schemas.py`); a test compares.

An entry is one JSON object (RFC 8259) of at most {LARGEST:,} bytes, in its only spelling: UTF-8 without white space,
keys in order and none twice, whole numbers only, nothing escaped that need not be. Its bytes are what the log hashes.

| field | | |
| --- | --- | --- |
| `kind` | needed | which of the kinds below |
| `v` | needed | the version of that kind, from 1. A version never changes; a new need is a new version |
| `at` | needed | when the server wrote it, {INSTANT.about}. The order of the log is by index; a clock can go back |
| `commitments` | | an object of up to {MOST_COMMITMENTS} small names, each with a commitment of 64 hexadecimal digits |

A program that meets a kind or version it does not know says so and goes on. A field that a known version does not
have, or a value of another type, is a fault.

## Commitments

No entry says anything about a private person. What it must be able to show later stands in it as a commitment:

    SHA-256( "hustings/commitment/v1" || 0x00 || len16(kind) || len16(name) || len16(salt) || value )

`len16(x)` is the length of x in bytes as a big-endian uint16, and then x; text is UTF-8. The salt is random, of 16
bytes or more, and fresh for each commitment. Salt and value together are the *opening*. The person whom it is about
holds it; whoever they give it to can check it. When the salt is destroyed nobody can say any more what the entry
meant, and every proof about the log still verifies.

## Types

| type | |
| --- | --- |
"""


def as_markdown() -> str:
    """docs/formats/entries.md."""
    parts = [_HEAD, *(f"| {name} | {about} |\n" for name, about in _types()), "\n## Kinds\n"]
    for kind in sorted(KINDS):
        for version, schema in sorted(KINDS[kind].items()):
            parts.append(_kind(kind, version, schema))
    return "".join(parts)


def files() -> dict[str, str]:
    """Every generated file under docs/formats, by its path there."""
    made = {"entries.md": as_markdown()}
    for kind in sorted(KINDS):
        for version, schema in sorted(KINDS[kind].items()):
            text = json.dumps(as_json_schema(kind, version, schema), indent=2, ensure_ascii=False)
            made[f"entries/{kind}.v{version}.json"] = text + "\n"
    return made


def as_json_schema(kind: str, version: int, schema: Schema) -> dict[str, Any]:
    """One version of one kind as a JSON Schema (2020-12). It cannot say that the JSON must be canonical."""
    properties: dict[str, Any] = {
        "kind": {"const": kind},
        "v": {"const": version},
        "at": dict(INSTANT.schema),
        "commitments": {
            "type": "object",
            "propertyNames": dict(NAME.schema),
            "additionalProperties": dict(HASH.schema),
            "minProperties": 1,
            "maxProperties": MOST_COMMITMENTS,
        },
    }
    for name, field in schema.fields.items():
        properties[name] = {**field.type.schema, "description": field.about}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{kind}, version {version}",
        "description": schema.about,
        "type": "object",
        "properties": properties,
        "required": ["kind", "v", "at", *sorted(schema.needed)],
        "additionalProperties": False,
    }


def _types() -> list[tuple[str, str]]:
    found = {}
    for versions in KINDS.values():
        for schema in versions.values():
            for field in schema.fields.values():
                if not field.type.name.startswith(("one of", "list of")):
                    found[field.type.name] = field.type.about
    return sorted(found.items())


def _kind(kind: str, version: int, schema: Schema) -> str:
    rows = [f"\n### {kind}, version {version}\n\n{schema.about} JSON Schema: [entries/{kind}.v{version}.json]"]
    rows.append(f"(entries/{kind}.v{version}.json).\n\n| field | type | | |\n| --- | --- | --- | --- |\n")
    for name, field in schema.fields.items():
        shown = field.type.about if field.type.name.startswith(("one of", "list of")) else field.type.name
        rows.append(f"| `{name}` | {shown} | {'needed' if field.needed else ''} | {field.about} |\n")
    if schema.commitments:
        about = "; ".join(f"`{name}`, {what}" for name, what in schema.commitments.items())
        rows.append(f"\nCommon commitments: {about}.\n")
    return "".join(rows)
