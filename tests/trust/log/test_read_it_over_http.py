"""The log's files as anybody fetches them, and the pages: every promise with its check, and what the log says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cast import Visitor
from hustings.lib.tlog.notes import Verifier
from hustings.lib.tlog.proofs import TlogProof
from hustings.trust import log
from hustings.trust.api import announce_serving
from hustings.trust.log import deployed, panels, signing
from hustings.trust.log.panels import Panel, register_panel
from hustings.trust.models import LogState
from trust.log import reading_the_log as outsider

pytestmark = pytest.mark.django_db

REVERSAL = {"decision": 0, "after": "appeal", "cause": "human_error", "restored": True}


@pytest.fixture
def some_entries() -> None:
    announce_serving()
    for number in range(300):
        log.append("moderation_reversal", {**REVERSAL, "standing_days": number})
    log.append("key_erased", {"reason": "closure", "people": "1"}, secrets={"subject": "olwen-the-member"}, subject=12)
    log.sequence_once()


# --- Files ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("some_entries")
def test_every_file_that_the_checkpoint_needs_is_served_as_it_lies(anonymous: Visitor) -> None:
    root = signing.log_root()
    names = [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]
    for name in names:
        answer = anonymous.get(f"/log/{name}")
        if name.startswith("."):
            assert answer.status_code == 404, "what is not the public's"
            continue
        assert answer.content == (root / name).read_bytes()
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Set-Cookie" not in answer.headers
        if name.startswith("tile/"):
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert "immutable" in answer.headers["Cache-Control"]
        else:
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert answer.headers["Cache-Control"] == "public, no-cache"
    assert len(names) >= 8


@pytest.mark.usefixtures("some_entries")
@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001.p/300",
        "tile/0/9",
        "tile/00/000",
        "tile/0/000.p/0",
        "tile/0/x000/000",
        "tile/0/002",
        "tile/entries/002",
        "tile/0/../../../keys/log-signing-key",
        "tile/0/%2e%2e/%2e%2e/checkpoint",
        "tile/0/000.aside",
        ".sequencer",
        "../keys/log-signing-key",
        "tile/",
    ],
)
def test_nothing_else_is(anonymous: Visitor, path: str) -> None:
    answer = anonymous.get(f"/log/{path}")
    assert answer.status_code == 404
    assert b"PRIVATE" not in answer.content


def test_a_log_that_has_not_begun(anonymous: Visitor) -> None:
    answer = anonymous.get("/log/checkpoint")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


@pytest.mark.usefixtures("some_entries")
def test_a_proof_is_downloaded_and_verifies_by_itself(anonymous: Visitor) -> None:
    answer = anonymous.get("/trust/log/302.tlog-proof")
    assert 'filename="302.tlog-proof"' in answer.headers["Content-Disposition"]
    proof = TlogProof.parse(answer.content)
    leaf = anonymous.get("/trust/log/302.json").content
    assert proof.extra == leaf
    proof.verify(leaf, [Verifier.parse(anonymous.get("/log/vkey").content.decode())])
    assert outsider.published(signing.log_root())[302] == leaf
    for path in ("/trust/log/303.tlog-proof", "/trust/log/303.json", "/trust/log/303"):
        assert anonymous.get(path).status_code == 404


# --- Pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("some_entries")
@pytest.mark.parametrize("lang", ["en", "cy"])
def test_the_log_in_words_by_kind_and_page(anonymous: Visitor, lang: str) -> None:
    first = anonymous.get(f"/trust/log?lang={lang}").content.decode()
    assert re.findall(r'href="/trust/log/(\d+)"', first)[:2] == ["302", "301"]
    assert "before=273" in first
    older = anonymous.get(f"/trust/log?lang={lang}&before=273").content.decode()
    assert re.findall(r'href="/trust/log/(\d+)"', older)[0] == "272"
    erased = anonymous.get(f"/trust/log?lang={lang}&kind=key_erased").content.decode()
    assert re.findall(r'href="/trust/log/(\d+)"', erased) == ["302"]
    none = anonymous.get(f"/trust/log?lang={lang}&kind=exemption")
    assert none.status_code == 200
    for wrong in ("kind=gossip", "before=-1", "before=x", "before=99999999999999999999"):
        assert anonymous.get(f"/trust/log?{wrong}").status_code == 404


@pytest.mark.usefixtures("some_entries")
@pytest.mark.parametrize("lang", ["en", "cy"])
def test_an_entry_shows_commitments_and_nobody(anonymous: Visitor, lang: str) -> None:
    page = anonymous.get(f"/trust/log/302?lang={lang}").content.decode()
    commitment = log.openings(12)[0].entry.value["commitments"]["subject"]
    assert commitment in page
    assert "olwen-the-member" not in page
    assert "/trust/log/302.tlog-proof" in page
    assert "/trust/log/301" in page
    assert "/trust/log/303" not in page


@pytest.mark.parametrize("lang", ["en", "cy"])
def test_all_nine_promises_are_there_with_their_checks(anonymous: Visitor, lang: str) -> None:
    announce_serving()
    log.sequence_once()
    page = anonymous.get(f"/trust?lang={lang}").content.decode()
    assert [f'id="promise-{number}"' in page for number in range(1, 10)] == [True] * 9
    assert "hustings log verify http://localhost:8000/log" in page
    assert deployed.build()[:16] in page
    assert log.vkey() in page


def wrong_lines(page: str) -> list[str]:
    summary = re.search(r'class="govuk-error-summary".*?</div>\s*</div>', page, re.DOTALL)
    return re.findall(r"<li>(.*?)</li>", summary.group(0)) if summary else []


def test_a_server_whose_build_is_not_in_the_log_says_so(anonymous: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    announce_serving()
    log.sequence_once()
    assert not any("not what the log says" in line for line in wrong_lines(anonymous.get("/trust").content.decode()))
    monkeypatch.setattr(deployed, "build", lambda: "ab" * 32)
    [line] = [line for line in wrong_lines(anonymous.get("/trust").content.decode()) if "abababab" in line]
    assert "is not what the log says" in line
    announce_serving()
    page = anonymous.get("/trust").content.decode()
    assert not [line for line in wrong_lines(page) if "abababab" in line]
    assert "will be in the next checkpoint" in page
    log.sequence_once()
    assert "abababababababab…, is in the log" in anonymous.get("/trust").content.decode()


def test_a_log_that_stopped_is_said_so_without_our_paths(anonymous: Visitor) -> None:
    log.sequence_once()
    LogState.objects.update(fault="log_write_failed", fault_message="No space left on device (/srv/secret/place)")
    for lang, words in (("en", "could not be written"), ("cy", "ysgrifennu")):
        page = anonymous.get(f"/trust?lang={lang}").content.decode()
        assert any(words in line for line in wrong_lines(page))
        assert "/srv/secret" not in page


def test_a_panel_that_cannot_be_read_hides_nothing(
    anonymous: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(panels, "_providers", dict(panels._providers))

    def broken() -> Any:
        raise RuntimeError

    register_panel("7.broken", broken)
    register_panel("9.test", lambda: [Panel(9, "trust.log.panel.published", {"size": "12", "when": "today"})])
    page = anonymous.get("/trust").content.decode()
    assert any("cannot be read at the moment" in line for line in wrong_lines(page))
    assert "12 entries; the last checkpoint is of today" in page
    assert "cannot be shown" in caplog.text


def test_the_pages_are_cheap(anonymous: Visitor, some_entries: None, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        anonymous.get("/trust/log")
    with django_assert_max_num_queries(8):
        anonymous.get("/trust/log/7")
