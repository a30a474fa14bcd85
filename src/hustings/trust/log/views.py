"""`/trust`: every promise beside its check and what this server says of it now; `/trust/log`: what the log says."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hustings.lib.errors import HustingsError, NotFoundError
from hustings.lib.tlog import entries as forms
from hustings.lib.tlog.schemas import KINDS
from hustings.trust.log import panels, reading, signing, standing, store, witnesses
from hustings.trust.log.folder import Folder
from hustings.trust.log.models import LogCount
from hustings.trust.office import pages

PAGE = 30
# Promises without code behind them yet. Whoever builds one registers a panel, and the page says how to check it.
NOT_BUILT = frozenset({2, 6, 9})


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All nine promises. What nothing is measured for is said to be so."""
    lang = pages.language(request)
    found = panels.panels()
    promises = [_promise(number, found[number], lang) for number in panels.PROMISES]
    wrong = [line for promise in promises for line in promise["lines"] if line["bad"]]
    return pages.render(
        request, "trust/index.html", {"promises": promises, "wrong": wrong, "log_url": _log_url(), "vkey": _vkey()}
    )


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """Entries newest first, of one kind or of all, in words."""
    lang = pages.language(request)
    kind = request.GET.get("kind", "")
    before = request.GET.get("before", "")
    if (kind and kind not in KINDS) or (before and not (before.isascii() and before.isdigit() and len(before) < 19)):
        return _missing(request)
    found = reading.page(kind or None, before=int(before) if before else None, limit=PAGE + 1)
    counts = dict(LogCount.objects.values_list("kind", "entries"))
    state = store.state()
    context = {
        "kind": kind,
        "kinds": [_kind(name, counts.get(name, 0), lang) for name in sorted(KINDS)],
        "entries": [_line(one, lang) for one in found[:PAGE]],
        "older": found[PAGE - 1].index if len(found) > PAGE else None,
        "newest": not before,
        "size": f"{state.published_size:,}",
        "when": f"{state.published_at:%Y-%m-%d %H:%M:%S}" if state.published_at else "",
        "checkpoint": (Folder(signing.log_root()).read(standing.CHECKPOINT) or b"").decode(),
        "witnesses": _witnesses(),
        "log_url": _log_url(),
        "vkey": _vkey(),
    }
    return pages.render(request, "trust/log.html", context)


@require_safe
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry: what it says, field by field, and how to prove that it is there."""
    lang = pages.language(request)
    try:
        found = _published(index)
    except NotFoundError:
        return _missing(request)
    said = forms.parse(found.leaf)
    fields = KINDS[said.kind][said.version].fields if said.known else {}
    rows = [
        {"name": name, "value": _shown(value, lang), "about": fields[name].about if name in fields else ""}
        for name, value in said.value.items()
        if name not in forms.ENVELOPE
    ]
    about = forms.kinds_of(said.commitments, said.kind, said.version)
    context = {
        **_line(found, lang),
        "version": said.version,
        "rows": rows,
        "commitments": [(name, value, about[name]) for name, value in said.commitments.items()],
        "leaf": found.leaf.decode(),
        "next": index + 1 if index + 1 < reading.published_size() else None,
        "previous": index - 1 if index else None,
        "vkey": _vkey(),
    }
    return pages.render(request, "trust/log_entry.html", context)


@require_safe
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The entry's `.tlog-proof`: a file that shows for ever, and without us, that it was in the log."""
    try:
        data = reading.proof_at(_published(index).index or 0)
    except HustingsError as fault:
        return HttpResponse(f"{fault.message} {fault.hint}\n", status=fault.status, content_type="text/plain")
    return _file(data, f"{index}.tlog-proof", "text/plain; charset=utf-8")


@require_safe
def leaf(request: HttpRequest, index: int) -> HttpResponse:
    """The entry's own bytes, as the log hashes them."""
    try:
        found = _published(index)
    except HustingsError as fault:
        return HttpResponse(f"{fault.message} {fault.hint}\n", status=fault.status, content_type="text/plain")
    return _file(found.leaf, f"{index}.json", "application/json")


def _published(index: int) -> reading.LoggedEntry:
    if index >= reading.published_size():
        raise NotFoundError
    return reading.entry_at(index)


def _file(data: bytes, name: str, media_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"}
    return HttpResponse(data, content_type=media_type, headers=headers | {"Access-Control-Allow-Origin": "*"})


def _promise(number: int, lines: list[panels.Panel], lang: str) -> dict[str, Any]:
    log_url = _log_url()
    return {
        "number": number,
        "built": bool(lines) or number not in NOT_BUILT,
        "title": pages.say(f"trust.log.promise{number}", lang),
        "how": pages.say(f"trust.log.promise{number}_how", lang),
        "check": pages.say(f"trust.log.promise{number}_check", lang),
        "command": _COMMANDS.get(number, "").format(log=log_url),
        "links": [(address, pages.say(f"trust.log.{key}", lang)) for address, key in _LINKS.get(number, ())],
        "lines": [
            {"text": pages.say(line.key, lang, **line.values), "bad": line.bad, "link": line.link} for line in lines
        ],
    }


_COMMANDS = {
    3: "hustings datamap",
    4: "hustings check --egress",
    5: "hustings log verify {log}",
    6: "hustings log verify {log} --last 100",
    7: "hustings receipt verify FILE",
    8: "hustings log verify {log}",
}
_LINKS = {
    3: (("/trust/data", "link_data"), ("/trust/rights", "link_rights")),
    4: (("/trust/egress", "link_egress"),),
    5: (
        ("/trust/access", "link_mine"),
        ("/trust/log?kind=access", "link_accesses"),
        ("/trust/requests", "link_requests"),
    ),
    6: (("/trust/log?kind=moderation_decision", "link_decisions"),),
    7: (("/trust/log?kind=closure_receipt", "link_closures"),),
    8: (("/trust/log?kind=ranking_changed", "link_ranking"), ("/trust/log?kind=build_deployed", "link_builds")),
    9: (("/trust/log?kind=exemption", "link_exemptions"),),
}


def _kind(name: str, count: int, lang: str) -> dict[str, Any]:
    return {"name": name, "title": pages.say(f"trust.log.kind.{name}", lang), "count": f"{count:,}"}


def _line(one: reading.LoggedEntry, lang: str) -> dict[str, Any]:
    sentence = one.says(lang)
    title = pages.say(f"trust.log.kind.{one.kind}", lang) if one.kind in KINDS else one.kind
    said = f"{sentence[:1].upper()}{sentence[1:]}".rstrip(".")
    return {
        "index": one.index,
        "kind": one.kind,
        "title": title,
        "at": f"{one.at:%Y-%m-%d %H:%M:%S}",
        "says": f"{said}.",
    }


def _shown(value: Any, lang: str) -> str:
    if isinstance(value, bool):
        return pages.say("trust.log.yes" if value else "trust.log.no", lang)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or pages.say("trust.log.none", lang)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {number:,}" for name, number in value.items()) or pages.say("trust.log.none", lang)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _witnesses() -> list[str]:
    try:
        policy = witnesses.policy()
    except HustingsError:
        return []
    return list(policy.witnesses) if policy else []


def _log_url() -> str:
    return f"{settings.PUBLIC_URL}/log"


def _vkey() -> str:
    try:
        return reading.vkey()
    except HustingsError:
        return ""


def _missing(request: HttpRequest) -> HttpResponse:
    return pages.render(request, "trust/log_missing.html", status=404)
