"""An erased key is not in the database's files any more: not in its table, not between rows, not in the write-ahead log."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.own_database


@pytest.mark.parametrize("reader", [False, True], ids=["alone", "while somebody reads"])
def test_the_files_of_sqlite_hold_nothing_of_it(tmp_path: Path, reader: bool) -> None:
    environment = {"PATH": os.environ["PATH"], "HUSTINGS_DATA": str(tmp_path), "HUSTINGS_SECRET_KEY": "only-for-tests"}
    script = Path(__file__).with_name("erasing.py")
    done = subprocess.run(
        [sys.executable, str(script), *(["reader"] if reader else [])],
        env=environment, capture_output=True, text=True, timeout=200, check=True,
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert len(said["wrapped"]) == (10 if reader else 100)
    assert said["left"] == 0
    assert bool(said["waiting"]) == reader, "what a reader keeps is removed by a later sweep"
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("hustings.sqlite3*"))
    assert len(stored) > 100_000
    assert not [one for one in said["wrapped"] if bytes.fromhex(one) in stored]
