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
OWN = [
    "/upload",
    "/upload/clips",
    "/inbox",
    "/saved",
    "/settings/profile",
    "/settings/security",
    "/settings/people",
    "/following",
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
