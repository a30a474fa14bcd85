"""A real log by others: transparency-dev/tessera's sample. The data lies beside the repository, never in it."""

import os
from pathlib import Path

import pytest

from hustings.lib.merkle import root_of
from hustings.lib.tlog import tiles
from hustings.lib.tlog.checkpoints import open_checkpoint
from hustings.lib.tlog.notes import Verifier
from hustings.lib.tlog.sources import source_of
from hustings.lib.tlog.verifying import Trust
from lib.tlog.small_log import Outsider

DATA = Path(os.environ.get("HUSTINGS_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "tlog"
LOG = DATA / "tessera-log"
KEY = Verifier.parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
pytestmark = pytest.mark.skipif(
    not LOG.exists(),
    reason=f"NOT RUN: Tessera's sample log is not at {LOG}. HUSTINGS_TEST_DATA names the folder that holds tlog/.",
)


@pytest.mark.parametrize("size", range(1, 16))
def test_each_of_its_checkpoints(size: int) -> None:
    checkpoint, _ = open_checkpoint((LOG / f"checkpoint.{size}").read_bytes(), [KEY], KEY.name)
    hashes = tiles.hashes_of(tiles.Tile(0, 0, size), (LOG / tiles.path(0, 0, size)).read_bytes())
    assert (checkpoint.size, checkpoint.root) == (size, root_of(hashes))


def test_an_outsider_visits_it(outsider: Outsider) -> None:
    outsider.trust, outsider.form = Trust(key=KEY, older=(LOG / "checkpoint.7").read_bytes()), False
    visit = outsider.visit(source_of(str(LOG)))
    assert visit.sound, visit.fault
    assert visit.checkpoint is not None
    assert visit.checkpoint.size == 15
