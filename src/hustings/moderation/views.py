"""HTTP of moderation: report a thing, and ask what became of the report."""

from django.http import HttpRequest
from ninja import Router, Schema, Status

from hustings.accounts import api as accounts
from hustings.moderation import api, limits

router = Router(tags=["moderation"])


class ReportIn(Schema):
    """A report; `moment_s` is the second of the clip that it is about."""

    kind: str
    id: str
    reason: str
    text: str = ""
    moment_s: float | None = None


class ReceiptOut(Schema):
    """Keep it: whoever has it can ask what became of the report."""

    receipt: str


class StandingOut(Schema):
    """What became of a report."""

    state: str
    kind: str
    reason: str
    created_at: str


@router.post("/reports", response={201: ReceiptOut})
def report(request: HttpRequest, said: ReportIn) -> Status[dict[str, str]]:
    """Say that a thing breaks a rule, signed in or not."""
    person = accounts.writer_id(request)
    reporter = f"account {person}" if person else limits.anonymous_reporter(accounts.client_prefix(request))
    limits.count(reporter)
    receipt = None if person else limits.receipt_of(reporter, said.kind, said.id)
    if receipt is None:
        receipt = api.report(
            said.kind, said.id, said.reason, text=said.text, moment_s=said.moment_s, reporter_id=person
        )
        if not person:
            limits.remember(reporter, said.kind, said.id, receipt)
    return Status(201, {"receipt": receipt})


@router.get("/reports/{receipt}", response=StandingOut)
def standing(request: HttpRequest, receipt: str) -> dict[str, str]:
    """What became of a report. The receipt is the permission; what was reported is not repeated."""
    found = api.standing(receipt)
    return {
        "state": found.state,
        "kind": found.kind,
        "reason": found.reason,
        "created_at": found.created_at.isoformat(),
    }
