"""A log on a web server, on all kinds of web server: slow, lying, packed, moved, gone."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hustings.lib.tlog import errors, sources, tiles
from hustings.lib.tlog.sources import FolderSource, HttpSource, source_of
from hustings.lib.tlog.verifying import Trust
from lib.tlog.small_log import Outsider, SmallLog, access


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """The other side hangs up on purpose."""

    with Quiet(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[HttpSource]:
    """A source whose every question is answered by `answer`; impatient."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Handler) as address:
        source = source_of(address + "/log", wait_s=0.5, whole_s=1.5)
        assert isinstance(source, HttpSource)
        try:
            yield source
        finally:
            source.close()


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


# A log on an ordinary web server


@contextmanager
def static(folder: Path) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Static(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *args: Any, **keywords: Any) -> None:
            super().__init__(*args, directory=str(folder), **keywords)

        def log_message(self, *_: Any) -> None:
            asked.append(self.path)

    with serving(Static) as address:
        yield address, asked


def test_any_web_server_will_do(log: SmallLog, outsider: Outsider) -> None:
    log.write(700)
    with static(log.folder.parent) as (address, asked):
        visit = outsider.visit(f"{address}/log/")
        assert visit.sound, visit.fault
        assert visit.address == f"{address}/log"
        # Each file once: the checkpoint, three bundles, three tiles, one tile above.
        assert len(asked) == len(set(asked)) == 8
        log.flip(tiles.entries_path(1), byte=50)
        assert isinstance(outsider.visit(f"{address}/log").fault, errors.WrongEntryError)


def test_the_first_visit_over_plain_http_says_so(log: SmallLog, outsider: Outsider) -> None:
    log.write(2)
    outsider.trust = Trust()
    with static(log.folder) as (address, _):
        visit = outsider.visit(address)
    assert visit.sound
    assert any("plain http" in warning for warning in visit.warnings)


def test_connections_are_used_again() -> None:
    peers: set[Any] = set()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        peers.add(handler.client_address)
        reply(handler, b"x")

    with answering(answer) as source:
        assert [source.get("checkpoint", 10) for _ in range(20)] == [b"x"] * 20
    assert len(peers) == 1


def test_packed_files_are_unpacked() -> None:
    with answering(
        lambda handler: reply(handler, gzip.compress(b"a" * 5_000, mtime=0), Content_Encoding="gzip")
    ) as source:
        assert source.get("a", 5_000) == b"a" * 5_000
        with pytest.raises(errors.OversizedFileError):
            source.get("a", 4_999)


def test_files_in_pieces_are_put_together() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n")

    with answering(answer) as source:
        assert source.get("a", 5) == b"abcde"
        with pytest.raises(errors.OversizedFileError):
            source.get("a", 4)


# Servers that are not what they should be


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, compresslevel=1, mtime=0)
    with answering(lambda handler: reply(handler, bomb, Content_Encoding="gzip")) as source:
        began = time.monotonic()
        with pytest.raises(errors.OversizedFileError):
            source.get("a", tiles.LARGEST_TILE)
        assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"no gzip", "gzip"),
        (gzip.compress(b"abc", mtime=0)[:-4], "gzip"),
        (gzip.compress(b"abc", mtime=0) + gzip.compress(b"def", mtime=0), "gzip"),
        (b"x", "br"),
        (zlib.compress(b"abc"), "deflate"),
        (b"x", "gzip, gzip"),
    ],
)
def test_wrongly_packed(body: bytes, encoding: str) -> None:
    with (
        answering(lambda handler: reply(handler, body, Content_Encoding=encoding)) as source,
        pytest.raises(errors.UnreachableError, match="packed"),
    ):
        source.get("a", 100)


def test_an_endless_file_is_cut() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        while True:
            handler.wfile.write(b"a" * 10_000)

    with answering(answer) as source, pytest.raises(errors.OversizedFileError):
        source.get("a", 100_000)


def drip(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, b"", Content_Type="x")
    for _ in range(200):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def drip_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def drip_without_an_end(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b"a")
        time.sleep(0.05)


