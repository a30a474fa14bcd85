"""`hustings demo`, in processes of its own."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.ffmpeg
KEPT = {name: value for name, value in os.environ.items() if not name.startswith(("HUSTINGS_", "DJANGO_"))}


def _demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hustings", "demo", *options],
        env=KEPT | {"HUSTINGS_DATA": str(folder), "COLUMNS": "200"},
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


def _ask(folder: Path, question: str) -> object:
    with sqlite3.connect(folder / "hustings.sqlite3") as database:
        return database.execute(question).fetchone()[0]


def test_it_fills_itself_goes_on_where_it_stopped_and_starts_again(tmp_path: Path) -> None:
    folder = tmp_path / "demonstration"
    done = _demo(folder, "--no-serve", "--clips", "1", "--port", "8123")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 clips are there" in done.stdout
    assert _ask(folder, "SELECT state FROM videos_video") in {"playable", "ready"}
    assert _ask(folder, "SELECT likes FROM community_clipcounts") > 0
    assert not (folder / "demo" / "clips" / "bill-becomes-law.mp4").exists()
    opened = "FROM trust_logentry WHERE kind = 'official_account_opened'"
    assert "localhost:8123" in str(_ask(folder, f"SELECT CAST(leaf AS TEXT) {opened}")), "it names its own address"
    clip = _ask(folder, "SELECT public_id FROM videos_video")

    assert _demo(folder, "--no-serve", "--clips", "1").returncode == 0
    assert _ask(folder, "SELECT group_concat(public_id) FROM videos_video") == clip

    assert _demo(folder, "--no-serve", "--clips", "1", "--reset").returncode == 0
    assert _ask(folder, "SELECT count(*) FROM videos_video") == 1
    assert _ask(folder, "SELECT public_id FROM videos_video") != clip


def test_it_neither_fills_nor_empties_a_place_that_people_use(tmp_path: Path) -> None:
    folder = tmp_path / "in_use"
    make = (
        "import django; django.setup()\n"
        "from hustings.trust.api import service_from_here; service_from_here()\n"
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from hustings.accounts import api; api.create_person('somebody')\n"
    )
    subprocess.run(
        [sys.executable, "-c", make], check=True, timeout=120,
        env=KEPT | {"HUSTINGS_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "hustings.site.settings"},
    )  # fmt: skip
    for options in ([], ["--reset"]):
        refused = _demo(folder, "--no-serve", *options)
        assert refused.returncode == 2
        assert "is in use" in refused.stdout
        assert "Traceback" not in refused.stderr
    assert _ask(folder, "SELECT count(*) FROM accounts_account") == 1


def test_a_port_that_is_taken_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = _demo(tmp_path / "elsewhere", "--port", str(taken.getsockname()[1]))
    assert refused.returncode == 2
    assert "is in use" in refused.stdout
