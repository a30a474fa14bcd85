"""What an export says of an account: the profile as people read it, and as ActivityStreams has it."""

from collections.abc import Iterator

from django.conf import settings

from hustings.accounts import avatars
from hustings.accounts.models import Account, Membership
from hustings.trust.api import ExportFile

# W3C ActivityStreams 2.0, https://www.w3.org/TR/activitystreams-core/
CONTEXT = "https://www.w3.org/ns/activitystreams"
PICTURE = "avatar.webp"

# Where people put right themselves what we hold about them: a whole table, or one of its columns.
CORRECTIONS = {
    "accounts.Account.name": "/settings/profile",
    "accounts.Account.bio": "/settings/profile",
    "accounts.Account.avatar": "/settings/profile",
    "accounts.Account.preferences": "/settings/display",
    "accounts.Account.password": "/settings/security",
    "account.EmailAddress": "/settings/security",
    "mfa.Authenticator": "/settings/security",
    "usersessions.UserSession": "/settings/security",
    "accounts.Membership": "/settings/organisations",
}


def documents(account_id: int) -> Iterator[tuple[str, object]]:
    """`profile` and `actor`; nothing for an account that is gone."""
    account = Account.objects.filter(pk=account_id).first()
    if account is not None:
        yield "profile", _profile(account)
        yield "actor", _actor(account)


def files(account_id: int) -> Iterator[ExportFile]:
    """The profile picture."""
    name = Account.objects.filter(pk=account_id).values_list("avatar", flat=True).first()
    if name:
        yield ExportFile(PICTURE, local=avatars.folder() / name, media_type="image/webp")


def _profile(account: Account) -> dict[str, object]:
    return {
        "handle": account.handle,
        "name": account.name,
        "bio": account.bio,
        "kind": account.kind,
        "official": account.official,
        "age_band": account.age_band or None,
        "created_at": account.created_at.isoformat(),
        "avatar": PICTURE if account.avatar else None,
        "preferences": account.preferences,
        "organisations": _places(account, "person", "organisation"),
        "members": _places(account, "organisation", "person"),
    }


def _places(account: Account, side: str, other: str) -> list[dict[str, str]]:
    rows = Membership.objects.filter(**{side: account}).order_by("since", "pk")
    return [
        {"handle": handle, "role": role, "since": since.isoformat()}
        for handle, role, since in rows.values_list(f"{other}__handle", "role", "since")
    ]


def _actor(account: Account) -> dict[str, object]:
    address = f"{settings.PUBLIC_URL}/@{account.handle}"
    actor: dict[str, object] = {
        "@context": CONTEXT,
        "id": address,
        "type": "Organization" if account.kind == Account.Kind.ORGANISATION else "Person",
        "preferredUsername": account.handle,
        "name": account.name,
        "summary": account.bio,
        "url": address,
        "published": account.created_at.isoformat(),
        "outbox": "outbox.json",
    }
    if account.avatar:
        actor["icon"] = {"type": "Image", "mediaType": "image/webp", "url": PICTURE}
    return actor
