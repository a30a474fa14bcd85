"""A person's first day: watch, sign up, take part, publish a real film, be watched by somebody else."""

import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from playwright.sync_api import Page, expect
from stage import DESKTOP, PHONE, Site, Watched

from hustings.lib import ffmpeg

Open = Callable[..., Watched]
Shot = Callable[[Page, str], None]

PLAYING = """() => {
  const video = [...document.querySelectorAll('video')].find((v) => {
    const box = v.getBoundingClientRect();
    return box.top < innerHeight / 2 && box.bottom > innerHeight / 2;
  });
  return video && !video.paused && video.currentTime > 0.2 ? video.currentSrc : false;
}"""


def playing(page: Page) -> str:
    """The address of the film in the middle of the window, once it moves."""
    return str(page.wait_for_function(PLAYING, timeout=20_000).json_value())


def current(page: Page) -> int:
    return page.evaluate("""() => {
      const at = document.elementsFromPoint(innerWidth / 2, innerHeight / 2)
        .map((e) => e.closest('[aria-posinset]')).find(Boolean);
      return at ? Number(at.getAttribute('aria-posinset')) : 0;
    }""")


def swiped_to(page: Page, number: int) -> None:
    page.wait_for_function(
        """(n) => document.elementsFromPoint(innerWidth / 2, innerHeight / 2)
             .map((e) => e.closest('[aria-posinset]')).find(Boolean)?.getAttribute('aria-posinset') === String(n)""",
        arg=number,
        timeout=5000,
    )


PASSWORD = "seven wet otters juggle"


