"""`/staff/closures`: how far each closure is, and what stands in the way of one. Of whom, nobody at a desk is told."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from hustings.lib import clock
from hustings.trust import scopes
from hustings.trust.access.gate import Me, staff_screen
from hustings.trust.access.showing import day, desk, moment
from hustings.trust.closure import health
from hustings.trust.closure.health import Standing
from hustings.trust.closure.models import Closure
from hustings.trust.office import pages

State = Closure.State


@require_safe
@staff_screen()
def closures(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Those with trouble first, then those under way, then those that cool."""
    lang = pages.language(request)
    with scopes.service():
        found = health.under_way()
        closed = Closure.objects.filter(state=State.RECEIPT).count()
    rows = [_row(one, lang) for one in found]
    details = {"closures": rows, "stuck": any(row["stuck"] for row in rows), "closed": closed}
    return desk(request, me, "closures", details)


def _row(one: Standing, lang: str) -> dict[str, Any]:
    cooling = one.state == State.COOLING
    slow = not one.attempts and one.locked_at is not None and one.locked_at < clock.now() - health.SLOW
    said = []
    if one.attempts:
        key = "trust.closing.staff_failed" if one.attempts > 1 else "trust.closing.staff_failed_once"
        said.append(pages.say(key, lang, times=one.attempts, when=moment(one.error_at, lang)))
    if slow:
        said.append(pages.say("trust.closing.staff_slow", lang))
    if one.findings:
        found = ", ".join(f"{place}: {count:,}" for place, count in sorted(one.findings.items()))
        said.append(pages.say("trust.closing.staff_left", lang, found=found))
    far = (
        pages.say("trust.closing.staff_cooling", lang, day=day(one.due_at, lang))
        if cooling
        else pages.say("trust.closing.staff_percent", lang, percent=round(100 * one.share))
    )
    return {
        "reference": one.public_id,
        "kind": pages.say(f"trust.closing.staff_kind.{one.kind}", lang),
        "far": far,
        "state": "" if cooling else pages.say(f"trust.closing.step.{one.state}", lang),
        "since": moment(one.locked_at, lang),
        "trouble": said,
        "error": one.error if one.attempts else "",
        "stuck": one.attempts >= health.SAID or slow,
    }
