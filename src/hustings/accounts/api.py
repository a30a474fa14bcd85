"""The front door of accounts: who somebody is, what they may do, and how accounts come and go.

Other domains import this file, `events` and `errors`, nothing else. Ids in, ids and small frozen
dataclasses out; models stay inside.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest
from ninja.security import SessionAuth
from ninja.utils import check_csrf

from hustings.accounts import avatars, checks, clients, closing, events, invitations, people
from hustings.accounts.errors import CsrfError
from hustings.accounts.models import Account, Membership
from hustings.accounts.profiles import own, set_picture
from hustings.accounts.rules import ORGANISATIONS_A_DAY
from hustings.lib import clock
from hustings.lib.errors import ForbiddenError, NotFoundError, TooManyRequestsError
from hustings.trust import api as trust

__all__ = [
    "NOBODY",
    "Author",
    "Profile",
    "acting_as",
    "active_ids",
    "add_member",
    "age_band",
    "asker",
    "authors",
    "by_handle",
    "client_prefix",
    "close",
    "create_organisation",
    "create_person",
    "give_official_mark",
    "hold",
    "ids_by_handle",
    "may_act_for",
    "me",
    "own",
    "profile",
    "profiles",
    "register_invitation_refusal",
    "register_unread",
    "search",
    "set_picture",
    "signed_in",
    "unread",
    "viewer_id",
    "writer_id",
]

_AUTHOR_FIELDS = ("id", "handle", "name", "official", "kind", "avatar", "is_active")
_RANK = {Membership.Role.ANALYST: 1, Membership.Role.EDITOR: 2, Membership.Role.OWNER: 3}


@dataclass(frozen=True, slots=True)
class Author:
    """An account as others see it beside what it wrote. `avatar` is a path on this site, or None.

    `active` is False once the account is closing: it must not be shown any more.
    """

    id: int
    handle: str
    name: str
    official: bool
    organisation: bool
    avatar: str | None
    active: bool = True

    def as_json(self) -> dict[str, object]:
        """The `Author` of the HTTP API."""
        return {
            "handle": self.handle,
            "name": self.name,
            "official": self.official,
            "organisation": self.organisation,
            "avatar": self.avatar,
        }


NOBODY = Author(0, "", "", official=False, organisation=False, avatar=None)
"""Stands where somebody wrote who closed their account and let their words stand: without a name, with no address."""


@dataclass(frozen=True, slots=True)
class Profile:
    """An account's own page: the author and the text beside the picture."""

    author: Author
    bio: str


def _author(row: tuple[Any, ...]) -> Author:
    key, handle, name, official, kind, avatar, active = row
    organisation = kind == Account.Kind.ORGANISATION
    return Author(key, handle, name, official, organisation, avatars.url(avatar), active)


# --- Reading ---------------------------------------------------------------------------------------


def authors(ids: Iterable[int]) -> dict[int, Author]:
    """The accounts with these ids, by id; unknown ids are missing. One query, none for no ids."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = Account.objects.filter(pk__in=wanted).values_list(*_AUTHOR_FIELDS)
    return {row[0]: _author(row) for row in rows}


def by_handle(handle: str) -> Author:
    """The account that is shown under `handle`, however it is written. NotFoundError when there is none."""
    return profile(handle).author


def ids_by_handle(handles: Iterable[str]) -> dict[str, int]:
    """Ids of active accounts by lower-case handle, for mentions; unknown handles are missing. One query."""
    wanted = {handle.lower() for handle in handles}
    if not wanted:
        return {}
    return dict(Account.objects.filter(handle__in=wanted, is_active=True).values_list("handle", "pk"))


def profile(handle: str) -> Profile:
    """The page of the account shown under `handle`. NotFoundError when there is none."""
    folded = handle.removeprefix("@").lower()
    row = Account.objects.filter(handle=folded, is_active=True).values_list(*_AUTHOR_FIELDS, "bio").first()
    if row is None:
        raise NotFoundError
    return Profile(_author(row[:-1]), row[-1])


def profiles(ids: Iterable[int]) -> dict[int, Profile]:
    """The pages of those active accounts, by id. One query, none for no ids."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = Account.objects.filter(pk__in=wanted, is_active=True).values_list(*_AUTHOR_FIELDS, "bio")
    return {row[0]: Profile(_author(row[:-1]), row[-1]) for row in rows}


