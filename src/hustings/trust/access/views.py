"""What everybody sees of recorded access: their own record, the counts, the register of lawful requests."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from hustings.lib import clock
from hustings.lib.errors import HustingsError
from hustings.trust import log
from hustings.trust.access import counting, lawful, own, rules
from hustings.trust.access.own import Seen
from hustings.trust.access.showing import column, moment
from hustings.trust.office import pages
from hustings.trust.office.refusals import answering
from hustings.trust.people import asker


@require_safe
@answering
def mine(request: HttpRequest) -> HttpResponseBase:
    """`/trust/access`: who has looked at my data, why, from where, with a proof for each look."""
    lang = pages.language(request)
    before = request.GET.get("before", "")
    looks = own.looks(asker(request), most=own.SHOWN + 1, before=before)
    context = {
        "looks": [_shown(one, lang) for one in looks[: own.SHOWN]],
        "older": looks[own.SHOWN - 1].id if len(looks) > own.SHOWN else "",
        "newest": not before,
        "vkey": _vkey(),
    }
    return pages.render(request, "trust/access/mine.html", context)


def _shown(one: Seen, lang: str) -> dict[str, Any]:
    read = set(one.read)
    return {
        "id": one.id,
        "index": one.index,
        "reason": pages.say(f"trust.access.reason.{one.reason}", lang),
        "words": one.words,
        "case": one.case,
        "role": pages.say(f"trust.access.role.{one.role}", lang) if one.role else "–",
        "employer": one.employer,
        "employed_by": pages.say(f"trust.access.employed.{one.employed_by}", lang),
        "office": one.office,
        "physical": one.physical,
        "fields": [{"about": column(name, lang), "read": name in read} for name in one.fields],
        "rows": one.rows,
        "when": moment(one.started_at, lang),
        "finished": one.finished,
        "break_glass": one.break_glass,
        "review": pages.say(f"trust.access.review.{one.review}", lang) if one.review else "",
        "review_due": moment(one.review_due, lang),
        "two": one.two,
        "delayed": one.delayed,
    }


@require_safe
@answering
def proof(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """The `.tlog-proof` of a look at oneself: it carries the entry, and needs no network to be checked."""
    found = own.proof(asker(request), public_id)
    return _file(found, f"access-{public_id}.tlog-proof", "text/plain; charset=utf-8")


@require_safe
@answering
def openings(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Salt and value of each commitment of that entry: with the proof, what shows that it is about oneself."""
    found = own.openings(asker(request), public_id)
    said = {name: {"salt": one.salt, "value": one.value} for name, one in found.items()}
    text = json.dumps({"access": public_id, "openings": said}, indent=1, ensure_ascii=False)
    return _file(text.encode(), f"access-{public_id}.json", "application/json")


def _file(data: bytes, name: str, media_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type=media_type, headers=headers)


@require_safe
@answering
def looks(request: HttpRequest) -> HttpResponseBase:
    """`/trust/looks`: how often staff looked, why, from where, and what is overdue. For anybody."""
    lang = pages.language(request)
    seen = counting.picture()
    tables = [
        (pages.say(f"trust.access.by_{name}", lang), [(_named(name, one.name, lang), one.looks) for one in tallies])
        for name, tallies in (
            ("reason", seen.reasons),
            ("role", seen.roles),
            ("physical", seen.physical),
            ("office", seen.offices),
            ("month", seen.months),
        )
    ]
    return pages.render(request, "trust/access/looks.html", {"seen": seen, "tables": tables})


def _named(kind: str, name: str, lang: str) -> str:
    return pages.say(f"trust.access.{kind}.{name}", lang) if kind in {"reason", "role"} else name


@require_safe
@answering
def requests(request: HttpRequest) -> HttpResponseBase:
    """`/trust/requests`: lawful requests as counts, and the months that had none, each with its entry."""
    lang, current = pages.language(request), rules.Half.of(clock.now().date())
    halves = [
        {
            "year": one.half.year,
            "half": one.half.half,
            "said": _requests(one.total, lang),
            "current": one.half == current and not one.total,
            "counts": [
                {
                    "country": count.country,
                    "kind": pages.say(f"trust.access.kind.{count.kind}", lang),
                    "outcome": pages.say(f"trust.access.outcome.{count.outcome}", lang),
                    "requests": count.requests,
                }
                for count in one.counts
            ],
            "zeros": one.zeros,
        }
        for one in lawful.half_years()
    ]
    return pages.render(request, "trust/access/requests.html", {"halves": halves, "region": settings.REGION})


def _requests(count: int, lang: str) -> str:
    if count < 2:
        return pages.say("trust.access.requests_one" if count else "trust.access.requests_none_yet", lang)
    return pages.say("trust.access.requests_count", lang, count=f"{count:,}")


def _vkey() -> str:
    try:
        return log.vkey()
    except HustingsError:
        return ""
