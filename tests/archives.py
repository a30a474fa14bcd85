"""What tests of exports and imports look at."""

from __future__ import annotations

import json
import zipfile
from typing import Any

FILM = b"film " * 50_000


def read(archive: zipfile.ZipFile, name: str) -> Any:
    """A JSON file of an archive."""
    return json.loads(archive.read(name))
