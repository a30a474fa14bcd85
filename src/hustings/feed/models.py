"""What the feed remembers: a viewer's state, events, and a clip's watching statistics."""

from django.conf import settings
from django.db import models

from hustings.lib import clock
from hustings.videos.models import Video


class ViewerState(models.Model):
    """All that a page needs of a signed-in viewer, in one row that one query reads.

    `taste` and `seen` are packed arrays (see viewer.py). Relations are copied here when the
    community announces them, so that building a page asks no other table.
    """

    account = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    taste = models.BinaryField(default=bytes)
    seen = models.BinaryField(default=bytes)
    relations = models.JSONField(default=dict)  # {following, blocked, muted, less, words}
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=clock.now)


class ClipStats(models.Model):
    """How a clip was watched, by everyone together; nobody can be found in it."""

    video = models.OneToOneField(Video, primary_key=True, on_delete=models.CASCADE, related_name="stats")
    impressions = models.PositiveIntegerField(default=0)
    skips = models.PositiveIntegerField(default=0)  # left within 2 s
    completions = models.PositiveIntegerField(default=0)
    watched_s = models.FloatField(default=0.0)


class Event(models.Model):
    """One thing a signed-in viewer did with a clip. Signed-out viewers leave none."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=14)
    watched_s = models.FloatField(default=0.0)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"])]
