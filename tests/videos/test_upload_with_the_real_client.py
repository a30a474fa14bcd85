"""tus-js-client, the library that browsers use, against a live server: breaks off and resumes."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from videos.live import ROOT, Site, wait_for

pytestmark = pytest.mark.own_database

NODE = shutil.which("node")
CLIENT = ROOT / "web" / "node_modules" / "tus-js-client"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Any:
    here = Site(tmp_path_factory.mktemp("site"))
    with here.served():
        yield here


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.bin"
    path.write_bytes(os.urandom(20_000_000))
    return path


@pytest.mark.skipif(NODE is None, reason="no Node on PATH: the real tus-js-client is not tried")
@pytest.mark.skipif(
    not CLIENT.exists(), reason="web/node_modules is missing (`make client`): tus-js-client is not tried"
)
@pytest.mark.parametrize("chunk", [2_000_000, 0], ids=["in chunks", "in one request"])
def test_breaks_off_and_resumes(site: Site, film: Path, tmp_path: Path, chunk: int) -> None:
    done = subprocess.run(
        [str(NODE), str(Path(__file__).with_name("resume.mjs")), str(ROOT / "web"), f"{site.address}/api/v1/uploads/",
         str(film), str(tmp_path / "urls.json"), site.session, str(chunk)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    [clip] = told["clips"]  # resumed, not begun again
    assert told["first"]["brokenOffAt"] >= 8_000_000
    assert told["offsets"]
    assert told["offsets"][-1] > 1_000_000, told
    row = site.row(
        "SELECT u.key, v.state FROM videos_upload u JOIN videos_video v ON v.id = u.video_id WHERE v.public_id = ?",
        clip,
    )
    assert row is not None
    assert row[1] == "received"
    kept = hashlib.sha256((site.uploads / row[0]).read_bytes()).hexdigest()
    assert kept == hashlib.sha256(film.read_bytes()).hexdigest()


def _ask(site: Site, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    connection.request(method, path, body, {**_headers(site), **{k.replace("_", "-"): v for k, v in headers.items()}})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def _headers(site: Site) -> dict[str, str]:
    token = "t" * 32
    return {
        "Tus-Resumable": "1.0.0",
        "Cookie": f"sessionid={site.session}; csrftoken={token}",
        "X-CSRFToken": token,
    }


def _patch_begun(site: Site, at: str, offset: int, length: int, body: bytes) -> socket.socket:
    """A connection that has sent some of what it promised and then says nothing more."""
    lines = [f"PATCH {at} HTTP/1.1", f"Host: 127.0.0.1:{site.port}", f"Content-Length: {length}"]
    lines += [f"Upload-Offset: {offset}", "Content-Type: application/offset+octet-stream"]
    lines += [f"{name}: {value}" for name, value in _headers(site).items()]
    link = socket.create_connection(("127.0.0.1", site.port), timeout=20)
    link.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return link


def test_a_cut_connection_keeps_what_came(site: Site) -> None:
    at = str(_ask(site, "POST", "/api/v1/uploads/", Upload_Length="10000000").headers["Location"])
    _patch_begun(site, at, 0, 10_000_000, b"x" * 3_500_000).close()

    def offset() -> int:
        return int(str(_ask(site, "HEAD", at).headers["Upload-Offset"]))

    # The last block that was not whole comes too, once the server has seen the end of the connection.
    wait_for(lambda: offset() == 3_500_000, 10)


def test_a_connection_that_died_silently_holds_nothing_up(site: Site) -> None:
    """A phone that changed networks: the old connection still stands, the new one goes on at once."""
    at = str(_ask(site, "POST", "/api/v1/uploads/", Upload_Length="5000000").headers["Location"])
    silent = _patch_begun(site, at, 0, 5_000_000, b"x" * 2_200_000)
    time.sleep(0.5)
    begun = time.monotonic()
    offset = int(str(_ask(site, "HEAD", at).headers["Upload-Offset"]))
    assert offset >= 2 << 20
    rest = _ask(
        site, "PATCH", at, b"y" * (5_000_000 - offset), Upload_Offset=str(offset),
        Content_Type="application/offset+octet-stream",
    )  # fmt: skip
    assert rest.status == 204
    assert time.monotonic() - begun < 5
    silent.close()
    assert _ask(site, "HEAD", at).headers["Upload-Offset"] == "5000000"


def test_an_endless_stream_ends(site: Site) -> None:
    """A body in chunks without a length: what is left of the file is taken, no more."""
    at = str(_ask(site, "POST", "/api/v1/uploads/", Upload_Length="100000").headers["Location"])
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    headers = {**_headers(site), "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    endless = (b"x" * 50_000 for _ in range(40))
    connection.request("PATCH", at, endless, headers, encode_chunked=True)
    assert connection.getresponse().status == 204
    connection.close()
    assert _ask(site, "HEAD", at).headers["Upload-Offset"] == "100000"
