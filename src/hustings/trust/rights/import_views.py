"""Pages with which somebody brings their data here: choose a file, see what would come in, decide, undo."""

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from hustings.lib import clock
from hustings.trust.office import pages
from hustings.trust.office.refusals import answering
from hustings.trust.people import asker, people
from hustings.trust.rights import importing, uploading
from hustings.trust.rights.forms import chosen
from hustings.trust.rights.models import Import, ImportItem
from hustings.trust.rights.views import day, moment

_SHOWN = 200  # clips that a page lists; more are counted
State = Import.State


# The body is read only once it is known who sends it and that it fits, and only to the disk: so the check of
# the token, which reads the form, must come after. Both doors below lead through `_protected`.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@answering
def choose(request: HttpRequest) -> HttpResponseBase:
    """`/trust/import`: what is under way, and a form for a file."""
    person_id = asker(request)
    if request.method == "POST":
        with uploading.receiving(request, person_id) as files:
            return _protected(request, lambda: _received(request, person_id, files()))
    handle = chosen(request)
    batches = importing.latest(person_id, handle or None)
    lang = pages.language(request)
    return pages.render(
        request,
        "trust/rights/import.html",
        {
            "for": handle,
            "organisations": people().organisations(person_id),
            "batches": [{"row": one, "at": moment(one.asked_at, lang), **_naming(one, lang)} for one in batches],
            "busy": any(one.state in {State.RECEIVED, State.PREVIEW, State.TAKING, State.UNDOING} for one in batches),
        },
    )


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@answering
def batch(request: HttpRequest, key: str) -> HttpResponseBase:
    """`/trust/import/<key>`: the preview, the progress, the result; films for posts that wait for theirs."""
    person_id = asker(request)
    found = importing.mine(person_id, key)
    if request.method == "POST":
        with uploading.receiving(request, person_id) as files:
            return _protected(request, lambda: _decided(request, person_id, found, files()))
    return pages.render(request, "trust/rights/import_batch.html", _details(request, found))


def _protected(request: HttpRequest, act: Any) -> HttpResponseBase:
    answer: HttpResponseBase = csrf_protect(lambda _: act())(request)
    return answer


def _received(request: HttpRequest, person_id: int, files: Any) -> HttpResponse:
    made = importing.receive(person_id, files, chosen(request) or None)
    return HttpResponseRedirect(f"/trust/import/{made.key}")


def _decided(request: HttpRequest, person_id: int, found: Import, files: Any) -> HttpResponse:
    back = HttpResponseRedirect(request.path)
    match request.POST.get("act"):
        case "start":
            wide = bool(request.POST.get("keep_visibility"))
            importing.start(person_id, found.key, request.POST.getlist("kind"), keep_visibility=wide)
        case "films":
            matched = importing.bring_films(person_id, found.key, files)
            back = HttpResponseRedirect(f"{request.path}?matched={matched}&brought={len(files)}")
        case "undo":
            importing.undo(person_id, found.key)
        case "cancel":
            importing.cancel(person_id, found.key)
            back = HttpResponseRedirect("/trust/import")
    return back


# --- What a page says ---------------------------------------------------------------------------------


def _naming(row: Import, lang: str) -> dict[str, str]:
    return {
        "source": pages.say(f"trust.rights.import.source.{row.source}", lang),
        "standing": pages.say(f"trust.rights.import.state.{row.state}", lang),
    }


