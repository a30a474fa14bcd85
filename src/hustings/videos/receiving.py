"""Bytes coming in: rows and files of uploads, without a word of HTTP (see `tus`).

How far an upload has come is the size of its file. Each block is written under a lock on that file and
only where the file ends, so two connections can never write the same place twice, a connection that
died without saying so holds nothing that its successor needs, and whatever was written stays.
"""

import errno
import fcntl
import hashlib
import hmac
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import transaction

from hustings.accounts import api as accounts
from hustings.lib import clock, ids, text
from hustings.lib.errors import NotFoundError
from hustings.videos import files, rules, tasks
from hustings.videos.errors import (
    ChecksumError,
    DiskFullError,
    EmptyFileError,
    TooLargeError,
    TooManyUploadsError,
    UploadGoneError,
    UploadLockedError,
    UploadOverError,
    WrongOffsetError,
)
from hustings.videos.models import Upload, Video

log = logging.getLogger(__name__)

BLOCK = 1 << 20
SPARE_BYTES = 64 << 20  # room that must stay when an upload begins, for everything else on the disk
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
CHECKSUMS = (
    "sha256",
    "sha1",
    "md5",
)  # the last two for clients that know no better; they guard against noise only


class Reader(Protocol):
    """What a request's body is: `read` answers b"" at its end and may answer less than asked."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class UploadInfo:
    """An upload as its owner may see it. `clip` is the public id of the clip it becomes."""

    key: str
    clip: str
    length: int
    offset: int
    expires_at: datetime


@dataclass(frozen=True)
class Checksum:
    """What a part must hash to: an algorithm of `CHECKSUMS` and the digest."""

    algorithm: str
    digest: bytes


def create_upload(
    owner_id: int, author_id: int, length: int, filename: str = "", *, limited: bool = True
) -> UploadInfo:
    """Begin an upload of `length` bytes and the clip it becomes, as a draft in state *receiving*.

    EmptyFileError, TooLargeError, TooManyUploadsError (when `limited`) or DiskFullError; nothing is kept then.
    """
    if length == 0:
        raise EmptyFileError
    if length > settings.VIDEO_MAX_BYTES:
        limit = settings.VIDEO_MAX_BYTES // 1_000_000
        raise TooLargeError(f"The file is larger than {limit} MB.", params={"limit_mb": limit})
    _refuse_full_disk(length)
    key = ids.secret()
    path = files.upload_path(key)
    # The file before its rows, and nowhere else: a part that arrives while the account is being closed must find
    # no file, not make one that nobody owns. A file without a row is swept.
    with _opened(path, os.O_CREAT | os.O_EXCL):
        pass
    try:
        with transaction.atomic():
            accounts.hold(owner_id)
            if limited:
                _refuse_too_many(owner_id)
            video = Video.objects.create(author_id=author_id, uploaded_by_id=owner_id)
            upload = Upload.objects.create(
                key=key,
                video=video,
                owner_id=owner_id,
                length=length,
                filename=text.clean(filename, lines=False)[:255],
                expires_at=_expiry(),
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return UploadInfo(upload.key, video.public_id, length, 0, upload.expires_at)


def _refuse_too_many(owner_id: int) -> None:
    limit = settings.UPLOAD_OPEN_PER_ACCOUNT
    if Upload.objects.filter(owner=owner_id, video__state=rules.RECEIVING, expires_at__gt=clock.now()).count() >= limit:
        raise TooManyUploadsError(f"You have {limit} unfinished uploads.", params={"limit": limit, "retry_after": 60})


def _refuse_full_disk(length: int) -> None:
    folder: Path = settings.UPLOADS_ROOT
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < length + SPARE_BYTES:
        raise DiskFullError(hint="Nothing was sent. Try again later; the operator has to make room.")


def _expiry() -> datetime:
    return clock.now() + timedelta(hours=settings.UPLOAD_EXPIRES_HOURS)


def find(key: str, owner_id: int) -> Upload:
    """The owner's upload. NotFoundError for strangers and unknown keys, UploadGoneError when it expired."""
    if not ids.is_id(key, ids.SECRET_LENGTH):
        raise NotFoundError
    upload = Upload.objects.select_related("video").filter(key=key, owner=owner_id).first()
    if upload is None:
        raise NotFoundError
    if upload.expires_at <= clock.now() and upload.video.state == rules.RECEIVING:
        raise UploadGoneError
    return upload


def offset_of(upload: Upload) -> int:
    """Bytes that are here. A finished upload says its length, also when its file is long processed."""
    if upload.video.state != rules.RECEIVING:
        return upload.length
    return files.upload_size(upload.key)


