"""Reports as they came in. Decisions, appeals and the queue are built on this table."""

from django.conf import settings
from django.db import models

from hustings.lib import clock, ids


class Report(models.Model):
    """Somebody, signed in or not, says that a thing breaks a rule.

    The thing is an opaque reference (`kind`, `ref`): moderation knows no domain above it, and a
    report outlives what it reports.
    """

    class Kind(models.TextChoices):
        CLIP = "clip"
        COMMENT = "comment"
        ACCOUNT = "account"
        SOUND = "sound"

    class Reason(models.TextChoices):
        HATE = "hate"
        HARASSMENT = "harassment"
        VIOLENCE = "violence"
        SEXUAL = "sexual"
        CHILD_SAFETY = "child_safety"
        SELF_HARM = "self_harm"
        MISLEADING = "misleading"
        IMPERSONATION = "impersonation"
        SPAM = "spam"
        PRIVACY = "privacy"
        RIGHTS = "rights"
        ILLEGAL = "illegal"
        OTHER = "other"

    class State(models.TextChoices):
        OPEN = "open"
        DECIDED = "decided"

    receipt = models.CharField(max_length=22, unique=True, default=ids.secret)
    kind = models.CharField(max_length=8, choices=Kind)
    ref = models.CharField(max_length=40)
    reason = models.CharField(max_length=16, choices=Reason)
    text = models.CharField(max_length=2000, blank=True)
    moment_s = models.FloatField(null=True, blank=True)  # seconds into the clip
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [
            models.Index(fields=["state", "created_at"], name="report_queue"),
            models.Index(fields=["kind", "ref"], name="report_about"),
        ]
        constraints = [
            # Pressing the button twice is one report. After a decision the same thing may be reported anew.
            models.UniqueConstraint(
                fields=["reporter", "kind", "ref"],
                condition=models.Q(state="open", reporter__isnull=False),
                name="report_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reason} on {self.kind} {self.ref}"
