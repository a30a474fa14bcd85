"""What the feed's three questions look like on the wire. Decoded and checked in one pass by msgspec.

A fault of form refuses the whole body. An event for a clip that is gone, or of a kind we do not
know, is passed over: a browser that was offline for a week still has its other events counted.
"""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from hustings.feed import rules
from hustings.feed.errors import MalformedError

ClipId = Annotated[str, Meta(max_length=22)]
Word = Annotated[str, Meta(max_length=40)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]


class HistoryItem(Struct):
    """A clip that a signed-out viewer watched. `share` is seconds watched divided by its length."""

    clip: ClipId
    share: float = 0.0
    actions: Annotated[list[Word], Meta(max_length=20)] = []
    gap_s: float = 0.0


class PageQuestion(Struct):
    """The body of POST /feed. `held` are clips that the asker has already got and not yet watched."""

    count: Annotated[int, Meta(ge=1, le=rules.PAGE)] = 10
    language: Word = ""
    history: Annotated[list[HistoryItem], Meta(max_length=rules.HISTORY)] = []
    held: Annotated[list[ClipId], Meta(max_length=rules.HELD)] = []


class Event(Struct):
    """One thing done with a clip; `watched_s` and `loops` belong to kind `watch`."""

    clip: ClipId
    kind: Word
    watched_s: float = 0.0
    loops: Count = 0
    page: Word | None = None


class Batch(Struct):
    """The body of POST /events. A batch with a `key` counts once, however often it arrives."""

    events: Annotated[list[Event], Meta(max_length=rules.BATCH)]
    key: Word | None = None


T = TypeVar("T")

_decoders: dict[type, msgspec.json.Decoder[Any]] = {kind: msgspec.json.Decoder(kind) for kind in (PageQuestion, Batch)}


def read(kind: type[T], body: bytes) -> T:
    """The body as `kind`; MalformedError says where it is wrong. An empty body is an empty object."""
    try:
        found: T = _decoders[kind].decode(body or b"{}")
    except RecursionError:
        raise MalformedError(fields={"body": "Nested too deeply."}) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        what, _, where = str(fault).partition(" - at `$.")
        raise MalformedError(fields={where.rstrip("`") or "body": what + "."}) from None
    return found


def documented(kind: type) -> dict[str, Any]:
    """What ninja adds to the OpenAPI description of an operation that reads `kind`."""
    _, components = msgspec.json.schema_components([kind], ref_template="{name}")
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _inlined(components[kind.__name__], components)}},
        }
    }


def _inlined(schema: Any, components: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inlined(components[schema["$ref"]], components)
        return {name: _inlined(value, components) for name, value in schema.items()}
    return [_inlined(one, components) for one in schema] if isinstance(schema, list) else schema
