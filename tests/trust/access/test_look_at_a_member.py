"""A moderator looks at a member's data with a reason; the member sees it, with a proof; nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cast import Visitor, person
from hustings.accounts import staff
from hustings.accounts.api import Author
from hustings.lib import clock
from hustings.moderation.models import Report
from hustings.trust import log
from hustings.trust.access import cases, own
from hustings.trust.access.models import AccessEntry, AccessRequest
from hustings.trust.api import access_commands
from trust.access.employed import at_desk

Desk = Callable[[Author], Visitor]
CREATED = "accounts.Account.created_at"


def wish(case: str, *fields: str, act: str = "look", **more: str) -> dict[str, Any]:
    return {
        "handle": "sian",
        "purpose": "moderation",
        "case": case,
        "fields": list(fields or (CREATED,)),
        "reason": "You were reported for sending spam.",
        "act": act,
        **more,
    }


def test_the_moderator_looks_and_the_member_sees_it(
    moderator: Author, as_stranger: Visitor, case: str, desk: Desk
) -> None:
    shown = desk(moderator).post("/staff/look", wish(case))
    assert shown.status_code == 200, shown.content
    assert "Since when the account exists." in shown.content.decode()
    assert "@sian sees it." in shown.content.decode()
    entry = AccessEntry.objects.get()
    assert (entry.reason, entry.role, entry.case, entry.read) == ("moderation", "moderator", case, [CREATED])
    assert (entry.rows, entry.office_country, entry.physical_country) == (1, "GB", "GB")
    assert entry.ended_at is not None

    page = as_stranger.get("/trust/access").content.decode()
    assert "Moderation" in page
    assert "You were reported for sending spam." in page
    assert "moderator" in page
    assert "Cwm Council" in page
    assert case in page
    assert "meredith" not in page, "the member learns the role, not the name"


def test_the_public_entry_says_why_and_where_and_nothing_about_who(moderator: Author, case: str, desk: Desk) -> None:
    desk(moderator).post("/staff/look", wish(case))
    entry = AccessEntry.objects.get()
    assert entry.log_entry is not None
    said = log.entry(entry.log_entry).value
    assert said["reason"] == "moderation"
    assert said["role"] == "moderator"
    assert said["office_country"] == said["physical_country"] == "GB"
    assert said["categories"] == ["user.account"]
    assert said["records"] == "1"
    assert said["break_glass"] is False
    assert said["actor"].startswith("s-")
    assert said["commitments"].keys() == {"subject", "case", "reason"}
    raw = log.entry(entry.log_entry).leaf.decode()
    for secret in ("sian", "meredith", case, "spam"):
        assert secret not in raw


def test_the_member_takes_the_proof_away(moderator: Author, as_stranger: Visitor, case: str, desk: Desk) -> None:
    desk(moderator).post("/staff/look", wish(case))
    entry = AccessEntry.objects.get()
    address = f"/trust/access/{entry.public_id}"
    assert "On its way into the public log" in as_stranger.get("/trust/access").content.decode()
    log.sequence_once()
    assert f"{address}.tlog-proof" in as_stranger.get("/trust/access").content.decode()

    proof = as_stranger.get(f"{address}.tlog-proof")
    assert proof.status_code == 200
    assert proof.content.startswith(b"c2sp.org/tlog-proof@v1\n")
    opened = json.loads(as_stranger.get(f"{address}.json").content)["openings"]
    assert opened["subject"]["value"] == "@sian"
    assert opened["case"]["value"] == case

    from hustings.lib.tlog.commitments import read_openings
    from hustings.lib.tlog.notes import Verifier
    from hustings.lib.tlog.verifying import check

    proven = check(proof.content, None, [Verifier.parse(log.vkey())], None, read_openings(json.dumps(opened).encode()))
    assert proven is not None


def test_no_number_of_later_looks_puts_one_out_of_sight(
    moderator: Author,
    auditor: Author,
    stranger: Author,
    as_stranger: Visitor,
    case: str,
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who has something to hide must not be able to bury it, from the member or from those who oversee."""
    monkeypatch.setattr(own, "SHOWN", 2)
    reasons = [f"The look with the number {number}." for number in range(3)]
    for reason in reasons:
        desk(moderator).post("/staff/look", wish(case, reason=reason))
    told = [(look.id, look.words) for look in own.looks(stranger.id)]
    assert [words for _, words in told] == reasons[::-1], "an export has them all"
    for who, path in ((as_stranger, "/trust/access"), (desk(auditor), "/staff/ledger")):
        first = who.get(path).content.decode()
        assert [reason in first for reason in reasons] == [False, True, True]
        assert f"before={told[1][0]}" in first
        older = who.get(path, {"before": told[1][0]}).content.decode()
        assert [reason in older for reason in reasons] == [True, False, False]
        assert "before=" not in older
        assert who.get(path, {"before": "none"}).status_code == 404


