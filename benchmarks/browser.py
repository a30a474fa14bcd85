"""`hustings bench browser`: what a viewer feels, in headless Chromium against a real server.

- `js_kb`: compressed JavaScript that the viewer's first page loads, as sent over the wire.
- `cold_first_frame_s`: from navigation to the first presented video frame, empty cache, 9 Mbit/s and 60 ms; median.
- `swipe_p95_ms`: from the key press (not a finger: headless Chromium has none) to the first presented frame of the next
  clip, same network.
- `dropped_snaps`: of 200 swipes, how many did not move by exactly one clip.

The site is the demonstration, made once and kept in var/bench/browser.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.machine import result

ROOT = Path(__file__).parents[1]
DATA = ROOT / "var" / "bench" / "browser"
CLIPS = 44
SWIPES = 200
COLD_RUNS = 7
MBIT, LATENCY_MS = 9, 60
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Runs before the page's own code. Notes, for each video element, when a frame of a source was presented.
WATCH_FRAMES = """
window.__frames = [];
const seen = new WeakSet();
const watch = (video) => {
  if (seen.has(video)) return;
  seen.add(video);
  const note = (now, frame) => {
    window.__frames.push({at: now, media: frame.mediaTime, src: video.currentSrc});
    video.requestVideoFrameCallback(note);
  };
  video.requestVideoFrameCallback(note);
};
const watchAll = () => document.querySelectorAll('video').forEach(watch);
new MutationObserver(watchAll).observe(document, {childList: true, subtree: true});
window.__current = () => {
  const there = document.elementsFromPoint(innerWidth / 2, innerHeight / 2);
  const at = there.map((e) => e.closest('[aria-posinset]')).find(Boolean);
  return at ? Number(at.getAttribute('aria-posinset')) : 0;
};
"""


@contextmanager
def serving() -> Iterator[str]:
    """A running server over the demonstration's data."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://localhost:{port}"
    environment = os.environ | {"HUSTINGS_DATA": str(DATA), "HUSTINGS_PUBLIC_URL": url}
    hustings = [sys.executable, "-m", "hustings"]
    subprocess.run(
        [*hustings, "demo", "--clips", str(CLIPS), "--no-serve"], env=environment, check=True, stdout=sys.stderr
    )
    subprocess.run([*hustings, "worker", "--once"], env=environment, check=True, stdout=sys.stderr)
    server = subprocess.Popen([*hustings, "serve", "--port", str(port)], env=environment, stdout=sys.stderr)
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(url + "/", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _fresh(browser: Browser, url: str) -> tuple[Page, CDPSession]:
    """A phone-sized window with nothing cached, on a slow line."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=url, service_workers="block")
    page = context.new_page()
    page.add_init_script(WATCH_FRAMES)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": MBIT * 1_000_000 / 8,
            "uploadThroughput": MBIT * 1_000_000 / 8,
        },
    )
    return page, network


def cold(browser: Browser, url: str) -> tuple[list[float], float]:
    """Seconds to the first frame for each run, and KB of JavaScript on the wire."""
    seconds, kilobytes = [], 0.0
    for _ in range(COLD_RUNS):
        page, network = _fresh(browser, url)
        scripts: dict[str, float] = {}
        kinds: dict[str, str] = {}
        network.on("Network.responseReceived", lambda e, kinds=kinds: kinds.update({e["requestId"]: e["type"]}))
        network.on(
            "Network.loadingFinished",
            lambda e, scripts=scripts: scripts.update({e["requestId"]: e["encodedDataLength"]}),
        )
        page.goto("/", wait_until="commit")
        page.wait_for_function("() => window.__frames.length > 0", timeout=20_000, polling=20)
        seconds.append(page.evaluate("window.__frames[0].at") / 1000)
        page.wait_for_timeout(1500)
        kilobytes = sum(size for request, size in scripts.items() if kinds.get(request) == "Script") / 1024
        page.context.close()
    return seconds, kilobytes


def swipe(page: Page) -> tuple[float | None, bool]:
    """One swipe: milliseconds until the next clip's first frame is presented, and whether it moved by one."""
    before = page.evaluate("window.__current()")
    began = page.evaluate("(window.__frames.length = 0, performance.now())")
    page.keyboard.press("ArrowDown")
    try:
        page.wait_for_function("(before) => window.__current() === before + 1", arg=before, timeout=3000, polling="raf")
    except Exception:  # noqa: BLE001 - any failure to arrive is what is being counted
        return None, False
    frame = page.wait_for_function(
        """(began) => {
          const article = document.querySelector(`[aria-posinset="${window.__current()}"]`);
          const source = article?.querySelector('video')?.currentSrc;
          const first = window.__frames.find((f) => f.src === source && f.at >= began);
          return first ? first.at - began : false;
        }""",
        arg=began,
        timeout=10_000,
        polling="raf",
    )
    return float(frame.json_value()), page.evaluate("window.__current()") == before + 1


def swipes(browser: Browser, url: str) -> tuple[list[float], int]:
    """Milliseconds of each swipe, and how many did not land on the next clip."""
    took: list[float] = []
    dropped = done = 0
    while done < SWIPES:
        page, _ = _fresh(browser, url)
        page.goto("/")
        page.wait_for_function("() => window.__frames.length > 0", timeout=20_000, polling=20)
        page.wait_for_timeout(1000)
        # A window stops short of the end of the catalogue; the next one starts as somebody new.
        for _ in range(min(CLIPS - 4, SWIPES - done)):
            milliseconds, landed = swipe(page)
            done += 1
            if milliseconds is not None:
                took.append(milliseconds)
            dropped += not landed
            page.wait_for_timeout(1200)  # a person looks at a clip at least this long
        page.context.close()
    return took, dropped


def run() -> dict[str, object]:
    """Measure; needs Debian's Chromium and a built client."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("hustings bench browser: Chromium is not installed (Debian: apt install chromium)")
    with serving() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        seconds, kilobytes = cold(browser, url)
        took, dropped = swipes(browser, url)
        browser.close()
    return result(
        "browser",
        {
            "js_kb": round(kilobytes, 1),
            "cold_first_frame_s": round(statistics.median(seconds), 3),
            "swipe_p95_ms": round(statistics.quantiles(took, n=20)[-1], 1),
            "dropped_snaps": dropped,
            "cold_first_frame_worst_s": round(max(seconds), 3),
            "swipe_p50_ms": round(statistics.median(took), 1),
        },
        {"clips": CLIPS, "swipes": SWIPES, "mbit": MBIT, "latency_ms": LATENCY_MS, "window": "390x844"},
    )
