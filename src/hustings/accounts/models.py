"""People and organisations. Personal data here is declared in records.py."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models, transaction
from django.db.models.functions import Lower

from hustings.accounts import rules
from hustings.lib import clock
from hustings.trust.api import SealedJSONField, SealedTextField


class AgeBand(models.TextChoices):
    """All that is ever asked about age. Under 13 is refused and therefore never stored."""

    TEEN_13_15 = "13-15", "13 to 15"
    TEEN_16_17 = "16-17", "16 or 17"
    ADULT = "18+", "18 or over"


class AccountManager(BaseUserManager["Account"]):
    """How Django and allauth look an account up; accounts are made by `api.create_person` and allauth."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(handle=(username or "").lower())


class Account(AbstractBaseUser):
    """Somebody who can act: a person who signs in, or an organisation that its members act for.

    One table for both, because everything that follows, likes and publishes points here, and a
    public body's account is followed exactly as a person's is. An organisation has an unusable
    password: nobody signs in as it.

    There is no `PermissionsMixin`: rights come from memberships and from `is_operator`, never from
    Django's groups. There is no e-mail column either: an address, where one is given at all, lies
    in allauth's `EmailAddress`, once.
    """

    class Kind(models.TextChoices):
        PERSON = "person"
        ORGANISATION = "organisation"

    # We do not keep when somebody last came. (Django's own column, taken out.)
    last_login = None

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PERSON)
    handle = models.CharField(max_length=30, unique=True)  # lower case, held by a constraint below
    skeleton = models.CharField(max_length=60, db_index=True)  # the form in which look-alikes are equal
    name = models.CharField(max_length=60)
    name_skeleton = models.CharField(max_length=200, db_index=True)
    bio = models.CharField(max_length=300, blank=True)
    avatar = models.CharField(max_length=80, blank=True)  # file name under media/avatars
    # Nobody is ever looked up by these two, so they lie sealed under the person's own key.
    age_band = SealedTextField(subject="pk", choices=AgeBand, blank=True, default=str)  # empty for organisations
    official = models.BooleanField(default=False)  # given by the operator alone
    preferences = SealedJSONField(subject="pk", default=dict)  # language, theme, captions, data saver; see rules.py
    is_active = models.BooleanField(default=True)
    is_operator = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    # Set when somebody closes the account: it is locked from then on, and the sweep erases it.
    closing_since = models.DateTimeField(null=True, blank=True, db_index=True)

    objects = AccountManager()

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(handle=Lower("handle")), name="account_handle_lower")]

    def __str__(self) -> str:
        return f"@{self.handle}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the skeletons in step with what they are skeletons of, whoever saves; seal once there is a number."""
        self.skeleton = rules.skeleton(self.handle)
        self.name = self.name or self.handle
        self.name_skeleton = rules.name_skeleton(self.name)
        changed = kwargs.get("update_fields")
        if changed is not None and "name" in changed:
            kwargs["update_fields"] = {*changed, "name_skeleton"}
        if not self._state.adding or self.pk:
            super().save(*args, **kwargs)
            return
        # What is sealed for somebody is bound to their number, which they get by being stored.
        sealed = {"age_band": self.age_band, "preferences": self.preferences}
        self.age_band, self.preferences = "", {}
        with transaction.atomic():
            try:
                super().save(*args, **kwargs)
            finally:
                self.age_band, self.preferences = sealed.values()
            if any(sealed.values()):
                super().save(update_fields=sealed)


class Membership(models.Model):
    """A person's role in an organisation."""

    class Role(models.TextChoices):
        OWNER = "owner"
        EDITOR = "editor"  # publishes, edits, answers
        ANALYST = "analyst"  # reads figures

    organisation = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=8, choices=Role)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "person"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.person_id} is {self.role} of {self.organisation_id}"


class Invitation(models.Model):
    """An owner asks a person to join. A row is forgotten 14 days after `at`, whatever its state; a yes removes it."""

    class State(models.TextChoices):
        PENDING = "pending"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    organisation = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="offers")
    role = models.CharField(max_length=8, choices=Membership.Role)
    invited_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "person"], name="invitation_once")]

    def __str__(self) -> str:
        return f"{self.person_id} asked to be {self.role} of {self.organisation_id}: {self.state}"


class StaffRole(models.Model):
    """What a person of the staff is there for. No role opens anything by itself: `trust.access` asks for it."""

    class Role(models.TextChoices):
        MODERATOR = "moderator"
        SUPPORT = "support"
        SECURITY = "security"
        AUDITOR = "auditor"
        PRIVACY = "privacy_officer"
        OPERATOR = "operator"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=20, choices=Role)
    given_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")  # empty: by command
    since = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "role"], name="staff_role_once")]

    def __str__(self) -> str:
        return f"{self.account_id} is {self.role}"
