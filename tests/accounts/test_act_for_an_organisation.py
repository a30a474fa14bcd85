"""A person acts for an organisation they belong to."""

import pytest

from hustings.accounts import api
from hustings.accounts.api import Author
from hustings.lib.errors import ForbiddenError, NotFoundError


def test_the_editor_acts_as_the_organisation(teammate: Author, organisation: Author) -> None:
    assert api.acting_as(teammate.id, "Council") == organisation.id
    assert api.may_act_for(teammate.id, organisation.id)


def test_the_wrong_right_is_forbidden(teammate: Author, organisation: Author) -> None:
    with pytest.raises(ForbiddenError):
        api.acting_as(teammate.id, "council", need="owner")


def test_a_stranger_learns_nothing(stranger: Author, organisation: Author) -> None:
    with pytest.raises(NotFoundError):
        api.acting_as(stranger.id, "council")
    assert not api.may_act_for(stranger.id, organisation.id, "analyst")


def test_everybody_acts_for_themselves(stranger: Author) -> None:
    assert api.acting_as(stranger.id, None) == stranger.id
    assert api.acting_as(stranger.id, "@sian") == stranger.id
