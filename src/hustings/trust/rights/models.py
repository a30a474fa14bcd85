"""Exports, imports and requests for correction: each is a state on a row, safe to go on with by whoever is there."""

from django.db import models
from django.db.models import Q

from hustings.lib import clock, ids
from hustings.trust.keys.fields import SealedJSONField, SealedTextField


class Work(models.Model):
    """What an export and an import share: whose it is, and who works on it now.

    A worker owns the row while `lease_until` lies ahead; afterwards anyone may take it. `done` and `total` are
    bytes, for a bar that moves evenly; `fault` is the code of what keeps it from going on, empty when nothing does.
    """

    key = models.CharField(max_length=22, unique=True, default=ids.secret)
    account_id = models.BigIntegerField(db_index=True)  # whose data
    asked_by = models.BigIntegerField(null=True, db_index=True)  # the person, also when it is an organisation's
    asked_at = models.DateTimeField(default=clock.now)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    fault = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rest_until = models.DateTimeField(null=True, blank=True)  # after a fault that may pass
    lease_key = models.CharField(max_length=22, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def percent(self) -> int:
        """How much is done, 0 to 100."""
        return min(100, 100 * self.done // self.total) if self.total else 0


class Export(Work):
    """An archive of everything held about an account. Its file lies under EXPORTS_ROOT, named by `key`."""

    class State(models.TextChoices):
        ASKED = "asked"
        BUILDING = "building"
        READY = "ready"
        FAILED = "failed"  # with `fault`; nothing of it is kept
        EXPIRED = "expired"  # the file is deleted

    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    ready_at = models.DateTimeField(null=True, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # of the whole archive
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id"], condition=Q(state__in=("asked", "building")), name="export_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"export {self.pk} ({self.state})"


class Import(Work):
    """An archive that somebody brings. Nothing of it is taken before they have seen what would be."""

    class State(models.TextChoices):
        RECEIVED = "received"  # the file is here, nobody has looked into it
        PREVIEW = "preview"  # read; the person decides
        TAKING = "taking"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"
        REFUSED = "refused"  # with the faults in `summary`; the file is gone

    class Source(models.TextChoices):
        UNKNOWN = "unknown"
        HUSTINGS = "hustings"
        TIKTOK = "tiktok"
        CLIPS = "clips"  # films alone

    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    source = models.CharField(max_length=8, choices=Source, default=Source.UNKNOWN)
    # {"found": {kind: n}, "ignored": [{"group", "section", "items"}], "faults": [{"where", "code", "params"}]}
    summary = SealedJSONField(subject="account_id", default=dict)
    chosen = models.JSONField(default=list)  # kinds that the person ticked
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account_id"],
                condition=Q(state__in=("received", "preview", "taking", "undoing")),
                name="import_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"import {self.pk} ({self.state})"


class ImportItem(models.Model):
    """One thing that an import would bring in, such as a clip or a follow."""

    class State(models.TextChoices):
        FOUND = "found"
        WAITING = "waiting"  # a clip whose film has not been brought yet
        LEFT = "left"  # the person did not tick it
        TAKEN = "taken"
        THERE = "there"  # it was here already
        REFUSED = "refused"  # with `fault`
        UNDONE = "undone"
        KEPT = "kept"  # an undo left it: the person has used it since

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="items")
    account_id = models.BigIntegerField(db_index=True)
    number = models.PositiveIntegerField()  # in the order of the archive
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=8, choices=State, default=State.FOUND)
    detail = SealedJSONField(subject="account_id", default=dict)
    result = models.CharField(max_length=64, blank=True)  # what it became: a clip's public id, a handle
    fault = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_item_once")]
        indexes = [models.Index(fields=["batch", "state", "number"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} ({self.state})"


class Correction(models.Model):
    """Somebody says that what we hold about them is wrong, where only staff can put it right."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        DECLINED = "declined"

    key = models.CharField(max_length=22, unique=True, default=ids.secret)
    account_id = models.BigIntegerField(db_index=True)
    asked_by = models.BigIntegerField(null=True, db_index=True)
    column = models.CharField(max_length=120)  # `app.Model.column` of the data map
    text = SealedTextField(subject="account_id")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN, db_index=True)
    answer = SealedTextField(subject="account_id", default=b"")
    asked_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.BigIntegerField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"request {self.pk} to correct {self.column}"
