"""Who looked, on whose word, and who agreed. No foreign keys: the ledger outlives what it records."""

from django.db import models
from django.db.models import Q

from hustings.lib import clock, ids


class AccessEntry(models.Model):
    """One recorded access: written and committed before anything is read, completed when the reading ends.

    `fields` are what was chosen (`app.Model.column`), `read` what was read of it. A process that dies while
    somebody looks leaves `ended_at` empty: then everything chosen counts as read.
    """

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    log_entry = models.BigIntegerField(null=True)  # empty only between a database shell's asking and the next sweep
    actor = models.BigIntegerField()
    subject = models.BigIntegerField()
    role = models.CharField(max_length=20)
    reason = models.CharField(max_length=20)
    reason_text = models.CharField(max_length=500, blank=True)
    case = models.CharField(max_length=80)
    fields = models.JSONField(default=list)
    method = models.CharField(max_length=10, default="screen")
    employer = models.CharField(max_length=80)
    employed_by = models.CharField(max_length=10, default="controller")  # controller, processor or authority
    office_country = models.CharField(max_length=2)
    physical_country = models.CharField(max_length=2)
    started_at = models.DateTimeField(default=clock.now)

    ended_at = models.DateTimeField(null=True)
    read = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)

    request = models.BigIntegerField(null=True)  # the approved AccessRequest it rests on
    break_glass = models.BooleanField(default=False)
    justification = models.CharField(max_length=1000, blank=True)
    review_due = models.DateTimeField(null=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.BigIntegerField(null=True)
    review = models.CharField(max_length=12, blank=True)  # justified or unjustified
    review_note = models.CharField(max_length=1000, blank=True)

    authority = models.BigIntegerField(null=True)  # the LawfulRequest it answers
    disclose_after = models.DateTimeField(null=True)  # until then the law keeps it from the person
    disclosed_at = models.DateTimeField(null=True)

    # Of a look through a database shell: the transaction that asked, which may not be the one that reads.
    asked_in = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "-started_at"], name="access_of_subject"),
            models.Index(fields=["-started_at"], name="access_newest"),
            models.Index(
                fields=["review_due"], condition=Q(break_glass=True, reviewed_at=None), name="access_to_review"
            ),
            models.Index(
                fields=["disclose_after"],
                condition=Q(disclose_after__isnull=False, disclosed_at=None),
                name="access_to_disclose",
            ),
            models.Index(fields=["id"], condition=Q(log_entry=None), name="access_to_log"),
        ]

    def __str__(self) -> str:
        return f"access {self.public_id} for {self.reason}"


class AccessCase(models.Model):
    """What somebody is working on: an access names one, and an invented one is refused.

    Domains that have cases of their own (a report, an appeal) register how to ask for them instead.
    """

    reference = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20)  # a reason of the closed list
    subject = models.BigIntegerField(null=True)  # whom it is about; empty: nobody yet, an access to anyone fits
    summary = models.CharField(max_length=200)
    opened_by = models.BigIntegerField()
    opened_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-opened_at"], condition=Q(closed_at=None), name="access_cases_open")]

    def __str__(self) -> str:
        return self.reference


class AccessRequest(models.Model):
    """Somebody asks to look at what needs a second person. Approved, it may be used until `usable_until`."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REFUSED = "refused"

    public_id = models.CharField(max_length=11, unique=True, default=ids.new)
    actor = models.BigIntegerField()
    subject = models.BigIntegerField()
    reason = models.CharField(max_length=20)
    reason_text = models.CharField(max_length=500)
    case = models.CharField(max_length=80)
    fields = models.JSONField(default=list)
    why_two = models.CharField(max_length=20)  # sensitive, minor, legal_order or research
    authority = models.BigIntegerField(null=True)
    disclose_after = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True)
    usable_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="access_requests_newest")]
        constraints = [
            # Never the same person: held here too, whatever code decides.
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("actor")), name="access_request_two_people"
            )
        ]

    def __str__(self) -> str:
        return f"request {self.public_id}, {self.state}"


class StaffSession(models.Model):
    """Where somebody said they are working from, for as long as a working day lasts."""

    actor = models.BigIntegerField(primary_key=True)
    employer = models.CharField(max_length=80)
    employed_by = models.CharField(max_length=10)
    office_country = models.CharField(max_length=2)
    physical_country = models.CharField(max_length=2)
    started_at = models.DateTimeField(default=clock.now)
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"session of {self.actor}"


class StaffPseudonymKey(models.Model):
    """What makes the pseudonyms of one month in the public log: within a month one name, across months none."""

    month = models.CharField(max_length=7, primary_key=True)
    key = models.BinaryField()
    made_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.month


class LawfulRequest(models.Model):
    """An authority asked for something. The register is public as counts; the order itself never is."""

    reference = models.CharField(max_length=20, unique=True)
    order = models.CharField(max_length=120)  # the authority's own reference; in the log a commitment
    country = models.CharField(max_length=2)
    authority = models.CharField(max_length=120)
    authority_kind = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20, default="received")
    legal_basis = models.CharField(max_length=80, blank=True)
    accounts = models.PositiveIntegerField(default=1)
    disclose_after = models.DateTimeField(null=True)
    recorded_by = models.BigIntegerField()
    recorded_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True)
    log_entry = models.BigIntegerField(null=True)
    outcome_entry = models.BigIntegerField(null=True)
    openings = models.JSONField(default=dict)  # of its commitments in the log: name to salt and value

    class Meta:
        indexes = [models.Index(fields=["-recorded_at"], name="lawful_newest")]

    def __str__(self) -> str:
        return self.reference


class LawfulMonth(models.Model):
    """A month that is over, and the entry that says how many lawful requests it had when there were none."""

    month = models.CharField(max_length=7, primary_key=True)
    requests = models.PositiveIntegerField(default=0)
    log_entry = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.month}: {self.requests}"


class DatabaseLogin(models.Model):
    """Which person stands behind a login of the database; made by `hustings access harden`."""

    login = models.CharField(max_length=63, primary_key=True)
    actor = models.BigIntegerField()
    given_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.login
