"""`/trust/egress`: where this server may send anything, what went there, and what was refused."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from hustings.trust.egress import cells, changes, declared, reports, rules
from hustings.trust.egress.reports import Line
from hustings.trust.office import pages


@require_safe
def egress(request: HttpRequest) -> HttpResponse:
    """For people."""
    lang = pages.language(request)
    refusals = reports.refusals()
    return pages.render(
        request,
        "trust/egress.html",
        {
            "cell": settings.CELL,
            "region": settings.REGION,
            "unnamed": settings.REGION == cells.UNNAMED,
            "development": settings.EGRESS_DEVELOPMENT,
            "stores": [_store(kind, region, away, lang) for kind, region, away in reports.stores()],
            "lines": [_line(line, lang) for line in reports.lines(lang)],
            "former": [_former(row, lang) for row in reports.former()],
            "refusals": [{**row, "tried": pages.say(f"trust.egress.kind.{row['kind']}", lang)} for row in refusals],
            "refused": sum(row["times"] for row in refusals),
            "list": changes.fingerprint(),
            "logged": changes.recorded(),
        },
    )


@require_safe
def egress_json(request: HttpRequest) -> JsonResponse:
    """For programs: the same facts. `list_sha256` is over `list` in canonical form: docs/operate/cells.md."""
    return JsonResponse(
        {
            "cell": settings.CELL,
            "region": settings.REGION,
            "stores": [{"store": kind, "region": region, "elsewhere": away} for kind, region, away in reports.stores()],
            "list": rules.canonical(declared.destinations()),
            "list_sha256": changes.fingerprint(),
            "logged": changes.recorded(),
            "days": reports.SHOWN.days,
            "destinations": [line.as_json() for line in reports.lines("en")],
            "refused": [{**row, "last": row["last"].isoformat()} for row in reports.refusals()],
        },
        headers={"Cache-Control": "no-cache"},
        json_dumps_params={"ensure_ascii": False},
    )


def _store(kind: str, region: str, away: bool, lang: str) -> dict[str, str]:
    return {
        "name": pages.say(f"trust.egress.store.{kind}", lang),
        "region": region,
        "place": pages.say("trust.egress.elsewhere" if away else "trust.egress.here", lang),
    }


def _line(line: Line, lang: str) -> dict[str, Any]:
    known = line.destination
    outside = ""
    if known.region != settings.REGION:
        key = "trust.egress.outside" if known.transfer else "trust.egress.outside_plain"
        outside = pages.say(key, lang, region=settings.REGION, transfer=known.transfer)
    return {
        "place": known.place,
        "purpose": line.purpose,
        "purpose_lang": line.purpose_lang,
        "data": [_category(name, lang) for name in known.categories] or [pages.say("trust.egress.category.none", lang)],
        "region": known.region,
        "outside": outside,
        "traffic": _traffic(line, lang),
    }


def _former(row: dict[str, Any], lang: str) -> str:
    key = "trust.egress.connection" if row["opened"] == 1 else "trust.egress.connections"
    count = pages.say(key, lang, count=f"{row['opened']:,}")
    return pages.say("trust.egress.former_line", lang, place=row["place"], count=count, day=row["last"].isoformat())


def _category(name: str, lang: str) -> str:
    """In plain words where we have them; the taxonomy's own name for what an operator adds."""
    key = f"trust.egress.category.{name.replace('.', '_')}"
    return pages.say(key, lang) if key in pages.words()[lang] else name


def _traffic(line: Line, lang: str) -> str:
    if not line.connections:
        return pages.say("trust.egress.unused", lang)
    key = "trust.egress.connection" if line.connections == 1 else "trust.egress.connections"
    said = pages.say(key, lang, count=f"{line.connections:,}")
    if line.bytes_out is None or line.bytes_in is None:
        return f"{said}; {pages.say('trust.egress.uncounted', lang)}"
    return f"{said}; {pages.say('trust.egress.bytes', lang, out=_bytes(line.bytes_out), back=_bytes(line.bytes_in))}"


def _bytes(count: int) -> str:
    """1,234 B, 1.2 MB: as people read sizes, in powers of ten."""
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
