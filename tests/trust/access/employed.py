"""People of the staff, and their browsers."""

from __future__ import annotations

from cast import Visitor, person
from hustings.accounts import staff
from hustings.accounts.api import Author
from hustings.trust.access import places
from hustings.trust.access.places import Place

HERE = Place("GB", "GB", "Cwm Council")


def employed(handle: str, name: str, *roles: str) -> Author:
    """Somebody of the staff, who has said where they work from."""
    who = person(handle, name=name)
    for role in roles:
        staff.give(handle, role)
    places.begin(who.id, HERE)
    return who


def at_desk(who: Author) -> Visitor:
    visitor = Visitor(who)
    session = visitor.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "webauthn", "at": 0}]
    session["account_authentication_methods_user"] = str(who.id)
    session.save()
    return visitor
