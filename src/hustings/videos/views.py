"""The JSON API of one's own clips. Watching is the matter of `pages`, uploading of `tus`."""

from datetime import datetime
from typing import Any, Literal

import ninja
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.errors import HttpError
from pydantic import ConfigDict, Field

from hustings.accounts import api as accounts
from hustings.videos import api, cards, details, languages, lists, lookup, releases, tracks
from hustings.videos.models import Video

router = Router(tags=["clips"], auth=accounts.signed_in)

State = Literal["receiving", "received", "processing", "playable", "ready", "refused"]


class Refusal(Schema):
    """Why a clip was refused. `params` has the numbers a translation needs; `also` the file's further faults."""

    code: str
    message: str
    hint: str
    params: dict[str, str | int | float] = {}
    also: list[dict[str, Any]] = []


class Status(Schema):
    """How far a clip is. `progress` is 0 to 1: of the bytes while receiving, then of the renditions.

    `cover_time` is the second of the cover: the author's choice, else ours, null until there is a picture.
    """

    state: State
    release: Literal["draft", "scheduled", "published"]
    refusal: Refusal | None
    progress: float
    scheduled_for: datetime | None
    cover_time: float | None


class Change(Schema):
    """What may be changed about a clip; what is left out stays. `cover_time` in seconds."""

    caption: str | None = Field(None, max_length=4 * details.CAPTION_LENGTH)
    language: str | None = None
    visibility: Literal["public", "unlisted", "followers", "private"] | None = None
    allow_comments: bool | None = None
    cover_time: float | None = Field(None, ge=0)


class Publishing(Schema):
    """When to publish: an instant with its zone; now when left out."""

    # A misspelled `at` must not publish at once.
    model_config = ConfigDict(extra="forbid")

    at: datetime | None = None


class Language(Schema):
    code: str
    name: str


def _own(request: HttpRequest, clip_id: str, need: str = "editor") -> Video:
    return lookup.editable(clip_id, request.auth, need=need)  # type: ignore[attr-defined]  # set by ninja


def _clip(video_ids: list[int]) -> list[dict[str, Any]]:
    """Own clips as the API's `Clip` with the owner's part. Four queries and what counting costs."""
    facts, owned, counted = cards.media_facts(video_ids), cards.owner_facts(video_ids), api.counts(video_ids)
    people = accounts.authors({fact["author_id"] for fact in facts.values()})
    found = []
    for video_id in video_ids:
        if video_id not in facts or video_id not in owned:
            continue  # deleted while one reads
        fact = facts[video_id]
        author = people[fact.pop("author_id")]
        viewer = {"liked": False, "saved": False, "following": False, "own": True}
        found.append(
            fact | owned[video_id] | {"author": author.as_json(), "counts": counted[video_id], "viewer": viewer}
        )
    return found


@router.get("/languages", auth=None, response=list[Language])
def list_languages(request: HttpRequest) -> list[dict[str, str]]:
    """Languages that clips and captions may be in, each by its own name."""
    return [{"code": code, "name": name} for code, name in languages.NAMES.items()]


@router.get("/me/clips")
def own_clips(
    request: HttpRequest,
    state: State | None = None,
    account: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """One's own clips in every state, newest first, or those of an organisation (`account`) of one's own."""
    author_id = accounts.acting_as(request.auth, account, need="analyst")  # type: ignore[attr-defined]  # set by ninja
    ids, after = lists.own(author_id, state, cursor, max(1, min(limit, 50)))
    return {"items": _clip(ids), "next": after}


@router.get("/clips/{clip_id}/status", response=Status)
def status(request: HttpRequest, clip_id: str) -> dict[str, Any]:
    """How far a clip is: made to be polled."""
    return cards.status_of(_own(request, clip_id, need="analyst").pk)


@router.patch("/clips/{clip_id}")
def change(request: HttpRequest, clip_id: str, change: Change) -> dict[str, Any]:
    """Caption (hashtags are read from it), language, who may see it, comments, cover."""
    video = _own(request, clip_id)
    details.set_details(video.pk, details.Details(**change.dict()))
    return _clip([video.pk])[0]


@router.post("/clips/{clip_id}/publish", response=Status)
def publish(request: HttpRequest, clip_id: str, when: Publishing | None = None) -> dict[str, Any]:
    """Let a clip out now, at a time to come, or as soon as it can be played."""
    video = _own(request, clip_id)
    releases.publish(video.pk, when.at if when else None)
    return cards.status_of(video.pk)


@router.post("/clips/{clip_id}/unpublish", response=Status)
def unpublish(request: HttpRequest, clip_id: str) -> dict[str, Any]:
    """Take a clip back to a draft, or a schedule off it."""
    video = _own(request, clip_id)
    releases.unpublish(video.pk)
    return cards.status_of(video.pk)


@router.delete("/clips/{clip_id}", response={204: None})
def delete(request: HttpRequest, clip_id: str) -> ninja.Status[None]:
    """Delete a clip with everything that belongs to it."""
    releases.delete(_own(request, clip_id).pk)
    return ninja.Status(204, None)


@router.put("/clips/{clip_id}/tracks/{language}")
def put_track(request: HttpRequest, clip_id: str, language: str) -> dict[str, Any]:
    """Set the captions of one language: the body is WebVTT or SubRip. Faults are named by line."""
    video = _own(request, clip_id)
    if int(request.headers.get("Content-Length") or 0) > tracks.MAX_BYTES:
        raise HttpError(413, "The caption file is larger than 1 MB.")
    details.put_track(video.pk, language, request.body)
    return {"tracks": cards.media_facts([video.pk])[video.pk]["tracks"]}


@router.delete("/clips/{clip_id}/tracks/{language}")
def delete_track(request: HttpRequest, clip_id: str, language: str) -> dict[str, Any]:
    """Remove the captions of one language."""
    video = _own(request, clip_id)
    details.remove_track(video.pk, language)
    return {"tracks": cards.media_facts([video.pk])[video.pk]["tracks"]}
