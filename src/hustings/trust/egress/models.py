"""Whose database this is, and what left through the gate: counts, and nothing about anybody."""

from django.db import models


class Cell(models.Model):
    """The stamp: one row, number 1, written when the database is first prepared.

    A process of another cell that opens this database is refused. `list_sha256` and `list_places` are the
    list of destinations that the public log last heard of.
    """

    name = models.CharField(max_length=32)
    region = models.CharField(max_length=32)
    stamped_at = models.DateTimeField()
    list_sha256 = models.CharField(max_length=64, default="")
    list_places = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.name} ({self.region})"


class EgressTraffic(models.Model):
    """What went to one declared place on one day. `place` is `host:port`; bytes as the kernel counted them."""

    day = models.DateField()
    place = models.CharField(max_length=270)
    connections = models.BigIntegerField(default=0)
    bytes_out = models.BigIntegerField(default=0)
    bytes_in = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "place"], name="egress_traffic_once")]

    def __str__(self) -> str:
        return f"{self.place} on {self.day}: {self.connections}"


class EgressRefusal(models.Model):
    """What was refused on one day: of which kind, and which part of the code tried.

    Never the place: whoever tries to smuggle a name out would else have it published on our own page.
    """

    day = models.DateField()
    kind = models.CharField(max_length=20)
    caller = models.CharField(max_length=100)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "kind", "caller"], name="egress_refusal_once")]

    def __str__(self) -> str:
        return f"{self.count} {self.kind} by {self.caller} on {self.day}"
