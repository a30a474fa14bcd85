"""What the feed remembers: a viewer's state, events, a clip's watching statistics, and what changed."""

from django.conf import settings
from django.db import models

from hustings.lib import clock
from hustings.trust.api import SealedBinaryField, SealedJSONField
from hustings.videos.models import Video


class ViewerState(models.Model):
    """All that a page needs of a signed-in viewer, in one row that one query reads.

    `taste` and `seen` are packed (see viewer.py). Relations are copied here when the community
    announces them, so that building a page asks no other table. All three lie sealed under the viewer's
    own key, which the one query brings along (see states.py).
    """

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    taste = SealedBinaryField(subject="account_id", default=bytes)
    seen = SealedBinaryField(subject="account_id", default=bytes)
    # The viewer objects to being profiled: pages are those of nobody, and taste and seen are not written.
    plain = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=0)  # of taste and seen: a writer checks that it is the one read
    relations = SealedJSONField(subject="account_id", default=dict)  # {following, blocked, muted, words}
    relations_at = models.DateTimeField(default=clock.now)  # when they were copied
    updated_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"what the feed knows of {self.account_id}"


class ClipStats(models.Model):
    """How a clip was watched, by everyone together; nobody can be found in it.

    `day` and `week` are popularity as of `touched_at`: they fade by half-lives, so one number tells
    what a table of hours would. `touched_at` also tells every server process what to read again.
    """

    # Without the database's own check: a clip deleted between a watch and the next flush must not
    # make the counts of all others fail.
    video = models.OneToOneField(
        Video, primary_key=True, on_delete=models.CASCADE, related_name="stats", db_constraint=False
    )
    impressions = models.PositiveIntegerField(default=0)
    skips = models.PositiveIntegerField(default=0)  # left within 2 s
    completions = models.PositiveIntegerField(default=0)
    watched_s = models.FloatField(default=0.0)
    watched_share = models.FloatField(default=0.0)  # sum over impressions; one loop at most each
    refusals = models.PositiveIntegerField(default=0)  # not interested, less from
    day = models.FloatField(default=0.0)
    week = models.FloatField(default=0.0)
    touched_at = models.FloatField(default=0.0, db_index=True)  # seconds since 1970, which SQL can subtract

    def __str__(self) -> str:
        return f"statistics of {self.video_id}"


class EventBatch(models.Model):
    """What a signed-in viewer did with clips, as one request told it: `[clip, kind, seconds watched]` for each.

    Sealed under the viewer's own key as a whole. Nothing asks for the viewers of a clip, and nothing can. A row
    for each event cost more time and room than sealing does. Signed-out viewers leave none.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    at = models.DateTimeField(default=clock.now, db_index=True)  # of all its events; what retention goes by
    count = models.PositiveIntegerField(default=0)
    events = SealedJSONField(subject="account_id", default=list)

    def __str__(self) -> str:
        return f"{self.count} events of {self.account_id}"


class Change(models.Model):
    """A clip, or all clips of an author, must be looked at again by every server process.

    Written by whoever announced it, read by all by its number; a table instead of a message queue,
    because it is there on both databases and one look costs 50 µs.
    """

    video_id = models.BigIntegerField(null=True)
    author_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now, db_index=True)

    def __str__(self) -> str:
        return f"change {self.pk}"
