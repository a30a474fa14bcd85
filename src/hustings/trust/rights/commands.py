"""What `hustings export` and `hustings import` do on a server. Functions with text in and lines out.

Neither shows the operator anything of anybody: an export is left on the person's own page, and an archive that is
brought for somebody waits there until they have seen what it would bring and say yes.
"""

import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from hustings.lib import clock, ids
from hustings.lib.errors import BusyError, InvalidInputError, NotFoundError
from hustings.trust import scopes
from hustings.trust.office import pages
from hustings.trust.people import people
from hustings.trust.rights import exporting, importing
from hustings.trust.rights.models import Export, Import

_REST_S = 0.2
_PATIENCE_S = 900.0


def make_export(handle: str) -> Iterator[str]:
    """Make an account's archive now and leave it on its own page: lines to print, the progress among them."""
    with scopes.service():
        account_id = _who(handle)
        row = _under_way(account_id)
        until = time.monotonic() + _PATIENCE_S
        before = -1
        while row.state in {Export.State.ASKED, Export.State.BUILDING}:
            exporting.build.call(row.pk)
            row.refresh_from_db()
            if row.percent != before:
                before = row.percent
                yield f"{before} %"
            if time.monotonic() > until or row.fault == "disk_full":
                raise BusyError("The archive cannot be made now.", hint="A running worker goes on with it.")
            time.sleep(0.0 if row.fault == "" else _REST_S)
        if row.state != Export.State.READY:
            raise BusyError("The archive could not be made.", hint="The log of the worker says why.")
        yield f"{row.size:,} bytes, SHA-256 {row.sha256}"
        ends = f"{row.expires_at:%Y-%m-%d}" if row.expires_at else ""
        place = f"{settings.PUBLIC_URL}/trust/export"
        yield f"@{handle.removeprefix('@')} fetches it at {place} until {ends}; nobody else can."


def _who(handle: str) -> int:
    try:
        return people().by_handle(handle)
    except NotFoundError:
        raise NotFoundError(
            f"There is nobody with the handle {handle.removeprefix('@')}.", hint="Handles are written without spaces."
        ) from None


def _fault(one: Mapping[str, Any]) -> str:
    """A fault of an archive in words."""
    known = pages.words()["en"]
    key = f"trust.rights.fault.{one['code']}"
    return known[key].format(**one["params"]) if key in known else known["trust.rights.fault.damaged"]


def _under_way(account_id: int) -> Export:
    """The export that is being made already, else a new one."""
    with transaction.atomic():
        live = Export.objects.filter(account_id=account_id, state__in=(Export.State.ASKED, Export.State.BUILDING))
        return live.first() or Export.objects.create(account_id=account_id, asked_by=None)


def bring(handle: str, files: Iterable[Path]) -> Iterator[str]:
    """Bring files for somebody, who decides on their own page: lines to print, with counts and no content."""
    given = list(files)
    missing = {str(path): "There is no such file." for path in given if not path.is_file()}
    if missing:
        raise InvalidInputError(fields=missing)
    with scopes.service():
        account_id = _who(handle)
        batch = importing.receive(account_id, [(path.name, _copied(path)) for path in given])
        importing.look.call(batch.pk)
        batch.refresh_from_db()
        if batch.state == Import.State.REFUSED:
            faults = {one["where"] or "the file": _fault(one) for one in batch.summary["faults"]}
            raise InvalidInputError(
                "This cannot be brought in; nothing of it was kept.", hint="Choose another file.", fields=faults
            )
        for kind, counts in importing.counts(batch):
            yield f"{sum(counts.values()):8} {kind}"
        ignored = sum(int(one["items"]) for one in batch.summary.get("ignored", ()))
        if ignored:
            yield f"{ignored:8} other things, never read"
        days = (batch.expires_at - clock.now()).days + 1 if batch.expires_at else 0
        place = f"{settings.PUBLIC_URL}/trust/import/{batch.key}"
        yield f"@{handle.removeprefix('@')} decides at {place} within {days} days."


def _copied(path: Path) -> Path:
    """Beside what comes over HTTP: an import moves its files and must not move the operator's."""
    folder = Path(settings.IMPORTS_ROOT)
    folder.mkdir(parents=True, mode=0o700, exist_ok=True)
    aside = folder / f"incoming-{ids.new(ids.SECRET_LENGTH)}"
    shutil.copyfile(path, aside)
    aside.chmod(0o600)
    return aside