def test_what_a_member_wrote_commands_no_terminal_of_the_staff(moderator: Author, stranger: Author, case: str) -> None:
    text = "\x1b]0;owned\x07\u202e and a\nsecond line"
    Report.objects.create(kind="clip", ref="x", reason="spam", text=text, reporter_id=stranger.id)
    lines = list(
        access_commands.look(
            "sian",
            who="meredith",
            purpose="moderation",
            case=case,
            fields=["moderation.Report.text"],
            reason="Your report, please.",
            place="GB",
        )
    )
    [shown] = [line for line in lines if "owned" in line]
    assert "second line" in shown
    assert shown.isprintable()


def test_who_only_oversees_closes_no_case(auditor: Author, case: str, desk: Desk) -> None:
    assert desk(auditor).post(f"/staff/cases/{case}").status_code == 403
    assert cases.one(case).closed_at is None


def test_a_stranger_gets_neither_proof_nor_opening(
    moderator: Author, as_owner: Visitor, anonymous: Visitor, case: str, desk: Desk
) -> None:
    desk(moderator).post("/staff/look", wish(case))
    log.sequence_once()
    address = f"/trust/access/{AccessEntry.objects.get().public_id}"
    for kind in ("tlog-proof", "json"):
        assert as_owner.get(f"{address}.{kind}").status_code == 404
        assert anonymous.get(f"{address}.{kind}").status_code == 302
        assert as_owner.get(f"/trust/access/nothing.{kind}").status_code == 404


