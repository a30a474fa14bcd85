"""Media over HTTP: authorised, with byte ranges, strong entity tags, and caching as wide as the audience.

One query for a public clip. A thread is held only as long as it takes to read a piece from the disk:
what a browser asks open-ended (`bytes=0-`) is answered with a first piece, and it asks for the next.
Behind nginx (HUSTINGS_MEDIA_ACCEL) only the authorisation is done here.
"""

from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from hustings.accounts import api as accounts
from hustings.lib import ids
from hustings.lib.errors import NotFoundError
from hustings.lib.http import ByteRange, RangeNotSatisfiable, etag_matches, parse_range
from hustings.videos import files, lookup

PIECE = 2 << 20  # bytes of one open-ended answer: some seconds of a 1080p clip
_BLOCK = 1 << 18

FOR_ALL = "public, max-age=31536000, immutable"
# Asked again each time, so that a sign-out or a changed mind counts at once; the tag makes asking cheap.
FOR_ONE = "private, no-cache"


@require_safe
def serve(request: HttpRequest, public_id: str, media_key: str, name: str) -> HttpResponseBase:
    """GET and HEAD /media/{clip}/{media key}/{file}; 404 for strangers and for what is not ours."""
    digest = files.digest_in(name)
    if digest is None or not ids.is_id(public_id):
        return _nothing()
    try:
        for_all = lookup.media_open(public_id, media_key, lambda: accounts.viewer_id(request))
    except NotFoundError:
        return _nothing()
    headers = {
        "ETag": f'"{digest}"',
        "Cache-Control": FOR_ALL if for_all else FOR_ONE,
        "Content-Type": files.media_type(name),
        "Accept-Ranges": "bytes",
        # A page elsewhere may not draw a person's followers-only clip; an embed is our own page.
        "Cross-Origin-Resource-Policy": "cross-origin" if for_all else "same-origin",
    }
    if not for_all:
        headers["Vary"] = "Cookie"
    if etag_matches(request.headers.get("If-None-Match", ""), headers["ETag"]):
        del headers["Content-Type"]
        return HttpResponse(status=304, headers=headers)
    stored = files.storage_name(public_id, name)
    if settings.MEDIA_ACCEL:
        accel = f"{settings.MEDIA_ACCEL.rstrip('/')}/{stored}"
        return HttpResponse(headers=headers | {"X-Accel-Redirect": accel})
    try:
        file = default_storage.open(stored)
        size = default_storage.size(stored)
    except FileNotFoundError:
        return _nothing()
    return _answer(request, file, size, headers)


def _nothing() -> HttpResponse:
    # Not kept by caches: the clip may be let out a moment later.
    return HttpResponse(status=404, headers={"Cache-Control": "no-store"})


def _answer(request: HttpRequest, file: File[Any], size: int, headers: dict[str, str]) -> HttpResponseBase:
    try:
        wanted = _range(request, size, headers["ETag"])
    except RangeNotSatisfiable:
        file.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    if wanted is None:
        headers["Content-Length"] = str(size)
        if request.method == "HEAD":
            file.close()
            return HttpResponse(headers=headers)
        if size <= PIECE:
            with file:
                return HttpResponse(file.read(), headers=headers)
        return StreamingHttpResponse(_Blocks(file, size), headers=headers)
    headers["Content-Range"] = wanted.content_range(size)
    headers["Content-Length"] = str(len(wanted))
    file.seek(wanted.first)
    if len(wanted) <= PIECE:
        with file:
            return HttpResponse(file.read(len(wanted)), status=206, headers=headers)
    return StreamingHttpResponse(_Blocks(file, len(wanted)), status=206, headers=headers)


def _range(request: HttpRequest, size: int, etag: str) -> ByteRange | None:
    header = request.headers.get("Range", "")
    if request.method != "GET" or not header:
        return None
    # If-Range takes a strong tag or a date; a date is never ours, so the whole file is the answer.
    if request.headers.get("If-Range", etag) != etag:
        return None
    wanted = parse_range(header, size)
    if wanted is not None and header.strip().endswith("-"):
        return ByteRange(wanted.first, min(wanted.last, wanted.first + PIECE - 1))
    return wanted


class _Blocks:
    """The file's next bytes, a block at a time. Closed with the response, also when nobody reads it."""

    def __init__(self, file: File[Any], length: int) -> None:
        self._file = file
        self._left = length

    def __iter__(self) -> "_Blocks":
        return self

    def __next__(self) -> bytes:
        block: bytes = self._file.read(min(_BLOCK, self._left))
        if not block:
            raise StopIteration
        self._left -= len(block)
        return block

    def close(self) -> None:
        self._file.close()