def append(
    upload: Upload, offset: int, stream: Reader, size: int | None = None, checksum: Checksum | None = None
) -> int:
    """Write a part that begins at `offset` and is `size` bytes long (None: until it ends); the new offset.

    A stream that ends early is no fault: what came is kept. With a checksum a part is kept whole or
    not at all. WrongOffsetError, UploadLockedError when another connection writes, TooLargeError past
    the announced length, ChecksumError, DiskFullError. When the last byte is there, the clip is *received*.
    """
    here = offset_of(upload)
    if offset != here:
        raise WrongOffsetError(params={"offset": here})
    if size is not None and offset + size > upload.length:
        raise TooLargeError("This part is longer than what is left of the file.")
    if upload.video.state == rules.RECEIVING:
        room = upload.length - offset if size is None else size
        path = files.upload_path(upload.key)
        with _opened(path) as file:
            if checksum is None:
                here, digest = _pour(file, offset, stream, room)
            else:
                here, digest = _pour_checked(path, file, offset, stream, room, checksum=checksum)
        Upload.objects.filter(pk=upload.pk).update(expires_at=_expiry())
        if here == upload.length:
            complete(upload, digest)
    return here


@contextmanager
def _opened(path: Path, extra: int = 0) -> Iterator[int]:
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC | extra, 0o600)
    except FileNotFoundError as fault:
        raise UploadGoneError from fault  # its rows went with it, or are about to
    except OSError as fault:
        raise _told(fault) from fault
    try:
        yield file
    finally:
        os.close(file)


def _told(fault: OSError) -> Exception:
    return DiskFullError() if fault.errno in _NO_ROOM else fault


def _pour(file: int, offset: int, stream: Reader, room: int) -> tuple[int, str]:
    """Write from `stream`; where it ended, and the digest when all of the file passed through here."""
    digest = hashlib.sha256() if offset == 0 else None
    begun = offset
    while room > 0:
        block = _read(stream, min(BLOCK, room))
        if not block:
            break
        _write(file, block, offset, first=offset == begun)
        offset += len(block)
        room -= len(block)
        if digest is not None:
            digest.update(block)
    return offset, digest.hexdigest() if digest is not None else ""


def _read(stream: Reader, size: int) -> bytes:
    """A connection that breaks ends the stream; that is what resuming is for."""
    try:
        return stream.read(size)
    except OSError:
        return b""


def _write(file: int, block: bytes, offset: int, *, first: bool) -> None:
    with _locked(file):
        end = os.fstat(file).st_size
        if end != offset:
            raise UploadLockedError if not first else WrongOffsetError(params={"offset": end})
        view = memoryview(block)
        try:
            while view:
                written = os.pwrite(file, view, offset)
                offset += written
                view = view[written:]
        except OSError as fault:
            raise _told(fault) from fault


@contextmanager
def _locked(file: int) -> Iterator[None]:
    """The kernel frees the lock when a process dies, which no lock in a row or a file name does.

    Held for one write, never while waiting for the network; so a short wait is always enough.
    """
    for _ in range(200):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            time.sleep(0.01)
    else:
        raise UploadLockedError
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _pour_checked(
    path: Path, file: int, offset: int, stream: Reader, room: int, *, checksum: Checksum
) -> tuple[int, str]:
    """Gather the part beside the file and add it once it has proved right.

    A part that was cut is thrown away with the rest: nothing can say whether its bytes are right.
    """
    aside = path.with_name(f"{path.name}.{ids.new()}")
    proof = hashlib.new(checksum.algorithm, usedforsecurity=False)
    try:
        with _opened(aside, os.O_CREAT | os.O_EXCL) as part:
            size = 0
            while size < room and (block := _read(stream, min(BLOCK, room - size))):
                _write(part, block, size, first=False)
                proof.update(block)
                size += len(block)
            if not hmac.compare_digest(proof.digest(), checksum.digest):
                raise ChecksumError
            os.lseek(part, 0, os.SEEK_SET)
            with os.fdopen(os.dup(part), "rb", buffering=0) as whole:
                return _pour(file, offset, whole, size)
    finally:
        aside.unlink(missing_ok=True)


def complete_if_due(upload: Upload) -> None:
    """Finish an upload whose bytes all came while the write that should have said so was lost."""
    if upload.video.state == rules.RECEIVING and files.upload_size(upload.key) == upload.length:
        complete(upload)


def complete(upload: Upload, digest: str = "") -> bool:
    """All bytes are here: they are made safe on disk, then the clip is *received* and work is woken.

    Safe to call again, which is how an upload is finished whose last answer or last write was lost.
    """
    with _opened(files.upload_path(upload.key)) as file:
        if os.fstat(file).st_size < upload.length:
            return False
        os.fsync(file)
    with transaction.atomic():
        moved = Video.objects.filter(pk=upload.video_id, state=rules.RECEIVING).update(
            state=rules.RECEIVED, source_sha256=digest
        )
        if moved:
            tasks.wake(tasks.examine, upload.video_id)
    upload.video.state = rules.RECEIVED
    return bool(moved)


def terminate(upload: Upload) -> None:
    """The person no longer wants it: rows and bytes go. UploadOverError once the clip is out."""
    gone = Video.objects.filter(pk=upload.video_id, release=rules.DRAFT)
    video = gone.first()
    if video is None:
        raise UploadOverError
    video.delete()  # the receiver of post_delete removes the files
