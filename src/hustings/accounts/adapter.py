"""Where allauth asks us: handles, ages, addresses, keys, and what it may say about an account.

Authentication itself is allauth's. These classes only answer its questions, so an upgrade of allauth
changes nothing here unless it asks differently; the tests in tests/accounts go through its HTTP API.
"""

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from allauth.headless.adapter import DefaultHeadlessAdapter
from allauth.headless.internal.restkit.response import ErrorResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import HttpRequest

from hustings.accounts import checks, clients, events, rules, steps
from hustings.accounts.models import Account


class AccountAdapter(DefaultAccountAdapter):
    """Accounts with a handle, an age band and perhaps an address."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "no_mail": "This server cannot send mail, so it does not take addresses.",
        "username_password_mismatch": "The handle or the password is not right.",
        "too_many_login_attempts": "Too many attempts. Wait five minutes, or sign in with a passkey.",
    }

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """A free handle in its kept form. `shallow` asks about the form only."""
        handle = rules.fold_handle(username)
        fault = rules.handle_fault(handle) if shallow else checks.handle_fault(handle)
        if fault:
            raise ValidationError(fault, code="username_taken" if fault == checks.TAKEN else "handle_refused")
        return handle

    def clean_email(self, email: str) -> str:
        """No address is taken that no mail could be sent to."""
        if email and not settings.EMAIL_HOST:
            raise self.validation_error("no_mail")
        return str(super().clean_email(email))

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        """Make the person of a valid sign-up form."""
        assert isinstance(user, Account)
        data = form.cleaned_data
        user.age_band = data["age_band"]
        user.name = data.get("name") or data["username"]
        user.preferences = rules.default_preferences(user.age_band)
        try:
            with transaction.atomic():
                super().save_user(request, user, form, commit=commit)
        except IntegrityError:
            # Somebody took the handle between the check and the insert.
            form.add_error("username", ValidationError(checks.TAKEN, code="username_taken"))
            raise ImmediateHttpResponse(ErrorResponse(request, input=form)) from None
        transaction.on_commit(lambda: events.account_created.send(Account, account_id=user.pk))
        return user

    def get_client_ip(self, request: HttpRequest) -> str:
        """The client as limits count it; no full IPv6 address goes further."""
        return clients.prefix(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth counts failures per handle alone, with which a stranger could shut a person out.
        key = str(super()._get_login_attempts_cache_key(request, **credentials))
        return f"{key}:{clients.prefix(request)}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Allauth's limits, and one for the handle from wherever attempts come."""
        super().pre_authenticate(request, **credentials)
        key = str(credentials.get("username", "")).lower()
        if not ratelimit.consume(request, app="allauth.account", action="login_failed_anywhere", key=key):
            raise self.validation_error("too_many_login_attempts")


class HeadlessAdapter(DefaultHeadlessAdapter):
    """What allauth's answers say about an account: never the database's key."""

    def serialize_user(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Handle, display name, address and whether there is a password; without the id."""
        assert isinstance(user, Account)
        said: dict[str, Any] = super().serialize_user(user)
        said.pop("id", None)
        return said | {"display": user.name or user.handle}


class MFAAdapter(DefaultMFAAdapter):
    """Keys and codes. Passkeys belong to the public address; codes' secrets lie sealed in the table (see steps.py)."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The relying party: the host of HUSTINGS_PUBLIC_URL, whatever host header a request carries."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "localhost", "name": settings.SITE_NAME}

    def encrypt(self, text: str) -> str:
        """Encrypted with a key made from HUSTINGS_SECRET_KEY, until the row says whose it is and `steps` seals it."""
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The counterpart of `encrypt` and of `steps`; earlier keys in SECRET_KEY_FALLBACKS open what they closed."""
        if encrypted_text.startswith(steps.PREFIX):
            return steps.opened(encrypted_text)
        return _box().decrypt(encrypted_text.encode()).decode()


def _box() -> MultiFernet:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.sha256(b"hustings.accounts.mfa\0" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    """Somebody comes from the OpenID Connect provider: all that is taken over is that it is them."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Drop what the provider tells about the person before anything of it is stored."""
        sociallogin.email_addresses = []
        sociallogin.account.extra_data = {}

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, Any]:
        """Nothing is filled in: people choose their own handle."""
        return {}

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> Account:
        """A blank account; the sign-up form fills it."""
        user = sociallogin.user
        assert isinstance(user, Account)
        return user
