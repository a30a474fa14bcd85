"""HTTP of accounts: /me, /signup/passkey, /organisations. Signing in is allauth's, under /_allauth/."""

from typing import Any, Literal

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Schema, Status
from ninja.utils import check_csrf

from hustings.accounts import api, closing, invitations, organisations, passkeys, profiles
from hustings.accounts.errors import CsrfError, ImageRefusedError, ReauthenticationError

router = Router(tags=["accounts"])

RoleName = Literal["owner", "editor", "analyst"]


class PlaceOut(Schema):
    """An organisation that a person belongs to."""

    handle: str
    name: str
    role: RoleName


class OwnPlaceOut(PlaceOut):
    """The same to the person; `closing_on` is the day on which it will be closed, unless somebody cancels."""

    closing_on: str | None


class OwnAccountOut(Schema):
    """A person's own account; `closing_on` is the day on which it will be closed, unless they cancel."""

    handle: str
    name: str
    bio: str
    avatar: str | None
    official: bool
    age_band: str
    closing_on: str | None
    organisations: list[OwnPlaceOut]


class MeOut(Schema):
    """Who is signed in; `account` is null for nobody."""

    account: OwnAccountOut | None
    preferences: dict[str, Any]
    unread: int


class ProviderOut(Schema):
    """Somewhere else to sign in (OpenID Connect)."""

    id: str
    name: str


class WaysInOut(Schema):
    """What this server offers besides password and passkey; `mail`: whether it can send any."""

    mail: bool
    providers: list[ProviderOut]


class ProfileIn(Schema):
    """Changes to a profile; what is left out stays. A preference of null goes back to its default."""

    name: str | None = None
    bio: str | None = None
    preferences: dict[str, Any] | None = None


class PictureOut(Schema):
    """Where the new picture is; null for none."""

    avatar: str | None


class PasskeyBeginIn(Schema):
    """Somebody wants an account without a password."""

    username: str
    age_band: str
    name: str = ""


class PasskeyBeginOut(Schema):
    """`PublicKeyCredentialCreationOptions` for the browser, under `publicKey`."""

    creation_options: dict[str, Any]


class PasskeyCompleteIn(Schema):
    """The key that the device made (`PublicKeyCredential.toJSON()`), and what to call it."""

    credential: dict[str, Any]
    name: str = ""


class OrganisationIn(Schema):
    """A new organisation."""

    handle: str
    name: str
    bio: str = ""


class RoleIn(Schema):
    """What a member may do."""

    role: str


class AskedOut(PlaceOut):
    """An invitation that waits for an answer, as owners see it: whom, as what, and until when it stands."""

    expires_at: str


class OfferedOut(AskedOut):
    """An invitation as the person sees it: `handle` and `name` are the organisation's, `by` is the owner who asks."""

    by: str
    official: bool


@router.get("/me", response=MeOut)
def me(request: HttpRequest, response: HttpResponse) -> dict[str, Any]:
    """Who is signed in."""
    response["Cache-Control"] = "no-store"
    return api.me(api.viewer_id(request))


@router.get("/sign-in", response=WaysInOut)
def ways_in(request: HttpRequest) -> dict[str, Any]:
    """What the sign-in page shows. Allauth's own `/config` says less and sets a cookie."""
    providers = [{"id": "oidc", "name": settings.OIDC_NAME}] if settings.OIDC_URL else []
    return {"mail": bool(settings.EMAIL_HOST), "providers": providers}


@router.get("/me/csrf", response=dict[str, str])
def csrf(request: HttpRequest, response: HttpResponse) -> dict[str, str]:
    """Set the `csrftoken` cookie, whose value goes into `X-CSRFToken` of each change; no other call does."""
    response["Cache-Control"] = "no-store"
    get_token(request)
    return {}


@router.patch("/me", response=MeOut, auth=api.signed_in)
def change_me(request: HttpRequest, changes: ProfileIn) -> dict[str, Any]:
    """Change one's name, profile text or preferences."""
    profiles.change(api.asker(request), **changes.dict())
    return api.me(api.asker(request))


@router.put("/me/avatar", response=PictureOut, auth=api.signed_in)
def set_picture(request: HttpRequest) -> dict[str, Any]:
    """The body is the picture's bytes (JPEG, PNG, WebP, AVIF or GIF; 5 MB)."""
    return {"avatar": profiles.set_picture(api.asker(request), _body(request))}


@router.delete("/me/avatar", response=PictureOut, auth=api.signed_in)
def remove_picture(request: HttpRequest) -> dict[str, Any]:
    """Show no picture any more."""
    return {"avatar": profiles.set_picture(api.asker(request), None)}


@router.delete("/me", response={204: None}, auth=api.signed_in)
def leave(request: HttpRequest, response: HttpResponse) -> Status[None]:
    """Close one's account: locked now, erased at once. Wants a sign-in in the last five minutes.

    `Location` is where its owner follows the erasing and finds the receipt. A notice, cooling and other choices
    are offered at `/trust/close`.
    """
    _fresh(request)
    secret = closing.close(api.asker(request))
    request.session.flush()
    response["Location"] = f"/trust/closing/{secret}"
    return Status(204, None)


@router.get("/me/proof", response={204: None}, auth=api.signed_in)
def proof(request: HttpRequest) -> Status[None]:
    """Whether one has proved within the last five minutes that it is oneself; 401 when not."""
    _fresh(request)
    return Status(204, None)


@router.post("/signup/passkey/begin", response=PasskeyBeginOut)
def begin_passkey(request: HttpRequest, asked: PasskeyBeginIn) -> dict[str, Any]:
    """First half of signing up without a password."""
    _own_page(request)
    options = passkeys.begin(request, handle=asked.username, name=asked.name, age_band=asked.age_band)
    return {"creation_options": options}


