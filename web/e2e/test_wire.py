"""Every byte that leaves a real browser is on the list of the data map (trust/datamap/wire.py), and what it keeps too.

The journeys are what people do here. Two are still to come and have their place in JOURNEYS: private mode (issue 4)
and recording in the studio (issue 6). Each begins in a browser that knows nothing.
"""

import itertools
import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from recorder import Recorder, parse
from stage import CHROMIUM, CHROMIUM_FLAGS, DESKTOP, PHONE, Site
from test_journey import playing, sign_up, swiped_to

from hustings.lib import ffmpeg
from hustings.trust.datamap import wire
from hustings.trust.datamap.wire import Request

# Chromium's own services, which no flag of today's switches off: it looks for updates, for an account of its maker, and
# asks its maker what the fields of a form are for. No page can reach them (`connect-src 'self'`), and a page that asked
# for them is noticed apart.
# Debian's build spells some of their names wrong on purpose (accounts.google.comjj).
OF_THE_BROWSER = re.compile(r"a request went to (accounts|clients2|content-autofill|update)\.google(apis)?\.com\w*")
# What fingerprints are made from: reading any of it is noted. Drawing is allowed, reading a drawing back is not.
WATCHED_INTERFACES = """
(() => {
  const read = (globalThis.__read = []);
  const note = (owner, name) => {
    if (!owner) return;
    const was = Object.getOwnPropertyDescriptor(owner, name);
    if (!was || !was.configurable) return;
    const wrap = (work) => work && function (...all) { read.push(name); return work.apply(this, all); };
    Object.defineProperty(owner, name, 'value' in was ? { ...was, value: wrap(was.value) } : { ...was, get: wrap(was.get) });
  };
  const N = Navigator.prototype;
  for (const name of ['hardwareConcurrency', 'deviceMemory', 'plugins', 'mimeTypes', 'oscpu', 'getBattery', 'userAgentData',
    'geolocation', 'contacts', 'bluetooth', 'usb', 'maxTouchPoints', 'keyboard', 'getGamepads', 'doNotTrack']) note(N, name);
  for (const name of ['width', 'height', 'availWidth', 'availHeight', 'colorDepth', 'pixelDepth']) note(Screen.prototype, name);
  note(HTMLCanvasElement.prototype, 'toDataURL');
  note(HTMLCanvasElement.prototype, 'toBlob');
  note(CanvasRenderingContext2D.prototype, 'getImageData');
  note(CanvasRenderingContext2D.prototype, 'measureText');
  for (const kind of [globalThis.WebGLRenderingContext, globalThis.WebGL2RenderingContext]) {
    for (const name of ['getParameter', 'getExtension', 'getSupportedExtensions', 'readPixels']) note(kind?.prototype, name);
  }
  for (const name of ['OfflineAudioContext', 'RTCPeerConnection', 'queryLocalFonts', 'IdleDetector']) note(globalThis, name);
  note(globalThis.MediaDevices?.prototype, 'enumerateDevices');
  note(globalThis.Intl?.DateTimeFormat?.prototype, 'resolvedOptions');
})();
"""


class Wired:
    """A browser whose every byte is written down, and the site it talks to."""

    def __init__(self, site: Site, browser: Browser, recorder: Recorder) -> None:
        self.site = site
        self.browser = browser
        self.recorder = recorder
        self.host = urlsplit(site.url).netloc
        self.contexts: list[BrowserContext] = []
        self.asked_by_pages: set[str] = set()

    def window(self, size: dict[str, int] = PHONE, **options: object) -> Page:
        """A fresh window that knows nothing."""
        context = self.browser.new_context(viewport=size, base_url=self.site.url, **options)
        context.add_init_script(WATCHED_INTERFACES)
        context.on("request", lambda asked: self.asked_by_pages.add(urlsplit(asked.url).hostname or ""))
        self.contexts.append(context)
        return context.new_page()

    def requests(self) -> list[Request]:
        return self.recorder.requests()

    def complaints(self) -> list[str]:
        """What left the browser without being declared, once each."""
        found = [fault for request in self.requests() for fault in wire.complaints(request, self.host)]
        asked = {f"a request went to {host}" for host in self.asked_by_pages}
        return [fault for fault in dict.fromkeys(found) if fault in asked or not OF_THE_BROWSER.fullmatch(fault)]


