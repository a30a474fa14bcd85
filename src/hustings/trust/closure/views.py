"""`/trust/close`: a person closes their account, or an organisation's that they own; and how far a closure is.

Complete without JavaScript. Who follows a closure has no account any more: the secret in the address is the permission.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods, require_safe

from hustings.lib import ids
from hustings.lib.errors import ForbiddenError, HustingsError, InvalidInputError, NotFoundError, TooManyRequestsError
from hustings.lib.languages import day
from hustings.trust.closure import asking, backups, receipting, rules
from hustings.trust.closure.asking import Preview
from hustings.trust.closure.models import Closure
from hustings.trust.closure.rules import Wish
from hustings.trust.office import pages
from hustings.trust.people import acting, people

State = Closure.State

# Kinds that people know by a name of their own; all others are counted together.
_NAMED = (
    ("videos", "video"),
    ("videos", "upload"),
    ("community", "comment"),
    ("community", "like"),
    ("community", "save"),
    ("community", "follow"),
    ("community", "block"),
    ("community", "mute"),
    ("community", "notification"),
    ("feed", "eventbatch"),
    ("accounts", "membership"),
    ("accounts", "emailaddress"),
    ("accounts", "authenticator"),
    ("moderation", "report"),
)
_COOLING_OFFERED = (0, 1, 7, 14, 30)
_REFRESH_S = 3


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, handle: str | None = None) -> HttpResponse:
    """What closing would do, the choices, and the act; or, while it cools, the day and the way back."""
    person = people().signed_in(request)
    if person is None:
        return _page(request, "trust/closure/signed_out.html", status=401)
    try:
        account_id = acting(person, handle)
        preview = asking.preview(account_id)
    except (NotFoundError, ForbiddenError) as fault:
        return _page(request, "trust/closure/not_yours.html", status=fault.status)
    found = asking.closing(account_id)
    if request.method == "POST" and request.POST.get("act") == "cancel":
        return _cancel(request, account_id)
    if found is not None:
        return _cooling(request, found, preview)
    if request.method == "POST":
        return _close(request, preview)
    return _form(request, preview, Wish(), {})


def _close(request: HttpRequest, preview: Preview) -> HttpResponse:
    wish = _wish(request.POST)
    faults = {f"closing-{name}": fault for name, fault in rules.faults(rules.cleaned(wish)).items()}
    if request.POST.get("handle", "").strip().removeprefix("@").lower() != preview.subject.handle:
        faults["closing-handle"] = "mismatch"
    if not people().fresh(request):
        faults |= _proved(request)
    if faults or preview.stopped_by:
        return _form(request, preview, wish, faults, status=422)
    try:
        secret = asking.ask(preview.subject.id, wish)
    except InvalidInputError as fault:
        return _form(request, preview, wish, dict(fault.fields), status=422)
    except HustingsError:
        # Somebody else was quicker, or left as owner in this very moment: the page says what is true now.
        return HttpResponseRedirect(request.path)
    if not wish.days and not preview.subject.organisation:
        request.session.flush()
    answer = HttpResponseRedirect(f"/trust/closing/{secret}")
    answer.status_code = 303
    return answer


def _proved(request: HttpRequest) -> dict[str, str]:
    try:
        if people().prove(request, request.POST.get("password", "")):
            return {}
    except TooManyRequestsError:
        return {"closing-password": "too_many"}
    return {"closing-password": "wrong" if request.POST.get("password") else "missing"}


def _wish(posted: Mapping[str, str]) -> Wish:
    days = posted.get("days", "")
    return Wish(
        days=int(days) if days.isascii() and days.isdigit() and len(days) < 4 else -1,
        comments=posted.get("comments", "erase"),
        archive=posted.get("archive") == "yes",
        words=posted.get("words", ""),
        link=posted.get("link", ""),
    )


def _form(
    request: HttpRequest, preview: Preview, wish: Wish, faults: dict[str, str], *, status: int = 200
) -> HttpResponse:
    lang = pages.language(request)
    last = backups.until()
    return _page(
        request,
        "trust/closure/close.html",
        {
            "subject": preview.subject,
            "stopped_by": _stopped_by(preview, lang),
            "counts": _counts(preview, lang),
            "wish": wish,
            "days": [
                {"days": days, "label": _days(days, lang), "chosen": days == wish.days} for days in _COOLING_OFFERED
            ],
            "words_max": rules.WORDS_MAX,
            "backups_until": day(last, lang) if last else None,
            "faults": [{"id": name, "text": _fault(name, fault, lang)} for name, fault in faults.items()],
            "fault": {name.removeprefix("closing-"): _fault(name, fault, lang) for name, fault in faults.items()},
            "proof": _proof(request),
        },
        status=status,
    )


def _stopped_by(preview: Preview, lang: str) -> str:
    fault = preview.stopped_by
    if fault is None:
        return ""
    key = f"trust.close.stopped.{fault.code}"
    known = key in pages.words()[lang]
    return pages.say(key, lang, **fault.params) if known else f"{fault.message} {fault.hint}"


def _proof(request: HttpRequest) -> str:
    """How the person can show that it is them: not needed, by password here, or by a key in the client."""
    if people().fresh(request):
        return "fresh"
    return "password" if request.user.has_usable_password() else "elsewhere"  # type: ignore[union-attr]  # signed in


def _counts(preview: Preview, lang: str) -> list[dict[str, object]]:
    """What goes, in words; the small print together."""
    left = {(domain, kind): count for domain, some in preview.counts.items() for kind, count in some.items()}
    shown: list[dict[str, object]] = []
    for name in _NAMED:
        count = left.pop(name, 0)
        if count:
            shown.append({"label": pages.say(f"trust.close.count.{name[1]}", lang), "count": count})
    rest = sum(left.values())
    if rest:
        shown.append({"label": pages.say("trust.close.count.rest", lang), "count": rest})
    return shown


def _days(days: int, lang: str) -> str:
    if not days:
        return pages.say("trust.close.days_none", lang)
    return pages.say("trust.close.days_one" if days == 1 else "trust.close.days_some", lang, days=days)


def _fault(name: str, fault: str, lang: str) -> str:
    """The sentence for a fault, in the page's language; what has none of its own is said as it is."""
    field = name.removeprefix("closing-")
    for key in (f"trust.close.fault.{field}.{fault}", f"trust.close.fault.{field}"):
        if key in pages.words()[lang]:
            return pages.say(key, lang, most=rules.WORDS_MAX)
    return fault