def _details(request: HttpRequest, row: Import) -> dict[str, Any]:
    lang = pages.language(request)
    working = row.state in {State.RECEIVED, State.TAKING, State.UNDOING}
    summary = row.summary if isinstance(row.summary, dict) else {}
    counted = importing.counts(row)
    clips = list(row.items.filter(kind="clip").order_by("number")[:_SHOWN])
    waiting = row.items.filter(kind="clip", state=ImportItem.State.WAITING).count()
    until = row.finished_at + importing.UNDO if row.finished_at else clock.now()
    undoable = row.state == State.DONE and until > clock.now()
    return {
        "row": row,
        **_naming(row, lang),
        "working": working,
        "refresh": 3 if working else 0,
        "faults": [_fault(one, lang) for one in summary.get("faults", ())],
        "kinds": [_kind(kind, counts, summary, lang) for kind, counts in counted],
        "absent": _absent(counted, summary, lang),
        "ignored": _ignored(summary, lang),
        "ignored_total": sum(int(one["items"]) for one in summary.get("ignored", ())),
        "clips": [_clip(item, lang) for item in clips],
        "more_clips": max(0, sum(dict(counted).get("clip", Counter()).values()) - len(clips)),
        "without_film": sum(1 for item in clips if not item.detail.get("film")),
        "waiting": waiting,
        "undoable": undoable,
        "undo_until": moment(until, lang) if undoable else "",
        "until": day(row.expires_at, lang) if row.expires_at else "",
        "matched": request.GET.get("matched", ""),
        "brought": request.GET.get("brought", ""),
    }


def _fault(one: dict[str, Any], lang: str) -> dict[str, str]:
    key = f"trust.rights.fault.{one['code']}"
    known = pages.words()[lang]
    words = known[key].format(**one["params"]) if key in known else known["trust.rights.fault.damaged"]
    return {"where": one["where"], "words": words}


def _kind(kind: str, counts: Counter[str], summary: dict[str, Any], lang: str) -> dict[str, Any]:
    return {
        "name": kind,
        "title": pages.say(f"trust.rights.import.kind.{kind}", lang),
        "hint": pages.say(f"trust.rights.import.hint.{kind}", lang),
        "found": summary.get("found", {}).get(kind, 0),
        "here": sum(counts.values()),
        "ticked": kind in importing.TICKED,
        "taken": counts[ImportItem.State.TAKEN],
        "there": counts[ImportItem.State.THERE],
        "refused": counts[ImportItem.State.REFUSED],
        "left": counts[ImportItem.State.LEFT],
        "waiting": counts[ImportItem.State.WAITING],
        "undone": counts[ImportItem.State.UNDONE],
        "kept": counts[ImportItem.State.KEPT],
    }


def _absent(counted: list[tuple[str, Counter[str]]], summary: dict[str, Any], lang: str) -> list[dict[str, Any]]:
    """Kinds that the archive names, and of which nothing is here."""
    here = dict(counted)
    return [
        {"title": pages.say(f"trust.rights.import.kind.{kind}", lang), "found": found}
        for kind, found in summary.get("found", {}).items()
        if kind not in here
    ]


def _ignored(summary: dict[str, Any], lang: str) -> list[dict[str, Any]]:
    """What is never read, by group, the gravest first."""
    groups: dict[str, dict[str, Any]] = {}
    for one in summary.get("ignored", ()):
        group = groups.setdefault(one["group"], {"items": 0, "sections": []})
        group["items"] += int(one["items"])
        group["sections"].append({"name": one["section"], "items": int(one["items"])})
    order = ["place", "device", "ads", "messages", "money", "searches", "people", "watching", "reactions", "profile"]
    return [
        {"title": pages.say(f"trust.rights.ignored.{name}", lang), **groups[name]}
        for name in [*order, "other"]
        if name in groups
    ]


def _clip(item: ImportItem, lang: str) -> dict[str, Any]:
    detail = item.detail
    return {
        "caption": detail.get("caption") or "",
        "at": (detail.get("at") or "")[:10],
        "film": (detail.get("film") or "").rpartition("/")[2],
        "there": bool(detail.get("there")),
        "state": item.state,
        "result": item.result,
        "words": pages.say(f"trust.rights.item.{item.state}", lang),
        "fault": pages.words()[lang].get(f"trust.rights.item_fault.{item.fault}", item.fault) if item.fault else "",
    }
