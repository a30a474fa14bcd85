"""The log's tables: what waits to be entered, what was entered, and where the sequencer stands."""

from django.db import models
from django.db.models import Q


class LogEntry(models.Model):
    """One entry, from the moment somebody wrote it: outbox and register in one row.

    `leaf` is fixed when the row is written and never changes: it is what the tree hashes. `index` is its place in
    the log, given by the sequencer, once. `sealed` holds the openings of its commitments under `subject`'s own key;
    forgetting empties both and leaves the leaf as it is.
    """

    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    leaf = models.BinaryField()
    index = models.BigIntegerField(null=True, unique=True)
    subject = models.BigIntegerField(null=True)  # an account's id; no foreign key: the log outlives accounts
    sealed = models.BinaryField(null=True)
    disclose_after = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(index__isnull=True), name="log_waiting"),
            models.Index(fields=["kind", "index"], name="log_by_kind"),
            models.Index(fields=["subject"], condition=Q(subject__isnull=False), name="log_by_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.index if self.index is not None else 'waiting'}"


class LogState(models.Model):
    """Where the log stands: one row, number 1.

    `size` and `root` are what the sequencer has decided; `published_size` and `checkpoint` what anybody may have
    seen. Both only grow. `fence` counts who held the lease: whoever comes with an older number changes nothing.
    """

    size = models.BigIntegerField(default=0)
    root = models.BinaryField()
    latest_at = models.DateTimeField(null=True)  # the latest time any entry carries
    published_size = models.BigIntegerField(default=0)
    checkpoint = models.TextField(default="")
    published_at = models.DateTimeField(null=True)
    tidied_tiles = models.BigIntegerField(default=0)  # full bundles whose partial forms are gone

    holder = models.CharField(max_length=64, default="")  # the log folder that may write
    lease_until = models.DateTimeField(null=True)
    fence = models.BigIntegerField(default=0)

    # What stands in the way now, for those who look from other processes; empty when all is well.
    fault = models.CharField(max_length=40, default="")
    fault_message = models.TextField(default="")
    # The latest entry whose time lies before an earlier entry's by more than writers at once explain.
    clock_back_index = models.BigIntegerField(null=True)
    clock_back_s = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"log of {self.size}, {self.published_size} published"


class LogCount(models.Model):
    """How many entries of a kind were sequenced; counting millions of rows for a page would be slow."""

    kind = models.CharField(max_length=40, primary_key=True)
    entries = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.entries} {self.kind}"


class LogWitness(models.Model):
    """How far each witness has followed, and what it last said."""

    name = models.CharField(max_length=200, primary_key=True)
    size = models.BigIntegerField(default=0)  # of the last checkpoint it cosigned
    cosigned_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=300, default="")  # the last failure in words; empty after success

    def __str__(self) -> str:
        return f"{self.name} at {self.size}"
