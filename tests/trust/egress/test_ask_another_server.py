"""The one HTTP client: declared places only, on a clock, with a ceiling, and no way round by redirects or names."""

from __future__ import annotations

import ssl
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from hustings.trust.api import declare, request
from hustings.trust.egress import gate
from hustings.trust.egress.errors import AnswerTooLargeError, EgressFailedError, UndeclaredEgressError
from trust.egress.stage import say

pytestmark = pytest.mark.usefixtures("production")


def declared_at(port: int, host: str = "127.0.0.1") -> str:
    declare(host, port, purpose="To ask.", region="local", private=True)
    return f"http://{host}:{port}"


def test_it_asks_and_answers(server: Any) -> None:
    seen: dict[str, Any] = {}

    def respond(handler: BaseHTTPRequestHandler) -> None:
        seen.update(method=handler.command, path=handler.path, headers=dict(handler.headers))
        seen["body"] = handler.rfile.read(int(handler.headers["Content-Length"]))
        say(b"said", status=202, read=False, X_Witness="yes")(handler)

    at = declared_at(server(respond))
    answer = request("POST", f"{at}/add?x=1#not-sent", body=b"checkpoint", headers={"Content-Type": "text/plain"})
    assert (answer.status, answer.body, answer.headers["x-witness"]) == (202, b"said", "yes")
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/add?x=1", b"checkpoint")
    assert seen["headers"]["User-Agent"] == "Hustings"
    assert seen["headers"]["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Referer"} & set(seen["headers"])


@pytest.mark.parametrize(
    "url",
    [
        "http://tracker.example/",
        "https://127.0.0.1/",  # another port than the declared one
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "http://",
        "",
        "//127.0.0.1",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http://[::1/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\r\nX: y",
    ],
)
def test_what_is_not_plain_and_declared_is_refused_before_anything_is_sent(url: str) -> None:
    declare("127.0.0.1", 80, purpose="To ask.")
    with pytest.raises(UndeclaredEgressError):
        request("GET", url)


def test_other_spellings_of_an_address_are_other_places() -> None:
    """Decimal, octal and short forms: nothing but the form that was declared."""
    declare("127.0.0.1", 80, purpose="To ask.")
    for spelled in ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::ffff:127.0.0.1]"):
        with pytest.raises(UndeclaredEgressError):
            request("GET", f"http://{spelled}/")


def test_a_name_is_looked_up_once_and_connected_to_what_it_said(server: Any, names: dict[str, list[str]]) -> None:
    at = declared_at(server(say(b"here")), "known.example")
    names["known.example"] = ["127.0.0.1"]
    assert request("GET", at).body == b"here"
    assert names["asked"] == ["known.example"]


def test_a_name_that_turns_inwards_is_refused(server: Any, names: dict[str, list[str]]) -> None:
    port = server(say(b"secret"))
    declare("known.example", port, purpose="To ask.", region="local")
    names["known.example"] = ["127.0.0.1"]
    with pytest.raises(UndeclaredEgressError, match="private"):
        request("GET", f"http://known.example:{port}/")


# --- Redirects --------------------------------------------------------------------------------------------


def test_a_redirect_is_an_answer_unless_the_caller_wants_more(server: Any) -> None:
    at = declared_at(server(say(b"", status=302, Location="/next")))
    assert request("GET", at).status == 302


def test_a_redirect_to_a_declared_place_is_followed_without_what_proves_who_we_are(server: Any) -> None:
    seen: list[Any] = []

    def second(handler: BaseHTTPRequestHandler) -> None:
        seen.append((handler.command, handler.headers.get("Authorization"), handler.headers.get("X-Kept")))
        say(b"there")(handler)

    onward = declared_at(server(second))
    at = declared_at(server(say(b"", status=303, Location=f"{onward}/x")))
    answer = request("POST", at, body=b"x", headers={"Authorization": "Bearer 1", "X-Kept": "y"}, redirects=1)
    assert (answer.body, answer.url) == (b"there", f"{onward}/x")
    assert seen == [("GET", None, "y")]


