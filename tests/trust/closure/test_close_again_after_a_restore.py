"""A database of before the closure comes back: the account is closed again before anything is served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cast import Visitor
from hustings.accounts import organisations
from hustings.accounts.api import Author
from hustings.accounts.models import Account, Membership
from hustings.trust.api import Wish, ask_to_close, closed_notice, closed_since, replay
from hustings.trust.closure import journal
from hustings.trust.closure.models import ClosedAccount, Closure
from hustings.trust.keys import is_erased
from hustings.videos.models import Video
from trust.closure.living import finish, live

Settle = Callable[[], int]


@pytest.fixture
def restored(owner: Author, stranger: Author, moderator: Author, settle: Settle) -> dict[str, Any]:
    """Somebody who is there again, as an old database has them, and the journal that knows better.

    The journal is written by a real closure of somebody else and renamed to the one who came back: a database cannot be
    put back inside a test's transaction. The whole way with real files is in tests/trust/backup.
    """
    finish(ask_to_close(moderator.id, Wish(words="Bye", link="https://example.org/")), settle)
    [closed] = journal.every()
    ClosedAccount.objects.all().delete()
    for path in journal.folder().iterdir():
        path.unlink()
    note = closed.note.replace("meredith", owner.handle)
    journal.write(
        journal.Closed(
            owner.id, owner.handle, owner.handle, "", closed.kind, closed.words, closed.link, closed.closed_at, note
        )
    )
    other = Author(stranger.id, stranger.handle, "", official=False, organisation=False, avatar=None)
    live(owner, stranger, other)
    settle()
    return {"owner": owner, "note": note}


def test_it_is_erased_again_and_its_notice_stands(restored: dict[str, Any], settle: Settle) -> None:
    owner: Author = restored["owner"]
    [done] = replay(closed_since())
    assert (done.subject, done.was_there, dict(done.left)) == (owner.id, True, {})
    assert not Account.objects.filter(pk=owner.id).exists()
    assert not Video.objects.filter(author=owner.id).exists()
    assert is_erased(owner.id)
    notice = closed_notice(owner.handle)
    assert (notice.words, notice.note) == ("Bye", restored["note"]), "as people have read it, signature and all"
    assert Visitor().get(f"/@{owner.handle}").status_code == 410
    [again] = replay(closed_since())
    assert (again.was_there, dict(again.left)) == (False, {})


def test_a_closure_that_was_cooling_then_is_done_now(restored: dict[str, Any]) -> None:
    owner: Author = restored["owner"]
    ask_to_close(owner.id, Wish(days=7))
    list(replay([owner.id]))
    assert not Closure.objects.filter(subject=owner.id).exists()


def test_the_last_owner_of_then_goes_all_the_same(
    restored: dict[str, Any], organisation: Author, owner: Author, teammate: Author
) -> None:
    """Somebody was made an owner after the backup, and is not one in it: the promise to who left is the older one."""
    assert organisations.of_person(owner.id)
    [done] = replay([owner.id])
    assert done.left == {}
    assert not Membership.objects.filter(person=owner.id).exists()


def test_accounts_that_were_never_here_are_no_trouble(db: None) -> None:
    [done] = replay([4711])
    assert (done.was_there, dict(done.left)) == (False, {})
    assert closed_since() == []
