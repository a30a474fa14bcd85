"""Files that a form sends, straight to the disk: never in memory, never larger than allowed, gone unless taken.

Django's own handlers write to the system's folder for temporary files, which may be on another disk and small;
here a film is written once, where the import will find it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest

from hustings.lib import ids
from hustings.lib.errors import BusyError
from hustings.trust.rights.errors import ArchiveTooLargeError
from hustings.trust.rights.importing import MOST_FILMS, room_for
from hustings.trust.rights.seats import Seats

AT_ONCE: Final = 4  # of this process: a body arrives as slowly as its sender likes, and holds a thread
SMALL: Final = 1 << 16  # bytes of a form that needs no seat, no more than any other: a decision, no file
_seats = Seats(AT_ONCE, each=1)


class _OnDisk(UploadedFile):  # type: ignore[type-arg]  # Django's class takes no type at run time
    """A file that has come, under a name of ours."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        super().__init__(None, name, "application/octet-stream", size)
        self.path = path


class _ToDisk(FileUploadHandler):
    """Each file of a form to its own place in IMPORTS_ROOT, as it comes."""

    chunk_size = 1 << 20

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.paths: list[Path] = []
        self.too_large = False
        self._file: int | None = None
        self._written = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if len(self.paths) >= MOST_FILMS:
            raise StopUpload(connection_reset=True)
        path = Path(settings.IMPORTS_ROOT) / f"incoming-{ids.new(ids.SECRET_LENGTH)}"
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.paths.append(path)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._written += len(raw_data)
        if self._written > settings.IMPORT_MAX_BYTES:
            self.too_large = True
            raise StopUpload(connection_reset=True)
        assert self._file is not None
        view = memoryview(raw_data)
        while view:
            view = view[os.write(self._file, view) :]

    def file_complete(self, file_size: int) -> _OnDisk:
        self.close()
        return _OnDisk(self.paths[-1], str(self.file_name or ""), file_size)

    def upload_interrupted(self) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def receiving(request: HttpRequest, person_id: int) -> Iterator[Callable[[], list[tuple[str, Path]]]]:
    """Read the form's files to the disk; what the block does not move away is removed at its end.

    Yields a function that answers (name as given, where it lies), which is to be called once the form was read.
    ArchiveTooLargeError before a byte is read, where the length says so; BusyError when too many send at once, or
    this person already does.
    """
    length = request.headers.get("Content-Length", "")
    size = int(length) if length.isascii() and length.isdigit() else 0
    if size > settings.IMPORT_MAX_BYTES or not room_for(size):
        raise _too_large()
    seated = not 0 < size <= SMALL
    if seated and not _seats.take(person_id):
        raise BusyError("Too many files arrive at once.", hint="Nothing was lost. Try again in a minute.")
    handler = _ToDisk(request)
    request.upload_handlers = [handler]

    def files() -> list[tuple[str, Path]]:
        given = [one for several in request.FILES.lists() for one in several[1]]
        if handler.too_large:
            raise _too_large()
        return [(str(one.name), one.path) for one in given if isinstance(one, _OnDisk) and one.size]

    try:
        yield files
    finally:
        if seated:
            _seats.give_back(person_id)
        handler.close()
        for path in handler.paths:
            with suppress(FileNotFoundError):
                path.unlink()


def _too_large() -> ArchiveTooLargeError:
    limit = settings.IMPORT_MAX_BYTES // 1_000_000
    return ArchiveTooLargeError(f"This file is larger than {limit} MB.", params={"limit_mb": limit})
