"""What stands where a profile was: the notice of a closed account, in both languages and for programs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hustings.lib import languages
from hustings.lib.errors import NotFoundError
from hustings.pages import shell, unfurl
from hustings.pages.shell import Screen, Visit
from hustings.pages.words import word
from hustings.trust import api as trust
from hustings.trust.api import Notice

# The profile is gone and will not come back; 410 says so to search engines, feed readers and programs, and the
# notice is what people read. See docs/decisions/0012-closed-means-closed.md.
GONE = 410
OFFICIAL = "official"


def page(request: HttpRequest, there: Visit, notice: Notice) -> HttpResponse:
    """`/@{handle}` of a closed account."""
    path = f"/@{notice.handle}"
    title = word(there.language, "closed_of", handle=notice.handle)
    head = unfurl.of_page(
        path,
        title,
        notice.words or word(there.language, "closed"),
        base=settings.PUBLIC_URL,
        site=settings.SITE_NAME,
        # People are not to be found by what they have left; a public body's last word may be.
        indexed=notice.kind == OFFICIAL,
    )
    head.links.append(
        _alternate("application/json", f"{settings.PUBLIC_URL}/api/v1/accounts/{notice.handle}/notice", title)
    )
    if notice.note:
        head.links.append(_alternate("text/plain", f"{settings.PUBLIC_URL}{path}/closed.note", title))
    said = notice.as_json()
    screen = Screen("Profile", head, boot={"closed": said}, notice=_shown(notice, there.language), status=GONE)
    answer = shell.render(request, there, screen)
    if notice.kind != OFFICIAL:
        answer["X-Robots-Tag"] = "noindex"
    return answer


def _alternate(media_type: str, address: str, title: str) -> dict[str, str]:
    return {"rel": "alternate", "type": media_type, "href": address, "title": title}


def _shown(notice: Notice, language: str) -> dict[str, Any]:
    """What the page says without JavaScript: the sentence in its own language first, then in the other."""
    others = [language, *(one for one in languages.LANGUAGES if one != language)]
    return {
        "handle": notice.handle,
        "sentences": [{"lang": one, "text": word(one, "closed")} for one in others],
        "day": word(language, "closed_on", day=languages.day(notice.closed_on, language)),
        "words": notice.words,
        "link": notice.link,
        "signed": f"/@{notice.handle}/closed.note" if notice.note else None,
        "signed_words": word(language, "closed_signed"),
        "receipt": notice.as_json()["receipt"],
        "receipt_words": word(language, "closed_receipt"),
    }


@require_safe
def note(request: HttpRequest, handle: str) -> HttpResponse:
    """`/@{handle}/closed.note`: the notice as a C2SP signed note, for whoever checks the signature."""
    try:
        text = trust.closed_notice(handle).note
    except NotFoundError:
        text = ""
    if not text:
        return HttpResponse("There is no signed notice at this address.\n", status=404, content_type="text/plain")
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*", "X-Robots-Tag": "noindex"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
