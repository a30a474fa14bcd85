"""A request that ends before any view answers it: JSON for programs, a page for people, never a stack trace."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import path
from PIL import Image

from cast import Visitor
from hustings.accounts import avatars
from hustings.lib.errors import ForbiddenError
from hustings.site import urls as site

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Exception]]:
    """Views that raise what the test puts here, below `/api` and elsewhere."""
    raises: dict[str, Exception] = {}

    def view(request: Any) -> Any:
        raise raises["now"]

    from django.urls import clear_url_caches

    routes = [path("api/v1/broken", view), path("broken", view), path("_allauth/broken", view)]
    monkeypatch.setattr(site, "urlpatterns", [*routes, *site.urlpatterns])
    clear_url_caches()
    yield raises
    monkeypatch.undo()
    clear_url_caches()


@pytest.fixture
def browser() -> Client:
    """A strict one: with the check of tokens, and answers instead of exceptions."""
    return Client(enforce_csrf_checks=True, raise_request_exception=False)


def said(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"].startswith("application/json")
    body: dict[str, Any] = answer.json()
    assert {"code", "message", "hint"} <= set(body)
    assert "Traceback" not in answer.content.decode()
    return body


def shown(answer: Any, status: int, *words: str) -> str:
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page = str(answer.content.decode())
    for word in words:
        assert word in page
    assert "Traceback" not in page
    assert "<script" not in page
    return page


# --- Tokens -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["/api/v1/uploads/", "/_allauth/browser/v1/auth/login", "/_allauth/browser/v1/auth/signup"]
)
def test_a_request_without_its_token_is_told_so_in_json(browser: Client, address: str) -> None:
    answer = browser.post(address, {}, content_type="application/json", headers={"Tus-Resumable": "1.0.0"})
    assert said(answer, 403)["code"] == "csrf"


def test_a_form_without_its_token_is_told_so_on_a_page(browser: Client) -> None:
    """Single sign-on begins with one."""
    address, html = "/_allauth/browser/v1/auth/provider/redirect", {"Accept": "text/html,*/*;q=0.8"}
    page = shown(browser.post(address, {}, headers=html), 403, "This page has been open for too long", 'href="/"')
    assert "CSRF" not in page
    page = shown(browser.post(address, {}, headers=html | {"Accept-Language": "cy"}), 403, 'lang="cy"')
    assert "Mae’r dudalen hon wedi bod ar agor yn rhy hir" in page


# --- Malformed, too large, nowhere ------------------------------------------------------------------------


def test_a_body_that_is_too_large_is_told_so(browser: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    free = Client(raise_request_exception=False)
    for address in ("/_allauth/browser/v1/auth/login", "/api/v1/me/muted-words"):
        method = free.put if "muted" in address else free.post
        answer = method(address, b"x" * 2000, content_type="application/json")
        if answer.status_code == 401:  # the door is before the measuring
            continue
        assert said(answer, 413)["code"] == "too_large"


def test_another_host_is_told_so(browser: Client) -> None:
    assert said(browser.get("/api/v1/me", headers={"Host": "evil.example"}), 400)["code"] == "unreadable"
    shown(browser.get("/", headers={"Host": "evil.example"}), 400, "could not be understood")


def test_nothing_here_is_json_below_the_programs_addresses(browser: Client) -> None:
    for address in ("/api/v2/x", "/_allauth/nothing", "/_allauth/browser/v1/nothing"):
        assert said(browser.get(address), 404)["code"] == "not_found"


# --- The database -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["database is locked", "database or disk is full", "connection refused"])
def test_a_database_that_does_not_answer_is_503_for_everybody(
    browser: Client, broken: dict[str, Exception], trouble: str
) -> None:
    broken["now"] = OperationalError(trouble)
    for address in ("/api/v1/broken", "/_allauth/broken"):
        answer = browser.get(address)
        assert said(answer, 503)["code"] == "busy"
        assert answer.headers["Retry-After"] == "5"
    answer = browser.get("/broken?x=1")
    page = shown(answer, 503, "We cannot answer right now", "Nothing was lost")
    assert answer.headers["Retry-After"] == "5"
    assert 'href="/broken?x=1"' in page
    assert trouble not in page
    assert said(browser.get("/broken", headers={"Accept": "application/json"}), 503)["code"] == "busy"


def test_a_real_page_with_a_locked_database(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session is read before any view: that is where it breaks for those who are signed in."""
    from django.contrib.sessions.backends.db import SessionStore

    def locked(*_: Any, **__: Any) -> Any:
        raise OperationalError("database is locked")

    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "x" * 32
    monkeypatch.setattr(SessionStore, "_get_session_from_db", locked)
    answer = browser.get("/inbox")
    shown(answer, 503, "We cannot answer right now")
    assert answer.headers["Cache-Control"] == "no-store"


def test_our_own_fault_says_nothing_of_itself(browser: Client, broken: dict[str, Exception]) -> None:
    broken["now"] = KeyError("olwen's password")
    assert said(browser.get("/api/v1/broken"), 500)["code"] == "our_fault"
    page = shown(browser.get("/broken"), 500, "Something went wrong on our side")
    assert "olwen" not in page


def test_a_refusal_that_no_view_caught_keeps_its_words_and_status(
    browser: Client, broken: dict[str, Exception]
) -> None:
    broken["now"] = ForbiddenError()
    assert said(browser.get("/api/v1/broken"), 403)["code"] == "forbidden"
    shown(browser.get("/broken"), 403, "You may not do this")


# --- A full disk ------------------------------------------------------------------------------------------


def test_a_picture_on_a_full_disk(as_owner: Visitor, monkeypatch: pytest.MonkeyPatch, media_root: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    kept = as_owner.put("/api/v1/me/avatar", out.getvalue(), content_type="image/png")
    assert kept.status_code == 200, kept.content
    before = sorted(path.name for path in avatars.folder().iterdir())

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        answer = as_owner.put("/api/v1/me/avatar", out.getvalue(), content_type="image/png")
    assert said(answer, 507)["code"] == "no_room"
    assert sorted(path.name for path in avatars.folder().iterdir()) == before
    assert as_owner.ask("GET", "/api/v1/me")["account"]["avatar"]
