"""Where a request comes from, as coarsely as is enough. Nothing here is kept in the clear."""

import ipaddress

from allauth.core.internal.httpkit import get_client_ip
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

# Kept instead of an address where a column must have one.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 - an empty address, nothing is bound to it

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def address(request: HttpRequest) -> str:
    """The address of the client; `X-Forwarded-For` counts only behind as many proxies as were declared.

    A header shorter than that did not come through the declared proxies, so the peer's own address is used.
    """
    try:
        found = get_client_ip(request)
    except ImproperlyConfigured:
        found = str(request.META.get("REMOTE_ADDR") or "")
    return found or NO_ADDRESS


def prefix(request: HttpRequest) -> str:
    """What limits count: an IPv4 address, or the /64 that a household or a phone has of IPv6."""
    try:
        found = ipaddress.ip_address(address(request))
    except ValueError:
        return NO_ADDRESS
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.IPv6Network((found, 64), strict=False).network_address)
    return str(found)


def device(user_agent: str) -> str:
    """A browser and a system, such as "Firefox on Linux": enough to know a session by, no fingerprint."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return " on ".join(part for part in (browser, system) if part) or "Another program"