def _cancel(request: HttpRequest, account_id: int) -> HttpResponse:
    try:
        asking.cancel(account_id)
    except HustingsError:
        # Nothing to cancel, or too late: the page shows which.
        return HttpResponseRedirect(request.path)
    answer = HttpResponseRedirect(f"{request.path}?cancelled=yes")
    answer.status_code = 303
    return answer


def _cooling(request: HttpRequest, closure: Closure, preview: Preview) -> HttpResponse:
    return _page(
        request,
        "trust/closure/cooling.html",
        {
            "subject": preview.subject,
            "closure": closure,
            "locked": closure.state != State.COOLING,
            **_days_of(closure, pages.language(request)),
        },
    )


def _days_of(closure: Closure, lang: str) -> dict[str, str]:
    """The days of a closure as people write them, in UTC."""
    moments = {"due_on": closure.due_at, "asked_on": closure.asked_at, "closed_on": closure.closed_at}
    return {name: day(at.astimezone(UTC).date(), lang) for name, at in moments.items() if at is not None}


# --- Following a closure -----------------------------------------------------------------------------


@require_safe
def follow(request: HttpRequest, secret: str) -> HttpResponse:
    """How far it is, for whoever has the link; at the end the receipt."""
    try:
        closure = asking.by_secret(secret)
    except NotFoundError:
        return _page(request, "trust/closure/no_closure.html", status=404)
    moving = closure.state not in {State.COOLING, State.RECEIPT}
    answer = _page(
        request,
        "trust/closure/follow.html",
        {
            "closure": closure,
            "handle": closure.handle,
            "cooling": closure.state == State.COOLING,
            "done": closure.state == State.RECEIPT,
            "percent": round(100 * rules.share_done(closure.state, closure.erased, closure.to_erase)),
            "steps": _steps(closure, pages.language(request)),
            "refresh": _REFRESH_S if moving else None,
            "late": moving and closure.attempts > 0,
            "address": request.build_absolute_uri(request.path),
            "receipt": f"/trust/closing/{secret}/receipt.json",
            **_days_of(closure, pages.language(request)),
        },
    )
    return _unseen(answer)


def _steps(closure: Closure, lang: str) -> list[dict[str, str]]:
    """Each state with what has become of it."""
    order = [State.LOCKED, State.ARCHIVED, State.ERASED, State.VERIFIED, State.RECEIPT]
    if not closure.archive:
        order.remove(State.ARCHIVED)
    reached = list(State).index(State(closure.state))
    steps: list[dict[str, str]] = []
    for state in order:
        place = list(State).index(state)
        if place <= reached:
            standing = "done"
        elif not any(step["standing"] == "now" for step in steps) and closure.state != State.COOLING:
            standing = "late" if closure.attempts else "now"
        else:
            standing = "waits"
        steps.append(
            {
                "name": pages.say(f"trust.closing.step.{state.value}", lang),
                "about": pages.say(f"trust.closing.about.{state.value}", lang),
                "standing": "now" if standing == "late" else standing,
                "said": pages.say(f"trust.closing.standing.{standing}", lang),
            }
        )
    return steps


@require_safe
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """The receipt as a file, opened with the secret in the address: what lies here without it opens for nobody."""
    try:
        closure = asking.by_secret(secret)
        raw = receipting.opened(closure, secret)
    except NotFoundError:
        raw = None
    if raw is None:
        return _page(request, "trust/closure/no_closure.html", status=404)
    return _unseen(_file(raw, f"closure-receipt-{closure.public_id}.json"))


@require_safe
def public_receipt(request: HttpRequest, public_id: str) -> HttpResponse:
    """The receipt of an official account, which is everybody's to read."""
    row = Closure.objects.filter(public_id=public_id, public=True).first() if ids.is_id(public_id) else None
    if row is None or row.receipt is None:
        return _page(request, "trust/closure/no_closure.html", status=404)
    answer = _file(bytes(row.receipt), f"closure-receipt-{public_id}.json")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _file(raw: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(raw, content_type="application/json", headers=headers)


def _unseen(answer: HttpResponse) -> HttpResponse:
    """The address is a secret: no cache keeps the page, no search engine finds it, no other site is told of it."""
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    answer = pages.render(request, template, {**(context or {}), "path": request.path}, status=status)
    answer["X-Robots-Tag"] = "noindex"
    return answer
