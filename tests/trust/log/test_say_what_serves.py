"""Build, client, model and weights: entered by a deployment, compared with the log's last word, hashed so that anybody can."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from hustings.feed import serving as feed
from hustings.site import health
from hustings.trust import log
from hustings.trust.api import announce_serving, register_serving
from hustings.trust.log import deployed
from hustings.trust.models import LogEntry

pytestmark = pytest.mark.django_db


def said(kind: str) -> list[dict[str, Any]]:
    return [dict(log.entry(one).value) for one in LogEntry.objects.filter(kind=kind).values_list("pk", flat=True)]


def states() -> dict[str, str]:
    return {one.name: one.state for one in deployed.servings()}


def test_a_deployment_enters_what_serves_once() -> None:
    assert len(announce_serving()) == 2
    assert announce_serving() == []
    [build] = said("build_deployed")
    [ranking] = said("ranking_changed")
    assert (build["build"], build["client"]) == (deployed.build(), deployed.client())
    assert "previous" not in build
    assert (ranking["model"], ranking["weights"]) == (feed.model(), feed.weights())
    assert set(states().values()) == {"waiting"}
    log.sequence_once()
    assert set(states().values()) == {"logged"}
    assert announce_serving() == []


def test_a_change_is_a_new_entry_that_names_what_was_before(monkeypatch: pytest.MonkeyPatch) -> None:
    announce_serving()
    before = deployed.build()
    monkeypatch.setattr(deployed, "build", lambda: "ab" * 32)
    monkeypatch.setattr(deployed, "_serving", {**deployed._serving, "weights": lambda: "cd" * 32})
    assert states() == {"build": "missing", "client": "waiting", "model": "waiting", "weights": "missing"}
    announce_serving()
    assert said("build_deployed")[1] | {"at": ""} == {
        **said("build_deployed")[0], "at": "", "build": "ab" * 32, "previous": before,
    }  # fmt: skip
    changed = said("ranking_changed")[1]
    assert (changed["weights"], changed["previous_weights"]) == ("cd" * 32, feed.weights())
    assert changed["what"] == "The weights changed."


def test_going_back_to_an_older_build_is_a_change_too(monkeypatch: pytest.MonkeyPatch) -> None:
    announce_serving()
    with monkeypatch.context() as patched:
        patched.setattr(deployed, "build", lambda: "ab" * 32)
        announce_serving()
    assert states()["build"] == "missing", "in the log, but not its last word"
    announce_serving()
    assert [one["build"] for one in said("build_deployed")] == [deployed.build(), "ab" * 32, deployed.build()]


def test_check_is_red_until_the_deployment_says_it() -> None:
    missing = [f.message for f in health.examine() if f.subject == "log" and f.bad]
    assert len(missing) == 4
    assert all("is not the log's last word" in message for message in missing)
    announce_serving()
    log.sequence_once()
    assert not [f for f in health.examine() if f.subject == "log" and f.bad]


def test_the_build_can_be_hashed_with_a_line_of_shell() -> None:
    """The line of docs/operate/log.md, as it stands there."""
    page = (Path(__file__).parents[3] / "docs" / "operate" / "log.md").read_text()
    [line] = [line.strip() for line in page.splitlines() if line.strip().startswith("find . -type f")]
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=deployed.PACKAGE,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    deployed.build.cache_clear()  # as the files are now
    assert done.stdout.split()[0] == deployed.build()


def test_each_file_counts(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "a.py").write_text("one")
    (tmp_path / "deep" / "er" / "b.html").write_text("two")
    first = deployed._listing(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("not source")
    assert deployed._listing(tmp_path) == first
    (tmp_path / "deep" / "er" / "b.html").write_text("twO")
    second = deployed._listing(tmp_path)
    (tmp_path / "deep" / "er" / "b.html").rename(tmp_path / "deep" / "b.html")
    assert len({first, second, deployed._listing(tmp_path), deployed._listing(tmp_path, but=tmp_path / "deep")}) == 4


def test_only_what_the_log_has_a_field_for_can_be_registered() -> None:
    with pytest.raises(ValueError):
        register_serving("mood", lambda: "ab" * 32)
