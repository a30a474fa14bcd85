"""What trust may ask about accounts (see `trust/people.py`)."""

from collections.abc import Iterable

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, reauthenticate_by_password
from allauth.core.internal import ratelimit
from django.http import HttpRequest

from hustings.accounts import api, organisations
from hustings.accounts.models import Account, Membership
from hustings.lib.errors import TooManyRequestsError


class Identity:
    """The one implementation of `People`."""

    def signed_in(self, request: HttpRequest) -> int | None:
        return api.viewer_id(request)

    def fresh(self, request: HttpRequest) -> bool:
        return did_recently_reauthenticate(request)

    def prove(self, request: HttpRequest, password: str) -> bool:
        # The limits of signing in: who has stolen a session must not find out the password here.
        if not ratelimit.consume(request, app="allauth.account", action="reauthenticate", user=request.user):
            raise TooManyRequestsError(params={"retry_after": 60})
        user = request.user
        if not isinstance(user, Account) or not user.has_usable_password() or not user.check_password(password):
            return False
        reauthenticate_by_password(request)
        return True

    def by_handle(self, handle: str) -> int:
        return api.by_handle(handle).id

    def handles(self, ids: Iterable[int]) -> dict[int, str]:
        return dict(Account.objects.filter(pk__in=set(ids)).values_list("pk", "handle"))

    def owned(self, person_id: int, handle: str) -> int:
        return organisations.owned(person_id, handle)

    def organisations(self, person_id: int) -> list[str]:
        return [place.handle for place in organisations.of_person(person_id) if place.role == Membership.Role.OWNER]

    def operates(self, person_id: int) -> bool:
        return Account.objects.filter(pk=person_id, is_active=True, is_operator=True).exists()
