"""The page that says whom one must trust names tests for what it claims: they are there, and in the files it names."""

from __future__ import annotations

import re

import pytest

from trust.closure.live import ROOT

PAGE = (ROOT / "docs" / "trust-model.md").read_text(encoding="utf-8")
TESTS = sorted(set(re.findall(r"`(test_\w+)`", PAGE)))
FILES = sorted(set(re.findall(r"`((?:tests|web/e2e)/[\w/]+\.py)`", PAGE)))
PARTS = (
    "log signing key", "cell key", "database", "log folder", "media store", "backups", "sequencer", "web server process",
    "staff account", "second approver", "operator with root", "reverse proxy", "build machine", "client bundle",
    "a witness", "DNS, certificate authority", "mail", "KMS command",
)  # fmt: skip


def test_each_named_file_is_there() -> None:
    assert len(FILES) > 15
    assert [name for name in FILES if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("name", TESTS)
def test_each_named_test_is_in_one_of_the_named_files(name: str) -> None:
    assert any(re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE) for file in FILES)


def test_every_part_is_judged_and_says_what_stays_open() -> None:
    rows = {row.strip() for row in re.findall(r"^\| ([^|]+) \|", PAGE, re.MULTILINE)}
    assert [part for part in PARTS if part not in rows] == []
    sections = PAGE.split("\n## ")[1:-1]
    assert [section.split("\n")[0] for section in sections if "**Open" not in section] == []


def test_those_who_promise_lead_to_it() -> None:
    for page in ("README.md", "docs/architecture.md", "docs/use/verify.md", "docs/formats/closure-receipt.md"):
        assert "trust-model.md" in (ROOT / page).read_text(), page