@router.post("/signup/passkey/complete", response={201: MeOut})
def complete_passkey(request: HttpRequest, answer: PasskeyCompleteIn) -> Status[dict[str, Any]]:
    """Second half: the account exists and is signed in."""
    _own_page(request)
    return Status(201, api.me(passkeys.complete(request, name=answer.name, credential=answer.credential)))


@router.get("/organisations", response=list[PlaceOut], auth=api.signed_in)
def my_organisations(request: HttpRequest) -> list[dict[str, str]]:
    """The organisations one belongs to."""
    return [place.as_json() for place in organisations.of_person(api.asker(request))]


@router.post("/organisations", response={201: PlaceOut}, auth=api.signed_in)
def found(request: HttpRequest, asked: OrganisationIn) -> Status[dict[str, str]]:
    """Found an organisation and be its owner; adults only."""
    key = api.create_organisation(api.asker(request), asked.handle, asked.name, bio=asked.bio)
    author = api.authors([key])[key]
    return Status(201, {"handle": author.handle, "name": author.name, "role": "owner"})


@router.patch("/organisations/{handle}", response={204: None}, auth=api.signed_in)
def change_organisation(request: HttpRequest, handle: str, changes: ProfileIn) -> Status[None]:
    """Change an organisation's name or profile text; owners only."""
    profiles.change(organisations.owned(api.asker(request), handle), name=changes.name, bio=changes.bio)
    return Status(204, None)


@router.put("/organisations/{handle}/avatar", response=PictureOut, auth=api.signed_in)
def set_organisation_picture(request: HttpRequest, handle: str) -> dict[str, Any]:
    """As `/me/avatar`, for an organisation; owners only."""
    return {"avatar": profiles.set_picture(organisations.owned(api.asker(request), handle), _body(request))}


@router.delete("/organisations/{handle}", response={204: None}, auth=api.signed_in)
def close_organisation(request: HttpRequest, handle: str, response: HttpResponse) -> Status[None]:
    """Close an organisation; owners only, with a sign-in in the last five minutes. `Location` as for `/me`."""
    organisation_id = organisations.owned(api.asker(request), handle)
    _fresh(request)
    response["Location"] = f"/trust/closing/{closing.close(organisation_id)}"
    return Status(204, None)


@router.get("/organisations/{handle}/members", response=list[PlaceOut], auth=api.signed_in)
def members(request: HttpRequest, handle: str) -> list[dict[str, str]]:
    """Everybody in an organisation, for its members."""
    return [member.as_json() for member in organisations.members(api.asker(request), handle)]


@router.put("/organisations/{handle}/members/{member}", response=PlaceOut, auth=api.signed_in)
def set_member(request: HttpRequest, handle: str, member: str, change: RoleIn) -> dict[str, str]:
    """Change what a member may do; owners only. Who is no member yet is invited."""
    return organisations.set_role(api.asker(request), handle, member, change.role).as_json()


@router.get("/organisations/{handle}/invitations", response=list[AskedOut], auth=api.signed_in)
def invited(request: HttpRequest, handle: str) -> list[dict[str, str]]:
    """Who was asked to join and has not answered; owners only."""
    return [asked.as_json() for asked in invitations.of_organisation(api.asker(request), handle)]


@router.put("/organisations/{handle}/invitations/{person}", response=AskedOut, auth=api.signed_in)
def invite(request: HttpRequest, handle: str, person: str, asked: RoleIn) -> dict[str, str]:
    """Ask somebody to join, or change the role they are asked for; owners only."""
    return invitations.invite(api.asker(request), handle, person, asked.role).as_json()


@router.delete("/organisations/{handle}/invitations/{person}", response={204: None}, auth=api.signed_in)
def withdraw(request: HttpRequest, handle: str, person: str) -> Status[None]:
    """Take an invitation back; owners only."""
    invitations.withdraw(api.asker(request), handle, person)
    return Status(204, None)


@router.get("/me/invitations", response=list[OfferedOut], auth=api.signed_in)
def offers(request: HttpRequest) -> list[dict[str, str]]:
    """What one has been asked and has not answered."""
    return [offer.as_json() for offer in invitations.of_person(api.asker(request))]


@router.put("/me/invitations/{handle}", response=PlaceOut, auth=api.signed_in)
def accept(request: HttpRequest, handle: str) -> dict[str, str]:
    """Accept an organisation's invitation; the place one has then. May be repeated."""
    return invitations.accept(api.asker(request), handle).as_json()


@router.delete("/me/invitations/{handle}", response={204: None}, auth=api.signed_in)
def decline(request: HttpRequest, handle: str) -> Status[None]:
    """Decline an organisation's invitation. May be repeated."""
    invitations.decline(api.asker(request), handle)
    return Status(204, None)


@router.delete("/organisations/{handle}/members/{member}", response={204: None}, auth=api.signed_in)
def remove_member(request: HttpRequest, handle: str, member: str) -> Status[None]:
    """End a membership: owners anyone's, everybody their own."""
    organisations.remove(api.asker(request), handle, member)
    return Status(204, None)


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig as fault:
        raise ImageRefusedError("This picture is larger than 5 MB.", hint="Send a smaller one.") from fault


def _own_page(request: HttpRequest) -> None:
    """CsrfError unless our own page asks: signing up signs in, which no other site may start."""
    if check_csrf(request):
        raise CsrfError


def _fresh(request: HttpRequest) -> None:
    """ReauthenticationError unless the person proved within the last minutes that it is them."""
    if not did_recently_reauthenticate(request):
        raise ReauthenticationError
