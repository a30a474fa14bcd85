"""Somebody with everything an account can have, and how a closure is brought to its end."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from secrets import token_hex

from django.conf import settings

from hustings.accounts.api import Author
from hustings.community import api as community
from hustings.community.relations import set_words
from hustings.feed import api as feed
from hustings.moderation import api as moderation
from hustings.trust.closure import asking, machine
from hustings.trust.closure.models import Closure
from hustings.trust.log import sequence_once
from hustings.videos.models import Upload, Video
from published import published

KINDS = (
    ("360", "mp4"),
    ("720", "mp4"),
    ("poster", "webp"),
    ("poster", "avif"),
    ("cover", "webp"),
    ("storyboard", "webp"),
    ("en", "vtt"),
)


def live(who: Author, friend: Author, other: Author) -> list[Video]:
    """Clips with files, an open upload, and every kind of deed in both directions."""
    from allauth.account.models import EmailAddress

    clips = [published(who, f"clip number {n} #only{who.handle} #shared") for n in range(3)]
    theirs = published(friend, "a clip of a friend #shared")
    for clip in clips:
        folder = settings.MEDIA_ROOT / "clips" / clip.public_id
        folder.mkdir(parents=True)
        names = [f"{kind}-{token_hex(16)}.{form}" for kind, form in KINDS]
        for name in names:
            (folder / name).write_bytes(f"{clip.public_id} {name}".encode())
        for rendition, name in zip(clip.renditions.all(), names, strict=False):
            rendition.file, rendition.sha256 = name, sha256((folder / name).read_bytes()).hexdigest()
            rendition.save()
    draft = Video.objects.create(author_id=who.id, uploaded_by_id=who.id, state="receiving")
    upload = Upload.objects.create(
        video=draft, owner_id=who.id, length=10, filename="film.mp4", expires_at=draft.created_at
    )
    settings.UPLOADS_ROOT.mkdir(exist_ok=True)
    (settings.UPLOADS_ROOT / upload.key).write_bytes(b"half")
    for one, two in ((who, friend), (friend, who), (other, who)):
        community.follow(one.id, two.id)
    community.mute(who.id, other.id)
    set_words(who.id, ["badger"])
    community.like(who.id, theirs.pk)
    community.save(who.id, theirs.pk)
    community.like(friend.id, clips[0].pk)
    community.save(friend.id, clips[0].pk)
    first = community.comment(who.id, theirs.pk, "first")
    community.comment(other.id, theirs.pk, "an answer", reply_to=first)
    own = community.comment(friend.id, clips[0].pk, f"well said @{who.handle}")
    community.comment(who.id, clips[0].pk, "thank you", reply_to=own)
    community.comment(other.id, theirs.pk, f"as @{who.handle} says")
    watched = [feed.Event(clip.public_id, "watch", 5.0, 1) for clip in (theirs,)]
    feed.record(who.id, watched)
    feed.record(friend.id, [feed.Event(clips[0].public_id, "watch", 5.0, 1)])
    moderation.report("clip", theirs.public_id, "spam", text="my own words", reporter_id=who.id)
    moderation.report("clip", clips[0].public_id, "spam", text="about it", reporter_id=friend.id)
    moderation.report("account", who.handle, "spam", reporter_id=other.id)
    EmailAddress.objects.create(user_id=who.id, email=f"{who.handle}@example.org")
    return clips


def finish(secret: str, settle: Callable[[], int], turns: int = 20) -> Closure:
    """Do what the workers and the log would, until the closure rests or is done."""
    for _ in range(turns):
        settle()
        sequence_once()
        row = asking.by_secret(secret)
        if row.state == Closure.State.RECEIPT:
            break
        machine.advance(row.pk)
    return asking.by_secret(secret)
