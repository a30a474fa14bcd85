"""`/log/…`: the log's files as anybody may fetch them (C2SP tlog-tiles). A web server can do this without us.

docs/operate/log.md has the lines for nginx; the folder holds nothing but what is public.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hustings.lib.tlog import tiles
from hustings.trust.log import signing, standing
from hustings.trust.log.folder import Folder

# A tile never changes. The checkpoint may in a second.
_FOR_EVER = "public, max-age=31536000, immutable"
_NOW = "public, no-cache"
_TEXT = "text/plain; charset=utf-8"


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    return _answer(standing.CHECKPOINT, _TEXT, _NOW)


@require_safe
def vkey(request: HttpRequest) -> HttpResponse:
    """The public key. Whoever checks takes it from somewhere else than the server it checks."""
    return _answer("vkey", _TEXT, _NOW)


@require_safe
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """A tile or an entry bundle. Only paths that the format can write are looked up."""
    name = f"tile/{path}"
    found = tiles.parse_path(name)
    if found is None:
        return _missing()
    return _answer(name, "application/octet-stream", _FOR_EVER)


def _answer(name: str, media_type: str, kept: str) -> HttpResponse:
    data = Folder(signing.log_root()).read(name)
    if data is None:
        return _missing()
    return HttpResponse(data, content_type=media_type, headers={"Cache-Control": kept} | _OPEN)


def _missing() -> HttpResponse:
    """Not kept by anybody: what is not there yet may be in a moment."""
    headers = {"Cache-Control": "no-store"} | _OPEN
    return HttpResponse("There is no such file in this log.\n", status=404, content_type=_TEXT, headers=headers)


# A log is for every reader, in a page of any other site, too.
_OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
