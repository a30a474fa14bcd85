"""A person signs in, proves more when they asked for it, and sees and ends their sessions."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.softkey import SoftKey
from cast import Visitor
from hustings.accounts import api
from hustings.accounts.clients import NO_ADDRESS

ROOT = "/_allauth/browser/v1"
PASSWORD = "a long enough phrase"

pytestmark = pytest.mark.django_db


@pytest.fixture
def mair() -> int:
    return api.create_person("mair", password=PASSWORD)


def login(visitor: Visitor, handle: str = "mair", password: str = PASSWORD, *, status: int = 200, **more: str) -> Any:
    return visitor.ask("POST", f"{ROOT}/auth/login", {"username": handle, "password": password}, status=status, **more)


def test_works(mair: int, anonymous: Visitor) -> None:
    login(anonymous, "Mair")
    assert anonymous.ask("GET", "/api/v1/me")["account"]["handle"] == "mair"
    cookie = anonymous.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    anonymous.ask("DELETE", f"{ROOT}/auth/session", status=401)
    assert anonymous.ask("GET", "/api/v1/me")["account"] is None


def test_a_wrong_password_and_a_missing_person_look_alike(mair: int, organisation: api.Author) -> None:
    said = [
        login(Visitor(), handle, "not the right phrase", status=400)["errors"]
        for handle in ("mair", "nobody_here", "council")
    ]
    assert said[0] == said[1] == said[2]
    assert said[0][0]["code"] == "username_password_mismatch"


def test_guessing_is_stopped_for_the_guesser_alone(mair: int) -> None:
    for _ in range(5):
        login(Visitor(), password="a guess at the phrase", status=400)
    said = login(Visitor(), status=400)
    assert said["errors"][0]["code"] == "too_many_login_attempts"
    login(Visitor(REMOTE_ADDR="203.0.113.7"))


def test_guessing_from_everywhere_is_stopped_too(mair: int, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login_failed_anywhere": "3/h/key"}
    for host in range(3):
        login(Visitor(REMOTE_ADDR=f"203.0.113.{host}"), password="a guess", status=400)
    said = login(Visitor(REMOTE_ADDR="203.0.113.99"), status=400)
    assert said["errors"][0]["code"] == "too_many_login_attempts"


def test_a_forged_address_does_not_help(mair: int) -> None:
    for turn in range(5):
        login(Visitor(), password="a guess", status=400, X_Forwarded_For=f"198.51.100.{turn}")
    login(Visitor(), status=400, X_Forwarded_For="198.51.100.77")


def test_behind_a_declared_proxy_the_address_counts(mair: int, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for turn in range(5):
        login(Visitor(), password="a guess", status=400, X_Forwarded_For=f"1.1.1.{turn}, 198.51.100.1")
    login(Visitor(), status=400, X_Forwarded_For="9.9.9.9, 198.51.100.1")
    login(Visitor(), X_Forwarded_For="9.9.9.9, 198.51.100.2")


def test_a_declared_proxy_that_says_nothing_is_no_error(mair: int, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    login(Visitor(), X_Forwarded_For="198.51.100.1")


def test_other_sites_cannot_sign_anybody_in(mair: int) -> None:
    strict = Visitor(enforce_csrf_checks=True)
    strict.post(f"{ROOT}/auth/login", {"username": "mair", "password": PASSWORD}, content_type="application/json")
    assert "sessionid" not in strict.cookies
    strict.ask("GET", "/api/v1/me/csrf")
    login(strict, X_CSRFToken=strict.cookies["csrftoken"].value)


def test_watching_gives_no_cookie(anonymous: Visitor) -> None:
    assert anonymous.ask("GET", "/api/v1/me") == {"account": None, "preferences": {}, "unread": 0}
    assert not anonymous.cookies


def test_who_asks_costs_two_queries(mair: int, anonymous: Visitor) -> None:
    login(anonymous)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        anonymous.ask("GET", "/api/v1/organisations")
    assert len(seen) == 3, "session, account, and the answer itself"
    with CaptureQueriesContext(connection) as seen:
        Visitor().ask("GET", "/api/v1/me")
    assert len(seen) == 0


def test_a_new_password_ends_the_other_sessions(mair: int) -> None:
    here, there = Visitor(), Visitor()
    login(here), login(there)
    change = {"current_password": PASSWORD, "new_password": "another long phrase"}
    here.ask("POST", f"{ROOT}/account/password/change", change)
    assert here.ask("GET", "/api/v1/me")["account"]
    assert there.ask("GET", "/api/v1/me")["account"] is None


def test_sessions_are_listed_and_ended(mair: int) -> None:
    here, there = Visitor(), Visitor()
    login(here, User_Agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    login(there)
    rows = here.ask("GET", f"{ROOT}/auth/sessions")["data"]
    assert {(row["user_agent"], row["ip"], row["is_current"]) for row in rows} == {
        ("Firefox on Linux", NO_ADDRESS, True),
        ("Another program", NO_ADDRESS, False),
    }
    other = [row["id"] for row in rows if not row["is_current"]]
    here.ask("DELETE", f"{ROOT}/auth/sessions", {"sessions": other})
    assert there.ask("GET", "/api/v1/me")["account"] is None


def test_a_stranger_cannot_end_ones_sessions(mair: int, as_stranger: Visitor) -> None:
    here = Visitor()
    login(here)
    row = here.ask("GET", f"{ROOT}/auth/sessions")["data"][0]
    as_stranger.ask("DELETE", f"{ROOT}/auth/sessions", {"sessions": [row["id"]]}, status=400)
    assert here.ask("GET", "/api/v1/me")["account"]


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_code_as_the_second_step(mair: int) -> None:
    here = Visitor()
    login(here)
    here.ask("POST", f"{ROOT}/auth/reauthenticate", {"password": PASSWORD})
    asked = here.ask("GET", f"{ROOT}/account/authenticators/totp", status=404)["meta"]
    assert "Hustings" in asked["totp_url"]
    here.ask("POST", f"{ROOT}/account/authenticators/totp", {"code": _code(asked["secret"])})
    kept = str(Authenticator.objects.get(type="totp").data)
    assert asked["secret"] not in kept, "the table alone opens nothing"
    assert f"sealed:{mair}:" in kept, "nor do the table and the server's secret key"
    here.ask("POST", f"{ROOT}/auth/reauthenticate", {"password": PASSWORD})
    codes = here.ask("GET", f"{ROOT}/account/authenticators/recovery-codes")["data"]["unused_codes"]
    assert f"sealed:{mair}:" in str(Authenticator.objects.get(type="recovery_codes").data)

    there = Visitor()
    pending = login(there, status=401)["data"]["flows"]
    assert [flow["id"] for flow in pending if flow.get("is_pending")] == ["mfa_authenticate"]
    assert there.ask("GET", "/api/v1/me")["account"] is None
    there.ask("POST", f"{ROOT}/auth/2fa/authenticate", {"code": "000000"}, status=400)
    there.ask("POST", f"{ROOT}/auth/2fa/authenticate", {"code": codes[0]})
    assert there.ask("GET", "/api/v1/me")["account"]


def test_a_passkey_is_added_and_signs_in(mair: int) -> None:
    here, key = Visitor(), SoftKey()
    login(here)
    path = f"{ROOT}/account/authenticators/webauthn"
    here.ask("GET", f"{path}?passwordless", status=401)  # a new key wants a fresh proof
    here.ask("POST", f"{ROOT}/auth/reauthenticate", {"password": PASSWORD})
    options = here.ask("GET", f"{path}?passwordless")["data"]["creation_options"]
    here.ask("POST", path, {"name": "Laptop", "credential": key.create(options), "passwordless": True})
    there = Visitor()
    asked = there.ask("GET", f"{ROOT}/auth/webauthn/login")["data"]["request_options"]
    there.ask("POST", f"{ROOT}/auth/webauthn/login", {"credential": key.get(asked)})
    assert there.ask("GET", "/api/v1/me")["account"]["handle"] == "mair"
    asked = Visitor().ask("GET", f"{ROOT}/auth/webauthn/login")["data"]["request_options"]
    Visitor().ask("POST", f"{ROOT}/auth/webauthn/login", {"credential": key.get(asked)}, status=400)


def test_what_the_sign_in_page_offers(anonymous: Visitor, settings: Any) -> None:
    assert anonymous.ask("GET", "/api/v1/sign-in") == {"mail": False, "providers": []}
    settings.EMAIL_HOST, settings.OIDC_URL, settings.OIDC_NAME = "mail.example", "https://id.example", "Cwm staff"
    said = anonymous.ask("GET", "/api/v1/sign-in")
    assert said == {"mail": True, "providers": [{"id": "oidc", "name": "Cwm staff"}]}
    assert not anonymous.cookies


def test_a_forgotten_password(mair: int, settings: Any, mailoutbox: list[Any]) -> None:
    path = f"{ROOT}/auth/password/request"
    said = Visitor().ask("POST", path, {"email": "mair@example.org"}, status=400)
    assert said["errors"][0]["code"] == "no_mail"

    settings.EMAIL_HOST = "mail.example"
    here = Visitor()
    login(here)
    # An open session alone cannot add an address: whoever found it open could then take the account by mail.
    here.ask("POST", f"{ROOT}/account/email", {"email": "thief@example.org"}, status=401)
    here.ask("POST", f"{ROOT}/auth/reauthenticate", {"password": PASSWORD})
    here.ask("POST", f"{ROOT}/account/email", {"email": "mair@example.org"})
    mailoutbox.clear()
    anyone = Visitor()
    anyone.ask("POST", path, {"email": "mair@example.org"})
    link = next(word for word in mailoutbox[0].body.split() if "/reset-password/" in word)
    key = link.rpartition("/")[2]
    anyone.ask("POST", f"{ROOT}/auth/password/reset", {"key": key, "password": "another long phrase"}, status=401)
    assert here.ask("GET", "/api/v1/me")["account"] is None
    login(Visitor(), password="another long phrase")
    # Somebody unknown gets the same answer.
    anyone.ask("POST", path, {"email": "nobody@example.org"})


def test_a_closed_account_cannot_sign_in(mair: int) -> None:
    here = Visitor()
    login(here)
    api.close(mair)
    assert here.ask("GET", "/api/v1/me")["account"] is None
    login(Visitor(), status=401)
    login(Visitor(), password="a guess at the phrase", status=400)
