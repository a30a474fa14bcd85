"""A closure is a row that moves from state to state; a notice stands for ever in an account's place."""

from django.db import models
from django.db.models import Q

from hustings.lib import clock, ids


class Closure(models.Model):
    """One account on its way out, and afterwards its receipt. Each state names what has been reached."""

    class State(models.TextChoices):
        COOLING = "cooling"  # asked for; everything is as before, and it can be taken back
        LOCKED = "locked"  # nobody signs in, nothing is served, the notice stands
        ARCHIVED = "archived"  # the package for the public record is made, or was not wanted
        ERASED = "erased"  # every domain has erased, the key is gone
        VERIFIED = "verified"  # a sweep found nothing
        RECEIPT = "receipt"  # the receipt is written; nothing more will happen

    class Kind(models.TextChoices):
        PERSON = "person"
        ORGANISATION = "organisation"
        OFFICIAL = "official"

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    # Under this its owner, who can no longer sign in, finds the progress and the receipt: the secret itself is theirs.
    secret_sha256 = models.CharField(max_length=64, unique=True)
    # X25519 public key made of the same secret: the receipt is written to it, and only the secret opens it.
    receipt_to = models.BinaryField(default=bytes)

    subject = models.BigIntegerField(null=True)  # the account's id; forgotten with the receipt
    handle = models.CharField(max_length=30, blank=True)  # likewise: the notice has it
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=8, choices=State, default=State.COOLING)

    # What its owner chose.
    comments = models.CharField(max_length=9, default="erase")  # or anonymise
    archive = models.BooleanField(default=False)
    cooling_days = models.PositiveSmallIntegerField(default=0)
    words = models.CharField(max_length=280, blank=True)
    link = models.CharField(max_length=200, blank=True)

    asked_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(default=clock.now)  # the end of cooling
    locked_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # when the receipt was written

    # How far the erasing is, for those who wait.
    step = models.CharField(max_length=40, blank=True)  # a holder's name
    to_erase = models.PositiveBigIntegerField(default=0)
    erased = models.PositiveBigIntegerField(default=0)

    # Who works on it, as with videos: a lease that every chunk renews; a rest after a failure has no key.
    lease_key = models.CharField(max_length=22, blank=True)
    lease_until = models.DateTimeField(null=True)
    woken_at = models.DateTimeField(null=True)  # when work was last asked for
    attempts = models.PositiveIntegerField(default=0)  # failures since something last went well
    error = models.CharField(max_length=200, blank=True)  # of the last failure: where and which, never about whom
    error_at = models.DateTimeField(null=True)
    findings = models.JSONField(default=dict)  # what the last sweep found, by place

    # What the sweep must look for once the rows that know it are gone; see `working`. Emptied with the receipt.
    working = models.BinaryField(null=True)

    archived = models.JSONField(null=True)  # {place, sha256, bytes} of the package for the public record
    entry = models.BigIntegerField(null=True)  # the log entry's id in this database
    statement = models.JSONField(null=True)
    # Sealed to `receipt_to`; in clear for official accounts, whose receipts are public.
    receipt = models.BinaryField(null=True)
    public = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(subject__isnull=False), name="closure_once")
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="closure_due")]

    def __str__(self) -> str:
        return f"closure {self.public_id}, {self.state}"


class ClosureRecord(models.Model):
    """What one chunk erased: written in the chunk's own transaction, so that a kill loses neither.

    Its rows go when the receipt is written.
    """

    closure = models.ForeignKey(Closure, on_delete=models.CASCADE, related_name="records")
    holder = models.CharField(max_length=40)
    what = models.CharField(max_length=40)
    count = models.PositiveIntegerField(default=0)
    # SHA-256 of files, 32 bytes each, one after the other; empty for rows.
    sha256 = models.BinaryField(default=bytes)

    def __str__(self) -> str:
        return f"{self.count} {self.what}"


class ClosedAccount(models.Model):
    """The notice in place of a profile. Public, signed, permanent; it also keeps the handle from being given again."""

    handle = models.CharField(max_length=30, unique=True)
    skeleton = models.CharField(max_length=60, db_index=True)  # the form in which look-alikes are equal
    name = models.CharField(max_length=60, blank=True)  # of organisations alone, which must not be imitated
    kind = models.CharField(max_length=12, choices=Closure.Kind)
    words = models.CharField(max_length=280, blank=True)
    link = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField()
    note = models.TextField(blank=True)  # a C2SP signed note; empty until the log has a key to sign with
    receipt = models.CharField(max_length=11, blank=True)  # of official accounts: the public receipt's id

    def __str__(self) -> str:
        return f"@{self.handle}, closed"
