"""The small files at addresses that others choose: /sw.js, /manifest.webmanifest, /robots.txt and the like."""

import json
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from hustings.lib import clock

_NOT_BUILT = "The client has not been built: run `make setup`."


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root of the site, because a worker rules only what lies below it."""
    try:
        script = (settings.CLIENT_ROOT / "sw.js").read_bytes()
    except FileNotFoundError:
        return HttpResponse(_NOT_BUILT, status=404, content_type="text/plain")
    return HttpResponse(
        script,
        content_type="text/javascript; charset=utf-8",
        # Asked for anew each time: an old worker would keep an old client alive.
        headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"},
    )


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest of the client's build, under the name that the operator gave the site."""
    try:
        given = json.loads((settings.CLIENT_ROOT / "manifest.webmanifest").read_text())
    except FileNotFoundError:
        given = {"start_url": "/", "display": "standalone", "icons": []}
    given |= {"name": settings.SITE_NAME, "short_name": settings.SITE_NAME[:30]}
    return HttpResponse(
        json.dumps(given, ensure_ascii=False),
        content_type="application/manifest+json",
        headers={"Cache-Control": "public, max-age=3600"},
    )


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers are asked to leave alone; what must not be seen is protected, not listed here."""
    closed = ("/api/", "/_allauth/", "/settings", "/inbox", "/upload", "/saved", "/liked", "/following")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    return _text("\n".join(lines) + "\n")


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """/.well-known/security.txt (RFC 9116), when the operator gave an address."""
    if not settings.OPERATOR_EMAIL:
        return HttpResponse(status=404)
    expires = (clock.now() + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    return _text(
        f"Contact: mailto:{settings.OPERATOR_EMAIL}\n"
        f"Expires: {expires}\n"
        "Preferred-Languages: en, cy\n"
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt\n"
    )


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask without having read the page."""
    return HttpResponseRedirect(f"{settings.CLIENT_URL}icon-192.png")


def _text(body: str) -> HttpResponse:
    headers = {"Cache-Control": "public, max-age=3600"}
    return HttpResponse(body, content_type="text/plain; charset=utf-8", headers=headers)
