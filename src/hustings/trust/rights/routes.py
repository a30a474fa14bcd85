"""The JSON API of exports: ask, see how far it is, delete. The file itself is fetched from its page."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.security import SessionAuth

from hustings.trust.people import people
from hustings.trust.rights import exporting
from hustings.trust.rights.forms import require_fresh
from hustings.trust.rights.models import Export
from hustings.trust.rights.views import file_name


class _SignedIn(SessionAuth):
    """ninja's session authentication (it checks the CSRF token of unsafe methods), giving the id."""

    def authenticate(self, request: HttpRequest, key: str | None) -> int | None:
        return people().signed_in(request)


router = Router(tags=["rights"], auth=_SignedIn())


class ExportOut(Schema):
    """An archive of everything held about an account. `url` is where to fetch it once it is ready."""

    state: str
    percent: int
    fault: str
    asked_at: datetime
    ready_at: datetime | None
    expires_at: datetime | None
    size: int
    sha256: str
    url: str | None


class ExportsOut(Schema):
    """The last export of an account; null when there never was one."""

    export: ExportOut | None


@router.get("/me/export", response=ExportsOut)
def status(request: HttpRequest, account: str | None = None) -> dict[str, Any]:
    """How far one's export is, or that of an organisation that one owns (`account`)."""
    return {"export": _out(exporting.latest(_me(request), account))}


@router.post("/me/export", response={202: ExportsOut})
def ask(request: HttpRequest, account: str | None = None) -> Status[dict[str, Any]]:
    """Begin an export. Wants a sign-in in the last five minutes."""
    require_fresh(request)
    return Status(202, {"export": _out(exporting.ask(_me(request), account))})


@router.delete("/me/export", response={204: None})
def delete(request: HttpRequest, account: str | None = None) -> Status[None]:
    """Stop an export that is being made, or delete one that is ready."""
    exporting.cancel(_me(request), account)
    return Status(204, None)


def _me(request: HttpRequest) -> int:
    account_id: int = request.auth  # type: ignore[attr-defined]  # ninja puts it there
    return account_id


def _out(row: Export | None) -> dict[str, Any] | None:
    if row is None:
        return None
    ready = row.state == Export.State.READY
    return {
        "state": row.state,
        "percent": 100 if ready else row.percent,
        "fault": row.fault,
        "asked_at": row.asked_at,
        "ready_at": row.ready_at,
        "expires_at": row.expires_at if ready else None,
        "size": row.size if ready else 0,
        "sha256": row.sha256 if ready else "",
        "url": f"/trust/export/{row.key}/{file_name(row)}" if ready else None,
    }
