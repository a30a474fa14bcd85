"""What is said about the gate: to the operator by `hustings check --egress`, to anybody by `/trust/egress`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Max, Sum

from hustings.lib import clock
from hustings.trust.egress import cells, changes, declared, hook, kernel, rules
from hustings.trust.egress.rules import Destination
from hustings.trust.log.panels import Panel

SHOWN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """One destination and what went there in the last 30 days. `bytes_out` is None where bytes are not counted."""

    destination: Destination
    purpose: str
    purpose_lang: str
    connections: int = 0
    bytes_out: int | None = 0
    bytes_in: int | None = 0
    last: date | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            **rules.canonical([self.destination])[0],
            "because": self.destination.because,
            "connections": self.connections,
            "bytes_out": self.bytes_out,
            "bytes_in": self.bytes_in,
            "last_used": self.last.isoformat() if self.last else None,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one address could be reached, and why."""

    place: str
    allowed: bool
    why: str
    hint: str = ""


def lines(lang: str) -> list[Line]:
    """The list, with what was counted."""
    from hustings.trust.egress.models import EgressTraffic

    since = clock.now().date() - SHOWN
    rows = EgressTraffic.objects.filter(day__gt=since).values("place")
    sums = rows.annotate(opened=Sum("connections"), out=Sum("bytes_out"), back=Sum("bytes_in"), latest=Max("day"))
    counted = {row["place"]: dict(row) for row in sums}
    return [_line(known, counted.get(known.place), lang) for known in declared.destinations()]


def former() -> list[dict[str, Any]]:
    """Places that were reached in the last 30 days and are on the list no more."""
    from hustings.trust.egress.models import EgressTraffic

    since = clock.now().date() - SHOWN
    now = [known.place for known in declared.destinations()]
    rows = EgressTraffic.objects.filter(day__gt=since).exclude(place__in=now)
    sums = rows.values("place").annotate(last=Max("day"), opened=Sum("connections")).order_by("place")
    return [dict(row) for row in sums]


def refusals() -> list[dict[str, Any]]:
    """What was refused in the last 30 days: kind, caller, count. Never where to: see `EgressRefusal`."""
    from hustings.trust.egress.models import EgressRefusal

    since = clock.now().date() - SHOWN
    rows = EgressRefusal.objects.filter(day__gt=since).values("kind", "caller")
    sums = rows.annotate(times=Sum("count"), last=Max("day")).order_by("-times", "kind", "caller")
    return [dict(row) for row in sums]


def stores() -> list[tuple[str, str, bool]]:
    """(kind of store, region, whether it is on another machine), one line per kind."""
    found: dict[str, tuple[str, bool]] = {}
    for store in cells.stores():
        region, away = found.get(store.kind, ("", False))
        found[store.kind] = (region or store.region(settings.REGION), away or store.elsewhere)
    return [(kind, region, away) for kind, (region, away) in found.items()]


def verdict(url: str) -> Verdict:
    """What the gate would say about an address. Nothing is sent; only a declared name is looked up."""
    try:
        parts = urlsplit(url if "://" in url else f"//{url}")
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if not host:
        return Verdict(url, allowed=False, why="This is no address.", hint="Give a URL, or host:port.")
    port = port or {"http": 80, "smtp": 25, "postgres": 5432, "postgresql": 5432}.get(parts.scheme, 443)
    place = Destination(host, port, "", "").place
    for known in declared.destinations():
        if known.host == host and known.port == port:
            return _about(known)
    near = sorted({known.port for known in declared.destinations() if known.host == host})
    if near:
        why = f"{host} is on the list for port {', '.join(map(str, near))} only."
    elif rules.is_loopback(host):
        if settings.EGRESS_DEVELOPMENT:
            return Verdict(place, allowed=True, why="It is the loopback, and HUSTINGS_EGRESS_DEVELOPMENT is on.")
        why = "It is this machine, but this port is not on the list."
    else:
        why = "It is not on the list."
    hint = (
        "If it is wanted, add to the file that HUSTINGS_EGRESS names:\n"
        f'  [[destination]]\n  host = "{host}"\n  port = {port}\n  purpose = "…"\n  categories = []\n  region = "…"'
    )
    return Verdict(place, allowed=False, why=why, hint=hint)


def faults() -> Iterable[tuple[str, str]]:
    """(what is wrong, what to do), for `hustings check`."""
    for sentence in cells.faults().values():
        yield sentence, "docs/operate/cells.md"
    if settings.EGRESS_DEVELOPMENT and settings.SECURE:
        yield (
            "HUSTINGS_EGRESS_DEVELOPMENT is on: every port of this machine and every local program may be used",
            "Switch it off: it is for development and tests.",
        )
    if not cells.faults() and changes.overdue():
        yield (
            "the list of destinations is another than the public log knows",
            "Run `hustings migrate`, or start the worker: it writes the entry.",
        )


def panels() -> list[Panel]:
    """Under the fourth promise of `/trust`: whose cell it is, how long the list is, what was refused, what is wrong."""
    link = "/trust/egress"
    unnamed = settings.REGION == cells.UNNAMED
    cell = Panel(4, "trust.egress.panel_unnamed" if unnamed else "trust.egress.panel_cell", _cell(), link=link)
    places = len(declared.destinations())
    many = "trust.egress.panel_places" if places > 1 else f"trust.egress.panel_places_{places}"
    refused = sum(row["times"] for row in refusals())
    stopped = "trust.egress.panel_refused" if refused > 1 else f"trust.egress.panel_refused_{refused}"
    found = [cell, Panel(4, many, {"count": places}, link=link), Panel(4, stopped, {"count": refused}, link=link)]
    if cells.faults():
        found.append(Panel(4, "trust.egress.panel_elsewhere", bad=True, link=link))
    elif changes.overdue():
        found.append(Panel(4, "trust.egress.panel_unlogged", bad=True, link=link))
    if settings.EGRESS_DEVELOPMENT and settings.SECURE:
        found.append(Panel(4, "trust.egress.panel_open", bad=True, link=link))
    return found


def _cell() -> dict[str, object]:
    return {"cell": settings.CELL, "region": settings.REGION}


def _line(known: Destination, row: dict[str, Any] | None, lang: str) -> Line:
    purpose, purpose_lang = changes.sentence(known, lang)
    counted = known.measured == "kernel"
    return Line(
        destination=known,
        purpose=purpose,
        purpose_lang=purpose_lang,
        connections=row["opened"] if row else 0,
        bytes_out=(row["out"] if row else 0) if counted else None,
        bytes_in=(row["back"] if row else 0) if counted else None,
        last=row["latest"] if row else None,
    )


def _about(known: Destination) -> Verdict:
    why = f"On the list because of {known.because}: {changes.sentence(known, 'en')[0]}"
    if known.address is not None or kernel.addresses(known):
        return Verdict(known.place, allowed=True, why=why)
    try:
        shut = hook.look_up(known.host, known.port)
    except OSError:
        shut = []
    if not shut:
        return Verdict(known.place, allowed=True, why=f"{why} Its name does not resolve now.")
    return Verdict(
        known.place,
        allowed=False,
        why=f"It is on the list, but stands for {shut[0]}, which is not a public address.",
        hint="If that is meant, write `private = true` in its entry.",
    )
