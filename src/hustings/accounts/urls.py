"""Addresses outside the API: profile pictures, mounted under /media/."""

import re

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotFound
from django.urls import path
from django.views.decorators.http import require_safe

from hustings.accounts import avatars

_NAME = re.compile(r"[0-9a-f]{16}[1-9A-HJ-NP-Za-km-z]{11}\.webp", re.ASCII)


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """A profile picture. Its name changes with its content, so that it may be cached for ever."""
    if not _NAME.fullmatch(name):
        return HttpResponseNotFound()
    try:
        answer = FileResponse((avatars.folder() / name).open("rb"), content_type="image/webp")
    except FileNotFoundError:
        return HttpResponseNotFound()
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


media = [path("avatars/<str:name>", picture)]
