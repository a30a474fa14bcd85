"""Is a JSON value what a JSON Schema says? The part of draft 2020-12 that our own schemas use, in plain Python.

An export must be checkable with what every machine has; tests hold this to the `jsonschema` package. A word
that is not known here is a fault of the schema, never silently true.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_TYPES: Final[Mapping[str, Callable[[object], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: not isinstance(value, bool) and (isinstance(value, int) or _whole(value)),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
# Letters, or from the beginning letters, one class of characters and how often, letters: all that ours are. Others can
# be written so that one string of forty characters keeps a machine busy for years, and an archive brings its schemas.
_PLAIN = re.compile(r"(?:\^[\w:/.-]*(?:\[[^\]\\\[]+\](?:[+*]|\{\d{1,4}\})?)?)?[\w:/.-]*\$?", re.ASCII)
_NOTES: Final = frozenset({"$schema", "$id", "title", "description"})


def _whole(value: object) -> bool:
    return isinstance(value, float) and value.is_integer()


def faults(value: object, schema: Schema, where: str = "") -> Iterator[str]:
    """A sentence for each way in which `value` differs from `schema`."""
    for word, rule in schema.items():
        if word not in _NOTES:
            yield from _RULES[word](value, rule, schema, where or "the document")


def _type(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    kinds = [rule] if isinstance(rule, str) else rule
    if not any(_TYPES[kind](value) for kind in kinds):
        yield f"{where} is not {' or '.join(kinds)}"


def _const(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if not _same(value, rule):
        yield f"{where} is not {rule!r}"


def _enum(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if not any(_same(value, one) for one in rule):
        yield f"{where} is none of {', '.join(map(str, rule))}"


def _same(value: object, other: object) -> bool:
    """Equal as JSON: 1 and 1.0 are one number, and true is none."""
    return value == other and isinstance(value, bool) is isinstance(other, bool)


def _pattern(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if not _PLAIN.fullmatch(rule):
        raise ValueError("a pattern that could take for ever")
    if isinstance(value, str) and not re.search(rule, value):
        yield f"{where} does not look like {rule}"


def _minimum(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if isinstance(value, int | float) and not isinstance(value, bool) and value < rule:
        yield f"{where} is less than {rule}"


def _required(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{where} has no {name}" for name in rule if name not in value)


def _properties(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in rule.items():
            if name in value:
                yield from faults(value[name], inner, f"{where}.{name}")


def _additional(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if not isinstance(value, dict) or rule is True:
        return
    for name in value.keys() - schema.get("properties", {}).keys():
        if rule is False:
            yield f"{where} has {name}, which does not belong there"
        else:
            yield from faults(value[name], rule, f"{where}.{name}")


def _items(value: object, rule: Any, schema: Schema, where: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from faults(one, rule, f"{where}[{index}]")


_RULES: Final[Mapping[str, Callable[[object, Any, Schema, str], Iterator[str]]]] = {
    "type": _type,
    "const": _const,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": _minimum,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
}
