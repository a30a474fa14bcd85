"""Clips that somebody brings from elsewhere: by the ordinary way of an upload, with the same checks, as drafts."""

import errno
import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from hustings.accounts import api as accounts
from hustings.lib import text
from hustings.lib.errors import InvalidInputError
from hustings.trust.api import Brought, Taken
from hustings.videos import details, files, receiving, releases, rules
from hustings.videos.errors import BadCaptionsError, DiskFullError, EmptyFileError, TooLargeError
from hustings.videos.languages import NAMES
from hustings.videos.lists import by_origin
from hustings.videos.lookup import visible_ids
from hustings.videos.models import Upload, Video

_AT_ONCE = 500


class ClipImporter:
    """Takes in clips."""

    kinds: tuple[str, ...] = ("clip",)

    def known(self, account_id: int, kind: str, given: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any] | None]:
        """Each with what it will be called here; `there` names a clip that was brought before."""
        refs = [str(one["ref"]) for one in given if one.get("ref")]
        there: dict[str, str] = {}
        for start in range(0, len(refs), _AT_ONCE):
            own = _own(account_id).filter(origin__in=refs[start : start + _AT_ONCE])
            there |= dict(own.values_list("origin", "public_id"))
        return [{**_cleaned(one), "there": there.get(str(one.get("ref") or ""))} for one in given]

    def take(self, account_id: int, brought: Brought) -> Taken:
        detail, path = brought.detail, brought.film
        ref = str(detail.get("ref") or "")
        same = _own(account_id).filter(origin=ref) if ref else _own(account_id).none()
        twin = same.first() or _own(account_id).filter(source_sha256=brought.sha256).exclude(source_sha256="").first()
        if twin is not None:
            return Taken("there", twin.public_id)
        if path is None:
            return Taken("refused", fault="no_film")
        try:
            return Taken("taken", _ingest(account_id, brought, path))
        except (TooLargeError, EmptyFileError) as fault:
            return Taken("refused", fault=fault.code)
        except DiskFullError as fault:
            raise OSError(errno.ENOSPC, fault.message) from fault

    def undo(self, account_id: int, kind: str, result: str, before: Mapping[str, Any]) -> bool:
        """A draft goes; what the person has let out meanwhile is theirs to delete."""
        video = Video.objects.filter(author=account_id, public_id=result).first()
        if video is None:
            return True
        if video.release != rules.DRAFT:
            return False
        releases.delete(video.pk)
        return True


def _own(account_id: int) -> Any:
    return Video.objects.filter(author=account_id).exclude(state=rules.REFUSED)


def _cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """What an archive says, in the form that it is kept in here."""
    language, visibility = given.get("language"), given.get("visibility")
    return {
        **given,
        "ref": str(given.get("ref") or "")[:80],
        "caption": text.clean(str(given.get("caption") or ""))[: details.CAPTION_LENGTH],
        "language": language if language in NAMES else None,
        "visibility": visibility if visibility in rules.VISIBILITIES else None,
    }


def _ingest(account_id: int, brought: Brought, path: Path) -> str:
    """Rows, the film beside them, captions; the public id. The caller's transaction holds the rows."""
    detail = brought.detail
    name = str(detail.get("film") or "").rpartition("/")[2]
    made = receiving.create_upload(brought.person_id, account_id, path.stat().st_size, name, limited=False)
    upload = Upload.objects.select_related("video").get(key=made.key)
    details.set_details(
        upload.video_id,
        details.Details(
            caption=str(detail.get("caption") or ""),
            language=detail.get("language") or _language(account_id),
            visibility=str(detail.get("visibility") or "private"),
            allow_comments=detail.get("comments"),
        ),
    )
    Video.objects.filter(pk=upload.video_id).update(
        origin=str(detail.get("ref") or "")[:80], origin_at=_moment(detail.get("at"))
    )
    for track in detail.get("captions", ()):
        # A faulty caption file is no reason to leave the film behind.
        with suppress(BadCaptionsError, InvalidInputError), transaction.atomic():
            details.put_track(upload.video_id, str(track["language"]), bytes(track["body"]))
    _link(path, files.upload_path(made.key))
    receiving.complete(upload, brought.sha256)
    return made.clip


def _language(account_id: int) -> str:
    """The person's own, as far as they said so."""
    account, preferences = accounts.own(account_id)
    return str(preferences.get("language", "en")) if account else "en"


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:
        shutil.copyfile(path, target)


def found_here(given: Sequence[Mapping[str, Any]], viewer_id: int) -> list[str | None]:
    """The public id here of each clip that an archive names, by its id or by where it came from; else None."""
    ids = [str(one.get("clip") or "") for one in given]
    seen = set(visible_ids([one for one in ids if one], viewer_id))
    origins = by_origin({str(one.get("origin") or "") for one in given} | {f"hustings:{one}" for one in ids})
    return [
        clip if clip in seen else origins.get(str(one.get("origin") or "")) or origins.get(f"hustings:{clip}")
        for clip, one in zip(ids, given, strict=True)
    ]
