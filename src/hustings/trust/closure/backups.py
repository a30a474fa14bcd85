"""What the backups still hold of an account, and until when. How they are made is `backup/`'s matter.

In every backup an account's rows and files are sealed under its own key, so with the key they are gone: what
remains is to see that no mirror of the keys has it any more.
"""

import logging
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from django.db.models import Max

from hustings.lib.errors import HustingsError
from hustings.trust.closure.backup import mirror
from hustings.trust.closure.backup.models import Backup, KeysMirror
from hustings.trust.keys.models import PersonKey

log = logging.getLogger(__name__)


def remnants(subject: int) -> tuple[int, Mapping[str, int]]:
    """(backups looked at, what of the account could still be opened in them, by place).

    A mirror of the keys that was written before the account's key was erased still has it, and is written anew here.
    Where that cannot be done (a disk that is put away) it is counted, until somebody mirrors the keys there, or says
    that the copy is destroyed (`hustings keys forget`).
    """
    backups = Backup.objects.filter(gone_at=None).count()
    key = PersonKey.objects.filter(pk=subject).exclude(erased_at=None).first()
    if key is None:
        return backups, {}  # the sweep itself says that the key is still there
    held = 0
    for row in KeysMirror.objects.filter(made_at__lte=key.erased_at):
        root = Path(row.place)
        try:
            if not mirror.path_in(root).exists():
                raise FileNotFoundError(root)
            mirror.write(root)
        except (OSError, HustingsError) as fault:
            log.warning("the mirror of the keys at %s still has a key that was erased: %s", root, fault)
            held += 1
    return backups, {"mirror of the keys": held} if held else {}


def until() -> date | None:
    """The day on which the last backup that may hold sealed traces goes; None where none is made, or none goes."""
    last: date | None = Backup.objects.filter(gone_at=None).aggregate(last=Max("ends_on"))["last"]
    return last
