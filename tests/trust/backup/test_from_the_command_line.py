"""An operator backs up one machine and restores on another, by the two commands and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.own_database

OLWEN, SIAN = "olwen", "sian"


def test_one_machine_is_lost_and_another_takes_its_place(tmp_path: Path) -> None:
    backups, keys = str(tmp_path / "backups"), str(tmp_path / "keys")

    def hustings(data: str, *words: str, status: int = 0) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HUSTINGS_DATA": str(tmp_path / data),  # not there before the first command
            "HUSTINGS_SECRET_KEY": "only-for-tests",
        }
        done = subprocess.run(
            [sys.executable, "-m", "hustings.site.cli", *words],
            env=environment, capture_output=True, text=True, timeout=200, check=False,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    hustings("first", "migrate")
    for handle in (OLWEN, SIAN):
        hustings("first", "account", "create", handle)
    said = hustings("first", "backup", backups, "--keys", keys)
    assert "The mirror holds 3 keys." in said
    assert "Backup and keys lie on one disk" in said
    assert json.loads(hustings("first", "backup", backups, "--check", "--json"))["rows"] > 2

    done = json.loads(hustings("second", "restore", backups, "--keys", keys, "--json"))
    assert (done["dropped"], done["closed"]) == ({}, 0)
    assert "wraps the keys of 2 people" in hustings("second", "keys", "status")
    again = hustings("second", "backup", str(tmp_path / "backups-2"), "--keys", str(tmp_path / "keys-2"), "--json")
    assert json.loads(again)["left_out"] == {}

    assert "The database is not empty" in hustings("second", "restore", backups, "--keys", keys, status=1)
    (tmp_path / "second" / "restoring.json").write_text("{}")
    for verb in ("serve", "worker", "migrate"):
        assert "A restore was begun here and has not ended" in hustings("second", verb, status=2)