def drip_headers(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(200):
        handler.wfile.write(b"H")
        time.sleep(0.05)


def say_nothing(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


@pytest.mark.parametrize("answer", [drip_body, drip_without_an_end, drip_headers, say_nothing])
def test_a_slow_server_holds_nobody_for_long(answer: Answer) -> None:
    with answering(answer) as source:
        began = time.monotonic()
        with pytest.raises(errors.UnreachableError):
            source.get("checkpoint", 10_000)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_is_sent_on(status: int) -> None:
    asked = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        reply(handler, b"", status, Location="https://elsewhere.example/\x7flog")

    with answering(answer) as source, pytest.raises(errors.UnreachableError, match="elsewhere"):
        source.get("checkpoint", 10)
    assert asked == ["/log/checkpoint"]


def test_a_busy_server_is_asked_again() -> None:
    asked = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.path)
        reply(handler, b"x", 503 if len(asked) < 3 else 200)

    with answering(answer) as source:
        assert source.get("a", 1) == b"x"
    assert len(asked) == 3


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_server_that_stays_busy_is_out_of_reach(status: int) -> None:
    with (
        answering(lambda handler: reply(handler, b"", status)) as source,
        pytest.raises(errors.UnreachableError, match=str(status)),
    ):
        source.get("a", 1)


@pytest.mark.parametrize(("status", "error"), [(404, errors.MissingFileError), (410, errors.MissingFileError),
    (403, errors.UnreachableError), (401, errors.UnreachableError), (206, errors.UnreachableError), (204, errors.UnreachableError)])  # fmt: skip
def test_other_answers(status: int, error: type[Exception]) -> None:
    with answering(lambda handler: reply(handler, b"", status)) as source, pytest.raises(error):
        source.get("a", 1)


@pytest.mark.parametrize("raw", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nabc",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n",
    b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n"])  # fmt: skip
def test_what_is_no_http_is_out_of_reach(raw: bytes) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(raw)
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True

    with answering(answer) as source, pytest.raises(errors.UnreachableError):
        source.get("a", 10_000)


def test_nobody_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(errors.UnreachableError, match="nothing listens"):
        source_of(f"http://127.0.0.1:{port}", wait_s=0.2).get("checkpoint", 10)


def test_a_server_without_tls_is_no_tls_server() -> None:
    with answering(lambda handler: reply(handler, b"x")) as source:
        secure = source_of(source.address.replace("http:", "https:"), wait_s=0.5, whole_s=1)
        with pytest.raises(errors.UnreachableError):
            secure.get("checkpoint", 10)


def test_a_server_that_tells_everybody_something_else(log: SmallLog, outsider: Outsider) -> None:
    """The visitor believes one checkpoint, and the tiles of another tree are served for it."""
    other = SmallLog(log.folder.with_name("other"))
    log.write(600)
    other.write([access(7_000), *log.entries[1:]])
    first = {True}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        path = handler.path.removeprefix("/log/")
        folder = log.folder if path == "checkpoint" or (path.startswith("tile/0/") and first) else other.folder
        first.discard(True)
        file = folder / path
        reply(handler, file.read_bytes()) if file.exists() else reply(handler, b"", 404)

    with answering(answer) as source:
        fault = outsider.visit(source).fault
    assert isinstance(fault, errors.TlogError)


def test_memory_is_shared_by_all_that_is_under_way() -> None:
    held: list[int] = []
    memory = sources._Memory(100)

    def take() -> None:
        with memory.holding(60):
            held.append(1)
            time.sleep(0.05)
            assert sum(held) == 1
            held.pop()

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with memory.holding(10_000):  # more than there is: it waits until all is free, never for ever
        pass


# Addresses


@pytest.mark.parametrize(
    ("where", "address"),
    [
        ("https://log.example/a/", "https://log.example/a"),
        ("https://log.example", "https://log.example"),
        ("https://LOG.example:8443/a//", "https://log.example:8443/a"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
    ],
)
def test_an_address_has_one_spelling(where: str, address: str) -> None:
    assert source_of(where).address == address


@pytest.mark.parametrize(
    "where",
    [
        "ftp://log.example/",
        "https://",
        "https:///path",
        "https://user:secret@log.example/",
        "https://log.example/?a=b",
        "https://log.example/#a",
        "https://log.example/a b",
        "https://log.example/\r\nHost: evil",
        "https://log.example/ü",
        "https://log.example/a/../b",
        "https://log.example/a/%2e%2e/b",
        "https://log.example:99999/",
        "https://log.example:x/",
        "https://[::1/",
        "https://0\u0640/",
        "https://a<b/",
        "https://%00/",
        "https://log.example\\@evil.example/",
        "file://elsewhere/tmp",
        "file:///no/such/folder",
        "/no/such/folder",
        "",
        "javascript://alert(1)",
    ],
)
def test_what_is_no_address(where: str) -> None:
    if where == "":
        return  # the folder one is in
    with pytest.raises(errors.AddressError):
        source_of(where)


@given(st.text(max_size=30))
def test_no_address_breaks_it(text: str) -> None:
    for where in (f"https://{text}", f"http://log.example/{text}", f"file://{text}"):
        try:
            source = source_of(where)
        except errors.AddressError:
            continue
        assert source.address.isprintable()


def test_a_file_address_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    assert source_of(f"file://{tmp_path}/a%20b") == FolderSource(str(folder.resolve()))
    assert source_of(str(folder)) == source_of(f"file://localhost{tmp_path}/a%20b")


def test_a_folder_holds_files_only(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "large").write_bytes(b"a" * 101)
    source = source_of(str(tmp_path))
    for name in ("pipe", "folder", "device", "nothing", "large/er"):
        with pytest.raises(errors.MissingFileError):
            source.get(name, 100)
    with pytest.raises(errors.UnreachableError):
        source.get("loop", 100)
    with pytest.raises(errors.OversizedFileError):
        source.get("large", 100)
    assert len(source.get("large", 101)) == 101