def test_nothing_to_see_says_so(as_owner: Visitor, anonymous: Visitor) -> None:
    assert "Nobody has looked at your data." in as_owner.get("/trust/access").content.decode()
    assert "Nid oes neb wedi edrych ar eich data." in as_owner.get("/trust/access?lang=cy").content.decode()
    assert anonymous.get("/trust/access").headers["Location"].startswith("/signin?next=%2Ftrust%2Faccess")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"case": "MO-invented"}, "There is no such open case"),
        ({"case": ""}, "There is no such open case"),
        ({"purpose": "support"}, "Your role does not allow this access"),
        ({"purpose": "curiosity"}, "Choose a reason from the list"),
        ({"handle": "nobody"}, "nobody with this handle"),
        ({"fields": []}, "Choose the fields that you need"),
        ({"fields": ["accounts.Account.password"]}, "Choose the fields"),
        ({"fields": ["accounts.Account.handle"]}, "Choose the fields"),
        ({"fields": ["accounts.Account.shoe_size"]}, "Choose the fields"),
        ({"reason": "why"}, "Say in a sentence why"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_recorded(
    change: dict[str, Any], message: str, moderator: Author, case: str, desk: Desk
) -> None:
    answer = desk(moderator).post("/staff/look", wish(case) | change)
    assert answer.status_code in {403, 422}, answer.content
    text = answer.content.decode()
    assert message in text or (message.startswith("Choose the fields") and "fields" in text), text
    assert not AccessEntry.objects.exists()


def test_a_closed_case_and_a_case_about_somebody_else(moderator: Author, owner: Author, case: str, desk: Desk) -> None:
    at = desk(moderator)
    assert at.post("/staff/look", wish(case, handle="olwen")).status_code == 422, "the case is about somebody else"
    assert at.post(f"/staff/cases/{case}").status_code == 302
    assert at.post("/staff/look", wish(case)).status_code == 422
    assert not AccessEntry.objects.exists()


def test_a_case_that_a_domain_keeps(moderator: Author, stranger: Author, desk: Desk) -> None:
    from hustings.trust.access import cases

    def reports(reference: str) -> cases.CaseFact | None:
        return cases.CaseFact("moderation", open=True, subject=stranger.id) if reference == "report/7" else None

    cases.register_cases(reports)
    try:
        assert desk(moderator).post("/staff/look", wish("report/7")).status_code == 200
        assert desk(moderator).post("/staff/look", wish("report/8")).status_code == 422
    finally:
        cases._checkers.remove(reports)


# --- Who may come in -----------------------------------------------------------------------------------


def test_strangers_find_nothing_and_wrong_roles_are_refused(
    as_owner: Visitor, anonymous: Visitor, auditor: Author, guard_dog: Author, desk: Desk
) -> None:
    assert as_owner.get("/staff/").status_code == 404
    assert anonymous.get("/staff/").headers["Location"] == "/signin?next=%2Fstaff%2F"
    assert desk(auditor).get("/staff/look").status_code == 403
    assert desk(guard_dog).get("/staff/approvals").status_code == 403
    assert desk(guard_dog).get("/staff/roles").status_code == 403
    assert desk(auditor).get("/staff/cases/none").status_code == 404


def test_a_password_alone_does_not_open_the_desk(moderator: Author) -> None:
    answer = Visitor(moderator).get("/staff/")
    assert answer.status_code == 403
    assert "Add a passkey" in answer.content.decode()


def test_a_role_that_was_taken_back_is_gone_at_once(moderator: Author, case: str, desk: Desk) -> None:
    at = desk(moderator)
    assert at.get("/staff/").status_code == 200
    staff.take("meredith", "moderator")
    assert at.get("/staff/").status_code == 404
    assert at.post("/staff/look", wish(case)).status_code == 404


def test_where_one_works_is_said_first_and_ends_after_a_day(
    moderator: Author, case: str, desk: Desk, moved_clock: Callable[[Any], None]
) -> None:
    at = desk(moderator)
    moved_clock(clock.now() + timedelta(hours=13))
    assert at.get("/staff/look").headers["Location"] == "/staff/session?next=%2Fstaff%2Flook"
    assert at.post("/staff/look", wish(case)).status_code == 302
    assert not AccessEntry.objects.exists()
    said = {
        "employer": "Cwm Council",
        "employed_by": "processor",
        "office": "gb",
        "physical": "fr",
        "next": "/staff/look",
    }
    assert at.post("/staff/session", said).headers["Location"] == "/staff/look"
    assert at.post("/staff/look", wish(case)).status_code == 200
    entry = AccessEntry.objects.get()
    assert (entry.office_country, entry.physical_country, entry.employed_by) == ("GB", "FR", "processor")
    assert "They were in: FR" in Visitor(_sian()).get("/trust/access").content.decode()


def _sian() -> Author:
    from hustings.accounts import api

    return api.by_handle("sian")


@pytest.mark.parametrize(
    ("field", "value"), [("office", "England"), ("office", ""), ("employer", " "), ("employed_by", "friend")]
)
def test_a_place_that_is_none(field: str, value: str, moderator: Author, desk: Desk) -> None:
    said = {"employer": "Cwm Council", "employed_by": "controller", "office": "GB", "physical": "", field: value}
    answer = desk(moderator).post("/staff/session", said)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()


def test_the_way_back_leads_nowhere_else(moderator: Author, desk: Desk) -> None:
    said = {"employer": "C", "employed_by": "controller", "office": "GB", "next": "https://elsewhere.example/"}
    assert desk(moderator).post("/staff/session", said).headers["Location"] == "/staff/"


def test_ones_own_data_needs_no_access(moderator: Author, desk: Desk) -> None:
    from hustings.trust.access import cases

    mine = cases.start(moderator.id, "moderation", "My own account", moderator.id)
    answer = desk(moderator).post("/staff/look", wish(mine, handle="meredith"))
    assert answer.status_code == 403
    assert not AccessEntry.objects.exists()


@pytest.mark.parametrize("lang", ["en", "cy"])
@pytest.mark.parametrize(
    "path",
    [
        "", "session", "cases", "cases?all=1", "look", "look?handle=sian", "requests",
        "approvals", "reviews", "ledger", "ledger?actor=meredith", "lawful", "roles",
    ],
)  # fmt: skip
def test_every_screen_in_both_languages(path: str, lang: str, stranger: Author, case: str, db: None) -> None:
    everything = person("everything")
    for role in ("moderator", "support", "security", "privacy_officer", "operator"):
        staff.give("everything", role)
    at = at_desk(everything)
    at.post("/staff/session", {"employer": "C", "employed_by": "controller", "office": "GB"})
    at.post("/staff/look", wish(case) | {"purpose": "moderation"})
    AccessRequest.objects.create(
        actor=stranger.id, subject=everything.id, reason="moderation", reason_text="x", case=case,
        fields=[CREATED], why_two="sensitive", expires_at=clock.now() + timedelta(days=1),
    )  # fmt: skip
    answer = at.get(f"/staff/{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code == 200, answer.content.decode()[:500]
    assert f'<html lang="{lang}"' in answer.content.decode()
