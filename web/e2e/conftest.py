"""A whole Hustings for the browser: real server, real worker, real FFmpeg, in a folder of its own.

Nothing is faked but the people. Screenshots land in artefacts/screens, one per screen, size and scheme.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright
from stage import ARTEFACTS, CHROMIUM, CHROMIUM_FLAGS, CLIPS, PHONE, Site, Watched


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed (Debian: apt install chromium)"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(what: str, ready: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if ready():
                return
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.2)
    raise TimeoutError(f"{what} did not come within {seconds:.0f} s")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Server and worker over a small demonstration."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    data = tmp_path_factory.mktemp("site")
    port = _free_port()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("HUSTINGS_", "DJANGO_"))}
    environment = inherited | {
        "HUSTINGS_DATA": str(data),
        "HUSTINGS_PUBLIC_URL": f"http://localhost:{port}",
    }
    running = Site(f"http://localhost:{port}", data, environment)
    running.hustings("demo", "--clips", str(CLIPS), "--no-serve")
    with ExitStack() as stack:
        log = stack.enter_context((data / "server.log").open("w"))
        for verb in (["serve", "--port", str(port), "--processes", "1"], ["worker"]):
            process = subprocess.Popen(
                [sys.executable, "-m", "hustings", *verb], env=environment, stdout=log, stderr=log
            )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        _wait("the feed", lambda: bool(running.post("/api/v1/feed", {"count": 3})["items"]))
        yield running
    shutil.copy(data / "server.log", ARTEFACTS / "server.log")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    ARTEFACTS.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=CHROMIUM_FLAGS,
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(site: Site, browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Open a fresh, cookie-free window: `open_page(PHONE)`; every request and console error is recorded."""
    contexts: list[BrowserContext] = []

    def open_(size: dict[str, int] = PHONE, **options: object) -> Watched:
        context = browser.new_context(viewport=size, base_url=site.url, **options)
        contexts.append(context)
        page = context.new_page()
        watched = Watched(page, [], [])
        page.on("request", lambda r: _own(r.url, site.url) or watched.foreign.append(r.url))
        # Chromium repeats each failed answer on the console, without its address; the address is kept below.
        page.on(
            "console",
            lambda m: (
                m.type == "error" and "Failed to load resource" not in m.text and watched.complaints.append(m.text)
            ),
        )
        page.on("pageerror", lambda e: watched.complaints.append(str(e)))
        page.on("response", lambda r: _failed(r) and watched.complaints.append(f"{r.status} {r.url}"))
        return watched

    yield open_
    for context in contexts:
        context.close()


def _failed(response: Response) -> bool:
    """Whether an answer is one that nobody meant to get: sign-up asks whether a handle is free, and 404 says yes."""
    asked_if_free = response.status == 404 and "/api/v1/accounts/" in response.url and "/signup" in response.frame.url
    sign_in_steps = response.status == 401 and "/_allauth/" in response.url  # allauth says "one more step" so
    return response.status >= 400 and not asked_if_free and not sign_in_steps


def _own(url: str, base: str) -> bool:
    return url.startswith((base, "data:", "blob:"))


@pytest.fixture
def screenshot() -> Callable[[Page, str], None]:
    """Keep what a person sees as a test artefact."""

    def take(page: Page, name: str) -> None:
        folder = ARTEFACTS / "screens"
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png")

    return take