@pytest.fixture
def wired(site: Site, browser: Browser) -> Iterator[Wired]:
    address = urlsplit(site.url)
    with Recorder(("127.0.0.1", address.port or 80)) as recorder:
        rules = f"--host-resolver-rules=MAP * 127.0.0.1:{recorder.port}"
        recorded = browser.browser_type.launch(executable_path=CHROMIUM, args=[*CHROMIUM_FLAGS, rules])
        found = Wired(site, recorded, recorder)
        yield found
        for context in found.contexts:
            context.close()
        recorded.close()


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds that every browser plays, as a file that somebody might choose."""
    path = tmp_path_factory.mktemp("footage") / "council meeting.mp4"
    pictures = ["-f", "lavfi", "-i", "testsrc2=s=360x640:r=25:d=3", "-f", "lavfi", "-i", "sine=440:d=3"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    subprocess.run([ffmpeg.find().path, "-v", "error", *pictures, *coded, str(path)], check=True)
    return path


_names = itertools.count(1)


def join(page: Page, what: str) -> str:
    """A new account, and its handle."""
    handle = f"wire.{what}.{next(_names)}"
    sign_up(page, handle)
    return handle


KEPT = """async () => ({
  localStorage: Object.keys(localStorage),
  sessionStorage: Object.keys(sessionStorage),
  caches: await caches.keys(),
  indexedDB: (await indexedDB.databases()).map((one) => one.name),
})"""


def kept(page: Page) -> list[str]:
    """What this browser holds that is not declared."""
    cookies = [cookie["name"] for cookie in page.context.cookies()]
    strange = [f"nobody declared the cookie {name}" for name in cookies if name not in wire.COOKIES]
    return strange + list(wire.stored_complaints(page.evaluate(KEPT)))


# --- Journeys: what people do ------------------------------------------------------------------------------


def signed_out(wired: Wired, footage: Path) -> Page:
    """Watch, swipe, ask why, search, look at somebody, choose a language and a theme."""
    page = wired.window(locale="cy")
    page.goto("/")
    playing(page)
    page.keyboard.press("ArrowDown")
    swiped_to(page, 2)
    page.wait_for_timeout(2500)
    page.keyboard.press("m")
    page.goto("/search?q=budget")
    page.wait_for_timeout(800)
    page.goto("/@avonmere_parliament")
    page.wait_for_timeout(800)
    page.locator("a[href^='/v/']").first.click()
    playing(page)
    page.goto("/settings")
    page.wait_for_timeout(800)
    page.goto("/trust/data?topic=watching&lang=cy")
    assert [cookie["name"] for cookie in page.context.cookies()] == []
    # The service worker is registered five seconds after a page is there, and fetches its files by itself.
    page.goto("/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=20_000)
    page.reload()
    playing(page)
    return page


def signing_in(wired: Wired, footage: Path) -> Page:
    """Make an account, leave it, come back to it, with a wrong password first."""
    page = wired.window()
    handle = join(page, "signs")
    page.goto("/settings/security")
    page.wait_for_timeout(1000)
    page.context.clear_cookies()
    page.goto("/signin")
    for password in ("not my password", "seven wet otters juggle"):
        page.get_by_label("Handle", exact=True).fill(handle)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in", exact=True).last.click()
        page.wait_for_timeout(1500)
    expect(page).not_to_have_url(re.compile("/signin"), timeout=15_000)
    return page


def watching(wired: Wired, footage: Path) -> Page:
    """Signed in: watch to the end, like, save, follow, ask for less, leave the page."""
    page = wired.window(DESKTOP)
    join(page, "watches")
    page.goto("/")
    playing(page)
    for key in ("l", "s", "f"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)
    page.wait_for_timeout(4000)
    page.keyboard.press("ArrowDown")
    swiped_to(page, 2)
    page.wait_for_timeout(6000)  # a batch of events goes out every five seconds
    page.goto("/saved")
    page.wait_for_timeout(600)
    page.goto("/following")
    page.wait_for_timeout(600)
    page.goto("/inbox")
    page.wait_for_timeout(600)
    return page


def commenting(wired: Wired, footage: Path) -> Page:
    """Comment, answer, like a comment, take one back; report a clip."""
    page = wired.window(DESKTOP)
    join(page, "comments")
    page.goto("/")
    playing(page)
    page.get_by_role("button", name=re.compile(r"^\d+ comments?$")).first.click()
    page.get_by_label("Add a comment").fill("Is the form in Welsh too?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Is the form in Welsh too?")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More actions").first.click()
    report = page.get_by_role("button", name=re.compile("^Report")).or_(
        page.get_by_role("menuitem", name=re.compile("^Report"))
    )
    report.first.click()
    page.wait_for_timeout(500)
    page.get_by_role("dialog").get_by_role("radio").first.check()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Send|Report")).last.click()
    page.wait_for_timeout(1000)
    return page


def uploading(wired: Wired, footage: Path) -> Page:
    """Send a film from a phone, describe it while it goes, publish it, change it, delete it."""
    page = wired.window(DESKTOP)
    join(page, "uploads")
    page.goto("/upload")
    page.set_input_files("input[type=file]", footage)
    page.get_by_label("Caption", exact=True).fill("Colours of the chamber #wire")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("It can be watched now, by those you chose.")).to_be_visible(timeout=60_000)
    page.goto("/upload/clips")
    page.get_by_text("Colours of the chamber").first.wait_for()
    return page


def settings(wired: Wired, footage: Path) -> Page:
    """Every page of the settings, a new name, other colours, a muted word, an organisation."""
    page = wired.window(DESKTOP)
    join(page, "settles")
    for section in ("profile", "display", "security", "people", "organisations", "feed", "leave"):
        page.goto(f"/settings/{section}")
        page.wait_for_timeout(700)
    page.goto("/settings/profile")
    page.get_by_label(re.compile("^Name")).first.fill("Wire Settles")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.wait_for_timeout(800)
    page.goto("/settings/display")
    page.get_by_role("radio", name=re.compile("^Light")).check(force=True)
    page.wait_for_timeout(800)
    page.goto("/settings/feed")
    page.get_by_role("switch").first.click()
    page.wait_for_timeout(800)
    page.goto("/settings/people")
    page.get_by_role("textbox").first.fill("spoilers")
    page.keyboard.press("Enter")
    page.wait_for_timeout(800)
    page.goto("/settings/organisations")
    page.get_by_role("button", name="New organisation").first.click()
    boxes = page.locator("form").get_by_role("textbox")
    boxes.nth(0).fill("Wire Council")
    boxes.nth(1).fill(f"wire.council.{next(_names)}")
    page.wait_for_timeout(800)  # whether the handle is free is asked while one types
    page.get_by_role("button", name="Create organisation").first.click()
    page.wait_for_timeout(1500)
    return page


def rights(wired: Wired, footage: Path) -> Page:
    """What anyone may check, who has looked, an export, and the page to close the account; all without script."""
    page = wired.window(DESKTOP)
    join(page, "checks")
    for path in ("", "/data", "/log", "/egress", "/requests", "/access", "/rights", "/export", "/import", "/close"):
        page.goto(f"/trust{path}?lang=en")
        page.wait_for_timeout(300)
    page.goto("/trust/export?lang=en")
    page.locator("form[action='/trust/export'] button").first.click()
    page.wait_for_timeout(1500)
    return page


Journey = Callable[[Wired, Path], Page]
# A journey of its own for each way of using the service; what is not built yet has its place kept.
JOURNEYS: dict[str, Journey | str] = {
    "signed out": signed_out,
    "signing in": signing_in,
    "watching": watching,
    "commenting": commenting,
    "uploading": uploading,
    "settings": settings,
    "rights": rights,
    "private mode": "comes with private mode (issue 4): nothing of what is watched may leave the browser",
    "recording": "comes with the studio (issue 6): nothing may leave the browser before the finished clip",
}


@pytest.mark.parametrize("name", list(JOURNEYS))
def test_only_declared_bytes_leave_the_browser(wired: Wired, footage: Path, name: str) -> None:
    journey = JOURNEYS[name]
    if isinstance(journey, str):
        pytest.skip(journey)
    page = journey(wired, footage)
    page.wait_for_timeout(1000)
    assert len(wired.requests()) > 10, "the recorder did not see the journey"
    assert kept(page) == []
    page.goto("about:blank")  # what is sent on leaving
    page.wait_for_timeout(500)
    assert wired.complaints() == []


def test_the_film_goes_in_parts_that_say_nothing_else(wired: Wired, footage: Path) -> None:
    """The bodies of tus are the media itself; what describes them is in declared headers, and is declared."""
    uploading(wired, footage)
    posts = [one for one in wired.requests() if one.method == "POST" and one.target == "/api/v1/uploads/"]
    parts = [one for one in wired.requests() if one.method == "PATCH" and one.target.startswith("/api/v1/uploads/")]
    assert posts
    assert sum(len(one.body) for one in [*posts, *parts]) == footage.stat().st_size
    assert {
        pair.split(" ")[0] for one in posts for pair in one.header("upload-metadata").split(",")
    } <= wire.UPLOAD_METADATA.keys()


# --- What is never collected: web/e2e's part -----------------------------------------------------------------


def told(wired: Wired) -> Counter[str]:
    """What the page has told the server, and how often: all but films and what Chromium does by itself."""
    ours = [one for one in wired.requests() if one.header("host") == wired.host and "/media/" not in one.target]
    return Counter(f"{one.method} {one.target} {one.body!r}" for one in ours)


def test_typing_sends_nothing(wired: Wired) -> None:
    """A comment: not a byte before Send. A search: its words after a pause, the same however one types."""
    page = wired.window(DESKTOP)
    join(page, "types")
    page.goto("/")
    playing(page)
    page.get_by_role("button", name=re.compile(r"^\d+ comments?$")).first.click()
    box = page.get_by_label("Add a comment")
    box.click()
    page.evaluate("for (const video of document.querySelectorAll('video')) video.pause()")
    page.wait_for_timeout(6000)  # the batch about what was watched so far
    before = told(wired)
    for pause, letter in zip((20, 180, 40, 300, 25, 90) * 4, "How do I take part in it?", strict=False):
        box.press_sequentially(letter)
        page.wait_for_timeout(pause)
    page.wait_for_timeout(1500)
    assert told(wired) - before == Counter()

    def search(pauses: tuple[int, ...]) -> None:
        page.goto("/search")
        field = page.get_by_role("searchbox").first
        for pause, letter in zip(pauses, "budget", strict=True):
            field.press_sequentially(letter)
            page.wait_for_timeout(pause)
        page.wait_for_timeout(1500)

    def asked() -> list[Request]:
        return [one for one in wired.requests() if one.target.startswith("/api/v1/search?")]

    search((10, 10, 10, 10, 10, 10))
    (quick,) = asked()
    search((600, 60, 700, 30, 220, 90))
    whole = [one for one in asked() if one.target == quick.target]
    assert whole == [quick, quick], "a search tells how it was typed"
    assert {one.target for one in asked()} <= {quick.target.replace("budget", "budget"[:n]) for n in range(1, 7)}


def test_the_client_does_not_look_at_the_device(wired: Wired, footage: Path) -> None:
    page = watching(wired, footage)
    seen: set[str] = set()
    for path in ("/", "/upload", "/settings/display", "/search?q=budget"):
        page.goto(path)
        page.wait_for_timeout(2500)
        seen |= set(page.evaluate("globalThis.__read"))
    assert seen == set()


def test_an_embedded_clip_keeps_nothing(wired: Wired) -> None:
    page = wired.window(DESKTOP)
    clip = wired.site.post("/api/v1/feed", {"count": 1})["items"][0]["clip"]["id"]  # type: ignore[index]  # a JSON array
    page.goto(f"/embed/{clip}")
    page.wait_for_timeout(2500)
    assert page.context.cookies() == []
    assert kept(page) == []
    names = page.evaluate(KEPT)
    assert names["localStorage"] == names["sessionStorage"] == []
    assert wired.complaints() == []
    assert not [one for one in wired.requests() if one.header("cookie")]


# --- The test can fail -------------------------------------------------------------------------------------


def test_whatever_a_page_sends_is_seen(wired: Wired) -> None:
    """Fields, parameters, headers, cookies, beacons, sockets, other hosts and what is kept: each is named."""
    page = wired.window()
    page.goto("/")
    playing(page)
    page.evaluate(
        """async () => {
          const json = { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Device': '7' } }
          await fetch('/api/v1/feed?battery=0.4', { ...json, body: JSON.stringify({ count: 1, screen: '390x844' }) })
          document.cookie = 'visitor=42; path=/'
          localStorage.setItem('visitor', '42')
          indexedDB.open('watched')
          navigator.sendBeacon('/api/v1/beacon', 'rhythm=12,80,33')
          new WebSocket(`ws://${location.host}/live`)
          await fetch('/')
        }"""
    )
    page.wait_for_timeout(1000)
    strange = " ".join(kept(page))
    for what in ("the cookie visitor", "localStorage:visitor", "indexedDB:watched"):
        assert what in strange
    page.goto("http://tracker.example/collect", wait_until="commit")
    page.wait_for_timeout(500)
    said = " ".join(wired.complaints())
    for what in (
        "the parameter battery",
        "the field screen",
        "the header x-device",
        "the cookie visitor",
        "POST /api/v1/beacon: nobody declared this address",
        "GET /live: nobody declared this address",
        "a request went to tracker.example",
    ):
        assert what in said, said


def test_what_is_no_http_is_seen() -> None:
    (request,) = parse(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert list(wire.complaints(request, "localhost:8000")) != []


def test_requests_are_told_apart_on_one_line() -> None:
    sent = (
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        b"POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n1\r\nf\r\n0\r\n\r\n"
        b"GET /c HTTP/1.1\r\nHost: x\r\n\r\nGET /cut"
    )
    first, second, third = parse(sent)
    assert (first.target, first.body) == ("/a", b"abc")
    assert (second.target, second.body) == ("/b", b"def")
    assert (third.target, third.body) == ("/c", b"")


def test_what_the_server_keeps_is_on_the_map_too(site: Site) -> None:
    """Every folder under the data folder is declared, after people have done everything above."""
    declared = {line["place"] for line in json.loads(site.hustings("datamap", "--json"))["map"]["stores"]}
    there = {path.name for path in site.data.iterdir() if path.is_dir()}
    there = (there - {"media"}) | {f"media/{path.name}" for path in (site.data / "media").iterdir() if path.is_dir()}
    assert there <= declared
