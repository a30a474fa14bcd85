"""Response headers that hold for every answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from hustings.lib.http import content_security_policy

_DEFAULTS = {
    "Content-Security-Policy": content_security_policy(),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "geolocation=(), camera=(self), microphone=(self), browsing-topics=(), payment=(), usb=()"
    ),
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
