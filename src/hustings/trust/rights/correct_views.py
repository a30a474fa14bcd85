"""`/trust/correct`: where to put right what is held. `/staff/corrections`: requests that wait for staff."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from hustings.lib.errors import HustingsError, InvalidInputError
from hustings.trust import datamap, scopes
from hustings.trust.access.gate import Me, staff_screen
from hustings.trust.access.ledger import access
from hustings.trust.access.rules import MAY_LOOK
from hustings.trust.access.showing import desk, faults, handles, moment
from hustings.trust.datamap import words
from hustings.trust.office import pages
from hustings.trust.office.refusals import answering
from hustings.trust.people import acting, asker, people
from hustings.trust.rights import correcting
from hustings.trust.rights.correcting import Place
from hustings.trust.rights.forms import chosen
from hustings.trust.rights.models import Correction

read_or_post = require_http_methods(["GET", "HEAD", "POST"])
TEXT = "trust.Correction.text"


@read_or_post
@csrf_protect
@answering
def correct(request: HttpRequest) -> HttpResponseBase:
    """What is held about one, each with the way to put it right."""
    person_id, handle, lang = asker(request), chosen(request), pages.language(request)
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            correcting.ask(person_id, request.POST.get("column", ""), request.POST.get("text", ""), handle or None)
        except InvalidInputError as fault:
            wrong = {name: pages.say(f"trust.rights.correct.fault.{name}", lang) for name in fault.fields}
        else:
            return HttpResponseRedirect(f"{request.path}?asked=1" + (f"&for={handle}" if handle else ""))
    found = correcting.places(acting(person_id, handle or None))
    details = {
        "for": handle,
        "organisations": people().organisations(person_id),
        "topics": _by_topic(found, lang),
        "ours": [(place.field.id, _named(place, lang)) for place in found if not place.address],
        "requests": [_request(row, lang) for row in correcting.of(person_id, handle or None)],
        "faults": wrong,
        "given": request.POST,
        "asked": "asked" in request.GET,
    }
    return pages.render(request, "trust/rights/correct.html", details, status=422 if wrong else 200)


def _by_topic(found: list[Place], lang: str) -> list[dict[str, Any]]:
    """What people change themselves comes first; below it, and folded away, what they ask us to change."""
    topics: dict[str, dict[str, Any]] = {}
    for place in found:
        title = words.topic(place.field.topic, lang)
        topic = topics.setdefault(
            title, {"title": title, "lines": [], "ours": [], "first": place.field.topic.name == "profile"}
        )
        line = {"words": words.purpose(place.field, lang), "address": place.address}
        topic["lines" if place.address else "ours"].append(line)
    return sorted(topics.values(), key=lambda topic: (not topic["lines"], not topic["first"]))


def _named(place: Place, lang: str) -> str:
    return f"{words.topic(place.field.topic, lang)}: {words.purpose(place.field, lang)}"


def _about(column: str, lang: str) -> str:
    """A column in words; its name alone when it is not in the map any more."""
    model, _, name = column.rpartition(".")
    field = datamap.fields().get((model, name))
    return words.purpose(field, lang) if field else column


def _request(row: Correction, lang: str) -> dict[str, Any]:
    return {
        "about": _about(row.column, lang),
        "text": row.text,
        "answer": row.answer,
        "state": row.state,
        "standing": pages.say(f"trust.rights.correct.state.{row.state}", lang),
        "at": moment(row.asked_at, lang),
        "decided": moment(row.decided_at, lang) if row.decided_at else "",
    }


# --- Staff --------------------------------------------------------------------------------------------


@read_or_post
@staff_screen(roles=MAY_LOOK["subject_request"])
def requests(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Open requests; one is read inside a recorded access, then answered."""
    lang = pages.language(request)
    reference = request.POST.get("reference", "")
    context: dict[str, Any] = {"given": request.POST, "faults": []}
    if request.method == "POST":
        try:
            if request.POST.get("act") == "look":
                context["one"] = _read(me, reference, lang)
            elif request.POST.get("act") in {"done", "decline"}:
                done = request.POST["act"] == "done"
                correcting.answer(me.id, reference, request.POST.get("answer", ""), done=done)
                return HttpResponseRedirect(request.path)
        except HustingsError as fault:
            context["faults"] = faults(fault, lang)
    rows = correcting.waiting()
    named = handles([row.account_id for row in rows])
    context["rows"] = [
        {
            "reference": row.reference,
            "who": named.get(row.account_id, ""),
            "about": _about(row.column, lang),
            "column": row.column,
            "at": moment(row.asked_at, lang),
        }
        for row in rows
    ]
    return desk(request, me, "corrections", context, status=422 if context["faults"] else 200)


def _read(me: Me, reference: str, lang: str) -> dict[str, Any]:
    """What a request says. Whoever made it sees that it was read, and why."""
    row = correcting.one(reference)
    why = pages.say("trust.rights.correct.reason", lang)
    with access(me.id, row.account_id, purpose="subject_request", case=reference, fields=[TEXT], reason=why):
        said = Correction.objects.filter(account_id=row.account_id, key=reference.removeprefix(correcting.PREFIX))
        text = said.only("text", "account_id").get().text
    with scopes.service():
        return {"reference": reference, "text": text, "about": _about(row.column, lang), "column": row.column}
