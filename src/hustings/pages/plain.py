"""The stylesheet of what works without JavaScript: embeds, and the shell's plain content.

It is the server's own, so that an embed needs nothing of the client's build. Its address carries a
hash and may be kept for ever.
"""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

_FILE = Path(__file__).parent / "assets" / "plain.css"


@cache
def _content() -> tuple[bytes, str]:
    text = _FILE.read_bytes()
    return text, sha256(text).hexdigest()[:12]


def address() -> str:
    """Where the stylesheet is, for <link>."""
    return f"/plain-{_content()[1]}.css"


@require_safe
def serve(request: HttpRequest, digest: str) -> HttpResponse:
    """The stylesheet. An older address gets the newer file, kept for no time."""
    text, current = _content()
    kept = "public, max-age=31536000, immutable" if digest == current else "no-cache"
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": kept})
