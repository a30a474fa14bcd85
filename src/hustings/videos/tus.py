"""tus 1.0, the resumable upload protocol (https://tus.io/protocols/resumable-upload), over `receiving`.

Core, creation (with upload), termination, expiration and checksum. Plain Django views, because a
body of a gigabyte must be read from the server's stream as it comes.
"""

import base64
import binascii
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import http_date

from hustings.accounts import api as accounts
from hustings.lib.errors import BusyError, HustingsError, SignInNeededError
from hustings.videos import receiving
from hustings.videos.errors import (
    BadHeaderError,
    ChecksumAlgorithmError,
    ContentTypeError,
    LengthNeededError,
    ProtocolVersionError,
    TooLargeError,
    WrongOffsetError,
)
from hustings.videos.models import Upload

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,termination,expiration,checksum"
BODY_TYPE: Final = "application/offset+octet-stream"
_METHODS: Final = ("POST", "HEAD", "PATCH", "DELETE", "OPTIONS")
_LONGEST_METADATA: Final = 4096

View = Callable[..., HttpResponse]


def _speaks_tus(allowed: tuple[str, ...]) -> Callable[[View], View]:
    """Version check, method override, and every refusal as JSON under the protocol's headers."""

    def around(view: View) -> View:
        @functools.wraps(view)
        def answered(request: HttpRequest, **kwargs: str) -> HttpResponse:
            method = _method(request)
            try:
                if method == "OPTIONS":
                    response = _discovery()
                elif method not in allowed:
                    response = HttpResponse(status=405, headers={"Allow": ", ".join((*allowed, "OPTIONS"))})
                else:
                    _check_version(request)
                    response = view(request, method=method, person_id=_person(request), **kwargs)
            except HustingsError as error:
                response = _refusal(error)
            except DatabaseError:
                # Locked or gone: what was written to disk counts, the client asks again.
                response = _refusal(BusyError())
            response.headers["Tus-Resumable"] = VERSION
            response.headers["Cache-Control"] = "no-store"
            return response

        return answered

    return around


def _method(request: HttpRequest) -> str:
    """The method meant. Only a POST may be another one: the CSRF check has then been made in any case."""
    meant = request.headers.get("X-HTTP-Method-Override", "").upper()
    return meant if request.method == "POST" and meant in _METHODS else request.method or ""


def _check_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise ProtocolVersionError


def _person(request: HttpRequest) -> int:
    person_id = accounts.viewer_id(request)
    if person_id is None:
        raise SignInNeededError
    return person_id


def _refusal(error: HustingsError) -> HttpResponse:
    headers = {}
    if isinstance(error, ProtocolVersionError):
        headers["Tus-Version"] = VERSION
    if isinstance(error, WrongOffsetError) and "offset" in error.params:
        headers["Upload-Offset"] = str(error.params["offset"])
    if "retry_after" in error.params:
        headers["Retry-After"] = str(error.params["retry_after"])
    return JsonResponse(error.as_json(), status=error.status, headers=headers)


def _discovery() -> HttpResponse:
    return HttpResponse(
        status=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(settings.VIDEO_MAX_BYTES),
            "Tus-Checksum-Algorithm": ",".join(receiving.CHECKSUMS),
        },
    )


@_speaks_tus(("POST",))
def collection(request: HttpRequest, *, method: str, person_id: int) -> HttpResponse:
    """POST /uploads/: begin an upload. `Location` is where it goes on, `Hustings-Clip` the clip's id."""
    if "Upload-Defer-Length" in request.headers:
        raise LengthNeededError
    metadata = parse_metadata(request.headers.get("Upload-Metadata", ""))
    length = _number(request, "Upload-Length")
    with_body = request.content_type == BODY_TYPE
    if with_body:
        # A first part that cannot be meant is refused before an upload is made for it.
        if (_body_size(request) or 0) > length:
            raise TooLargeError("This part is longer than the file.")
        checksum = parse_checksum(request.headers.get("Upload-Checksum"))
    author_id = accounts.acting_as(person_id, metadata.get("account") or None)
    made = receiving.create_upload(person_id, author_id, length, metadata.get("filename", ""))
    headers = {
        "Location": reverse("upload", kwargs={"key": made.key}),
        "Hustings-Clip": made.clip,
        "Upload-Expires": http_date(made.expires_at.timestamp()),
    }
    if with_body:
        upload = receiving.find(made.key, person_id)
        headers["Upload-Offset"] = str(_received(request, upload, 0, checksum))
    return HttpResponse(status=201, headers=headers)


