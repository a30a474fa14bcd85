"""Whose the pictures are: for backups, which seal each under the key of whom it is about."""

from collections.abc import Mapping, Sequence

from hustings.accounts import avatars
from hustings.accounts.models import Account
from hustings.trust.api import register_files


def register() -> None:
    register_files("avatars", avatars.folder, _of_pictures)


def _of_pictures(names: Sequence[str]) -> Mapping[str, int]:
    """A picture that is withheld has a dot before its name."""
    plain = {name: name.removeprefix(".") for name in names}
    owners = dict(Account.objects.filter(avatar__in=set(plain.values())).values_list("avatar", "pk"))
    return {name: owners[picture] for name, picture in plain.items() if picture in owners}
