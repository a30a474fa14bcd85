"""Anybody sees where data may go and what was refused; the operator asks about one address; changes are logged."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection  # noqa: F401 - the condition of a skip names it
from django.test import Client
from typer.testing import CliRunner

from hustings.lib.http import POLICY
from hustings.trust.api import declare
from hustings.trust.egress import changes, declared, jobs, rules, tally
from hustings.trust.egress.models import Cell

pytestmark = pytest.mark.django_db


@pytest.fixture
def list_of_two(settings: Any, tmp_path: Path) -> None:
    settings.EMAIL_HOST, settings.EMAIL_REGION = "smtp.example.org", "local"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    path = tmp_path / "egress.toml"
    path.write_text(
        '[[destination]]\nhost = "feeds.example.org"\nport = 443\npurpose = "To fetch <the> calendar."\n'
        'purpose_cy = "I nôl y calendr."\ncategories = ["user.contact.email"]\nregion = "eu"\n'
        'transfer = "Adequacy decision"\n'
    )
    settings.EGRESS = str(path)


def page(lang: str = "en") -> str:
    answer = Client().get(f"/trust/egress?lang={lang}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_shows_each_place_its_purpose_data_region_and_ground(list_of_two: None) -> None:
    seen = page()
    assert "smtp.example.org:587" in seen
    assert "To send the mails that people ask for" in seen
    assert "e-mail addresses" in seen
    assert "To fetch &lt;the&gt; calendar." in seen
    assert "eu (outside local, on this ground: Adequacy decision)" in seen
    assert "not used" in seen
    assert "Nothing was refused" in seen


def test_the_page_is_welsh_for_who_reads_welsh(list_of_two: None) -> None:
    seen = page("cy")
    assert "I nôl y calendr." in seen
    assert "cyfeiriadau e-bost" in seen
    assert 'lang="cy"' in seen


def test_a_sentence_that_is_there_in_english_alone_says_so(settings: Any, tmp_path: Path) -> None:
    declare("127.0.0.1", 9, purpose="To look around.")
    assert '<dd class="govuk-summary-list__value" lang="en">To look around.</dd>' in page("cy")


def test_what_was_counted_and_refused_is_shown(list_of_two: None) -> None:
    tally.connected("smtp.example.org:587")
    tally.connected("smtp.example.org:587")
    tally.moved("smtp.example.org:587", bytes_out=12_345, bytes_in=678)
    tally.connected("gone.example:443")
    for _ in range(3):
        tally.refused("name", "requests")
    tally.flush()
    seen = page()
    assert "2 connections; 12.3 kB sent, 678 B received" in seen
    assert "gone.example:443: 1 connection, the last on" in seen
    assert "3 attempts were refused" in seen
    assert "To look up or reach a name that is not on the list" in seen


def test_the_same_as_data_and_its_fingerprint_can_be_made_by_anybody(list_of_two: None) -> None:
    said = Client().get("/trust/egress.json").json()
    text = json.dumps(said["list"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == said["list_sha256"]
    assert [entry["host"] for entry in said["list"] if entry["host"] != "127.0.0.1"] == [
        "feeds.example.org",
        "smtp.example.org",
    ]
    assert {store["store"] for store in said["stores"]} == {"database", "media", "keys", "mail"}


def test_every_purpose_of_ours_and_every_kind_of_refusal_has_words() -> None:
    from hustings.trust.egress import hook
    from hustings.trust.office import pages

    source = Path(hook.__file__).read_text() + Path(hook.__file__).with_name("gate.py").read_text()
    kinds = set(__import__("re").findall(r'refuse\(\s*"(\w+)"', source)) | {"loopback", "address"}
    assert kinds >= {"name", "program", "private", "redirect", "reverse", "family"}
    for lang in ("en", "cy"):
        assert {f"trust.egress.kind.{kind}" for kind in kinds} <= set(pages.words()[lang])
    said = Path(declared.__file__).read_text()
    for key in __import__("re").findall(r'"(trust\.egress\.\w+)"', said):
        assert key in pages.words()["en"]


def test_the_browser_is_held_to_this_service_too() -> None:
    assert POLICY["connect-src"] == POLICY["form-action"] == "'self'"
    assert "connect-src 'self'" in Client().get("/trust/egress").headers["Content-Security-Policy"]


# --- The log ----------------------------------------------------------------------------------------------


def entries() -> list[dict[str, Any]]:
    from hustings.trust.models import LogEntry

    rows = LogEntry.objects.filter(kind="egress_changed").order_by("id").values_list("leaf", flat=True)
    return [json.loads(bytes(leaf)) for leaf in rows]


def test_a_change_of_the_list_is_an_entry_of_the_log(list_of_two: None, settings: Any) -> None:
    assert changes.overdue()
    first = changes.record()
    assert first is not None
    assert not changes.overdue()
    settings.EMAIL_HOST = ""
    declare("127.0.0.1", 9, purpose="To look around.")
    assert changes.record() is not None
    assert changes.record() is None
    before, after = (json.dumps(entry, ensure_ascii=False) for entry in entries())
    assert "smtp.example.org:587 (local): To send the mails" in before
    assert "127.0.0.1:9 (local): To look around." in after
    assert Cell.objects.get().list_sha256 == changes.fingerprint()
    assert changes.log_changed_list if hasattr(changes, "log_changed_list") else jobs.log_changed_list in jobs.SWEEPS


def test_a_place_whose_region_or_purpose_changed_is_named(settings: Any) -> None:
    declare("a.example", 443, purpose="To ask.", region="local")
    changes.record()
    declare("a.example", 443, purpose="To ask.", region="eu")
    changes.record()
    assert "a.example:443 (eu): To ask." in json.dumps(entries()[-1])


def test_two_processes_that_see_the_change_write_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one's entry lands between our look and our write."""
    declare("a.example", 443, purpose="To ask.", region="local")
    real = changes._hash

    def late(listed: list[dict[str, Any]]) -> str:
        monkeypatch.setattr(changes, "_hash", real)
        row = Cell.objects.get()
        assert changes.record() is not None
        assert Cell.objects.get().list_sha256 != row.list_sha256
        Cell.objects.filter(id=1).update(list_sha256=row.list_sha256)  # what we still believe
        Cell.objects.filter(id=1).update(list_sha256=real(listed))
        return real(listed)

    monkeypatch.setattr(changes, "_hash", late)
    assert changes.record() is None
    assert len(entries()) == 1


