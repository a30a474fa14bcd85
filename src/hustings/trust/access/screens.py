"""Staff screens: say where one works, keep cases, ask to look, look, agree or refuse, review, keep the registers.

Each view runs as the person at the screen. What it lists is the office's own record; what is about a
member is read in one place alone, inside `access`.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.views.decorators.http import require_http_methods, require_safe

from hustings.lib.errors import ForbiddenError, HustingsError, InvalidInputError, NotFoundError
from hustings.trust import datamap, scopes
from hustings.trust.access import approvals, cases, disclosure, lawful, looking, own, places, rules
from hustings.trust.access.errors import ApprovalNeededError
from hustings.trust.access.gate import Me, staff_screen
from hustings.trust.access.ledger import access
from hustings.trust.access.models import AccessEntry
from hustings.trust.access.places import EMPLOYED_BY, Place
from hustings.trust.access.roles import staff
from hustings.trust.access.rules import Role
from hustings.trust.access.showing import column, day, desk, faults, handles, moment
from hustings.trust.datamap import words
from hustings.trust.office import pages
from hustings.trust.people import people
from hustings.trust.rights.forms import inside

read_or_post = require_http_methods(["GET", "HEAD", "POST"])
LOOKERS = frozenset(Role) - {Role.AUDITOR}


@require_safe
@staff_screen(placed=False)
def home(request: HttpRequest, me: Me) -> HttpResponseBase:
    """What there is to do in one's roles."""
    lang = pages.language(request)
    mine = [pages.say(f"trust.access.role.{role}", lang) for role in sorted(me.roles)]
    may = [
        pages.say(f"trust.access.reason.{reason}", lang) for reason, roles in rules.MAY_LOOK.items() if me.roles & roles
    ]
    return desk(request, me, "home", {"roles": mine, "reasons": may})


# --- Where one works ---------------------------------------------------------------------------------


