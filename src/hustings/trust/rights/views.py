"""Pages with which people use their rights: `/trust/rights`, `/trust/export`, `/trust/confirm`."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import override
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from hustings.lib import clock
from hustings.trust.office import pages
from hustings.trust.office.refusals import answering, to_sign_in
from hustings.trust.people import acting, asker, people
from hustings.trust.rights import contents, downloads, dumping, exporting
from hustings.trust.rights.errors import ProofNeededError
from hustings.trust.rights.forms import chosen, inside, require_fresh, to_proof
from hustings.trust.rights.models import Export

read_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@answering
def rights(request: HttpRequest) -> HttpResponse:
    """What everybody may ask for about their own data, and where."""
    return pages.render(request, "trust/rights/rights.html")


# --- Export -------------------------------------------------------------------------------------------


@read_or_post
@csrf_protect
@answering
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask for an archive, see how far it is, fetch it."""
    person_id, handle = asker(request), chosen(request)
    if request.method == "POST":
        try:
            return _asked(request, person_id, handle)
        except ProofNeededError:
            return to_proof(request)
    made = exporting.latest(person_id, handle or None)
    return pages.render(request, "trust/rights/export.html", _export_details(request, person_id, handle, made))


def _asked(request: HttpRequest, person_id: int, handle: str) -> HttpResponseBase:
    if request.POST.get("act") == "cancel":
        exporting.cancel(person_id, handle or None)
    else:
        require_fresh(request)
        exporting.ask(person_id, handle or None)
    return HttpResponseRedirect(f"{request.path}?for={handle}" if handle else request.path)


def _export_details(request: HttpRequest, person_id: int, handle: str, made: Export | None) -> dict[str, Any]:
    lang = pages.language(request)
    account_id = acting(person_id, handle or None)
    live = made is not None and made.state in {Export.State.ASKED, Export.State.BUILDING}
    return {
        "handle": handle or people().handles([person_id]).get(person_id, ""),
        "for": handle,
        "organisations": people().organisations(person_id),
        "export": made,
        "live": live,
        # A page that works without JavaScript shows progress by asking again.
        "refresh": 3 if live else 0,
        "megabytes": megabytes(made.size) if made else "",
        "until": day(made.expires_at, lang) if made and made.expires_at else "",
        "made": moment(made.ready_at, lang) if made and made.ready_at else "",
        "file": file_name(made) if made else "",
        "tables": [table.model for table in contents.tables_with_rows(account_id)],
        "left_out": len({(one.table, one.column) for one in dumping.everything_left_out()}),
        "days": exporting.KEPT.days,
    }


def file_name(made: Export) -> str:
    """What a browser should call an archive."""
    handle = people().handles([made.account_id]).get(made.account_id, "account")
    return f"hustings-export-{handle}-{(made.ready_at or clock.now()).date().isoformat()}.zip"


@require_safe
@answering
def download(request: HttpRequest, key: str, name: str) -> HttpResponseBase:
    """The archive itself. Strangers get 404; the owner must have proved within minutes that it is them."""
    person_id = asker(request)
    made = exporting.mine(person_id, key)
    if made.state != Export.State.READY:
        return HttpResponseRedirect("/trust/export")
    try:
        downloads.require_proof(request, made)
    except ProofNeededError:
        return to_proof(request)
    return downloads.serve(request, made, file_name(made), person_id)


# --- Who asks -----------------------------------------------------------------------------------------


@read_or_post
@csrf_protect
@answering
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Prove by the password that it is you, then go on. Passkeys and codes are the client's page."""
    person_id = people().signed_in(request)
    given: Mapping[str, Any] = request.POST if request.method == "POST" else request.GET
    back = inside(str(given.get("next", "")), "/trust/rights")
    if person_id is None:
        return to_sign_in(request)
    wrong = False
    if request.method == "POST":
        if people().prove(request, str(given.get("password", ""))[:1000]):
            return HttpResponseRedirect(back)
        wrong = True
    elif people().fresh(request):
        return HttpResponseRedirect(back)
    details = {"back": back, "wrong": wrong, "site_name": settings.SITE_NAME}
    return pages.render(request, "trust/rights/confirm.html", details, status=403 if wrong else 200)


# --- Numbers and dates --------------------------------------------------------------------------------


def megabytes(size: int) -> str:
    """A size that people can compare: at least 0.1."""
    return f"{max(0.1, size / 1_000_000):,.1f}"


def day(at: Any, lang: str) -> str:
    with override(lang):
        return date_format(localtime(at), "j F Y")


def moment(at: Any, lang: str) -> str:
    with override(lang):
        return date_format(localtime(at), "j F Y, H:i")