@_speaks_tus(("HEAD", "PATCH", "DELETE"))
def item(request: HttpRequest, *, method: str, person_id: int, key: str) -> HttpResponse:
    """HEAD, PATCH and DELETE /uploads/{key}: where it stands, one more part, no more."""
    upload = receiving.find(key, person_id)
    if method == "PATCH":
        return _patch(request, upload, person_id)
    if method == "DELETE":
        receiving.terminate(upload)
        return HttpResponse(status=204)
    offset = receiving.offset_of(upload)
    if offset == upload.length:
        receiving.complete_if_due(upload)
    headers = _stand(upload, offset)
    headers["Upload-Length"] = str(upload.length)
    return HttpResponse(status=200, headers=headers)


def _patch(request: HttpRequest, upload: Upload, person_id: int) -> HttpResponse:
    if request.content_type != BODY_TYPE:
        raise ContentTypeError
    offset = _number(request, "Upload-Offset")
    checksum = parse_checksum(request.headers.get("Upload-Checksum"))
    offset = _received(request, upload, offset, checksum)
    upload = receiving.find(upload.key, person_id)  # its expiry has moved
    return HttpResponse(status=204, headers=_stand(upload, offset))


# A body arrives as slowly as its sender likes and holds a thread of the server meanwhile. The client tries
# again by itself, where it was.
UPLOADS_AT_ONCE = 12
_places = threading.BoundedSemaphore(UPLOADS_AT_ONCE)


@contextmanager
def _a_place() -> Iterator[None]:
    if not _places.acquire(timeout=2):
        raise BusyError("Too many uploads arrive at once.", hint="Nothing was lost. Try again in a few seconds.")
    try:
        yield
    finally:
        _places.release()


def _received(request: HttpRequest, upload: Upload, offset: int, checksum: receiving.Checksum | None) -> int:
    """Take in the request's body from `offset`; where the upload stands then."""
    with _a_place():
        return receiving.append(upload, offset, _stream(request), _body_size(request), checksum)


def _stand(upload: Upload, offset: int) -> dict[str, str]:
    return {
        "Upload-Offset": str(offset),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
        "Hustings-Clip": upload.video.public_id,
    }


def _stream(request: HttpRequest) -> receiving.Reader:
    """The server's own stream: Django's would hold a body without Content-Length to be empty."""
    stream: receiving.Reader = request.META["wsgi.input"]
    return stream


def _body_size(request: HttpRequest) -> int | None:
    """Content-Length, or None for a body in chunks, which says its end itself."""
    given = request.headers.get("Content-Length", "")
    return int(given) if given.isascii() and given.isdigit() else None


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not value and name == "Upload-Length":
        raise LengthNeededError
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise BadHeaderError(f"{name} must be a whole number, not negative.")
    return int(value)


def parse_metadata(header: str) -> Mapping[str, str]:
    """`Upload-Metadata`: pairs of a key and base64, separated by commas. BadHeaderError when it is not."""
    found: dict[str, str] = {}
    if len(header) > _LONGEST_METADATA:
        raise BadHeaderError("Upload-Metadata is too long.")
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        if not key or key in found:
            raise BadHeaderError("Upload-Metadata has an empty or repeated key.")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise BadHeaderError(f"Upload-Metadata: {key!r} is not base64 of UTF-8.") from None
    return found


def parse_checksum(header: str | None) -> receiving.Checksum | None:
    """`Upload-Checksum`: an algorithm and a base64 digest. BadHeaderError or ChecksumAlgorithmError."""
    if header is None:
        return None
    algorithm, _, value = header.strip().partition(" ")
    if algorithm.lower() not in receiving.CHECKSUMS:
        raise ChecksumAlgorithmError
    try:
        return receiving.Checksum(algorithm.lower(), base64.b64decode(value.strip(), validate=True))
    except binascii.Error:
        raise BadHeaderError("Upload-Checksum: the digest is not base64.") from None
