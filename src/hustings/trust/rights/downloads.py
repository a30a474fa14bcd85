"""A ready archive over HTTP: for its owner alone, with byte ranges, so that a download goes on where it broke off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from hustings.lib import clock
from hustings.lib.errors import BusyError
from hustings.lib.http import ByteRange, RangeNotSatisfiable, parse_range
from hustings.trust.people import people
from hustings.trust.rights.errors import ProofNeededError
from hustings.trust.rights.exporting import archive_of
from hustings.trust.rights.models import Export
from hustings.trust.rights.seats import Seats

_BLOCK: Final = 1 << 18
AT_ONCE: Final = 6  # downloads of this process: each holds a thread for as long as its line is slow
WINDOW_S: Final = 12 * 3600  # how long one proof of who asks lasts for one archive: large ones take hours
_seats = Seats(AT_ONCE, each=2)


def require_proof(request: HttpRequest, export: Export) -> None:
    """ProofNeededError unless the person proved that it is them, just now or when this download began."""
    opened = request.session.get("exports", {})
    until = opened.get(export.key, 0.0)
    now = clock.now().timestamp()
    if now < until <= now + WINDOW_S:
        return
    if not people().fresh(request):
        raise ProofNeededError
    request.session["exports"] = {export.key: now + WINDOW_S}


def serve(request: HttpRequest, export: Export, name: str, person_id: int) -> HttpResponseBase:
    """GET and HEAD of a ready archive (RFC 9110, 14); `name` is what the browser should call it. BusyError."""
    path = archive_of(export)
    size = path.stat().st_size
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="{name}"',
        "ETag": f'"{export.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    try:
        wanted = _range(request, size, headers["ETag"])
    except RangeNotSatisfiable:
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    part = wanted or ByteRange(0, size - 1)
    headers["Content-Length"] = str(len(part))
    status = 200
    if wanted is not None:
        status, headers["Content-Range"] = 206, wanted.content_range(size)
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_Blocks(path, part, person_id), status=status, headers=headers)


def _range(request: HttpRequest, size: int, etag: str) -> ByteRange | None:
    header = request.headers.get("Range", "")
    # If-Range takes a strong tag or a date; a date is never ours, so the whole file is the answer.
    if not header or request.headers.get("If-Range", etag) != etag:
        return None
    return parse_range(header, size)


class _Blocks:
    """The archive's bytes, a block at a time. Its place is given back when the answer ends, however it ends."""

    def __init__(self, path: Path, part: ByteRange, person_id: int) -> None:
        if not _seats.take(person_id):
            raise BusyError("Too many downloads at once.", hint="Nothing was lost. Try again in a minute.")
        self._held = True
        self._person_id = person_id
        self._left = len(part)
        try:
            self._file: Any = path.open("rb")
            self._file.seek(part.first)
        except OSError:
            self.close()
            raise

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block: bytes = self._file.read(min(_BLOCK, self._left))
        if not block:
            self.close()
            raise StopIteration
        self._left -= len(block)
        return block

    def close(self) -> None:
        """Called by the server with the answer's end; safe to call twice."""
        if self._held:
            self._held = False
            _seats.give_back(self._person_id)
        if getattr(self, "_file", None) is not None:
            self._file.close()
