"""The staff of the standing cast: the moderator moderates, Pryderi answers for privacy, Carys audits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cast import Visitor
from hustings.accounts.api import Author
from hustings.trust.access import cases
from trust.access.employed import at_desk, employed


@pytest.fixture
def moderator(db: None) -> Author:
    return employed("meredith", "Meredith Lowe", "moderator")


@pytest.fixture
def officer(db: None) -> Author:
    return employed("pryderi", "Pryderi Bowen", "privacy_officer")


@pytest.fixture
def auditor(db: None) -> Author:
    return employed("carys", "Carys Penry", "auditor")


@pytest.fixture
def guard_dog(db: None) -> Author:
    return employed("gethin", "Gethin Moss", "security")


@pytest.fixture
def case(moderator: Author, stranger: Author) -> str:
    """An open case about the stranger."""
    return cases.start(moderator.id, "moderation", "Reported for spam", stranger.id)


@pytest.fixture
def desk() -> Callable[[Author], Visitor]:
    """The browser of somebody of the staff who signed in with a passkey."""
    return at_desk
