"""Which backups there are, and where the keys are mirrored: what a closure asks, and what a restore has done."""

from django.db import models

from hustings.lib import clock


class Backup(models.Model):
    """A snapshot that was finished, or that this database was restored from."""

    name = models.CharField(max_length=40, primary_key=True)
    place = models.CharField(max_length=500)
    made_at = models.DateTimeField(default=clock.now)
    ends_on = models.DateField(null=True)  # the day from which the next backup removes it; none: kept
    rows = models.BigIntegerField(default=0)
    files = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)  # of its rows and of the objects that it added, in bytes
    gone_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class KeysMirror(models.Model):
    """A place that people's keys are mirrored to. An erasure is complete when it is gone from each of them, too."""

    place = models.CharField(max_length=500, primary_key=True)
    made_at = models.DateTimeField(default=clock.now)
    keys = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.place
