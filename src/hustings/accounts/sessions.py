"""The list of sessions, reduced to what a person needs to recognise and end one."""

from typing import Any

from django.apps import apps
from django.db.models.signals import pre_save

from hustings.accounts import clients


def connect() -> None:
    """Have every row of allauth's tables reduced before it is written."""
    pre_save.connect(_reduce_session, sender=apps.get_model("usersessions", "UserSession"), dispatch_uid="reduce")
    pre_save.connect(_reduce_identity, sender=apps.get_model("socialaccount", "SocialAccount"), dispatch_uid="reduce")


def _reduce_session(sender: type, instance: Any, **details: Any) -> None:
    """No address, and of the browser's boasting only its name and the system's."""
    instance.ip = clients.NO_ADDRESS
    instance.user_agent = clients.device(instance.user_agent)


def _reduce_identity(sender: type, instance: Any, **details: Any) -> None:
    """Of what an OpenID Connect provider tells, only the identifier stays."""
    instance.extra_data = {}
