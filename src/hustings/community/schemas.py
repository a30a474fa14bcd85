"""What the community answers with over HTTP; `ClipOut` is the one shape of a clip everywhere."""

from typing import Literal

from ninja import Field, Schema


class AuthorOut(Schema):
    """An account beside what it wrote."""

    handle: str
    name: str
    official: bool
    organisation: bool
    avatar: str | None


class PosterOut(Schema):
    """The still picture in two forms."""

    avif: str
    webp: str


class RenditionOut(Schema):
    """One playable file; `edge` is its short side in pixels."""

    edge: int
    width: int
    height: int
    bytes: int
    url: str
    mime: str


class StoryboardOut(Schema):
    """A sheet of small stills, `interval` seconds apart, for seeking."""

    url: str
    columns: int
    rows: int
    count: int
    width: int
    height: int
    interval: float


class TrackOut(Schema):
    """Captions in one language, as WebVTT."""

    language: str
    label: str
    url: str


class SoundOut(Schema):
    """What one hears."""

    id: str
    title: str


class CountsOut(Schema):
    """What everybody together did with a clip."""

    likes: int
    comments: int
    saves: int
    shares: int
    views: int


class ViewerOut(Schema):
    """What the viewer did with it."""

    liked: bool
    saved: bool
    following: bool
    own: bool


class ClipOut(Schema):
    """A clip; `renditions` ascend by edge and are empty until one can be played."""

    id: str
    url: str
    author: AuthorOut
    caption: str
    hashtags: list[str]
    language: str
    duration: float
    width: int
    height: int
    thumbhash: str | None
    poster: PosterOut | None
    renditions: list[RenditionOut]
    storyboard: StoryboardOut | None
    tracks: list[TrackOut]
    sound: SoundOut | None
    counts: CountsOut
    allow_comments: bool
    visibility: str
    published_at: str | None
    viewer: ViewerOut


class ClipsOut(Schema):
    """A page of clips; `next` is the cursor of the following page, null on the last."""

    items: list[ClipOut]
    next: str | None


class AuthorsOut(Schema):
    """A page of accounts."""

    items: list[AuthorOut]
    next: str | None


class LikedOut(Schema):
    """After liking or taking it back."""

    liked: bool
    likes: int


class SavedOut(Schema):
    """After keeping or letting go."""

    saved: bool
    saves: int


class SharedOut(Schema):
    """After a share was counted."""

    shares: int


class FollowingOut(Schema):
    """After following or ending it."""

    following: bool
    followers: int


class BlockedOut(Schema):
    """After blocking or ending it."""

    blocked: bool


class MutedOut(Schema):
    """After muting or ending it."""

    muted: bool


class CommentIn(Schema):
    """A comment to write. `as` is the handle of the organisation one writes for."""

    text: str
    reply_to: str | None = None
    as_: str | None = Field(default=None, alias="as")  # `as` is a word of Python's own


class CommentViewerOut(Schema):
    """What the viewer has to do with a comment."""

    liked: bool
    own: bool


class ReplyOut(Schema):
    """A reply, which has no replies."""

    id: str
    author: AuthorOut
    text: str
    created_at: str
    likes: int
    viewer: CommentViewerOut
    reply_count: int


class CommentOut(ReplyOut):
    """A comment; `replies` are its first, where the list gives them."""

    replies: list[ReplyOut] = []


class CommentsOut(Schema):
    """A page of comments."""

    items: list[CommentOut]
    next: str | None


class WrittenOut(Schema):
    """The comment as it was kept, and how many the clip has now."""

    comment: CommentOut
    comments: int


class CommentCountOut(Schema):
    """How many comments the clip has now."""

    comments: int


class NotificationOut(Schema):
    """Something that happened. `actors` are the latest of `count`; one's own clips' news have none."""

    id: str
    kind: Literal["follow", "like", "comment", "reply", "mention", "published", "refused", "invited"]
    actors: list[AuthorOut]
    count: int
    clip: ClipOut | None = None
    comment: ReplyOut | None = None
    at: str
    read: bool


class NotificationsOut(Schema):
    """A page of notifications, newest first."""

    items: list[NotificationOut]
    next: str | None


class UnreadOut(Schema):
    """How many are unread."""

    unread: int


class WordsIn(Schema):
    """The whole list of muted words and phrases."""

    words: list[str]


class WordsOut(Schema):
    """The list as it was kept: folded, each once."""

    words: list[str]
