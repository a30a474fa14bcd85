"""The list of what a browser may send is the API's own description, no more and no less; and the judge can fail."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import hustings
from hustings.accounts import rules
from hustings.site.api import api
from hustings.trust.datamap import wire
from hustings.trust.datamap.wire import CALLS, Request, complaints, stored_complaints

HOST = "localhost:8000"
COMMENT = "/api/v1/clips/abc/comments"


PARTS = (
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\nPK\0\r\n'
    b'--x\r\nContent-Disposition: form-data; name="gps"\r\n\r\n51.5\r\n--x--\r\n'
)


def sent(method: str = "POST", target: str = COMMENT, body: object = None, **headers: str) -> Request:
    """A request as our client makes it; `body` becomes JSON."""
    raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {
        "host": HOST,
        "user-agent": "Mozilla/5.0",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    if body is not None:
        lines.setdefault("content-type", "application/json")
    return Request(method, target, tuple(lines.items()), raw)


def wrong(request: Request) -> list[str]:
    return list(complaints(request, HOST))


# --- The judge can fail ------------------------------------------------------------------------------------


def test_what_our_client_sends_is_declared() -> None:
    assert wrong(sent(body={"text": "Well put.", "as": "council"}, cookie="sessionid=a; csrftoken=b")) == []
    assert wrong(sent("GET", "/api/v1/search?q=tax&kind=all")) == []
    assert wrong(sent("GET", "/v/abc?t=3")) == []
    film = sent(
        "PATCH", "/api/v1/uploads/abc", b"\0\1\2", content_type="application/offset+octet-stream", upload_offset="0"
    )
    assert wrong(film) == []


@pytest.mark.parametrize(
    ("request_", "what"),
    [
        (sent(body={"text": "x", "keystrokes": [12, 80]}), "the field keystrokes"),
        (
            sent("POST", "/api/v1/events", {"events": [{"clip": "a", "kind": "watch", "battery": 0.4}]}),
            "events[].battery",
        ),
        (sent("PATCH", "/api/v1/me", {"preferences": {"screen": "1920x1080"}}), "preferences.screen"),
        (sent("GET", "/api/v1/search?q=tax&device=pixel"), "the parameter device"),
        (sent("GET", "/?utm_source=mail"), "the parameter utm_source"),
        (sent(body={"text": "x"}, x_device_id="42"), "the header x-device-id"),
        (sent(body={"text": "x"}, sec_ch_ua_model="Pixel"), "the header sec-ch-ua-model"),
        (sent(body={"text": "x"}, cookie="sessionid=a; _ga=GA1.2"), "the cookie _ga"),
        (sent("POST", "/api/v1/telemetry", {"fps": 60}), "this address"),
        (sent("GET", "/pixel.gif"), "this address"),
        (sent("GET", "/api/v1/unknown"), "this address"),
        (sent("PUT", "/"), "this address"),
        (sent(body=b"\0\1", content_type="application/octet-stream"), "a body of application/octet-stream, 2 bytes"),
        (sent(body=b"{", content_type="application/json"), "that says it is JSON and is not"),
        (sent(body=b"text=x&place=53.2", content_type="application/x-www-form-urlencoded"), "the field place"),
        (sent("POST", "/trust/import", PARTS, content_type="multipart/form-data; boundary=x"), "the field gps"),
        (sent("POST", "/api/v1/uploads/", b"", upload_metadata="filename eA==,gps eA=="), "the upload's gps"),
        (sent("PUT", "/api/v1/clips/abc/like", {"at": 3}), "the field at"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_nobody_declared_is_named(request_: Request, what: str) -> None:
    (complaint,) = wrong(request_)
    assert what in complaint
    assert "nobody declared" in complaint or "JSON" in complaint


def test_a_request_to_anybody_else_is_named() -> None:
    assert wrong(sent("GET", "/collect", host="tracker.example")) == ["a request went to tracker.example"]
    assert wrong(sent("GET", "https://tracker.example/collect")) == ["a request went to tracker.example"]


def test_what_the_browser_keeps() -> None:
    assert list(stored_complaints({"localStorage": ["hustings.sound"], "caches": ["client-1x9"]})) == []
    assert (
        len(list(stored_complaints({"localStorage": ["deviceId"], "indexedDB": ["history"], "caches": ["pages"]}))) == 3
    )


# --- The list is the API's ---------------------------------------------------------------------------------

TEMPLATES = Path(hustings.__file__).parent / "trust" / "templates"
SCHEMA = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
]


def fields_of(schema: dict[str, Any], before: str = "") -> set[str]:
    """The dotted names of what a JSON body may hold, by its schema."""
    while "$ref" in schema:
        schema = SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    found: set[str] = set()
    for way in ("anyOf", "oneOf", "allOf"):
        for inner in schema.get(way, []):
            found |= fields_of(inner, before)
    if "items" in schema:
        found |= fields_of(schema["items"], f"{before}[]")
    for name, inner in schema.get("properties", {}).items():
        dotted = f"{before}.{name}" if before else name
        found |= {dotted} | fields_of(inner, dotted)
    return found


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=[f"{m} {p}" for m, p, _ in OPERATIONS])
def test_an_address_of_the_api_may_take_what_is_declared_and_no_more(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    here = "/".join("x" if part.startswith("{") else part for part in path.split("/"))
    call = next((one for one in CALLS if one.matches(method, here)), None)
    assert call is not None, f"declare {method} {path} in trust/datamap/wire.py"
    query = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    headers = {one["name"].lower() for one in operation.get("parameters", []) if one["in"] == "header"}
    assert query == call.query.keys()
    assert headers <= call.headers.keys() | wire.HEADERS.keys()
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    fields = fields_of(body)
    assert fields <= call.fields.keys()
    # Deeper than the description goes (a dictionary of preferences), and nothing else.
    assert not [name for name in call.fields.keys() - fields if not name.startswith(tuple(f"{one}." for one in fields))]


FORMS = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    # Staff fill in forms about cases in their daily work; the list is of what people send about themselves.
    if path.parent.name != "access"
]


@pytest.mark.parametrize("path", FORMS, ids=[path.name for path in FORMS])
def test_every_input_of_a_form_is_declared(path: Path) -> None:
    declared = {name for call in CALLS if call.path.startswith("/trust") for name in (*call.fields, *call.query)}
    inputs = re.findall(r'<(?:input|textarea|select|button)\b[^>]*? name="(\w+)"', path.read_text())
    assert set(inputs) <= declared


def test_every_preference_is_declared() -> None:
    """The API's description knows a dictionary only."""
    known = {*rules.CHOICES, *rules.SWITCHES, *rules.MINUTES}
    [call] = [call for call in CALLS if call.matches("PATCH", "/api/v1/me")]
    assert {name.removeprefix("preferences.") for name in call.fields if "." in name} == known


def test_every_declared_address_of_the_api_is_there() -> None:
    there = {
        (method, "/".join("x" if part.startswith("{") else part for part in path.split("/")))
        for method, path, _ in OPERATIONS
    }
    for call in CALLS:
        if call.path.startswith("/api/v1/") and "/uploads/" not in call.path:
            for method in call.methods.split():
                assert (method, call.path.replace("{}", "x")) in there, f"{method} {call.path}"


def test_everything_declared_says_what_it_is_for() -> None:
    lists = [wire.COOKIES, wire.HEADERS, wire.STORED, wire.TUS, wire.UPLOAD_METADATA]
    lists += [names for call in CALLS for names in (call.query, call.fields, call.headers)]
    assert all(purpose.endswith(".") for names in lists for purpose in names.values())
