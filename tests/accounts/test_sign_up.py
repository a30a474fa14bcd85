"""A person makes an account: with a password, or with a passkey and nothing else."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.db.models.signals import pre_save

from accounts.softkey import SoftKey
from cast import Visitor
from hustings.accounts import api
from hustings.accounts.clients import NO_ADDRESS
from hustings.accounts.models import Account

SIGNUP = "/_allauth/browser/v1/auth/signup"
BEGIN, COMPLETE = "/api/v1/signup/passkey/begin", "/api/v1/signup/passkey/complete"
PASSWORD = "a long enough phrase"

pytestmark = pytest.mark.django_db


def person(**changes: Any) -> dict[str, Any]:
    return {"username": "Mair_Jones", "password": PASSWORD, "age_band": "18+"} | changes


def test_with_a_password(anonymous: Visitor) -> None:
    answer = anonymous.ask("POST", SIGNUP, person())
    assert answer["data"]["user"]["username"] == "mair_jones"
    assert "id" not in answer["data"]["user"]
    me = anonymous.ask("GET", "/api/v1/me")
    assert me["account"] == {
        "handle": "mair_jones",
        "name": "mair_jones",
        "bio": "",
        "avatar": None,
        "official": False,
        "age_band": "18+",
        "closing_on": None,
        "organisations": [],
    }
    account = Account.objects.get(handle="mair_jones")
    assert account.password.startswith("argon2")


def test_a_name_may_be_given(anonymous: Visitor) -> None:
    anonymous.ask("POST", SIGNUP, person(name="  Mair\u202e   Jones "))
    assert anonymous.ask("GET", "/api/v1/me")["account"]["name"] == "Mair Jones"


def test_a_younger_person_gets_quiet_nights(anonymous: Visitor) -> None:
    anonymous.ask("POST", SIGNUP, person(age_band="13-15"))
    me = anonymous.ask("GET", "/api/v1/me")
    assert (me["account"]["age_band"], me["preferences"]) == ("13-15", {"quiet": True})


def test_under_13_is_refused_kindly_and_nothing_is_kept(anonymous: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    for path in (SIGNUP, BEGIN):
        said = anonymous.ask("POST", path, person(age_band="under_13"), status=400 if path == SIGNUP else 403)
        assert "keep watching" in str(said)
        assert "under_13" in str(said)
        assert "mair" not in str(said).lower()
    assert not Account.objects.exists()
    assert not Session.objects.exists()
    assert "sessionid" not in anonymous.cookies
    assert "mair" not in caplog.text.lower()


@pytest.mark.parametrize("age_band", ["", "12", "2001-01-01", None])
def test_no_other_answer_about_age(anonymous: Visitor, age_band: object) -> None:
    said = anonymous.ask("POST", SIGNUP, person(age_band=age_band), status=400)
    assert [fault["param"] for fault in said["errors"]] == ["age_band"]


@pytest.mark.parametrize(
    "handle",
    ["ab", "a" * 31, "dafydd jones", "dâf", "..dots", "settings", "adm1n", "hustings_official", "", "123"],
)
def test_handles_that_cannot_be(anonymous: Visitor, handle: str) -> None:
    said = anonymous.ask("POST", SIGNUP, person(username=handle), status=400)
    assert [fault["param"] for fault in said["errors"]] == ["username"]
    assert not Account.objects.exists()


def test_a_taken_handle_in_any_case(anonymous: Visitor, stranger: api.Author) -> None:
    said = anonymous.ask("POST", SIGNUP, person(username="SIAN"), status=400)
    assert said["errors"][0]["code"] == "username_taken"


def test_a_handle_taken_in_the_same_moment(anonymous: Visitor) -> None:
    def somebody_is_faster(**_: object) -> None:
        pre_save.disconnect(somebody_is_faster, Account)
        api.create_person("mair_jones")

    pre_save.connect(somebody_is_faster, Account, weak=False)
    said = anonymous.ask("POST", SIGNUP, person(), status=400)
    assert said["errors"][0]["code"] == "username_taken"
    assert "sessionid" not in anonymous.cookies


@pytest.mark.parametrize("lookalike", ["c0uncil", "cou.ncil", "counc1l", "council_official", "the.council"])
def test_a_lookalike_of_an_official_account(anonymous: Visitor, organisation: api.Author, lookalike: str) -> None:
    api.give_official_mark(organisation.id)
    anonymous.ask("POST", SIGNUP, person(username=lookalike), status=400)
    anonymous.ask("POST", SIGNUP, person(name="Cwm Соuncil"), status=400)  # Cyrillic letters


def test_people_may_speak_about_an_official_account(anonymous: Visitor, organisation: api.Author) -> None:
    api.give_official_mark(organisation.id)
    anonymous.ask("POST", SIGNUP, person(username="council_watchers"))


@pytest.mark.parametrize("password", ["short", "passwordpassword"[:8], "mair_jones1", ""])
def test_weak_passwords(anonymous: Visitor, password: str) -> None:
    said = anonymous.ask("POST", SIGNUP, person(password=password), status=400)
    assert {fault["param"] for fault in said["errors"]} == {"password"}


def test_an_address_is_refused_where_no_mail_can_be_sent(anonymous: Visitor, settings: Any) -> None:
    said = anonymous.ask("POST", SIGNUP, person(email="mair@example.org"), status=400)
    assert said["errors"][0]["code"] == "no_mail"


def test_an_address_is_taken_where_mail_can_be_sent(anonymous: Visitor, settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_HOST, settings.ACCOUNT_EMAIL_VERIFICATION = "mail.example", "optional"
    anonymous.ask("POST", SIGNUP, person(email="Mair@example.org"))
    assert mailoutbox[0].to == ["mair@example.org"]
    assert "/verify-email/" in mailoutbox[0].body


def test_signing_up_is_limited(anonymous: Visitor) -> None:
    for _ in range(20):
        anonymous.ask("POST", SIGNUP, person(username="x"), status=400)
    anonymous.ask("POST", SIGNUP, person(), status=429)


def test_no_address_of_a_client_is_readable_in_the_database(anonymous: Visitor) -> None:
    anonymous.ask("POST", SIGNUP, person(), HTTP_USER_AGENT="x")
    cache.set("probe", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM hustings_cache")
        keys = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT ip, user_agent FROM usersessions_usersession")
        sessions = [(str(ip), agent) for ip, agent in cursor.fetchall()]
    assert keys
    assert not [key for key in keys if "127.0.0.1" in key]
    assert sessions == [(NO_ADDRESS, "Another program")]


# --- With a passkey ---------------------------------------------------------------------------------


def begin(visitor: Visitor, **changes: Any) -> dict[str, Any]:
    body = {"username": "gwenno", "age_band": "16-17"} | changes
    return visitor.ask("POST", BEGIN, body)["creation_options"]


def test_with_a_passkey_and_nothing_else(anonymous: Visitor) -> None:
    key = SoftKey()
    options = begin(anonymous)
    assert options["publicKey"]["rp"]["id"] == "localhost"
    assert options["publicKey"]["authenticatorSelection"]["userVerification"] == "required"
    assert options["publicKey"]["authenticatorSelection"]["residentKey"] == "required"
    assert not Account.objects.exists()
    me = anonymous.ask("POST", COMPLETE, {"credential": key.create(options), "name": "Phone"}, status=201)
    assert me["account"]["handle"] == "gwenno"
    assert anonymous.ask("GET", "/api/v1/me")["account"]["age_band"] == "16-17"
    assert Authenticator.objects.get().wrap().name == "Phone"

    elsewhere = Visitor()
    asked = elsewhere.ask("GET", "/_allauth/browser/v1/auth/webauthn/login")["data"]["request_options"]
    signed = elsewhere.ask("POST", "/_allauth/browser/v1/auth/webauthn/login", {"credential": key.get(asked)})
    assert signed["meta"]["is_authenticated"]
    assert elsewhere.ask("GET", "/api/v1/me")["account"]["handle"] == "gwenno"


def test_a_passkey_where_mail_can_be_sent(anonymous: Visitor, settings: Any, mailoutbox: list[Any]) -> None:
    settings.EMAIL_HOST, settings.ACCOUNT_EMAIL_VERIFICATION = "mail.example", "optional"
    anonymous.ask("POST", COMPLETE, {"credential": SoftKey().create(begin(anonymous))}, status=201)
    assert not mailoutbox


@pytest.mark.parametrize(
    "key",
    [SoftKey("http://elsewhere.example"), SoftKey("https://localhost.evil.example"), SoftKey(verified=False)],
    ids=["another origin", "a name that begins alike", "nobody's finger was checked"],
)
def test_a_key_that_does_not_hold(anonymous: Visitor, key: SoftKey) -> None:
    said = anonymous.ask("POST", COMPLETE, {"credential": key.create(begin(anonymous))}, status=400)
    assert said["code"] == "passkey_refused"
    assert not Account.objects.exists()


def test_an_answer_to_another_challenge(anonymous: Visitor) -> None:
    old = begin(anonymous)
    begin(anonymous)
    anonymous.ask("POST", COMPLETE, {"credential": SoftKey().create(old)}, status=400)


def test_an_answer_counts_once(anonymous: Visitor) -> None:
    credential = SoftKey().create(begin(anonymous))
    anonymous.ask("POST", COMPLETE, {"credential": credential}, status=201)
    Visitor().ask("POST", COMPLETE, {"credential": credential}, status=400)


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 1},
        {"response": []},
        {"id": "a", "rawId": "!", "type": "public-key", "response": {}},
        {"type": "x"},
    ],
)
def test_what_is_no_key_at_all(anonymous: Visitor, credential: object) -> None:
    begin(anonymous)
    anonymous.ask("POST", COMPLETE, {"credential": credential}, status=400)
    assert not Account.objects.exists()


@pytest.mark.parametrize("part", ["attestationObject", "clientDataJSON"])
@pytest.mark.parametrize("noise", ["", "AAAA", "oA", "_" * 500])
def test_a_key_with_broken_parts(anonymous: Visitor, part: str, noise: str) -> None:
    credential = SoftKey().create(begin(anonymous))
    credential["response"][part] = noise
    anonymous.ask("POST", COMPLETE, {"credential": credential}, status=400)
    assert not Account.objects.exists()


def test_a_passkey_without_a_beginning(anonymous: Visitor) -> None:
    anonymous.ask("POST", COMPLETE, {"credential": {}}, status=400)


def test_the_handle_is_taken_while_the_key_is_made(anonymous: Visitor) -> None:
    options = begin(anonymous)
    api.create_person("gwenno")
    said = anonymous.ask("POST", COMPLETE, {"credential": SoftKey().create(options)}, status=422)
    assert said["fields"].keys() == {"handle"}
    assert not Authenticator.objects.exists()


def test_other_sites_cannot_begin() -> None:
    strict = Visitor(enforce_csrf_checks=True)
    assert strict.ask("POST", BEGIN, {"username": "gwenno", "age_band": "18+"}, status=403)["code"] == "csrf"
    strict.ask("GET", "/api/v1/me/csrf")
    token = strict.cookies["csrftoken"].value
    strict.ask("POST", BEGIN, {"username": "gwenno", "age_band": "18+"}, X_CSRFToken=token)
