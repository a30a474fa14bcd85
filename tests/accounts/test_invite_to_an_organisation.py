"""Nobody is made a member: an owner asks, the person says yes or no, and nobody is asked again and again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from cast import Visitor, person
from hustings.accounts import api, invitations
from hustings.accounts.models import Invitation, Membership
from hustings.accounts.rules import INVITATION_STANDS, INVITATIONS_A_DAY, ORGANISATIONS_A_DAY
from hustings.lib import clock

ALL = "/api/v1/organisations"
ASKED = f"{ALL}/council/invitations"
MINE = "/api/v1/me/invitations"
NEWS = "/api/v1/me/notifications"
EDITOR = {"role": "editor"}

Settle = Callable[[], int]
Move = Callable[[datetime], None]


@pytest.fixture
def asked(as_owner: Visitor, stranger: api.Author, organisation: api.Author, settle: Settle) -> None:
    """Siân was asked to be an editor of the council."""
    as_owner.ask("PUT", f"{ASKED}/Sian", EDITOR)
    settle()


def news(who: Visitor) -> list[str]:
    return [item["kind"] for item in who.ask("GET", NEWS)["items"]]


def test_asking_makes_nobody_a_member(as_owner: Visitor, as_stranger: Visitor, asked: None) -> None:
    assert not Membership.objects.filter(person=as_stranger.who.id).exists()
    as_stranger.ask("GET", f"{ALL}/council/members", status=404)
    [one] = as_owner.ask("GET", ASKED)
    assert (one["handle"], one["name"], one["role"]) == ("sian", "Siân Hughes", "editor")
    [offer] = as_stranger.ask("GET", MINE)
    assert (offer["handle"], offer["name"], offer["role"], offer["by"]) == (
        "council",
        "Cwm Council",
        "editor",
        "Olwen Rees",
    )
    assert offer["expires_at"].endswith("Z")


def test_the_person_is_told_once_and_no_more_when_it_is_answered(
    as_stranger: Visitor, asked: None, settle: Settle
) -> None:
    [item] = as_stranger.ask("GET", NEWS)["items"]
    assert item["kind"] == "invited"
    assert [actor["handle"] for actor in item["actors"]] == ["council"]
    as_stranger.ask("DELETE", f"{MINE}/council", status=204)
    settle()
    assert news(as_stranger) == []


def test_accepting(as_owner: Visitor, as_stranger: Visitor, asked: None, settle: Settle) -> None:
    place = {"handle": "council", "name": "Cwm Council", "role": "editor"}
    assert as_stranger.ask("PUT", f"{MINE}/Council") == place
    assert as_stranger.ask("PUT", f"{MINE}/council") == place, "landed, but reported lost: asked again"
    settle()
    assert as_owner.ask("GET", ASKED) == as_stranger.ask("GET", MINE) == []
    assert as_stranger.ask("GET", ALL) == [place]
    assert not Invitation.objects.exists()


def test_accepting_that_is_lost_leaves_it_standing(
    as_stranger: Visitor, asked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: Any, **__: Any) -> Any:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(Membership.objects, "create", lost)
        with pytest.raises(DatabaseError):
            invitations.accept(as_stranger.who.id, "council")
    assert len(as_stranger.ask("GET", MINE)) == 1
    as_stranger.ask("PUT", f"{MINE}/council")


def test_declining_holds_for_as_long_as_it_stood(
    as_owner: Visitor, as_stranger: Visitor, asked: None, moved_clock: Move
) -> None:
    as_stranger.ask("DELETE", f"{MINE}/council", status=204)
    as_stranger.ask("DELETE", f"{MINE}/council", status=204)
    as_stranger.ask("PUT", f"{MINE}/council", status=410)
    said = as_owner.ask("PUT", f"{ASKED}/sian", EDITOR, status=409)
    assert said["code"] == "invitation_declined"
    assert said["params"]["until"]
    moved_clock(clock.now() + INVITATION_STANDS)
    as_owner.ask("PUT", f"{ASKED}/sian", EDITOR)


def test_an_invitation_runs_out_and_is_forgotten(
    as_owner: Visitor, as_stranger: Visitor, asked: None, moved_clock: Move
) -> None:
    from hustings.trust.datamap import retention

    moved_clock(clock.now() + INVITATION_STANDS)
    assert as_stranger.ask("GET", MINE) == as_owner.ask("GET", ASKED) == []
    as_stranger.ask("PUT", f"{MINE}/council", status=410)
    as_stranger.ask("DELETE", f"{MINE}/council", status=410)
    moved_clock(clock.now() + timedelta(minutes=1))
    retention.enforce(retention.rules()["accounts.invitations"])
    assert not Invitation.objects.exists()


def test_taking_it_back(as_owner: Visitor, as_stranger: Visitor, asked: None, settle: Settle) -> None:
    as_owner.ask("DELETE", f"{ASKED}/sian", status=204)
    as_owner.ask("DELETE", f"{ASKED}/sian", status=404)
    settle()
    assert (as_stranger.ask("GET", MINE), news(as_stranger)) == ([], [])
    as_stranger.ask("PUT", f"{MINE}/council", status=410)
    # And again: it stands, but the person is not called a second time.
    as_owner.ask("PUT", f"{ASKED}/sian", EDITOR)
    settle()
    assert (len(as_stranger.ask("GET", MINE)), news(as_stranger)) == (1, [])


def test_asking_again_changes_the_role_and_nothing_else(
    as_owner: Visitor, as_stranger: Visitor, asked: None, settle: Settle
) -> None:
    before = as_stranger.ask("GET", MINE)[0]
    as_owner.ask("PUT", f"{ASKED}/sian", {"role": "analyst"})
    settle()
    assert as_stranger.ask("GET", MINE) == [before | {"role": "analyst"}]
    assert news(as_stranger) == ["invited"]


def test_only_owners_ask(
    as_teammate: Visitor, as_stranger: Visitor, anonymous: Visitor, organisation: api.Author
) -> None:
    for method, address, body in (
        ("GET", ASKED, None),
        ("PUT", f"{ASKED}/meredith", EDITOR),
        ("DELETE", f"{ASKED}/sian", None),
    ):
        as_teammate.ask(method, address, body, status=403)
        as_stranger.ask(method, address, body, status=404)
        anonymous.ask(method, address, body, status=401)
    for method in ("PUT", "DELETE"):
        anonymous.ask(method, f"{MINE}/council", status=401)
        as_stranger.ask(method, f"{MINE}/council", status=410)
        as_stranger.ask(method, f"{MINE}/missing", status=410)


def test_who_cannot_be_asked(as_owner: Visitor, teammate: api.Author, organisation: api.Author) -> None:
    for nobody in ("nobody_here", "council"):
        as_owner.ask("PUT", f"{ASKED}/{nobody}", EDITOR, status=404)
    assert as_owner.ask("PUT", f"{ASKED}/tomos", EDITOR, status=409)["code"] == "already_member"
    as_owner.ask("PUT", f"{ASKED}/tomos", {"role": "king"}, status=422)


def test_a_block_stands_between(as_owner: Visitor, as_stranger: Visitor, organisation: api.Author) -> None:
    as_stranger.ask("PUT", "/api/v1/accounts/council/block")
    as_owner.ask("PUT", f"{ASKED}/sian", EDITOR, status=404)
    assert not Invitation.objects.exists()


def test_an_organisation_asks_at_a_pace(as_owner: Visitor, organisation: api.Author, moved_clock: Move) -> None:
    people = [person(f"villager_{n}") for n in range(INVITATIONS_A_DAY + 1)]
    begun = clock.now()
    moved_clock(begun)
    for one in people[:-1]:
        as_owner.ask("PUT", f"{ASKED}/{one.handle}", EDITOR)
        invitations.decline(one.id, "council")  # an answer makes no room for another call
    said = as_owner.ask("PUT", f"{ASKED}/{people[-1].handle}", EDITOR, status=429)
    assert 86_000 < said["params"]["retry_after"] <= 86_401
    moved_clock(begun + timedelta(days=1))
    as_owner.ask("PUT", f"{ASKED}/{people[-1].handle}", EDITOR)


def test_organisations_are_founded_at_a_pace(as_owner: Visitor, moved_clock: Move) -> None:
    begun = clock.now()
    moved_clock(begun)
    for n in range(ORGANISATIONS_A_DAY):
        as_owner.ask("POST", ALL, {"handle": f"choir_{n}", "name": f"Choir {n}"}, status=201)
    as_owner.ask("POST", ALL, {"handle": "choir_x", "name": "Choir"}, status=429)
    moved_clock(begun + timedelta(days=1))
    as_owner.ask("POST", ALL, {"handle": "choir_x", "name": "Choir"}, status=201)


@pytest.mark.parametrize("fall", ["removed", "demoted", "leaves", "closes"])
def test_who_is_no_owner_any_more_leaves_no_invitation_behind(
    fall: str, as_owner: Visitor, as_stranger: Visitor, organisation: api.Author
) -> None:
    """Else an owner who is shown the door has a friend let in as owner, who shows the others the door."""
    rogue = person("rogue")
    api.add_member(organisation.id, rogue.id, "owner")
    Visitor(rogue).ask("PUT", f"{ASKED}/sian", {"role": "owner"})
    assert as_stranger.ask("GET", MINE)
    if fall == "removed":
        as_owner.ask("DELETE", f"{ALL}/council/members/rogue", status=204)
    elif fall == "demoted":
        as_owner.ask("PUT", f"{ALL}/council/members/rogue", {"role": "editor"})
    elif fall == "leaves":
        Visitor(rogue).ask("DELETE", f"{ALL}/council/members/rogue", status=204)
    else:
        api.close(rogue.id)
    assert as_stranger.ask("GET", MINE) == []
    assert as_owner.ask("GET", ASKED) == []
    as_stranger.ask("PUT", f"{MINE}/council", status=410)
    assert not Membership.objects.filter(person=as_stranger.who.id).exists()
    as_owner.ask("PUT", f"{ASKED}/sian", EDITOR)
    assert as_stranger.ask("PUT", f"{MINE}/council")["role"] == "editor"
