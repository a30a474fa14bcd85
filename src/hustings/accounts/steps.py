"""Secrets of second steps (code generators, recovery codes): sealed under the key of whom they belong to.

Allauth hands its adapter a secret without saying whose it is. So the adapter closes it with the server's key
(`adapter.MFAAdapter`), and before the row is written it is opened and sealed for the row's own person.
"""

from base64 import b64decode, b64encode
from typing import Any

from allauth.mfa.adapter import get_adapter
from django.apps import apps
from django.db.models.signals import pre_save

from hustings.trust.api import open_sealed, seal

PREFIX = "sealed:"
PURPOSE = "mfa.Authenticator.data"
SECRETS = ("secret", "seed")


def connect() -> None:
    """Have every row of allauth's table sealed before it is written."""
    pre_save.connect(_seal, sender=apps.get_model("mfa", "Authenticator"), dispatch_uid="seal")


def _seal(sender: type, instance: Any, **details: Any) -> None:
    for name in SECRETS:
        closed = instance.data.get(name)
        if isinstance(closed, str) and not closed.startswith(PREFIX):
            sealed = seal(instance.user_id, PURPOSE, get_adapter().decrypt(closed).encode())
            instance.data[name] = f"{PREFIX}{instance.user_id}:{b64encode(sealed).decode()}"


def opened(text: str) -> str:
    """The secret in a text that begins with PREFIX. KeyErasedError, SealBrokenError."""
    subject, _, sealed = text.removeprefix(PREFIX).partition(":")
    return open_sealed(int(subject), PURPOSE, b64decode(sealed)).decode()
