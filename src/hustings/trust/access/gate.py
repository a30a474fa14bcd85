"""Who may enter a staff screen: signed in with a second factor, with a role, from a place that they named.

Strangers find nothing there (404), a wrong role is refused (403). Who somebody is, is found as the product
at work; the screen itself runs as that person, and reads nobody's data outside `access`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from hustings.lib.errors import ForbiddenError, HustingsError, NotFoundError, SignInNeededError
from hustings.trust import scopes
from hustings.trust.access import places
from hustings.trust.access.errors import SecondFactorError, StaffSessionError
from hustings.trust.access.places import Place
from hustings.trust.access.roles import staff
from hustings.trust.access.rules import Role
from hustings.trust.office import pages
from hustings.trust.office.refusals import refusal, to_sign_in
from hustings.trust.people import people

EVERY_ROLE = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Me:
    """Who works at this screen. `place` is None only where one says it."""

    id: int
    handle: str
    roles: frozenset[Role]
    place: Place | None


Screen = Callable[..., HttpResponseBase]
Kept = Callable[..., HttpResponseBase]


def staff_screen(*, roles: frozenset[Role] = EVERY_ROLE, placed: bool = True) -> Callable[[Screen], Kept]:
    """A view `(request, me, …)` under `/staff/` for people with one of `roles`.

    `placed` is whether a staff session must be open, so that what is done carries where from.
    """

    def decorate(screen: Screen) -> Kept:
        @wraps(screen)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                me = _enter(request, roles, placed=placed)
            except SignInNeededError:
                return to_sign_in(request)
            except StaffSessionError:
                back = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
                return HttpResponseRedirect(f"/staff/session?{urlencode({'next': back})}")
            except HustingsError as fault:
                with scopes.service():
                    return refusal(request, fault)
            with scopes.staff(me.id):
                try:
                    return screen(request, me, *args, **kwargs)
                except HustingsError as fault:
                    return refusal(request, fault)

        entered.staff_roles = roles  # type: ignore[attr-defined]  # for the test that tries every screen
        return entered

    return decorate


def _enter(request: HttpRequest, roles: frozenset[Role], *, placed: bool) -> Me:
    with scopes.service():
        account = people().signed_in(request)
        if account is None:
            raise SignInNeededError
        held = staff().roles(account)
        if not held:
            raise NotFoundError
        pages.language(request)  # the reader's own choice, read while it is the product that reads
        if not staff().strong(request):
            raise SecondFactorError
        if not held & roles:
            raise ForbiddenError("Your role does not have this screen.", hint="Ask a colleague whose role it is.")
        place = None
        try:
            place = places.of(account)
        except StaffSessionError:
            if placed:
                raise
        return Me(account, people().handles([account]).get(account, ""), held, place)
