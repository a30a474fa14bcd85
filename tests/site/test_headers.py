"""Headers that hold for every answer, and the form of every refusal."""

import pytest
from django.db import OperationalError
from django.test import Client

from hustings.feed import api as feed


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/api/v1/openapi.json", "/no/such/page", "/media/x/y/z.mp4"])
def test_every_answer_forbids_what_is_foreign_and_inline(client: Client, path: str) -> None:
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/search", "/signin", "/upload"])
def test_a_signed_out_viewer_gets_no_cookie(client: Client, path: str) -> None:
    assert not client.get(path).cookies
    assert not client.post("/api/v1/feed", {"count": 3}, content_type="application/json").cookies


@pytest.mark.django_db
def test_a_refusal_has_a_code_a_sentence_and_what_to_do(client: Client) -> None:
    answer = client.get("/api/v1/clips/11111111111")
    assert answer.status_code == 404
    assert answer.json().keys() >= {"code", "message", "hint"}


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"count": "many"}', b'{"count": -1}'])
def test_a_body_that_is_no_request_is_refused_and_not_echoed(client: Client, body: bytes) -> None:
    answer = client.post("/api/v1/feed", body, content_type="application/json")
    assert answer.status_code in {200, 400, 422}, answer.content
    if answer.status_code != 200:
        assert answer.json().keys() >= {"code", "message", "hint"}
        assert "Traceback" not in answer.content.decode()


@pytest.mark.django_db
def test_a_database_that_is_locked_is_busy_and_not_broken(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(feed, "page", locked)
    answer = client.post("/api/v1/feed", {"count": 3}, content_type="application/json")
    assert answer.status_code == 503
    assert b'"busy"' in answer.content
