"""Our small reader of schemas says what the standard's reference implementation says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hustings.lib.archives import shapes

SCHEMAS = sorted((Path(__file__).parents[3] / "src" / "hustings").rglob("*.v1.json"))
OURS = [path for path in SCHEMAS if path.parent.name in {"formats", "archives"}]

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2, width=16) | st.sampled_from(["", "a", "ab"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])


def schema_of(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "const": SCALARS,
            "enum": st.lists(SCALARS, min_size=1, max_size=3),
            "pattern": st.sampled_from(["^a", "b$", "."]),
            "minimum": st.integers(-2, 2),
            "required": st.lists(st.sampled_from("abc"), max_size=2, unique=True),
            "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
            "additionalProperties": st.booleans() | inner,
            "items": inner,
        },
    )


SHAPES = st.recursive(st.fixed_dictionaries({}, optional={"type": TYPES}), schema_of, max_leaves=4)


@settings(max_examples=600, deadline=None)
@given(value=VALUES, schema=SHAPES)
def test_it_agrees_with_the_reference(value: Any, schema: dict[str, Any]) -> None:
    ours = not list(shapes.faults(value, schema))
    theirs = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert ours == theirs, (value, schema)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_schemas_use_only_what_it_knows(path: Path) -> None:
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    def walk(one: Any) -> None:
        for word, rule in one.items():
            assert word in shapes._RULES or word in shapes._NOTES, word
            if word == "properties":
                for inner in rule.values():
                    walk(inner)
            elif word in {"items", "additionalProperties"} and isinstance(rule, dict):
                walk(rule)

    walk(schema)


def test_an_unknown_word_is_a_fault_and_never_true() -> None:
    with pytest.raises(KeyError):
        list(shapes.faults({}, {"anyOf": []}))
