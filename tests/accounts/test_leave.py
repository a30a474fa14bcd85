"""A person closes their account over HTTP: locked at once, then erased. How, is in tests/trust/closure."""

from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.softkey import SoftKey
from accounts.test_edit_a_profile import picture, put
from cast import Visitor
from hustings.accounts import api, events
from hustings.accounts.models import Account, Membership
from hustings.lib.errors import NotFoundError

ME = "/api/v1/me"
ROOT = "/_allauth/browser/v1"
PASSWORD = "a long enough phrase"


@pytest.fixture
def mair(db: None) -> Visitor:
    """Somebody with everything an account can have."""
    visitor, key = Visitor(), SoftKey()
    api.create_person("mair", password=PASSWORD)
    visitor.ask("POST", f"{ROOT}/auth/login", {"username": "mair", "password": PASSWORD})
    prove(visitor)
    path = f"{ROOT}/account/authenticators/webauthn"
    options = visitor.ask("GET", f"{path}?passwordless")["data"]["creation_options"]
    visitor.ask("POST", path, {"name": "Key", "credential": key.create(options)})
    EmailAddress.objects.create(user_id=Account.objects.get(handle="mair").pk, email="mair@example.org")
    put(visitor, picture())
    return visitor


def prove(visitor: Visitor) -> None:
    visitor.ask("POST", f"{ROOT}/auth/reauthenticate", {"password": PASSWORD})


def test_everything_goes(mair: Visitor, media_root: Path, settle: Callable[[], int]) -> None:
    closing: list[int] = []

    def hear(account_id: int, **_: object) -> None:
        closing.append(account_id)

    events.account_closing.connect(hear)
    gone = Account.objects.get(handle="mair").pk
    left = mair.delete(ME)
    assert left.status_code == 204
    assert left["Location"].startswith("/trust/closing/")
    assert mair.ask("GET", ME)["account"] is None
    with pytest.raises(NotFoundError):
        api.by_handle("mair")
    assert not api.authors([gone])[gone].active
    assert not UserSession.objects.exists()
    assert not Session.objects.exists()

    settle()
    assert closing[0] == gone
    assert len(closing) >= 2, "announced again by the machine, which insists"
    for model in (Account, Authenticator, EmailAddress, Membership):
        assert not model.objects.exists()
    assert not list((media_root / "avatars").iterdir())


def test_a_fresh_proof_is_asked_for(as_stranger: Visitor, db: None) -> None:
    visitor = Visitor()
    api.create_person("mair", password=PASSWORD)
    visitor.ask("POST", f"{ROOT}/auth/login", {"username": "mair", "password": PASSWORD})
    assert visitor.ask("DELETE", ME, status=401)["code"] == "reauthentication_needed"
    assert visitor.ask("GET", ME)["account"]
    prove(visitor)
    visitor.ask("DELETE", ME, status=204)


def test_the_signed_out_close_nothing(anonymous: Visitor) -> None:
    anonymous.ask("DELETE", ME, status=401)


def test_the_last_owner_hands_over_first(organisation: api.Author, owner: api.Author, teammate: api.Author) -> None:
    from hustings.accounts import organisations
    from hustings.accounts.errors import LastOwnerError

    with pytest.raises(LastOwnerError) as refused:
        api.close(owner.id)
    assert refused.value.params == {"organisation": "council"}
    assert api.by_handle("olwen").active
    organisations.set_role(owner.id, "council", "tomos", "owner")
    api.close(owner.id)
    assert api.may_act_for(teammate.id, organisation.id, "owner")


def test_closing_an_organisation(organisation: api.Author, teammate: api.Author, settle: Callable[[], int]) -> None:
    api.close(organisation.id)
    assert not api.may_act_for(teammate.id, organisation.id)
    with pytest.raises(NotFoundError):
        api.acting_as(teammate.id, "council")
    settle()
    assert not Account.objects.filter(handle="council").exists()
    assert api.by_handle("tomos").active


def test_closing_twice_is_closing_once(stranger: api.Author) -> None:
    from hustings.trust.closure.errors import ClosingAlreadyError

    api.close(stranger.id)
    since = Account.objects.get(pk=stranger.id).closing_since
    with pytest.raises(ClosingAlreadyError):
        api.close(stranger.id)
    assert Account.objects.get(pk=stranger.id).closing_since == since
