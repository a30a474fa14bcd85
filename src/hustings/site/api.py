"""The JSON API: every domain's router in one place, and one form for every error."""

import re
from collections.abc import Callable

import orjson
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import PathView
from ninja.renderers import BaseRenderer

from hustings import __version__
from hustings.accounts.views import router as accounts
from hustings.community.views import router as community
from hustings.feed.views import router as feed
from hustings.lib.errors import HustingsError, InvalidInputError, SignInNeededError, TooManyRequestsError
from hustings.moderation.views import router as moderation
from hustings.pages.views import router as pages
from hustings.videos.views import router as videos


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


DOMAINS = (accounts, videos, community, feed, moderation, pages)
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


View = Callable[..., HttpResponse]


def _shared(views: list[View]) -> View:
    """The views of one path, one after the other until one knows the method."""

    def view(request: HttpRequest, **found: str) -> HttpResponse:
        for one in views[:-1]:
            response = one(request, **found)
            if response.status_code != 405:
                return response
        return views[-1](request, **found)

    view.csrf_exempt = True  # type: ignore[attr-defined]  # as ninja's own: `signed_in` checks the token
    return view


def patterns() -> list[URLPattern]:
    """The API's addresses, each path once.

    ninja makes a view for every router that has a path, and Django asks only the first: the PATCH of a
    clip, which videos answers, would hide its GET, which pages answers. Domains that share a path must
    name its parameters alike.
    """
    views: dict[str, list[View]] = {}
    names: dict[str, str | None] = {}
    for pattern in api.urls[0]:
        route = str(pattern.pattern)
        names.setdefault(route, pattern.name)
        known = views.setdefault(route, [])
        if pattern.callback not in known:
            known.append(pattern.callback)
    shapes = [re.sub("<[^>]*>", "<>", route) for route in views]
    if len(set(shapes)) != len(shapes):
        raise RuntimeError("Two domains name the parameters of one path differently.")
    return [
        path(route, found[0] if len(found) == 1 else _shared(found), name=names[route])
        for route, found in views.items()
    ]
