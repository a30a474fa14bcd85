"""The JSON API: every domain's router in one place, and one form for every error."""

import logging

import orjson
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import PathView
from ninja.renderers import BaseRenderer

from hustings import __version__
from hustings.accounts.views import router as accounts
from hustings.community.views import router as community
from hustings.feed.views import router as feed
from hustings.lib.errors import BusyError, HustingsError, InvalidInputError, SignInNeededError, TooManyRequestsError
from hustings.moderation.views import router as moderation
from hustings.pages.views import router as pages
from hustings.trust.views import router as trust
from hustings.videos.views import router as videos

log = logging.getLogger(__name__)


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson: about ten times faster than the standard library on a page of clips."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: object, *, response_status: int) -> bytes:
        return orjson.dumps(data)


api = NinjaAPI(
    title="Hustings",
    version=__version__,
    renderer=OrjsonRenderer(),
    docs_url=None,  # the interactive page would load scripts from a third party
    openapi_url="/openapi.json",
)


def _share_addresses(*routers: Router) -> None:
    """Let domains answer one address with different methods.

    `DELETE /clips/{id}` is the videos' and `GET` is the pages', but Django asks only the first route that
    matches. The later domain's operations join the earlier one's route, so they say `auth` and `tags`
    themselves.
    """
    routes: dict[str, PathView] = {}
    for router in routers:
        for path, route in list(router.path_operations.items()):
            if path in routes:
                routes[path].operations.extend(route.operations)
                del router.path_operations[path]
            else:
                routes[path] = route


DOMAINS = (trust, accounts, videos, community, feed, moderation, pages)
_share_addresses(*DOMAINS)
for router in DOMAINS:
    api.add_router("", router)


@api.exception_handler(HustingsError)
def refused(request: HttpRequest, error: HustingsError) -> HttpResponse:
    """A refusal, with the header that its status calls for."""
    response = api.create_response(request, error.as_json(), status=error.status)
    if isinstance(error, TooManyRequestsError) and "retry_after" in error.params:
        response.headers["Retry-After"] = str(error.params["retry_after"])
    return response


@api.exception_handler(OperationalError)
def busy(request: HttpRequest, error: OperationalError) -> HttpResponse:
    """The database is locked, full or away: nothing was changed, and trying again is right."""
    log.error("the database does not answer: %s", error)
    return refused(request, BusyError())


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Faults of form, gathered by field; what was sent is not echoed."""
    fields = {
        ".".join(str(part) for part in fault["loc"][2:]) or str(fault["loc"][-1]): str(fault["msg"])
        for fault in error.errors
    }
    return refused(request, InvalidInputError(fields=fields))


@api.exception_handler(AuthenticationError)
def signed_out(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return refused(request, SignInNeededError())


@api.exception_handler(HttpError)
def framework_refusal(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses: a body that is no JSON, a failed CSRF check."""
    code = {400: "invalid_input", 403: "forbidden", 413: "too_large"}.get(error.status_code, "error")
    body = {"code": code, "message": str(error), "hint": "Reload the page and try again."}
    return api.create_response(request, body, status=error.status_code)