@pytest.mark.parametrize("onward", ["http://tracker.example/", "http://127.0.0.1:1/", "file:///etc/passwd"])
def test_a_redirect_to_anywhere_else_is_refused(server: Any, onward: str) -> None:
    at = declared_at(server(say(b"", status=302, Location=onward)))
    with pytest.raises(UndeclaredEgressError):
        request("GET", at, redirects=3)


def test_a_circle_ends(server: Any) -> None:
    at = declared_at(server(say(b"", status=302, Location="/again")))
    with pytest.raises(EgressFailedError, match="more than 3 redirects"):
        request("GET", at, redirects=3)


# --- Ceilings ---------------------------------------------------------------------------------------------


def test_a_body_longer_than_wanted_is_not_read(server: Any) -> None:
    at = declared_at(server(say(b"x" * 1001)))
    assert len(request("GET", at, max_bytes=1001).body) == 1001
    with pytest.raises(AnswerTooLargeError):
        request("GET", at, max_bytes=1000)


def test_a_body_without_a_length_is_not_read_for_ever(server: Any) -> None:
    written = 0

    def respond(handler: BaseHTTPRequestHandler) -> None:
        nonlocal written
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        try:
            while written < 50_000_000:
                written += handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    at = declared_at(server(respond))
    with pytest.raises(AnswerTooLargeError):
        request("GET", at, max_bytes=10_000)
    assert written < 50_000_000


@pytest.mark.parametrize("at_once", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"])
def test_a_server_that_dribbles_does_not_hold_us(server: Any, at_once: bytes) -> None:
    """A byte every 50 ms keeps each single read alive; the clock is over the whole call."""

    def respond(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(at_once)
            for _ in range(100):
                handler.wfile.write(b"X")
                time.sleep(0.05)
        except OSError:
            pass

    at = declared_at(server(respond))
    begun = time.monotonic()
    with pytest.raises(EgressFailedError, match="took too long"):
        request("GET", at, timeout_s=0.4)
    assert time.monotonic() - begun < 2


def test_nobody_there_and_nonsense_are_one_error_that_may_be_tried_again(server: Any) -> None:
    declare("127.0.0.1", 1, purpose="To ask.")
    with pytest.raises(EgressFailedError, match=r"127\.0\.0\.1:1 did not answer"):
        request("GET", "http://127.0.0.1:1/")
    at = declared_at(server(lambda handler: handler.wfile.write(b"220 smtp.example ESMTP\r\n")))
    with pytest.raises(EgressFailedError):
        request("GET", at)


# --- TLS --------------------------------------------------------------------------------------------------


def test_a_certificate_of_nobody_s_is_refused_and_a_good_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]], settings: Any
) -> None:
    import threading

    settings.EGRESS_DEVELOPMENT = True
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert"), "-subj", "/CN=known.example",
         "-addext", "subjectAltName=DNS:known.example"],
        check=True, capture_output=True,
    )  # fmt: skip
    settings.EGRESS_DEVELOPMENT = False

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            say(b"sealed")(self)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    monkeypatch.setattr(found, "handle_error", lambda *_: None)  # the handshakes we break
    found.socket = context.wrap_socket(found.socket, server_side=True)
    threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    port = found.server_address[1]
    try:
        for name in ("known.example", "other.example"):
            names[name] = ["127.0.0.1"]
            declare(name, port, purpose="To ask.", region="local", private=True)
        with pytest.raises(EgressFailedError, match="SSLCertVerificationError"):
            request("GET", f"https://known.example:{port}/")
        trusting = ssl.create_default_context(cafile=str(tmp_path / "cert"))
        monkeypatch.setattr(gate, "_trust", lambda: trusting)
        assert request("GET", f"https://known.example:{port}/").body == b"sealed"
        with pytest.raises(EgressFailedError, match="SSLCertVerificationError"):
            request("GET", f"https://other.example:{port}/")
    finally:
        found.shutdown()
        found.server_close()
