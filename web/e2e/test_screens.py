"""Each screen, phone and desktop, English and Welsh: axe finds nothing, nothing leaves for elsewhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from stage import DESKTOP, PHONE, ROOT, Watched
from test_journey import sign_up

Open = Callable[..., Watched]
Shot = Callable[[Page, str], None]

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
OPEN = ["/", "/search", "/signin", "/signup", "/@avonmere_parliament", "/settings", "/no/such/page"]
# Written by the server, light in both schemes, and the same for anybody.
OFFICE = ["/trust", "/trust/data", "/trust/log", "/trust/log/0", "/trust/egress", "/trust/requests", "/trust/looks"]
OWN = [
    "/upload",
    "/upload/clips",
    "/inbox",
    "/saved",
    "/settings/profile",
    "/settings/security",
    "/settings/people",
    "/following",
    "/trust/rights",
    "/trust/access",
    "/trust/export",
    "/trust/import",
    "/trust/correct",
    "/trust/close",
]


def faults(page: Page) -> list[str]:
    """What axe complains of, in a line each."""
    page.evaluate(Path(AXE).read_text() + ";0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{v['id']}: {v['help']} — {', '.join(str(n['target']) for n in v['nodes'][:3])}" for v in found["violations"]
    ]


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (DESKTOP, "desktop")])
def test_screens_of_somebody_signed_out(
    open_page: Open, screenshot: Shot, size: dict[str, int], name: str, scheme: str
) -> None:
    watched = open_page(size, color_scheme=scheme, locale="en-GB" if scheme == "dark" else "cy")
    found = []
    for path in OPEN:
        watched.page.goto(path)
        watched.page.wait_for_timeout(1200)
        screenshot(watched.page, f"{path.strip('/').replace('/', '-') or 'feed'}-{name}-{scheme}")
        found += [f"{path}: {fault}" for fault in faults(watched.page)]
    assert not found, "\n".join(found)
    assert not watched.foreign, watched.foreign


@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (DESKTOP, "desktop")])
def test_screens_of_somebody_signed_in(open_page: Open, screenshot: Shot, size: dict[str, int], name: str) -> None:
    watched = open_page(size)
    sign_up(watched.page, f"looks.{name}")
    found = []
    for path in OWN:
        watched.page.goto(path)
        watched.page.wait_for_timeout(1200)
        screenshot(watched.page, f"{path.strip('/').replace('/', '-')}-{name}")
        found += [f"{path}: {fault}" for fault in faults(watched.page)]
    assert not found, "\n".join(found)
    watched.assert_clean()


@pytest.mark.parametrize("language", ["en-GB", "cy"])
@pytest.mark.parametrize(("size", "name"), [(PHONE, "phone"), (DESKTOP, "desktop")])
def test_pages_of_the_office(open_page: Open, screenshot: Shot, size: dict[str, int], name: str, language: str) -> None:
    """Each leads back, in its own language; nothing is wider than the window."""
    watched = open_page(size, locale=language)
    found = []
    for path in OFFICE:
        watched.page.goto(path)
        screenshot(watched.page, f"{path.strip('/').replace('/', '-')}-{name}-{language}")
        found += [f"{path}: {fault}" for fault in faults(watched.page)]
        if watched.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append(f"{path}: wider than the window")
        if path != "/trust" and not watched.page.locator(".govuk-breadcrumbs a[href='/trust']").count():
            found.append(f"{path}: no way back")
    assert not found, "\n".join(found)
    watched.assert_clean()
