"""People found an organisation, share it, and hand it on."""

import pytest

from cast import Visitor, person
from hustings.accounts import api

ALL = "/api/v1/organisations"
COUNCIL = f"{ALL}/council"


def test_founding(as_stranger: Visitor) -> None:
    said = as_stranger.ask("POST", ALL, {"handle": "Cwm_Radio", "name": "Cwm Radio"}, status=201)
    assert said == {"handle": "cwm_radio", "name": "Cwm Radio", "role": "owner"}
    assert as_stranger.ask("GET", ALL) == [said]
    assert as_stranger.ask("GET", "/api/v1/me")["account"]["organisations"] == [said | {"closing_on": None}]
    assert api.by_handle("cwm_radio").organisation


def test_minors_do_not_found(db: None) -> None:
    Visitor(person("ifan", age_band="16-17")).ask("POST", ALL, {"handle": "cwm", "name": "Cwm"}, status=403)


def test_every_fault_is_named(as_stranger: Visitor, organisation: api.Author) -> None:
    body = {"handle": "c0uncil", "name": "✓", "bio": "a" * 301}
    assert as_stranger.ask("POST", ALL, body, status=422)["fields"].keys() == {"handle", "name", "bio"}


def test_a_handle_is_given_once(as_stranger: Visitor, organisation: api.Author) -> None:
    as_stranger.ask("POST", ALL, {"handle": "Council", "name": "Mine"}, status=422)


def test_signed_out(anonymous: Visitor) -> None:
    anonymous.ask("POST", ALL, {"handle": "cwm", "name": "Cwm"}, status=401)


def test_members_are_for_members(as_teammate: Visitor, as_stranger: Visitor, organisation: api.Author) -> None:
    assert as_teammate.ask("GET", f"{COUNCIL}/members") == [
        {"handle": "olwen", "name": "Olwen Rees", "role": "owner"},
        {"handle": "tomos", "name": "Tomos Vaughan", "role": "editor"},
    ]
    as_stranger.ask("GET", f"{COUNCIL}/members", status=404)
    as_stranger.ask("GET", f"{ALL}/missing/members", status=404)


def test_only_owners_decide_who_may_what(
    as_owner: Visitor, as_teammate: Visitor, as_stranger: Visitor, organisation: api.Author
) -> None:
    change = {"role": "analyst"}
    as_teammate.ask("PUT", f"{COUNCIL}/members/tomos", change, status=403)
    as_stranger.ask("PUT", f"{COUNCIL}/members/tomos", change, status=404)
    assert as_owner.ask("PUT", f"{COUNCIL}/members/Tomos", change)["role"] == "analyst"
    for nobody in ("sian", "nobody_here", "council"):
        as_owner.ask("PUT", f"{COUNCIL}/members/{nobody}", change, status=404)
    as_owner.ask("PUT", f"{COUNCIL}/members/tomos", {"role": "king"}, status=422)


def test_roles_are_ranked(stranger: api.Author, organisation: api.Author) -> None:
    api.add_member(organisation.id, stranger.id, "analyst")
    assert api.may_act_for(stranger.id, organisation.id, "analyst")
    assert not api.may_act_for(stranger.id, organisation.id, "editor")
    assert not api.may_act_for(None, organisation.id, "analyst")


def test_the_last_owner_stays(as_owner: Visitor, as_teammate: Visitor, organisation: api.Author) -> None:
    as_owner.ask("DELETE", f"{COUNCIL}/members/olwen", status=409)
    as_owner.ask("PUT", f"{COUNCIL}/members/olwen", {"role": "editor"}, status=409)
    as_owner.ask("PUT", f"{COUNCIL}/members/tomos", {"role": "owner"})
    as_owner.ask("DELETE", f"{COUNCIL}/members/olwen", status=204)
    as_owner.ask("GET", f"{COUNCIL}/members", status=404)
    assert [one["handle"] for one in as_teammate.ask("GET", f"{COUNCIL}/members")] == ["tomos"]


def test_leaving(as_teammate: Visitor, organisation: api.Author) -> None:
    as_teammate.ask("DELETE", f"{COUNCIL}/members/olwen", status=403)
    as_teammate.ask("DELETE", f"{COUNCIL}/members/tomos", status=204)
    as_teammate.ask("DELETE", f"{COUNCIL}/members/tomos", status=404)


def test_its_page_is_the_owners_to_change(
    as_owner: Visitor, as_teammate: Visitor, as_stranger: Visitor, organisation: api.Author
) -> None:
    as_teammate.ask("PATCH", COUNCIL, {"bio": "x"}, status=403)
    as_stranger.ask("PATCH", COUNCIL, {"bio": "x"}, status=404)
    as_owner.ask("PATCH", COUNCIL, {"bio": "Meetings and minutes."}, status=204)
    assert api.profile("council").bio == "Meetings and minutes."


def test_the_official_mark(owner: api.Author) -> None:
    person("the_c0uncil", name="Somebody")
    council = api.create_organisation(owner.id, "council", "Cwm Council")
    assert api.give_official_mark(council) == ["the_c0uncil"]
    assert api.by_handle("council").official
    api.give_official_mark(council, given=False)
    assert not api.by_handle("council").official


@pytest.mark.parametrize("text", ["", "@", "zzz"])
def test_a_search_that_finds_nothing(text: str, organisation: api.Author) -> None:
    assert api.search(text) == ([], None)


def test_search(organisation: api.Author, stranger: api.Author) -> None:
    api.give_official_mark(organisation.id)
    loud = person("councillor_jones").id
    assert api.search("council") == ([organisation.id, loud], None)
    assert api.search("@Council", limit=1) == ([organisation.id], 1)
    assert api.search("council", limit=1, offset=1) == ([loud], None)
    assert api.search("hughes") == ([stranger.id], None)
