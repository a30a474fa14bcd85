"""Pages of the back office: rendered here, complete without JavaScript, in English and Welsh.

GOV.UK Frontend's patterns in Hustings' own typeface and colours. A page is a template that extends
`office/base.html`; its words lie in `words/en.json` and `words/cy.json` of the domain that shows it,
under keys that begin with the domain's label (`trust.data.title`), and are written `{% say "key" %}`.
"""

import json
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from hustings.lib.languages import LANGUAGES, best

_STYLE = "src/office/office.scss"


def language(request: HttpRequest) -> str:
    """`?lang=`, else the person's own choice, else what the browser asks for."""
    asked = request.GET.get("lang")
    if asked in LANGUAGES:
        return asked
    user = getattr(request, "user", None)
    preferences = getattr(user, "preferences", None) or {}
    return best(request.headers.get("Accept-Language", ""), preferences.get("language"))


def say(key: str, lang: str, **values: object) -> str:
    """The sentence of `key` in a language. A key that is not there is a fault of ours, and raises KeyError."""
    return str(words()[lang][key]).format(**values)


@cache
def words() -> dict[str, dict[str, str]]:
    """Every domain's words, by language; the files lie beside the domain's templates."""
    found: dict[str, dict[str, str]] = {lang: {} for lang in LANGUAGES}
    for config in apps.get_app_configs():
        if config.name.startswith("hustings."):
            for path in sorted(Path(config.path).rglob("words/*.json")):
                if path.stem in found:
                    found[path.stem] |= json.loads(path.read_text())
    return found


def render(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page. Signed in, or with anything personal on it, it is nobody else's to keep."""
    lang = language(request)
    signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    body = render_to_string(
        template,
        {
            "lang": lang,
            "other_lang": LANGUAGES[1 - LANGUAGES.index(lang)],
            "site": settings.SITE_NAME,
            "style": _style(),
            "signed_in": signed_in,
            **(context or {}),
        },
        request=request,
    )
    kept = "private, no-store" if signed_in else "no-cache"
    headers = {"Cache-Control": kept, "Vary": "Cookie, Accept-Language", "Content-Language": lang}
    return HttpResponse(body, status=status, headers=headers)


def _style() -> str | None:
    """The stylesheet that Vite built; None while the client has not been built."""
    manifest = settings.CLIENT_ROOT / ".vite" / "manifest.json"
    try:
        changed = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _style_of(manifest, changed)


@lru_cache(maxsize=2)
def _style_of(manifest: Path, changed: int) -> str | None:
    entry = json.loads(manifest.read_text()).get(_STYLE)
    return f"{settings.CLIENT_URL}{entry['file']}" if entry else None
