"""`/trust/data`: everything that is held about people, for anyone, in both languages, and for programs."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from hustings.lib.records import TECHNICAL, Field, Store, Table
from hustings.trust.datamap import document, front, never, retention, wire, words
from hustings.trust.datamap.gathering import fields, lines, stores, tables
from hustings.trust.egress.cells import UNNAMED
from hustings.trust.office import pages

MEDIA_TYPES = {
    "json": "application/json",
    "fides.yml": "application/yaml",
    "play.csv": "text/csv; charset=utf-8",
    "xcprivacy": "application/xml",
}
LOOK_AGAIN_S = 60.0


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    """For people: what is never collected, then what is held, by topic, or one topic of it."""
    lang = pages.language(request)
    names = sorted({line.topic.name for line in lines() if line.personal}, key=lambda name: words.topic(name, lang))
    chosen = request.GET.get("topic", "")
    if chosen and chosen not in names:
        raise Http404
    shown = [chosen] if chosen else names
    columns = list(fields().values())
    return pages.render(
        request,
        "trust/data.html",
        {
            "chosen": chosen,
            "topics": [{"name": name, "title": words.topic(name, lang)} for name in names],
            "sections": [_section(name, lang) for name in shown],
            "technical": [] if chosen else _technical(lang),
            "browser": [
                (name, words.wire(kind, name, purpose, lang))
                for kind, names in (("cookie", wire.COOKIES), ("stored", wire.STORED))
                for name, purpose in names.items()
            ],
            "never": [_claim(claim, lang) for claim in never.CLAIMS],
            "columns": len(columns),
            "personal": sum(field.personal for field in columns),
            "tables": len(tables()),
            "places": len(stores()),
            "overdue": _overdue(int(time.monotonic() / LOOK_AGAIN_S)),
            "rules": len(retention.rules()),
            "fingerprint": document.fingerprint(),
            "region": settings.REGION if settings.REGION != UNNAMED else "",
        },
    )


@require_safe
def data_form(request: HttpRequest, form: str) -> HttpResponse:
    """For programs: the same map in a form that other tools read."""
    made = front.forms().get(form)
    if made is None:
        raise Http404
    return HttpResponse(made(), content_type=MEDIA_TYPES[form], headers={"Cache-Control": "no-cache"})


@dataclass(frozen=True)
class Group:
    """Lines of one place that share everything but what they are for."""

    place: str
    facts: list[tuple[str, str]]  # what, in words
    rows: list[tuple[str, str]]  # column, why


def _section(topic: str, lang: str) -> dict[str, Any]:
    groups = _groups(topic, lang)
    count = sum(len(group.rows) for group in groups)
    return {"name": topic, "title": words.topic(topic, lang), "count": count, "groups": groups}


def _groups(topic: str, lang: str) -> list[Group]:
    """The lines of a topic, gathered so that what they share is said once."""
    held = [line for line in lines() if line.personal and line.topic.name == topic]
    return [_group(list(alike), lang) for _, alike in groupby(held, key=_alike)]


def _alike(line: Field | Store) -> tuple[object, ...]:
    place = line.model if isinstance(line, Field) else line.place
    return place, line.topic, line.retention, line.readers


def _group(lines: list[Field | Store], lang: str) -> Group:
    first = lines[0]
    facts = {
        "kept": words.kept(first.retention, lang),
        "readers": words.read_by(first.readers, lang),
        "basis": pages.say(f"trust.datamap.basis_{first.topic.basis.name.lower()}", lang),
    }
    if isinstance(first, Field):
        table = tables()[first.model]
        facts |= {"exported": _exported(first, table, lang), "erased": _erased(first, table, lang)}
    said = [(pages.say(f"trust.datamap.{name}", lang), text) for name, text in facts.items()]
    place = first.model if isinstance(first, Field) else first.place.removeprefix("table:")
    rows = [(line.name if isinstance(line, Field) else "", words.purpose(line, lang)) for line in lines]
    return Group(place, said, rows)


def _exported(field: Field, table: Table, lang: str) -> str:
    if field.topic.secret:
        return pages.say("trust.datamap.exported_secret", lang)
    if table.exported:
        return pages.say("trust.datamap.exported_yes", lang)
    return pages.say("trust.datamap.exported_no", lang, why=words.why(table, lang))


def _erased(field: Field, table: Table, lang: str) -> str:
    name = {f"{field.name}_id", field.name}
    if table.erased == "delete" and not name & set(table.forgets):
        return pages.say("trust.datamap.erased_delete", lang)
    if table.erased == "keep":
        return pages.say("trust.datamap.erased_keep", lang, why=words.why(table, lang))
    key = "trust.datamap.erased_anonymise" if table.why else "trust.datamap.erased_emptied"
    return pages.say(key, lang, why=words.why(table, lang))


def _technical(lang: str) -> list[dict[str, Any]]:
    """What is about nobody: shown too, so that anyone can see that it is about nobody."""
    held: Iterable[Field | Store] = [line for line in lines() if line.topic == TECHNICAL]
    return [
        {
            "place": str(place).removeprefix("table:"),
            "rows": [(line.name if isinstance(line, Field) else "", words.purpose(line, lang)) for line in alike],
        }
        for place, alike in groupby(held, key=lambda line: line.model if isinstance(line, Field) else line.place)
    ]


def _claim(claim: never.Claim, lang: str) -> dict[str, Any]:
    return {
        "what": pages.say(f"trust.datamap.never_{claim.id}", lang),
        "held": pages.say(f"trust.datamap.held_{claim.id}", lang),
        "tests": claim.tests,
    }


@lru_cache(maxsize=1)
def _overdue(minute: int) -> list[tuple[str, int]]:
    """Rules whose rows are past their time; looked up once a minute, however many people ask."""
    return list(retention.overdue())
