"""A moderator looks at a member's data: the member sees it at once, and outsiders confirm it with two programs.

Nobody is asked to believe the site. The verifiers run without its settings and from another folder, and both refuse a
copy of the log in which one bit is turned.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from stage import DESKTOP, PHONE, Site, Watched

import go_verifier
from hustings.lib.tlog import tiles

Open = Callable[..., Watched]
Shot = Callable[[Page, str], None]

PASSWORD = "seven wet otters juggle"
MEMBER = "mair_of_cwm"
MODERATOR = "idris_at_work"
WHY = "Your account was reported for copying another person's name."
SLOW = 30_000  # milliseconds, for what takes the server or the worker a moment
# What a laptop with a fingerprint reader is to the browser.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_look_is_seen_by_the_member_and_confirmed_by_two_verifiers(
    open_page: Open, site: Site, screenshot: Shot, tmp_path: Path
) -> None:
    member = open_page(PHONE)
    _sign_up(member.page, MEMBER)
    member.page.goto("/trust/access")
    expect(member.page.get_by_text("Nobody has looked at your data.")).to_be_visible()

    watched = open_page(DESKTOP)
    case = _moderator_looks(watched.page, site, screenshot)

    proof, openings = _member_sees_it(member.page, case, screenshot, tmp_path)
    assert not watched.foreign
    assert not member.foreign

    address = f"{site.url}/log"
    key = site.hustings("log", "vkey").strip()
    status, said = _outside(tmp_path, "log", "verify", address, "--key", key, "--last", "50")
    assert status == 0, said
    assert "RIGHT: the signature is good, and every entry is in the signed tree." in said
    assert "a person in the role moderator in GB looked at" in said
    status, said = _outside(tmp_path, "log", "check-proof", proof.name, "--openings", openings.name, "--key", key)
    assert status == 0, said
    assert f"its subject is “@{MEMBER}”: the opening is right" in said
    assert f"its case is “{case}”: the opening is right" in said

    copy, tampered = _copies(site.data / "log", tmp_path)
    status, said = _outside(tmp_path, "log", "verify", str(copy), "--key", key)
    assert status == 0, said
    status, said = _outside(tmp_path, "log", "verify", str(tampered), "--key", key)
    assert status == 1, said
    assert "WRONG: tile/entries/" in said
    assert "is not the one that the log has signed" in said


@pytest.mark.skipif(bool(go_verifier.MISSING), reason=go_verifier.WHY_NOT)
def test_a_program_that_shares_no_line_with_ours_says_the_same_of_this_log(site: Site, tmp_path: Path) -> None:
    """It runs after the look, so the entry of the look is among those it reads."""
    program = go_verifier.build(tmp_path)
    key = site.hustings("log", "vkey").strip()
    copy, tampered = _copies(site.data / "log", tmp_path)
    for where, status, words in [(f"{site.url}/log", 0, "RIGHT"), (copy, 0, "RIGHT"), (tampered, 1, "WRONG")]:
        command = [str(program), "-key", key, str(where)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
        said = done.stdout + done.stderr
        assert done.returncode == status, said
        assert words in said


def _moderator_looks(page: Page, site: Site, screenshot: Shot) -> str:
    """From signing up to what they were shown; the reference of the case is answered."""
    _sign_up(page, MODERATOR)
    chrome = page.context.new_cdp_session(page)
    chrome.send("WebAuthn.enable")
    chrome.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    site.hustings("staff", "give", MODERATOR, "moderator")

    # A password alone opens no staff screen: a passkey is added, and they sign in with it.
    refused = page.goto("/staff/")
    assert refused is not None
    assert refused.status == 403
    page.goto("/settings/security")
    page.get_by_role("button", name="Add a passkey").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Passkey added")).to_be_visible(timeout=SLOW)
    page.context.clear_cookies()
    page.goto("/signin?next=/staff/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{site.url}/staff/", timeout=SLOW)

    page.goto("/staff/cases")  # leads to where they say from which country they work, and back
    page.get_by_label("For whom do you work?").fill("Cwm Council")
    page.get_by_label("What is that organisation here?").select_option("controller")
    page.get_by_label("Country of your office").fill("GB")
    screenshot(page, "staff-session-desktop")
    page.get_by_role("button", name="Start a staff session").click()
    page.get_by_label("Kind of case").select_option("moderation")
    page.get_by_label("About whom").fill(MEMBER)
    page.get_by_label("What it is about").fill("Reported for copying a name")
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_url(re.compile("/staff/cases/MO-"), timeout=SLOW)
    case = page.url.rsplit("/", 1)[1]
    screenshot(page, "staff-case-desktop")

    page.get_by_role("button", name="Look at somebody's data").click()
    reasons = page.get_by_label("Reason", exact=True)
    assert reasons.locator("option").all_inner_texts() == ["Choose one", "Moderation"], "a closed list, of their role"
    page.get_by_label("Why you need this, for the member to read").fill(WHY)
    page.locator("summary", has_text="accounts.Account").first.click()
    page.get_by_label("Since when the account exists.").check()
    screenshot(page, "staff-look-desktop")
    page.get_by_role("button", name="Record this and look").click()
    expect(page.get_by_role("heading", name="Recorded")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("columnheader", name="Since when the account exists.")).to_be_visible()
    screenshot(page, "staff-looked-desktop")
    return case


def _member_sees_it(page: Page, case: str, screenshot: Shot, folder: Path) -> tuple[Path, Path]:
    """In their own window: reason, case, place and role, and not who it was. Their proof and opening are answered."""
    until = time.monotonic() + SLOW / 1000
    while True:
        page.reload()
        expect(page.get_by_text(WHY)).to_be_visible()
        if page.get_by_role("link", name=re.compile(r"\.tlog-proof")).count():
            break
        assert time.monotonic() < until, "the entry did not get its place in the log"
        page.wait_for_timeout(500)  # “a matter of seconds”, says the page
    for words in ("Moderation", case, "Cwm Council", "Somebody of the staff, in the role: moderator"):
        expect(page.get_by_text(words).first).to_be_visible()
    assert MODERATOR not in page.content(), "the role is told, the name is not"
    screenshot(page, "looked-at-phone")
    files = []
    for name in (r"\.tlog-proof", r"access-.*\.json"):
        with page.expect_download() as started:
            page.get_by_role("link", name=re.compile(name)).click()
        files.append(folder / started.value.suggested_filename)
        started.value.save_as(files[-1])
    page.get_by_role("link", name=re.compile("Entry .* of the public log")).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert MEMBER not in page.content(), "the public entry names nobody"
    screenshot(page, "looked-at-entry-phone")
    return files[0], files[1]


def _outside(folder: Path, *arguments: str) -> tuple[int, str]:
    """Somebody else's computer: none of the site's settings, another folder, a memory of their own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "hustings", *arguments],
        env=environment | {"XDG_STATE_HOME": str(folder / "state")},
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def _copies(log: Path, folder: Path) -> tuple[Path, Path]:
    """A copy of the log, and another with one bit of its last bundle of entries turned."""
    checkpoint = (log / "checkpoint").read_bytes()  # first, so that every tile it needs is there to be copied
    copy = folder / "copy"
    shutil.copytree(log / "tile", copy / "tile", ignore=shutil.ignore_patterns(".*"))
    (copy / "checkpoint").write_bytes(checkpoint)
    tampered = shutil.copytree(copy, folder / "tampered")
    last = list(tiles.tiles_of(int(checkpoint.split(b"\n")[1])))
    edge = max(tile.number for tile in last if tile.level == 0)
    [width] = [tile.width for tile in last if (tile.level, tile.number) == (0, edge)]
    bundle = tampered / tiles.entries_path(edge, width)
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(bytes(data))
    return copy, tampered


def _sign_up(page: Page, handle: str) -> None:
    page.goto("/signup")
    page.get_by_label("Choose a handle").fill(handle)
    page.get_by_label("18 or over").check()
    page.get_by_label("Choose a password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).not_to_have_url(re.compile("/signup"), timeout=SLOW)
