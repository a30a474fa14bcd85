"""The pages of closing, without JavaScript: ask, confirm, follow, cancel; and the notice that stands afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from cast import Visitor
from hustings.accounts import api as accounts
from hustings.accounts.api import Author
from hustings.accounts.models import Account
from hustings.lib import receipts
from hustings.lib.tlog.notes import Verifier, open_note
from hustings.trust import log
from hustings.trust.api import Wish, ask_to_close, closed_notice
from hustings.trust.closure.models import Closure
from published import published
from trust.closure.living import finish

Settle = Callable[[], int]
PASSWORD = "a long enough phrase"


@pytest.fixture
def as_mair(db: None) -> Visitor:
    """Somebody with a password, who has just signed in."""
    key = accounts.create_person("mair", name="Mair Evans", password=PASSWORD)
    return Visitor(accounts.authors([key])[key])


def close(visitor: Visitor, address: str = "/trust/close", **given: str) -> Any:
    fields = {"act": "close", "comments": "erase", "days": "0", "handle": "mair", "password": PASSWORD, **given}
    return visitor.post(address, fields)


def test_the_page_says_what_will_happen(as_mair: Visitor) -> None:
    assert as_mair.who is not None
    published(as_mair.who, "one")
    published(as_mair.who, "two")
    page = as_mair.get("/trust/close").content.decode()
    assert re.search(r"Clips, with everything under them</dt><dd[^>]*>2<", page)
    for said in ("What will be erased", "What stays, and why", "public notice at /@mair", "This cannot be undone"):
        assert said in page, said
    assert "script" not in page.replace("noscript", "")


def test_in_welsh(as_mair: Visitor) -> None:
    page = as_mair.get("/trust/close?lang=cy").content.decode()
    assert '<html lang="cy"' in page
    assert "Beth fydd yn cael ei ddileu" in page


def test_the_signed_out_are_asked_to_sign_in(anonymous: Visitor) -> None:
    page = anonymous.get("/trust/close")
    assert page.status_code == 401
    assert 'href="/signin?next=/trust/close"' in page.content.decode()
    assert close(anonymous).status_code == 401


def test_from_the_form_to_the_receipt(as_mair: Visitor, settle: Settle) -> None:
    answer = close(as_mair, words="Diolch", link="https://example.org/")
    assert answer.status_code == 303
    address = answer["Location"]
    assert as_mair.ask("GET", "/api/v1/me")["account"] is None
    page = Visitor().get(address)
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    text = page.content.decode()
    assert '<meta http-equiv="refresh"' in text
    assert address in text, "the link, to keep"
    assert finish(address.rpartition("/")[2], settle).state == "receipt"
    done = Visitor().get(address).content.decode()
    assert "refresh" not in done
    assert "Download the receipt" in done
    raw = Visitor().get(f"{address}/receipt.json")
    assert raw["Content-Disposition"].startswith("attachment")
    receipts.check(receipts.read(raw.content))


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"password": "wrong"}, "The password is not right"),
        ({"password": ""}, "Enter your password"),
        ({"handle": "someone"}, "Type the handle of this account"),
        ({"words": "x" * 300}, "Your words are longer than 280 characters"),
        ({"link": "http://example.org"}, "Enter a link that begins with https://"),
        ({"days": "400"}, "Choose when the account is closed"),
        ({"days": "x"}, "Choose when the account is closed"),
        ({"comments": "keep"}, "Choose what happens to the comments"),
    ],
)
def test_every_fault_is_shown_and_nothing_happens(as_mair: Visitor, given: dict[str, str], fault: str) -> None:
    page = close(as_mair, **given)
    assert page.status_code == 422
    text = page.content.decode()
    assert "There is a problem" in text
    assert fault in text
    assert not Closure.objects.exists()
    assert accounts.by_handle("mair").active


def test_what_was_typed_stays_and_harms_nobody(as_mair: Visitor) -> None:
    page = close(as_mair, words="<script>alert(1)</script>", handle="no").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page


def test_another_site_cannot_close_it(as_mair: Visitor) -> None:
    assert as_mair.who is not None
    strict = Visitor(as_mair.who, enforce_csrf_checks=True)
    assert close(strict).status_code == 403
    assert not Closure.objects.exists()


def test_cooling_is_shown_and_cancelled_with_one_click(as_mair: Visitor) -> None:
    answer = close(as_mair, days="7")
    assert as_mair.ask("GET", "/api/v1/me")["account"]
    followed = Visitor().get(answer["Location"]).content.decode()
    assert "This account closes on" in followed
    assert "refresh" not in followed
    page = as_mair.get("/trust/close").content.decode()
    assert re.search(r"@mair closes on \d+ \w+ \d{4}", page)
    again = close(as_mair)
    assert again.status_code == 200
    assert Closure.objects.get().cooling_days == 7, "the first wish stands until it is cancelled"
    cancelled = as_mair.post("/trust/close", {"act": "cancel"})
    assert cancelled["Location"] == "/trust/close?cancelled=yes"
    assert "The account stays open" in as_mair.get(cancelled["Location"]).content.decode()
    assert not Closure.objects.exists()
    assert Visitor().get(answer["Location"]).status_code == 404


def test_me_says_that_it_is_closing(as_mair: Visitor) -> None:
    assert as_mair.ask("GET", "/api/v1/me")["account"]["closing_on"] is None
    close(as_mair, days="7")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", as_mair.ask("GET", "/api/v1/me")["account"]["closing_on"])


def test_the_last_owner_is_told_what_to_do(organisation: Author, owner: Author) -> None:
    Account.objects.filter(pk=owner.id).update(password="!")
    page = Visitor(owner).get("/trust/close").content.decode()
    assert "You are the only owner of @council" in page
    assert "Close this account</button>" not in page
    Visitor(owner).post("/trust/close", {"act": "close", "days": "0", "handle": "olwen", "comments": "erase"})
    assert not Closure.objects.exists()


def test_an_owner_closes_an_organisation(
    organisation: Author, as_owner: Visitor, as_teammate: Visitor, as_stranger: Visitor
) -> None:
    address = "/trust/close/@council"
    assert as_stranger.get(address).status_code == 404
    assert as_teammate.get(address).status_code == 403
    assert close(as_teammate, address, handle="council").status_code == 403
    assert as_owner.get("/trust/close/@nobody").status_code == 404
    page = as_owner.get(address).content.decode()
    assert "package for the public record" in page
    Account.objects.filter(handle="olwen").update(password="!")
    as_owner.force_login(Account.objects.get(handle="olwen"))
    answer = close(as_owner, address, handle="council")
    assert answer.status_code == 303
    assert as_owner.ask("GET", "/api/v1/me")["account"]["handle"] == "olwen", "the owner stays signed in"
    assert closed_notice("council").kind == "organisation"


@pytest.mark.parametrize("secret", ["1" * 22, "x", "../../etc", "0" * 22])
def test_a_guessed_link_leads_nowhere(db: None, anonymous: Visitor, secret: str) -> None:
    assert anonymous.get(f"/trust/closing/{secret}").status_code == 404
    assert anonymous.get(f"/trust/closing/{secret}/receipt.json").status_code == 404
    assert anonymous.get(f"/trust/receipts/{secret}.json").status_code == 404


def test_a_persons_receipt_is_not_public(stranger: Author, settle: Settle) -> None:
    row = finish(ask_to_close(stranger.id, Wish()), settle)
    assert Visitor().get(f"/trust/receipts/{row.public_id}.json").status_code == 404
    assert closed_notice("sian").receipt == ""


# --- The notice --------------------------------------------------------------------------------------


def test_the_notice_stands_in_place_of_the_profile(stranger: Author, settle: Settle, anonymous: Visitor) -> None:
    secret = ask_to_close(stranger.id, Wish(words="Moved on.\n<b>Thanks</b>", link="https://example.org/new"))
    for _ in range(2):  # while it is erased, and for ever after
        page = anonymous.get("/@Sian")
        assert page.status_code == 410
        text = page.content.decode()
        assert "This account is now closed." in text
        assert "Mae’r cyfrif hwn bellach wedi’i gau." in text
        assert "Moved on.<br>&lt;b&gt;Thanks&lt;/b&gt;" in text
        assert 'href="https://example.org/new" rel="nofollow noopener ugc"' in text
        assert page["X-Robots-Tag"] == "noindex"
        boot = json.loads(re.search(r'id="boot">(.*?)</script>', text)[1])  # type: ignore[index]
        assert boot["closed"]["words"] == "Moved on.\n<b>Thanks</b>"
        assert anonymous.get("/@sian/feed.atom").status_code == 410
        said = anonymous.ask("GET", "/api/v1/accounts/sian", status=410)
        assert (said["code"], said["params"]["handle"]) == ("account_closed", "sian")
        anonymous.ask("GET", "/api/v1/accounts/sian/clips", status=410)
        finish(secret, settle)
    notice = anonymous.ask("GET", "/api/v1/accounts/sian/notice")
    assert (notice["kind"], notice["link"], notice["receipt"]) == ("person", "https://example.org/new", None)
    anonymous.ask("GET", "/api/v1/accounts/nobody/notice", status=404)
    anonymous.ask("GET", "/api/v1/accounts/nobody", status=404)


def test_its_signature_verifies_with_the_logs_key(stranger: Author, settle: Settle, anonymous: Visitor) -> None:
    finish(ask_to_close(stranger.id, Wish(words="Bye")), settle)
    raw = anonymous.get("/@sian/closed.note").content
    note = open_note(raw, [Verifier.parse(log.vkey())])
    first, site, said = note.text.splitlines()
    assert first == "hustings closed account v1"
    assert site == "http://localhost:8000"
    assert json.loads(said)["words"] == "Bye"
    assert anonymous.get("/@olwen/closed.note").status_code == 404


def test_an_official_notice_leads_to_the_receipt(organisation: Author, settle: Settle, anonymous: Visitor) -> None:
    accounts.give_official_mark(organisation.id)
    finish(ask_to_close(organisation.id, Wish()), settle)
    page = anonymous.get("/@council")
    assert "X-Robots-Tag" not in page
    address = re.search(r'href="(/trust/receipts/\w+\.json)"', page.content.decode())[1]  # type: ignore[index]
    receipts.check(receipts.read(anonymous.get(address).content))
