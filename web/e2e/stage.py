"""What the browser tests stand on: the running site, the window sizes, and a page that keeps what went wrong."""

import json
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
ARTEFACTS = ROOT / "artefacts"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Chromium takes the last list of features alone, and the driver gives one of its own: what keeps its maker's services
# quiet is therefore named again here.
QUIET = (
    "AimEnabled",
    "AutofillServerCommunication",  # the browser's own question about forms, not ours to ask or to answer for
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(QUIET)}",
]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
CLIPS = 8


@dataclass(frozen=True)
class Site:
    """Where the running Hustings answers, and where it keeps its data."""

    url: str
    data: Path
    environment: dict[str, str]

    def hustings(self, *arguments: str) -> str:
        """Run the command line against this site's data."""
        return subprocess.run(
            [sys.executable, "-m", "hustings", *arguments],
            env=self.environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def post(self, path: str, body: object) -> dict[str, object]:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@dataclass
class Watched:
    """A page that remembers what went wrong behind its back."""

    page: Page
    foreign: list[str]
    complaints: list[str]

    def assert_clean(self) -> None:
        assert not self.foreign, f"requests left for elsewhere: {self.foreign}"
        assert not self.complaints, f"the console complained: {self.complaints}"