@read_or_post
@staff_screen(placed=False)
def session(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Say where one is working from; ends after a working day, or with the button."""
    back = inside(request.POST.get("next", "") or request.GET.get("next", ""), "/staff/")
    lang = pages.language(request)
    said = Place("", "", "", "controller") if me.place is None else me.place
    wrong = []
    if request.method == "POST" and request.POST.get("act") == "end":
        places.end(me.id)
        return HttpResponseRedirect("/staff/session")
    if request.method == "POST":
        office = request.POST.get("office", "").strip().upper()
        physical = request.POST.get("physical", "").strip().upper() or office
        said = Place(office, physical, request.POST.get("employer", ""), request.POST.get("employed_by", ""))
        try:
            places.begin(me.id, said)
        except InvalidInputError as fault:
            wrong = faults(fault, lang)
        else:
            return HttpResponseRedirect(back)
    employed = [(name, pages.say(f"trust.access.employed.{name}", lang)) for name in EMPLOYED_BY]
    context = {"said": said, "employed": employed, "faults": wrong, "next": back}
    return desk(request, me, "session", context, status=422 if wrong else 200)


# --- Cases -------------------------------------------------------------------------------------------


@read_or_post
@staff_screen()
def case_list(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Open cases, and the form that opens one."""
    lang = pages.language(request)
    wrong = []
    if request.method == "POST":
        try:
            if not me.roles & rules.MAY_OPEN_CASES:
                raise InvalidInputError(fields={"kind": "Auditors open no cases."})
            handle = request.POST.get("handle", "").strip()
            subject = _find(handle) if handle else None
            reference = cases.start(me.id, request.POST.get("kind", ""), request.POST.get("summary", ""), subject)
        except HustingsError as fault:
            wrong = faults(fault, lang)
        else:
            return HttpResponseRedirect(f"/staff/cases/{reference}")
    rows = cases.listed(open_only="all" not in request.GET)
    named = handles([row.subject for row in rows] + [row.opened_by for row in rows])
    context = {
        "cases": [_case(row, named, lang) for row in rows],
        "all": "all" in request.GET,
        "may_open": bool(me.roles & rules.MAY_OPEN_CASES),
        "kinds": _reasons(rules.MAY_LOOK, lang),
        "given": request.POST,
        "faults": wrong,
    }
    return desk(request, me, "cases", context, status=422 if wrong else 200)


@read_or_post
@staff_screen()
def case(request: HttpRequest, me: Me, reference: str) -> HttpResponseBase:
    """One case: what it is about, what was looked at for it, and its end."""
    lang = pages.language(request)
    row = cases.one(reference)
    if request.method == "POST":
        if not me.roles & rules.MAY_OPEN_CASES:
            raise ForbiddenError("Auditors close no cases.", hint="Whoever works on it does.")
        cases.close(reference)
        return HttpResponseRedirect(request.path)
    with scopes.service():
        looks = list(AccessEntry.objects.filter(case=reference).order_by("-started_at")[:100])
    named = handles([row.subject, row.opened_by, *(one.actor for one in looks), *(one.subject for one in looks)])
    context = {
        "case": _case(row, named, lang),
        "looks": [_look(one, named, lang) for one in looks],
        "may_look": bool(me.roles & rules.MAY_LOOK[row.kind]),
    }
    return desk(request, me, "case", context)


def _case(row: cases.Case, named: dict[int, str], lang: str) -> dict[str, Any]:
    return asdict(row) | {
        "kind_said": pages.say(f"trust.access.reason.{row.kind}", lang),
        "who": named.get(row.subject or 0, ""),
        "by": named.get(row.opened_by, ""),
        "opened": moment(row.opened_at, lang),
        "closed": moment(row.closed_at, lang) if row.closed_at else "",
    }


def _reasons(names: Iterable[str], lang: str) -> list[tuple[str, str]]:
    return [(name, pages.say(f"trust.access.reason.{name}", lang)) for name in names]


# --- Looking -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form says somebody wants to see."""

    handle: str
    purpose: str
    case: str
    fields: tuple[str, ...]
    reason: str
    break_glass: str
    order: str
    disclose_after: str

    @classmethod
    def of(cls, given: QueryDict) -> "Wish":
        text = {
            name: given.get(name, "").strip()
            for name in ("handle", "purpose", "case", "reason", "break_glass", "order", "disclose_after")
        }
        return cls(fields=tuple(given.getlist("fields")), **text)

    @property
    def until(self) -> date | None:
        if not self.disclose_after:
            return None
        try:
            return date.fromisoformat(self.disclose_after)
        except ValueError:
            raise InvalidInputError(fields={"disclose_after": "A day such as 2027-03-31."}) from None


@read_or_post
@staff_screen(roles=LOOKERS)
def look(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Choose whom, why, for which case and which fields; then look, inside a recorded access.

    A look is the answer to a POST: coming back to the page asks again, and is another look.
    """
    wish = Wish.of(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        return _form(request, me, wish)
    try:
        subject = _find(wish.handle)
        if request.POST.get("act") == "ask":
            approvals.ask(
                me.id,
                subject,
                purpose=wish.purpose,
                case=wish.case,
                fields=wish.fields,
                reason=wish.reason,
                order=wish.order,
                disclose_after=wish.until,
            )
            return HttpResponseRedirect("/staff/requests?asked=1")
        return _looked(request, me, wish, subject)
    except ApprovalNeededError as fault:
        return _form(request, me, wish, needed=str(fault.params.get("why", "sensitive")), status=403)
    except HustingsError as fault:
        return _form(request, me, wish, error=fault, status=fault.status)


def _looked(request: HttpRequest, me: Me, wish: Wish, subject: int) -> HttpResponse:
    lang = pages.language(request)
    glass = wish.break_glass if request.POST.get("act") == "break" else ""
    if request.POST.get("act") == "break" and not glass:
        raise InvalidInputError(fields={"break_glass": "Say why this cannot wait for a second person."})
    if len(wish.reason) < rules.REASON_TEXT[0]:
        raise InvalidInputError(fields={"reason": "Say in a sentence why you need this; the person will read it."})
    with access(
        me.id,
        subject,
        purpose=wish.purpose,
        case=wish.case,
        fields=wish.fields,
        place=me.place,
        reason=wish.reason,
        break_glass=glass,
    ) as entry:
        shown = looking.look(subject, wish.fields)
    context = {
        "handle": wish.handle.removeprefix("@"),
        "entry": entry.id,
        "case": wish.case,
        "broke": bool(glass),
        "kept_until": day(entry.disclose_after, lang) if entry.disclose_after else "",
        "shown": [
            {
                "label": one.label,
                "columns": [column(field.id, lang) for field in one.fields],
                "rows": one.rows,
                "more": one.more,
            }
            for one in shown
        ],
    }
    return desk(request, me, "looked", context)


def _form(
    request: HttpRequest,
    me: Me,
    wish: Wish,
    *,
    error: HustingsError | None = None,
    needed: str = "",
    status: int = 200,
) -> HttpResponse:
    lang = pages.language(request)
    reasons = [reason for reason, roles in rules.MAY_LOOK.items() if me.roles & roles]
    groups = [
        {
            "label": choice.label,
            "name": words.topic(choice.fields[0].topic, lang),
            "columns": [column(field.id, lang, ticked=field.id in wish.fields) for field in choice.fields],
            "open": any(field.id in wish.fields for field in choice.fields),
        }
        for choice in looking.choices()
    ]
    context = {
        "wish": wish,
        "found": _public(wish.handle) if wish.handle else None,
        "reasons": _reasons(reasons, lang),
        "groups": groups,
        "orders": [row.reference for row in lawful.register()] if "legal_order" in reasons else [],
        "needed": pages.say(f"trust.access.two.{needed}", lang) if needed else "",
        "may_break": needed not in rules.ALWAYS_TWO,
        "least": rules.JUSTIFICATION[0],
        "hours": int(rules.REVIEW_WITHIN.total_seconds() // 3600),
        "faults": faults(error, lang) if error else [],
    }
    return desk(request, me, "look", context, status=status)


def _find(handle: str) -> int:
    """The account of a handle, by the product's own search: an id and nothing else comes back."""
    try:
        with scopes.service():
            return people().by_handle(handle)
    except NotFoundError:
        raise InvalidInputError(fields={"handle": "There is nobody with this handle."}) from None


def _public(handle: str) -> dict[str, str] | None:
    """What everyone may read of an account; read as the person at the screen, so the guard agrees that it is public."""
    model = get_user_model()
    public = [
        field.name
        for (label, _), field in datamap.fields().items()
        if label == model._meta.label and datamap.public(field) and field.name != "avatar"  # noqa: SLF001 - Django's own word
    ]
    folded = handle.removeprefix("@").lower()
    row = model._base_manager.filter(**{model.USERNAME_FIELD: folded}).values(*public).first()  # noqa: SLF001 - all of them
    return None if row is None else {name: str(value) for name, value in row.items()}


@require_safe
@staff_screen(roles=LOOKERS)
def asked(request: HttpRequest, me: Me) -> HttpResponseBase:
    """What one asked for, and what became of it; an approved one can be used from here."""
    lang = pages.language(request)
    rows = approvals.of_actor(me.id)
    named = handles([me.id, *(row.subject for row in rows), *(row.decided_by for row in rows)])
    context = {"requests": [_request(row, named, lang) for row in rows], "asked": "asked" in request.GET}
    return desk(request, me, "asked", context)


def _request(row: Any, named: dict[int, str], lang: str) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "handle": named.get(row.subject, ""),
        "by": named.get(row.actor, ""),
        "decided_by": named.get(row.decided_by, ""),
        "purpose": row.reason,
        "reason_said": pages.say(f"trust.access.reason.{row.reason}", lang),
        "reason": row.reason_text,
        "case": row.case,
        "fields": [column(name, lang) for name in row.fields],
        "why": pages.say(f"trust.access.two.{row.why_two}", lang),
        "state": approvals.state_of(row),
        "state_said": pages.say(f"trust.access.state.{approvals.state_of(row)}", lang),
        "note": row.note,
        "asked": moment(row.asked_at, lang),
        "until": moment(row.usable_until, lang),
        "told_on": day(row.disclose_after, lang) if row.disclose_after else "",
    }


# --- The second person -------------------------------------------------------------------------------


@read_or_post
@staff_screen(roles=rules.MAY_APPROVE_ORDERS)
def queue(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Requests that one may decide: each with who, whom, why, and which fields."""
    lang = pages.language(request)
    wrong = []
    if request.method == "POST":
        try:
            approvals.decide(
                me.id,
                request.POST.get("request", ""),
                approve=request.POST.get("act") == "approve",
                note=request.POST.get("note", ""),
            )
        except HustingsError as fault:
            wrong = faults(fault, lang)
        else:
            return HttpResponseRedirect("/staff/approvals?done=1")
    rows = approvals.waiting(me.id, me.roles)
    named = handles([row.subject for row in rows] + [row.actor for row in rows])
    context = {
        "requests": [_request(row, named, lang) for row in rows],
        "done": "done" in request.GET,
        "faults": wrong,
        "hours": int(rules.APPROVAL_LASTS.total_seconds() // 3600),
    }
    return desk(request, me, "approvals", context, status=422 if wrong else 200)


@read_or_post
@staff_screen(roles=rules.MAY_REVIEW)
def reviews(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Looks that were made without a second person: somebody else says whether that was right."""
    lang = pages.language(request)
    wrong = []
    if request.method == "POST":
        try:
            approvals.review(
                me.id,
                request.POST.get("access", ""),
                justified=request.POST.get("act") == "justified",
                note=request.POST.get("note", ""),
            )
        except HustingsError as fault:
            wrong = faults(fault, lang)
        else:
            return HttpResponseRedirect("/staff/reviews?done=1")
    rows = approvals.unreviewed(me.id)
    named = handles([row.subject for row in rows] + [row.actor for row in rows])
    context = {
        "looks": [_look(row, named, lang) for row in rows],
        "done": "done" in request.GET,
        "faults": wrong,
        "hours": int(rules.REVIEW_WITHIN.total_seconds() // 3600),
    }
    return desk(request, me, "reviews", context, status=422 if wrong else 200)


# --- Registers ---------------------------------------------------------------------------------------


@require_safe
@staff_screen(roles=rules.MAY_READ_REGISTERS)
def ledger(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Every recorded look, for those who oversee: who, whom, why, from where. Nothing of what was seen."""
    lang = pages.language(request)
    with scopes.service():
        rows = AccessEntry.objects.all()
        if actor := request.GET.get("actor", "").strip():
            rows = rows.filter(actor=_find(actor))
        before = request.GET.get("before", "")
        found = list(own.page(rows, before)[: own.SHOWN + 1])
    shown = found[: own.SHOWN]
    named = handles([row.subject for row in shown] + [row.actor for row in shown] + [row.reviewed_by for row in shown])
    context = {
        "looks": [_look(row, named, lang) for row in shown],
        "older": shown[-1].public_id if len(found) > own.SHOWN else "",
        "newest": not before,
        "actor": actor,
    }
    return desk(request, me, "ledger", context)


def _look(row: AccessEntry, named: dict[int, str], lang: str) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "who": named.get(row.actor, ""),
        "whom": named.get(row.subject, ""),
        "role": pages.say(f"trust.access.role.{row.role}", lang) if row.role else "–",
        "reason": pages.say(f"trust.access.reason.{row.reason}", lang),
        "words": row.reason_text,
        "case": row.case,
        "method": pages.say(f"trust.access.method.{row.method}", lang),
        "place": row.physical_country if row.physical_country == row.office_country
        else f"{row.physical_country} ({row.office_country})",
        "when": moment(row.started_at, lang),
        "fields": [column(name, lang) for name in row.fields],
        "rows": row.rows,
        "break_glass": row.break_glass,
        "justification": row.justification,
        "review": pages.say(f"trust.access.review.{row.review}", lang) if row.review else "",
        "review_note": row.review_note,
        "reviewed_by": named.get(row.reviewed_by or 0, ""),
        "due": moment(row.review_due, lang),
        "overdue": approvals.is_overdue(row),
        "told_on": day(row.disclose_after, lang) if row.disclose_after and not row.disclosed_at else "",
    }  # fmt: skip


@read_or_post
@staff_screen(roles=rules.MAY_READ_REGISTERS)
def orders(request: HttpRequest, me: Me) -> HttpResponseBase:
    """The register of lawful requests: record one, say what came of it, and what is kept from people until when."""
    lang = pages.language(request)
    wrong = []
    if request.method == "POST":
        try:
            _keep_register(request, me)
        except HustingsError as fault:
            wrong = faults(fault, lang)
        else:
            return HttpResponseRedirect("/staff/lawful")
    rows, kept = lawful.register(), disclosure.delayed()
    named = handles([row.subject for row in kept])
    context = {
        "orders": [
            {
                "row": row,
                "kind": pages.say(f"trust.access.kind.{row.kind}", lang),
                "outcome": pages.say(f"trust.access.outcome.{row.outcome}", lang),
                "recorded": moment(row.recorded_at, lang),
            }
            for row in rows
        ],
        "delayed": [_look(row, named, lang) for row in kept],
        "kinds": [(name, pages.say(f"trust.access.kind.{name}", lang)) for name in lawful.KINDS],
        "outcomes": [(name, pages.say(f"trust.access.outcome.{name}", lang)) for name in lawful.OUTCOMES[1:]],
        "authorities": [(name, pages.say(f"trust.access.authority.{name}", lang)) for name in lawful.AUTHORITIES],
        "may_write": Role.PRIVACY in me.roles,
        "given": request.POST,
        "faults": wrong,
    }
    return desk(request, me, "lawful", context, status=422 if wrong else 200)


def _keep_register(request: HttpRequest, me: Me) -> None:
    given = request.POST
    if Role.PRIVACY not in me.roles:
        raise InvalidInputError(fields={"order": "Only privacy officers write in this register."})
    act = given.get("act", "")
    if act == "answer":
        lawful.answer(given.get("reference", ""), given.get("outcome", ""))
    elif act == "extend":
        until = Wish.of(given).until
        if until is None:
            raise InvalidInputError(fields={"until": "Name the new day."})
        disclosure.extend(me.id, given.get("access", ""), until, given.get("legal_basis", "").strip())
    else:
        count = given.get("accounts", "1").strip()
        lawful.record(
            me.id,
            lawful.Order(
                order=given.get("order", "").strip(),
                country=given.get("country", "").strip().upper(),
                authority=given.get("authority", "").strip(),
                authority_kind=given.get("authority_kind", ""),
                kind=given.get("kind", ""),
                legal_basis=given.get("legal_basis", "").strip(),
                accounts=int(count) if count.isascii() and count.isdigit() and len(count) < 9 else -1,
            ),
        )


@read_or_post
@staff_screen(roles=frozenset({Role.OPERATOR}))
def roles(request: HttpRequest, me: Me) -> HttpResponseBase:
    """Who works for the service; an operator gives and takes roles, never to themselves."""
    lang = pages.language(request)
    wrong = []
    if request.method == "POST":
        handle, role = request.POST.get("handle", ""), request.POST.get("role", "")
        try:
            with scopes.service():
                if request.POST.get("act") == "take":
                    staff().take(handle, role, by=me.id)
                else:
                    staff().give(handle, role, by=me.id)
        except HustingsError as fault:
            wrong = faults(fault, lang)
        else:
            return HttpResponseRedirect("/staff/roles")
    with scopes.service():
        held = staff().listed()
    context = {
        "held": [(handle, role, pages.say(f"trust.access.role.{role}", lang)) for handle, role in held],
        "roles": [(role.value, pages.say(f"trust.access.role.{role}", lang)) for role in Role],
        "given": request.POST,
        "faults": wrong,
    }
    return desk(request, me, "roles", context, status=422 if wrong else 200)
