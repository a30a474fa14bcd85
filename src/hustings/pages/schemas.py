"""The shapes of the HTTP API that need more than one domain."""

from typing import Literal

from ninja import Schema

from hustings.community.schemas import AuthorOut, ClipOut


class RefusalOut(Schema):
    """Why a clip was refused, and what to do."""

    code: str
    message: str
    hint: str


class CoverOut(Schema):
    """A still that may become the cover; `time` in seconds."""

    time: float
    url: str


class WholeClipOut(ClipOut):
    """A clip; the rest is there for those who act for its author, and absent for everybody else."""

    state: str | None = None
    release: str | None = None
    refusal: RefusalOut | None = None
    progress: float | None = None
    scheduled_for: str | None = None
    cover_time: float | None = None
    covers: list[CoverOut] | None = None
    filename: str | None = None


class AccountCountsOut(Schema):
    """An account in numbers; `likes` are those its clips received."""

    followers: int
    following: int
    likes: int
    clips: int


class StandingOut(Schema):
    """How the viewer stands to an account."""

    following: bool
    blocked: bool
    muted: bool
    self: bool


class AccountOut(AuthorOut):
    """An account's page."""

    bio: str
    counts: AccountCountsOut
    viewer: StandingOut


class NoticeOut(Schema):
    """What stands where an account was. `note` is the same as a C2SP signed note; `receipt` of official accounts."""

    handle: str
    kind: Literal["person", "organisation", "official"]
    closed_on: str
    words: str | None
    link: str | None
    receipt: str | None
    note: str | None


class TagOut(Schema):
    """A hashtag and its number of public clips."""

    tag: str
    clips: int


class SearchOut(Schema):
    """What was found; `next` goes on with the clips."""

    accounts: list[AccountOut]
    clips: list[ClipOut]
    hashtags: list[TagOut]
    next: str | None


class ExploreOut(Schema):
    """What the week was about."""

    hashtags: list[TagOut]
    clips: list[ClipOut]
