"""Refusals as pages: what went wrong, and what to do about it, in the reader's language."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from hustings.lib.errors import HustingsError, SignInNeededError
from hustings.trust.office import pages

Given = ParamSpec("Given")
View = Callable[Concatenate[HttpRequest, Given], HttpResponseBase]


def answering(view: View[Given]) -> View[Given]:
    """A view whose refusals become pages; who is not signed in is sent to sign in, and comes back."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except SignInNeededError:
            return to_sign_in(request)
        except HustingsError as error:
            return refusal(request, error)

    return answered  # type: ignore[return-value]  # the same call, but `wraps` forgets that `request` has a place


def to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """The client's page for signing in, which leads back here."""
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
    return HttpResponseRedirect(f"/signin?{urlencode({'next': back})}")


def refusal(request: HttpRequest, error: HustingsError) -> HttpResponseBase:
    """A refusal as a page, with the status of the error."""
    lang = pages.language(request)
    message, hint, said = words_for(error, lang)
    details = {"message": message, "hint": hint, "said_in": said, "faults": list(error.fields.values())}
    details |= dict(zip(("onward", "onward_key"), _onward(request, error), strict=True))
    answer = pages.render(request, "office/refusal.html", details, status=error.status)
    if "retry_after" in error.params:
        answer.headers["Retry-After"] = str(error.params["retry_after"])
    return answer


def _onward(request: HttpRequest, error: HustingsError) -> tuple[str, str]:
    """Where to go from here, and what that place is called: to what the hint asks for, else one step back."""
    if error.code == "second_factor_needed":
        return "/settings/security", "office.security"
    if request.path.startswith("/staff/") and request.path != "/staff/" and error.status != 404:
        return "/staff/", "office.staff"
    return "/trust", "office.trust"


def words_for(error: HustingsError, lang: str) -> tuple[str, str, str]:
    """(message, hint, the language they are in): a room's `refused.<code>` and `refused.<code>.hint`, else English."""
    known = pages.words()[lang]
    message, hint = known.get(f"refused.{error.code}"), known.get(f"refused.{error.code}.hint")
    if lang == "en" or message is None or hint is None:
        return error.message, error.hint, "en"
    return message, hint, lang
