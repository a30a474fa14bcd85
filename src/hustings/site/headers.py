"""Response headers that hold for every answer."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from hustings.lib.http import content_security_policy


def _policy() -> str:
    """Our pages' policy. Single sign-on leaves by a form, and Chromium holds its redirect to `form-action` too."""
    if not settings.OIDC_URL:
        return content_security_policy()
    issuer = urlsplit(settings.OIDC_URL)
    return content_security_policy(form_action=f"'self' {issuer.scheme}://{issuer.netloc}")


_DEFAULTS = {
    "Content-Security-Policy": _policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ("geolocation=(), camera=(self), microphone=(self), browsing-topics=(), payment=(), usb=()"),
}


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: adds the defaults where a view has not set its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _DEFAULTS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware
