"""What everybody gets when a request ends before any view of ours could answer it: our words, never a stack trace.

Django calls these by the names in `site/urls.py` and the settings. Programs (`/api`, `/_allauth`, or whoever asks for
JSON) get the error form of `lib/errors.py`; people get a plain page in their language, made without the database,
which may be what is broken.
"""

import logging
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from hustings.accounts.errors import CsrfError
from hustings.lib import languages
from hustings.lib.errors import BusyError, ForbiddenError, HustingsError, InvalidInputError, NotFoundError, Severity
from hustings.pages import plain, words
from hustings.videos.errors import TooLargeError

log = logging.getLogger(__name__)

RETRY_AFTER_S = "5"
_PROGRAMS = ("/api/", "/_allauth/")


class OurFaultError(HustingsError):
    """Something broke that should not have. The log carries the trace; the answer carries none of it."""

    code = "our_fault"
    status = 500
    message = "Something went wrong on our side."
    hint = "Nothing you did was wrong. Try again; if it stays, tell the operator what you were doing."


class UnreadableError(InvalidInputError):
    """A request that Django could not take apart."""

    code = "unreadable"
    status = 400
    message = "This request could not be understood."
    hint = "Reload the page and try again."


def refused_token(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW. `reason` is Django's, for developers; it is not repeated."""
    return answer(request, CsrfError())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what cannot be read, is addressed to another host, or is too large to take into memory."""
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1_000_000
        return answer(request, TooLargeError(f"This request is larger than {most} MB.", hint="Send less at once."))
    return answer(request, UnreadableError())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    return answer(request, ForbiddenError())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: only where no route of ours was asked, such as below `/media`."""
    return answer(request, NotFoundError())


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500. Called while the exception is handled; Django has logged it."""
    fault = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
    if isinstance(fault, OperationalError):
        # Locked, full or away: what was asked has not happened, and asking again is right.
        return answer(request, BusyError())
    if isinstance(fault, HustingsError):
        return answer(request, fault)
    return answer(request, OurFaultError())


def answer(request: HttpRequest, error: HustingsError) -> HttpResponse:
    """A refusal in the form that fits who asks."""
    if _is_program(request):
        response: HttpResponse = JsonResponse(error.as_json(), status=error.status)
    else:
        response = _page(request, error)
    if error.severity is Severity.TRANSIENT:
        response.headers["Retry-After"] = str(error.params.get("retry_after", RETRY_AFTER_S))
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_program(request: HttpRequest) -> bool:
    """A browser that goes to a page asks for HTML, below the programs' addresses too: single sign-on is a form."""
    accepted = request.headers.get("Accept", "")
    if "text/html" in accepted:
        return False
    return request.path_info.startswith(_PROGRAMS) or "application/json" in accepted


def _page(request: HttpRequest, error: HustingsError) -> HttpResponse:
    language = languages.best(request.headers.get("Accept-Language", ""), request.GET.get("lang"))
    said = words.fault(language, error.code, error.status)
    body = render_to_string(
        "pages/fault.html",
        {"language": language, "site": settings.SITE_NAME, "plain": plain.address(), "again": error.severity is
         Severity.TRANSIENT, "path": request.get_full_path() if request.method == "GET" else "/", **said},
    )  # fmt: skip
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return HttpResponse(body, status=error.status, headers=headers)
