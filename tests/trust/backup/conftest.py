"""A cell that has lived, its backup, and an empty place to restore it into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cast import person
from hustings.trust.api import prepare_keys, service
from hustings.trust.log import append, sequence_once
from hustings.videos.models import Video
from trust.backup.cell import Cell
from trust.closure.living import live


@pytest.fixture
def cell(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Cell]:
    prepare_keys()
    made = Cell(tmp_path, settings)
    with service():
        yield made


@pytest.fixture
def lived(cell: Cell, settle: Callable[[], int]) -> dict[str, Any]:
    """`olwen` with everything an account can have, two others who had to do with her, and a public log."""
    cast = {handle: person(handle) for handle in ("olwen", "sian", "meredith")}
    clips: list[Video] = live(cast["olwen"], cast["sian"], cast["meredith"])
    settle()
    append("key_erased", {"reason": "request", "people": "1"})
    sequence_once()
    return {**cast, "clips": clips}