def test_an_entry_that_could_not_be_written_leaves_the_list_unlogged(monkeypatch: pytest.MonkeyPatch) -> None:
    declare("a.example", 443, purpose="To ask.", region="local")

    def broken(*_: Any) -> dict[str, object]:
        raise OSError("no room")

    with monkeypatch.context() as patched:
        patched.setattr(changes, "_body", broken)
        with pytest.raises(OSError, match="no room"):
            changes.record()
    assert changes.overdue()
    assert changes.record() is not None


# --- The operator -----------------------------------------------------------------------------------------


def run(*words: str) -> tuple[int, str]:
    from hustings.site import cli

    done = CliRunner().invoke(cli.app, words, env={})
    return done.exit_code, done.output


def test_check_egress_explains_each_place(list_of_two: None, monkeypatch: pytest.MonkeyPatch) -> None:
    changes.record()
    code, said = run("check", "--egress")
    assert code == 0, said
    assert "smtp.example.org:587  (local)" in said
    assert "because    HUSTINGS_EMAIL_HOST" in said
    assert "because    HUSTINGS_EGRESS" in said
    assert "ground     Adequacy decision" in said


def test_check_egress_says_what_is_wrong(settings: Any) -> None:
    settings.EMAIL_HOST = "smtp.example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    code, said = run("check", "--egress")
    assert code == 1
    assert "say with HUSTINGS_EMAIL_REGION in which region that is" in said


@pytest.mark.parametrize(
    ("url", "code", "sentence"),
    [
        ("https://tracker.example/x", 1, "tracker.example:443: refused. It is not on the list."),
        ("known.example:8443", 1, "on the list for port 443 only"),
        ("http://localhost:9", 0, "HUSTINGS_EGRESS_DEVELOPMENT is on"),
        ("https://known.example", 1, "stands for 10.0.0.7, which is not a public address"),
        ("https://open.example", 0, "open.example:443: allowed. On the list because of"),
        ("https://", 1, "This is no address."),
        ("http://[::1", 1, "This is no address."),
    ],
)
def test_check_egress_says_of_one_address_why(names: dict[str, list[str]], url: str, code: int, sentence: str) -> None:
    names["known.example"], names["open.example"] = ["10.0.0.7"], ["8.8.8.8"]
    declare("known.example", 443, purpose="To ask.", region="local")
    declare("open.example", 443, purpose="To ask.", region="local")
    found, said = run("check", "--egress", url)
    assert sentence in said
    assert found == code


def test_in_production_a_port_of_this_machine_is_refused(production: None) -> None:
    found, said = run("check", "--egress", "http://localhost:9")
    assert found == 1
    assert "this port is not on the list" in said


def test_check_egress_as_json(list_of_two: None) -> None:
    changes.record()
    code, said = run("check", "--egress", "--json")
    found = json.loads(said)
    assert code == 0
    assert found["faults"] == []
    assert {"smtp.example.org", "feeds.example.org"} <= {entry["host"] for entry in found["destinations"]}


def test_differences_of_two_lists() -> None:
    assert rules.differences(["a", "b"], ["b", "c"]) == (["c"], ["a"])


def promise(number: int, lang: str = "en") -> str:
    """One promise's part of `/trust`."""
    seen = Client().get(f"/trust?lang={lang}").content.decode()
    return str(seen.partition(f'id="promise-{number}"')[2].partition("</section>")[0])


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="a database server is a place on the list")
def test_the_promise_that_data_stays_says_whose_cell_it_is_and_how_the_gate_stands(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    alone = promise(4)
    assert "has not named a region" in alone
    assert "The list is empty" in alone
    assert "Nothing tried to reach anything else" in alone
    assert "Not kept" not in alone
    settings.CELL, settings.REGION = "avonmere", "uk"
    declare("127.0.0.1", 9, purpose="To look around.")
    tally.refused("name", "hustings.videos")
    tally.refused("name", "hustings.videos")
    tally.flush()
    told = promise(4)
    assert "This is the cell avonmere in the region uk" in told
    assert "One place is on the list." in told
    assert "2 attempts to reach anything else were refused" in told
    assert "Mae un lle ar y rhestr." in promise(4, "cy")


def test_a_list_that_the_public_log_does_not_know_is_a_promise_not_kept(list_of_two: None) -> None:
    assert "The list is another than the one in the public log." in promise(4)
    assert "Not kept" in promise(4)
