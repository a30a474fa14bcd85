"""A public body leaves: its account is closed, the notice stands, nothing is left, and an outsider checks the receipt."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from stage import DESKTOP, PHONE, Site, Watched

Open = Callable[..., Watched]
Shot = Callable[[Page, str], None]

PASSWORD = "seven wet otters juggle"
BODY = "parish_of_llan"

_SWEEP = """
import json, os, django
django.setup()
from hustings.trust.api import service
with service():
    from hustings.trust.closure import journal, sweeping
    [closed] = [one for one in journal.every() if one.handle == os.environ["BODY"]]
    swept = sweeping.sweep(closed.subject, closed.handle, names={}, known_by=(), beat=lambda: None)
    print(json.dumps(swept.found))
"""


def test_an_official_account_is_closed_and_anybody_can_check_it(
    open_page: Open, site: Site, screenshot: Shot, tmp_path: Path
) -> None:
    watched = open_page(DESKTOP)
    page = watched.page
    _sign_up(page, "clerk_of_llan")
    site.hustings("account", "create", BODY, "--name", "Parish of Llan", "--owner", "clerk_of_llan")
    site.hustings("account", "official", BODY)

    page.goto("/settings/leave")
    expect(page.get_by_role("heading", name="Organisations that you own")).to_be_visible()
    page.get_by_role("button", name="Close its account").click()
    # Signing up was no fresh proof of who this is: the dialog asks, and then leads on.
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Confirm").click()
    page.wait_for_url(re.compile(rf"/trust/close/@{BODY}"), timeout=15_000)
    screenshot(page, "close-form-desktop")

    # The form works without our script: nothing but the browser's own fields and a button.
    page.get_by_label("Your words (optional)").fill("Find us at www.llan.example")
    page.get_by_label("A link (optional)").fill("https://www.llan.example/")
    if page.get_by_label("Your password").count():
        page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label(f"Type {BODY} to confirm which account").fill(BODY)
    page.get_by_role("button", name="Close this account").click()
    page.wait_for_url(re.compile("/trust/closing/"), timeout=15_000)
    screenshot(page, "closing-desktop")
    expect(page.get_by_role("link", name="Download the receipt")).to_be_visible(timeout=90_000)
    screenshot(page, "closed-desktop")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download the receipt").click()
    file = tmp_path / "receipt.json"
    started.value.save_as(file)

    _the_notice_stands(open_page, screenshot)
    swept = subprocess.run(
        [sys.executable, "-c", _SWEEP],
        env=site.environment | {"DJANGO_SETTINGS_MODULE": "hustings.site.settings", "BODY": BODY},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert swept.stdout.strip() == "{}"

    # Another machine: the file and the address, none of this site's settings, nothing of its data.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}
    checked = subprocess.run(
        [sys.executable, "-m", "hustings", "receipt", "verify", str(file), "--log", f"{site.url}/log"],
        env=outside,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert f"RIGHT: the receipt for closing {site.url}/@{BODY}" in checked.stdout
    assert "the log holds it now" in checked.stdout
    file.write_text(file.read_text().replace('"handle": "parish', '"handle": "perish'))
    changed = subprocess.run(
        [sys.executable, "-m", "hustings", "receipt", "verify", str(file)],
        env=outside,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert changed.returncode == 1
    assert "WRONG: statement" in changed.stdout
    assert not watched.foreign


def _the_notice_stands(open_page: Open, screenshot: Shot) -> None:
    """For whoever opens the profile's address, in both languages, with script and without."""
    page = open_page(PHONE).page
    answer = page.goto(f"/@{BODY}")
    assert answer is not None
    assert answer.status == 410
    expect(page.get_by_role("heading", name="This account is now closed.")).to_be_visible()
    expect(page.get_by_text("Mae’r cyfrif hwn bellach wedi’i gau.")).to_be_visible()
    expect(page.get_by_text("Find us at www.llan.example")).to_be_visible()
    expect(page.get_by_role("link", name="https://www.llan.example/")).to_be_visible()
    screenshot(page, "closed-notice-phone")
    plain = open_page(PHONE, java_script_enabled=False).page
    plain.goto(f"/@{BODY}")
    expect(plain.get_by_role("heading", name="This account is now closed.")).to_be_visible()
    expect(plain.get_by_role("link", name="The receipt of its erasure")).to_be_visible()
    screenshot(plain, "closed-notice-plain-phone")


def _sign_up(page: Page, handle: str) -> None:
    page.goto("/signup")
    page.get_by_label("Choose a handle").fill(handle)
    page.get_by_label("18 or over").check()
    page.get_by_label("Choose a password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).not_to_have_url(re.compile("/signup"), timeout=15_000)
