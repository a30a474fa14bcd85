"""What the data map says is never collected: the claims that need no browser. The others: web/e2e/test_wire.py."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cast import Visitor
from hustings.trust import datamap
from hustings.trust.datamap import never

ROOT = Path(__file__).parents[3]
CLIENT = ROOT / "web" / "src"

# Kinds of data, in fideslang's words, of which no line of the map may be.
NEVER_HELD = (
    "user.contact.address",
    "user.contact.phone_number",
    "user.location",
    "user.device.device_id",
    "user.device.ip_address",
    "user.biometric",
    "user.sensor",
    "user.user_sensor",
    "user.telemetry",
    "user.behavior.browsing_history",
    "user.behavior.search_history",
    "user.demographic.date_of_birth",
    "user.demographic.gender",
    "user.demographic.political_opinion",
    "user.demographic.race_ethnicity",
    "user.demographic.religious_belief",
    "user.demographic.sexual_orientation",
    "user.government_id",
    "user.health_and_medical",
    "user.payment",
    "user.financial",
)
NEVER_USED = ("marketing", "third_party_sharing", "sales", "finance", "analytics")

# Interfaces of the browser that tell of the person or the device.
TELLING = {
    "contacts": r"navigator\.contacts|ContactsManager",
    "location": r"navigator\.geolocation|getCurrentPosition|watchPosition",
    "hardware": r"hardwareConcurrency|deviceMemory|getBattery|\.oscpu|navigator\.plugins|mediaDevices\.enumerateDevices",
    "client hints": r"userAgentData|getHighEntropyValues",
    "drawing": r"toDataURL|getImageData|readPixels|WEBGL_debug_renderer_info|getSupportedExtensions|measureText",
    "sound": r"OfflineAudioContext|createDynamicsCompressor",
    "fonts": r"queryLocalFonts|document\.fonts\.check",
    "sensors": r"DeviceMotionEvent|DeviceOrientationEvent|new (Accelerometer|Gyroscope|AmbientLightSensor)",
    "keys": r"keydown.*timeStamp|keyup|keypress",
    "advertising": r"browsingTopics|attributionReporting|joinAdInterestGroup|IdleDetector",
    "beyond this site": r"requestStorageAccess|document\.domain|RTCPeerConnection",
}


def test_no_column_is_of_a_kind_that_is_never_held() -> None:
    for line in (*datamap.fields().values(), *datamap.stores()):
        for word in line.topic.data:
            assert not word.startswith(NEVER_HELD), line.id
        assert not line.topic.use.startswith(NEVER_USED), line.id


@pytest.mark.parametrize("what", sorted(TELLING))
def test_the_client_uses_no_interface_that_would_tell(what: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sorted(CLIENT.rglob("*"))
        if path.suffix in {".ts", ".svelte", ".js"} and ".test." not in path.name
        for match in re.finditer(TELLING[what], path.read_text())
    ]
    assert not found


def test_a_telling_interface_would_be_found() -> None:
    assert re.search(TELLING["hardware"], "const n = navigator.hardwareConcurrency;")
    assert re.search(TELLING["location"], "navigator.geolocation.getCurrentPosition(go)")


@pytest.mark.parametrize("path", ["/", "/trust/data", "/api/v1/languages", "/signin"])
def test_the_browser_is_told_not_to_give_its_place(anonymous: Visitor, path: str) -> None:
    assert "geolocation=()" in anonymous.get(path).headers["Permissions-Policy"]


@pytest.mark.parametrize("path", ["/", "/trust/data", "/api/v1/languages", "/signin"])
def test_no_answer_asks_the_browser_for_more_about_the_device(anonymous: Visitor, path: str) -> None:
    headers = {name.lower() for name in anonymous.get(path).headers}
    assert not headers & {
        "accept-ch",
        "critical-ch",
        "report-to",
        "nel",
        "reporting-endpoints",
        "observe-browsing-topics",
    }


def test_our_cookies_do_not_travel_to_or_from_other_sites(anonymous: Visitor) -> None:
    anonymous.ask("GET", "/api/v1/me/csrf")
    newcomer = {"username": "mair", "password": "a long enough phrase", "age_band": "18+"}
    anonymous.ask("POST", "/_allauth/browser/v1/auth/signup", newcomer)
    cookies = dict(anonymous.cookies.items())
    assert cookies.keys() == {"csrftoken", "sessionid"}
    for cookie in cookies.values():
        assert cookie["samesite"] == "Lax"
        assert cookie["domain"] == ""
    assert cookies["sessionid"]["httponly"]


def test_every_claim_names_tests_that_exist() -> None:
    for claim in never.CLAIMS:
        assert claim.tests, claim.id
        for test in claim.tests:
            path, _, name = test.partition("::")
            names = {
                node.name
                for node in ast.walk(ast.parse((ROOT / path).read_text()))
                if isinstance(node, ast.FunctionDef)
            }
            assert name in names, test
