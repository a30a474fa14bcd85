"""The package for the public record: an export of everything the account holds, put where the operator declared.

It is made after the lock, so that nothing changes any more, and before anything is erased. The folder is the
operator's (HUSTINGS_PUBLIC_RECORD): who reads it, and for how long, is the law of their archives.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from hustings.lib import clock
from hustings.trust.closure.errors import CannotArchiveError
from hustings.trust.closure.models import Closure
from hustings.trust.rights import exporting
from hustings.trust.rights.models import Export

_BLOCK = 1 << 20
State = Export.State
_UNDER_WAY = (State.ASKED, State.BUILDING)


def make(subject: int, closure: Closure, *, beat: Callable[[], None], late: Callable[[], None]) -> dict[str, Any]:
    """Make the package and put it in its place; `{place, sha256, bytes}`. Safe to be killed and called again.

    `late` may end the slice between two steps of building. CannotArchiveError when it cannot be made or placed.
    """
    export = Export.objects.filter(account_id=subject, state__in=(*_UNDER_WAY, State.READY)).order_by("-pk").first()
    if export is None:
        export = Export.objects.create(account_id=subject, asked_by=None)
    while export.state in _UNDER_WAY:
        before = (export.done, export.state)
        exporting.build.call(export.pk)
        export.refresh_from_db()
        beat()
        late()
        if (export.done, export.state) == before:
            raise CannotArchiveError
    if export.state != State.READY:
        raise CannotArchiveError
    name = f"{closure.handle}-{clock.now():%Y-%m-%d}-{export.sha256[:16]}.zip"
    _place(exporting.archive_of(export), name, export.sha256, beat)
    placed = {"place": name, "sha256": export.sha256, "bytes": export.size}
    export.delete()
    shutil.rmtree(exporting.folder_of(export), ignore_errors=True)
    return placed


def _place(made: Path, name: str, wanted: str, beat: Callable[[], None]) -> None:
    """Copy it whole or not at all, and make sure that what lies there is what was made."""
    folder = Path(settings.PUBLIC_RECORD)
    aside = folder / f".{name}"
    digest = sha256()
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with made.open("rb") as source, aside.open("wb") as target:
            while block := source.read(_BLOCK):
                target.write(block)
                digest.update(block)
                beat()
            target.flush()
            os.fsync(target.fileno())
        if digest.hexdigest() != wanted:
            raise CannotArchiveError("The package for the public record was damaged on its way.")
        aside.rename(folder / name)
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as fault:
        raise CannotArchiveError(
            f"The package for the public record cannot be placed: {fault.strerror}.",
        ) from fault
    finally:
        # Where the folder itself is no folder, this fails too, and must not hide why.
        with suppress(OSError):
            aside.unlink(missing_ok=True)
