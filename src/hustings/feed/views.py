"""The feed over HTTP.

Bodies are read by msgspec and answers are bytes, because these are the hottest addresses of all; the
description for the client's types is given beside.
"""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query as Parameter
from ninja import Router, Schema, Status

from hustings.accounts.api import client_prefix, signed_in, viewer_id, writer_id
from hustings.community.schemas import ClipOut
from hustings.feed import api, inputs, pace, rules

router = Router(tags=["feed"])

Count = Annotated[int, Parameter(ge=1, le=rules.PAGE)]


class WhyOut(Schema):
    """One true reason; `code` is a sentence of the client's catalogue, `params` fill it in."""

    code: str
    params: dict[str, str]


class ItemOut(Schema):
    """A clip and why it is here."""

    clip: ClipOut
    why: list[WhyOut]


class PageOut(Schema):
    """A page of the feed. `next` is the cursor of the following list; null in the feed itself."""

    items: list[ItemOut]
    up_to_date: bool
    next: str | None


class AcceptedOut(Schema):
    """How many events were of known clips and kinds."""

    accepted: int


@router.post("/feed", response=PageOut, openapi_extra=inputs.documented(inputs.PageQuestion))
def page(request: HttpRequest) -> HttpResponse:
    """The next clips. A question, not a change: no token is needed, signed in or not."""
    viewer = viewer_id(request)
    pace.take("page", viewer, client_prefix(request) if viewer is None else "")
    asked = inputs.read(inputs.PageQuestion, request.body)
    return _json(api.page(viewer, asked.history, asked.count, asked.language, held=asked.held).as_bytes())


@router.get("/feed/following", response=PageOut, auth=signed_in)
def following(request: HttpRequest, cursor: str | None = None, count: Count = 10) -> HttpResponse:
    """The clips of the accounts one follows, newest first."""
    viewer: int = request.auth  # type: ignore[attr-defined]  # ninja puts there what `signed_in` answered
    pace.take("page", viewer, "")
    return _json(api.following_page(viewer, cursor, count).as_bytes())


@router.post("/events", response=AcceptedOut, openapi_extra=inputs.documented(inputs.Batch))
def events(request: HttpRequest) -> HttpResponse:
    """What was watched. Signed in, the next page reflects it; signed out, it only counts."""
    viewer = writer_id(request)
    address = client_prefix(request) if viewer is None else ""
    pace.take("events", viewer, address)
    batch = inputs.read(inputs.Batch, request.body)
    heard = batch.events if viewer is not None else pace.credible(batch.events, address)
    return _json(b'{"accepted":%d}' % api.record(viewer, heard, batch.key))


@router.post("/feed/reset", response={204: None}, auth=signed_in)
def reset(request: HttpRequest) -> Status[None]:
    """Begin anew: what was learnt and what was watched is forgotten."""
    viewer: int = request.auth  # type: ignore[attr-defined]  # as above
    pace.take("reset", viewer, "")
    api.forget(viewer)
    return Status(204, None)


def _json(body: bytes) -> HttpResponse:
    return HttpResponse(body, content_type="application/json", headers={"Cache-Control": "no-store"})