def active_ids(newest: int | None = None) -> list[int]:
    """Ids of active accounts, newest first, all or so many: for those who keep an index of them."""
    return list(Account.objects.filter(is_active=True).order_by("-pk").values_list("pk", flat=True)[:newest])


def search(text: str, *, limit: int = 20, offset: int = 0) -> tuple[list[int], int | None]:
    """Ids of accounts whose handle or name has `text`, best first, and the next offset or None.

    An exact handle comes first, then official accounts, then handles that begin with the text.
    """
    words = text.strip().removeprefix("@")
    if not words:
        return [], None
    folded = words.lower()
    rank = Case(
        When(handle=folded, then=Value(0)),
        When(official=True, then=Value(1)),
        When(handle__startswith=folded, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    found = (
        Account.objects.filter(Q(handle__contains=folded) | Q(name__icontains=words), is_active=True)
        .order_by(rank, "handle")
        .values_list("pk", flat=True)[offset : offset + limit + 1]
    )
    ids = list(found)
    return ids[:limit], offset + limit if len(ids) > limit else None


def age_band(account_id: int) -> str:
    """`13-15`, `16-17`, `18+`, or empty for an organisation. NotFoundError for no such account."""
    account = Account.objects.only("age_band").filter(pk=account_id).first()
    if account is None:
        raise NotFoundError
    return str(account.age_band)


# --- Who asks --------------------------------------------------------------------------------------


def viewer_id(request: HttpRequest) -> int | None:
    """Who is signed in on this request: no query without a session cookie, else two (session, account).

    Django checks the session's hash of the password here, so that changing it ends other sessions;
    a closed account is nobody.
    """
    user = request.user
    return user.pk if user.is_authenticated else None


def writer_id(request: HttpRequest) -> int | None:
    """`viewer_id` for a change that signed-out people may make too.

    With a session cookie the CSRF token is demanded (CsrfError); without one there is no session
    for another site to misuse, and signed-out people have no cookie that a token could match.
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES and check_csrf(request):
        raise CsrfError
    return viewer_id(request)


def client_prefix(request: HttpRequest) -> str:
    """Where a request comes from, for limits alone: hash it before it is kept anywhere."""
    return clients.prefix(request)


class _SignedIn(SessionAuth):
    """ninja's session authentication (it checks the CSRF token of unsafe methods), giving the id."""

    def authenticate(self, request: HttpRequest, key: str | None) -> int | None:
        return viewer_id(request)


signed_in = _SignedIn()
"""For `auth=`: 401 without a session, 403 without the CSRF token; `request.auth` is the account's id."""


def asker(request: HttpRequest) -> int:
    """Who asks, in a view with `auth=signed_in`."""
    account_id: int = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    return account_id


def may_act_for(person_id: int | None, account_id: int, role: str = "editor") -> bool:
    """Whether a person may do for an account what `role` (owner, editor, analyst) may.

    No query for oneself and for nobody.
    """
    if person_id is None or person_id == account_id:
        return person_id is not None
    held = (
        Membership.objects.filter(person=person_id, organisation=account_id, organisation__is_active=True)
        .values_list("role", flat=True)
        .first()
    )
    return held is not None and _RANK[Membership.Role(held)] >= _RANK[Membership.Role(role)]


def acting_as(person_id: int, organisation_handle: str | None, need: str = "editor") -> int:
    """The account to act as: the person, or the organisation they name and may act for.

    NotFoundError for people outside the organisation, ForbiddenError for members without the right.
    """
    if organisation_handle is None:
        return person_id
    folded = organisation_handle.removeprefix("@").lower()
    row = (
        Account.objects.filter(handle=folded, is_active=True)
        .filter(Q(pk=person_id) | Q(memberships__person=person_id))
        .values_list("pk", "memberships__role", "memberships__person")
    )
    for account_id, role, member in row:
        if account_id == person_id:
            return person_id
        if member == person_id:
            if _RANK[Membership.Role(role)] < _RANK[Membership.Role(need)]:
                raise ForbiddenError
            return int(account_id)
    raise NotFoundError


def hold(account_id: int) -> None:
    """Have others who hold the same account wait until this transaction ends: for limits that count rows.

    NotFoundError when it is no longer there. SQLite's writers take turns anyway.
    """
    # Not for a changed key: rows that point at the account can be made meanwhile.
    if not list(Account.objects.select_for_update(no_key=True).filter(pk=account_id, is_active=True).values_list("pk")):
        raise NotFoundError


# --- Making and marking ----------------------------------------------------------------------------


def create_person(
    handle: str,
    *,
    name: str = "",
    age_band: str = "18+",
    password: str | None = None,
    bio: str = "",
    trusted: bool = False,
) -> int:
    """A new person, for the command line, the demonstration and tests; people themselves come by allauth.

    Without a password nobody can sign in with one. `trusted` lets the operator give a reserved handle.
    InvalidInputError names every fault; TooYoungError for `under_13`.
    """
    account = people.new_person(handle, name=name, age_band=age_band, bio=bio, trusted=trusted)
    account.set_password(password)
    return people.save(account)


def create_organisation(owner_id: int, handle: str, name: str, *, bio: str = "", trusted: bool = False) -> int:
    """A new organisation whose owner is an adult. ForbiddenError for minors, InvalidInputError as above.

    TooManyRequestsError beyond a few a day, unless `trusted`.
    """
    owner = Account.objects.filter(pk=owner_id, kind=Account.Kind.PERSON, is_active=True).first()
    if owner is None:
        raise NotFoundError
    people.may_found(owner)
    account = people.new_organisation(handle, name=name, bio=bio, trusted=trusted)
    account.set_password(None)
    with transaction.atomic():
        if not trusted:
            hold(owner_id)
            _pace_of_founding(owner_id)
        key = people.save(account)
        Membership.objects.create(organisation_id=key, person_id=owner_id, role=Membership.Role.OWNER)
    return key


def _pace_of_founding(owner_id: int) -> None:
    """Each organisation takes a handle from everybody else."""
    day = timedelta(days=1)
    mine = Membership.objects.filter(
        person=owner_id, role=Membership.Role.OWNER, organisation__created_at__gt=clock.now() - day
    )
    times = list(mine.order_by("-organisation__created_at").values_list("organisation__created_at", flat=True))
    if len(times) >= ORGANISATIONS_A_DAY:
        wait = times[ORGANISATIONS_A_DAY - 1] + day - clock.now()
        raise TooManyRequestsError(params={"retry_after": int(wait.total_seconds()) + 1})


def add_member(organisation_id: int, person_id: int, role: str) -> None:
    """Make somebody a member without asking: for the demonstration and tests. Owners invite (`invitations`)."""
    Membership.objects.update_or_create(
        organisation_id=organisation_id, person_id=person_id, defaults={"role": Membership.Role(role)}
    )


def register_invitation_refusal(test: Callable[[int, int], bool]) -> None:
    """`test(organisation, person)` says whether one has blocked the other: then nobody is invited."""
    invitations.register_refusal(test)


def give_official_mark(account_id: int, *, given: bool = True) -> list[str]:
    """Give or take the verified mark. Answers the handles that could now be mistaken for this account.

    An organisation's mark is entered in the public log, given or taken; a person's is not, for it would name them.
    """
    with transaction.atomic():
        row = Account.objects.select_for_update().filter(pk=account_id, is_active=True).first()
        if row is None:
            raise NotFoundError
        if row.official != given:
            Account.objects.filter(pk=account_id).update(official=given)
            if row.kind == Account.Kind.ORGANISATION:
                trust.tell_of_official(row.handle, row.name, given=given)
    transaction.on_commit(lambda: events.account_changed.send(Account, account_id=account_id))
    return checks.lookalikes_of(account_id) if given else []


def close(account_id: int) -> str:
    """Lock an account at once and for good, and have it erased; the secret of its owner's link. See `trust/closure`."""
    return closing.close(account_id)


# --- What /me says about the domains above ----------------------------------------------------------


def _none_unread(account_id: int) -> int:
    return 0


_unread: Callable[[int], int] = _none_unread


def register_unread(count: Callable[[int], int]) -> None:
    """Whoever owns notifications says how many are unread; accounts does not know that domain."""
    global _unread  # noqa: PLW0603 - one port, set once at start-up
    _unread = count


def unread(account_id: int) -> int:
    """Unread notifications of an account."""
    return _unread(account_id)


def me(account_id: int | None) -> dict[str, Any]:
    """The answer of `GET /me`, also for pages that carry it in their HTML; None is nobody."""
    if account_id is None:
        return {"account": None, "preferences": {}, "unread": 0}
    account, preferences = own(account_id)
    return {"account": account, "preferences": preferences, "unread": unread(account_id)}