def sign_up(page: Page, handle: str) -> None:
    page.goto("/signup")
    page.get_by_label("Choose a handle").fill(handle)
    page.get_by_label("18 or over").check()
    page.get_by_label("Choose a password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).not_to_have_url(re.compile("/signup"), timeout=15_000)


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a phone makes: HEVC, lying on its side with a note to turn it, 3 s, with sound."""
    folder = tmp_path_factory.mktemp("film")
    tool = get_ffmpeg_exe()  # Debian 12's own cannot write the note
    lying = folder / "lying.mp4"
    subprocess.run(
        [
            tool,
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=1280x720:r=30:d=3",
            "-f",
            "lavfi",
            "-i",
            "sine=440:d=3",
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=none",
            "-tag:v",
            "hvc1",
            "-c:a",
            "aac",
            str(lying),
        ],
        check=True,
    )
    turned = folder / "IMG 0042.MOV"
    subprocess.run(
        [tool, "-v", "error", "-display_rotation", "90", "-i", str(lying), "-c", "copy", "-f", "mov", str(turned)],
        check=True,
    )
    return turned


def test_watching_needs_no_account_and_leaves_no_cookie(open_page: Open, screenshot: Shot) -> None:
    watched = open_page(PHONE)
    page = watched.page
    page.goto("/")
    first = playing(page)
    assert page.evaluate("document.querySelector('video').muted")
    screenshot(page, "feed-phone")
    page.keyboard.press("ArrowDown")
    swiped_to(page, 2)
    assert playing(page) != first
    page.mouse.move(195, 400)
    page.mouse.wheel(0, 500)
    swiped_to(page, 3)
    playing(page)
    assert page.evaluate("document.querySelectorAll('video').length") <= 3
    page.keyboard.press(" ")
    page.wait_for_function("[...document.querySelectorAll('video')].every((v) => v.paused)")
    page.keyboard.press(" ")
    playing(page)
    page.keyboard.press("ArrowUp")
    swiped_to(page, 2)
    assert page.context.cookies() == []
    watched.assert_clean()


def test_every_clip_says_why_it_is_shown(open_page: Open, screenshot: Shot) -> None:
    page = open_page(PHONE).page
    page.goto("/")
    playing(page)
    page.get_by_role("button", name="More actions").first.click()
    page.get_by_role("button", name="Why this video?").or_(page.get_by_role("menuitem", name="Why this video?")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("true reasons")
    expect(dialog.locator("li").first).to_be_visible()
    screenshot(page, "why-phone")


def test_what_was_watched_in_this_tab_is_not_shown_again(open_page: Open) -> None:
    page = open_page(PHONE).page
    asked: list[dict[str, object]] = []
    page.on("request", lambda r: r.url.endswith("/api/v1/feed") and asked.append(json.loads(r.post_data or "{}")))
    page.goto("/")
    shown = set()
    for number in range(1, 7):
        shown.add(playing(page).split("/")[4])
        page.wait_for_timeout(2200)
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(600)
        if current(page) != number + 1:
            break
    assert len(shown) >= 5, "a clip came twice, or the feed stopped short"
    assert asked
    assert len(asked[-1]["history"]) >= 2


def test_sound_is_remembered(open_page: Open) -> None:
    page = open_page(DESKTOP).page
    page.goto("/")
    playing(page)
    page.keyboard.press("m")
    page.wait_for_function("[...document.querySelectorAll('video')].some((v) => !v.paused && !v.muted)")
    page.keyboard.press("ArrowDown")
    swiped_to(page, 2)
    page.wait_for_function("[...document.querySelectorAll('video')].some((v) => !v.paused && !v.muted)")


def test_a_child_is_refused_kindly_and_nothing_is_kept(open_page: Open, site: Site) -> None:
    page = open_page(PHONE).page
    page.goto("/signup")
    page.get_by_label("Choose a handle").fill("little.one")
    page.get_by_label("Under 13").check()
    if page.get_by_role("button", name="Create account").is_visible():
        page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("You need to be 13 for an account")).to_be_visible()
    assert "little.one" not in site.hustings("django", "shell", "-c", LIST_HANDLES)


LIST_HANDLES = "from hustings.accounts.models import Account; print(*Account.objects.values_list('handle', flat=True))"


def test_from_signing_up_to_being_watched(open_page: Open, screenshot: Shot, film: Path) -> None:
    watched = open_page(DESKTOP)
    page = watched.page
    sign_up(page, "mari.newydd")

    # Take part.
    page.goto("/")
    playing(page)
    screenshot(page, "feed-desktop")
    page.keyboard.press("l")
    expect(page.get_by_role("button", name=re.compile("^Like"), pressed=True)).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_role("button", name=re.compile("^Save"), pressed=True)).to_be_visible()
    page.get_by_role("button", name=re.compile(r"^\d+ comments?$")).first.click()
    page.get_by_label("Add a comment").fill("Diolch, that made it clear. #bills")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Diolch, that made it clear.")).to_be_visible()
    screenshot(page, "comments-desktop")

    # Publish what a phone made.
    page.goto("/upload")
    page.set_input_files("input[type=file]", film)
    page.get_by_label("Caption", exact=True).fill("Colours of the chamber #newhere")
    screenshot(page, "upload-desktop")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("It can be watched now, by those you chose.")).to_be_visible(timeout=60_000)
    screenshot(page, "published-desktop")

    # Somebody else finds it and watches.
    stranger = open_page(PHONE)
    other = stranger.page
    other.goto("/search?q=newhere")
    expect(other.get_by_text("#newhere").first).to_be_visible()
    screenshot(other, "search-phone")
    other.goto("/@mari.newydd")
    expect(other.get_by_role("heading", name=re.compile("mari.newydd")).first).to_be_visible()
    screenshot(other, "profile-phone")
    other.locator("a[href^='/v/']").first.click()
    playing(other)
    shape = other.evaluate(
        "(() => { const v = document.querySelector('video'); return [v.videoWidth, v.videoHeight]; })()"
    )
    assert shape[0] < shape[1], f"the phone's film lies on its side: {shape}"
    screenshot(other, "watch-phone")
    watched.assert_clean()
    stranger.assert_clean()


def test_an_upload_survives_a_lost_connection(open_page: Open, tmp_path: Path) -> None:
    """The line is cut in the middle and comes back: the upload goes on and the clip is taken."""
    big = tmp_path / "long.mp4"
    subprocess.run(
        [
            ffmpeg.find().path,
            "-v",
            "error",
            "-f",
            "lavfi",
            "-i",
            "nullsrc=s=640x1136:r=25:d=6,noise=alls=80:allf=t",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-crf",
            "20",
            "-pix_fmt",
            "yuv420p",
            str(big),
        ],
        check=True,
    )
    page = open_page(DESKTOP).page
    sign_up(page, "cut.off")
    page.goto("/upload")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"latency": 20, "downloadThroughput": 2_000_000, "uploadThroughput": 2_000_000}
    network.send("Network.emulateNetworkConditions", {"offline": False, **slow})
    page.set_input_files("input[type=file]", big)
    page.wait_for_timeout(2500)
    network.send("Network.emulateNetworkConditions", {"offline": True, **slow})
    page.wait_for_timeout(2000)
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    expect(page.get_by_text(re.compile("It can be played|It is ready for every screen")).first).to_be_visible(
        timeout=90_000
    )


def test_a_text_file_is_refused_with_what_to_do(open_page: Open, tmp_path: Path, screenshot: Shot) -> None:
    page = open_page(PHONE).page
    sign_up(page, "text.sender")
    (tmp_path / "minutes.mp4").write_text("These are the minutes of the meeting.\n" * 100)
    page.goto("/upload")
    page.set_input_files("input[type=file]", tmp_path / "minutes.mp4")
    expect(page.get_by_text("We could not take this video")).to_be_visible(timeout=30_000)
    screenshot(page, "refused-phone")


def test_leaving_removes_the_account(open_page: Open, site: Site) -> None:
    page = open_page(PHONE).page
    sign_up(page, "soon.gone")
    page.goto("/settings/leave")
    page.get_by_role("main").get_by_role("button").filter(has_text=re.compile("[Cc]lose")).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/trust/close")
    page.locator("input[name=days][value='0']").check()
    page.locator("input[name=handle]").fill("soon.gone")
    page.get_by_role("main").locator("button[type=submit]").click()
    page.wait_for_url(lambda address: "/trust/close" not in address or "?" in address or address.count("/") > 4)
    for _ in range(120):
        if "soon.gone" not in site.hustings("django", "shell", "-c", LIST_HANDLES):
            return
        time.sleep(0.5)
    pytest.fail("the closed account was not erased within a minute")


def test_an_upload_goes_on_after_a_reload(open_page: Open, film: Path) -> None:
    """A small file is one part: its address must be kept before that part has arrived."""
    page = open_page(DESKTOP).page
    sign_up(page, "reloads.often")
    page.goto("/upload")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    slow = {"offline": False, "latency": 20, "downloadThroughput": 2_000_000, "uploadThroughput": 40_000}
    network.send("Network.emulateNetworkConditions", slow)
    page.set_input_files("input[type=file]", film)
    page.get_by_label("Caption", exact=True).fill("Cut off by a reload")
    page.wait_for_timeout(2500)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    network.send("Network.emulateNetworkConditions", slow | {"uploadThroughput": -1, "downloadThroughput": -1})
    expect(page.get_by_text("Continue your upload")).to_be_visible()
    page.set_input_files("input[type=file]", film)
    expect(page.get_by_label("Caption", exact=True)).to_have_value("Cut off by a reload")
    expect(page.get_by_text(re.compile("It can be played|It is ready for every screen")).first).to_be_visible(
        timeout=90_000
    )
    page.goto("/upload/clips")
    expect(page.get_by_text("Cut off by a reload")).to_have_count(1)
