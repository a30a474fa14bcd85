"""Signing up with a passkey and no password, no address.

allauth's own sign-up by passkey proves an e-mail address first and makes the account before the key.
Here it is the other way round: what was asked for waits in the session while the device makes the key,
and account and key are written together. The ceremony itself, its challenge, its checks and the
sign-in that follows are allauth's (W3C Web Authentication, level 2).
"""

import struct
from typing import Any

from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.headless.mfa.inputs import CreateWebAuthnInput
from allauth.mfa.webauthn.internal import auth, flows
from django.db import transaction
from django.http import HttpRequest

from hustings.accounts import people
from hustings.accounts.errors import PasskeyRefusedError
from hustings.accounts.models import Account
from hustings.lib import clock
from hustings.lib.errors import TooManyRequestsError

_WAITING = "hustings.passkey_signup"
_MINUTES = 10


def begin(request: HttpRequest, *, handle: str, name: str, age_band: str) -> dict[str, Any]:
    """What the browser needs to make a key: `PublicKeyCredentialCreationOptions`, as JSON.

    TooYoungError and InvalidInputError come before anything is kept.
    """
    if not ratelimit.consume(request, app="allauth.account", action="signup"):
        raise TooManyRequestsError(params={"retry_after": 60})
    account = people.new_person(handle, name=name, age_band=age_band, bio="", trusted=False)
    account.pk = people.reserve_id()
    options = auth.begin_registration(account, passwordless=True)
    request.session[_WAITING] = {
        "id": account.pk,
        "handle": account.handle,
        "name": account.name,
        "age_band": account.age_band,
        "until": clock.now().timestamp() + 60 * _MINUTES,
    }
    request.session.set_expiry(60 * _MINUTES)
    return options


def complete(request: HttpRequest, *, name: str, credential: dict[str, Any]) -> int:
    """Make the account with the key that the device made, and sign in; answers the account's id.

    PasskeyRefusedError when the ceremony does not hold; InvalidInputError when the handle was taken
    meanwhile. Neither leaves anything behind.
    """
    waiting = request.session.pop(_WAITING, None)
    if not waiting or waiting["until"] < clock.now().timestamp():
        raise PasskeyRefusedError
    account = people.new_person(
        waiting["handle"], name=waiting["name"], age_band=waiting["age_band"], bio="", trusted=False
    )
    account.pk = waiting["id"]
    account.set_unusable_password()
    checked = _checked(account, name, credential)
    with transaction.atomic():
        people.save(account)
        authenticator = flows.signup_authenticator(request, account, **checked)
    # The account is known to the browser's keys only now; the session gets its usual life.
    request.session.set_expiry(None)
    flows.perform_passwordless_login(request, authenticator, Login(user=account, signup=True))
    return account.pk


def _checked(account: Account, name: str, credential: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = CreateWebAuthnInput({"name": name[:100], "credential": credential}, user=account)
        if not answer.is_valid():
            raise PasskeyRefusedError
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error) as fault:
        # What a broken or hostile client sends is parsed by a library that says so in many ways.
        raise PasskeyRefusedError from fault
    finally:
        auth.clear_state()  # a challenge is good for one answer
    cleaned = answer.cleaned_data
    return {"name": cleaned["name"], "credential": cleaned["credential"]}
