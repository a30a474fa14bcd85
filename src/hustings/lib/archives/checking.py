"""Is an export whole and what it says it is? Needs the file alone: no database, no settings, no network."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from hustings.lib.archives import shapes
from hustings.lib.archives.errors import BadArchiveError
from hustings.lib.archives.unzipping import Limits, Unzip, open_zip, sentence

MANIFEST: Final = "manifest.json"
# An export holds somebody's films, so its size is not suspicious; its files are still bound.
LIMITS: Final = Limits(entries=200_000, directory=64 << 20, plain=1 << 50)
JSON_MAX: Final = 1 << 29
MOST_TOKENS: Final = 10_000_000  # of one document: an empty list in a list takes thirty times its bytes in memory


@dataclass
class Checked:
    """What was found. `faults` is empty for an archive that is whole."""

    handle: str = ""
    made_at: str = ""
    server: str = ""
    files: int = 0
    bytes: int = 0
    rows: int = 0
    missing: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.faults


def check(path: Path) -> Checked:
    """Read all of an export: names, sizes, SHA-256 of every file, and the schema of every document."""
    found = Checked()
    try:
        with path.open("rb") as file:
            archive = open_zip(file, LIMITS)
            manifest = _manifest(archive, found)
            if manifest is not None:
                _facts(found, manifest)
                _contents(archive, manifest, found)
    except BadArchiveError as error:
        found.faults += [(fault.where, sentence(fault)) for fault in error.faults]
    except OSError as fault:
        found.faults.append((path.name, f"The file cannot be read: {fault.strerror}."))
    return found


def manifest_shape() -> dict[str, Any]:
    """The schema of the manifest, ours and not the archive's: it is what all else is judged by."""
    raw = files("hustings.lib.archives").joinpath("manifest.v1.json").read_text()
    shape: dict[str, Any] = json.loads(raw)
    return shape


def _manifest(archive: Unzip, found: Checked) -> dict[str, Any] | None:
    if MANIFEST not in archive.members:
        found.faults.append((MANIFEST, "This is no export of Hustings: it has no manifest."))
        return None
    value = _json(archive, MANIFEST, found)
    if value is None:
        return None
    wrong = list(shapes.faults(value, manifest_shape()))
    found.faults += [(MANIFEST, f"{one}.") for one in wrong]
    return None if wrong else dict(value)


def _facts(found: Checked, manifest: dict[str, Any]) -> None:
    found.handle = manifest["account"]["handle"]
    found.made_at = manifest["made_at"]
    found.server = manifest["server"]["address"]
    found.rows = sum(manifest["counts"]["rows"].values())
    found.missing = list(manifest["missing"])


def _contents(archive: Unzip, manifest: dict[str, Any], found: Checked) -> None:
    named = {one["path"]: one for one in manifest["files"]}
    if len(named) != len(manifest["files"]):
        found.faults.append((MANIFEST, "It names a file twice."))
    for name in sorted(archive.members.keys() - named.keys() - {MANIFEST}):
        found.faults.append((name, "It is in the archive, and the manifest does not name it."))
    for name in sorted(named.keys() - archive.members.keys()):
        found.faults.append((name, "The manifest names it, and it is not in the archive."))
    whole: set[str] = set()
    for name in sorted(named.keys() & archive.members.keys()):
        if _bytes(archive, name, named[name], found):
            whole.add(name)
            found.files += 1
            found.bytes += archive.members[name].size
    for name in sorted(whole):
        if named[name]["schema"] is not None:
            _document(archive, name, named[name]["schema"], whole, found)


def _bytes(archive: Unzip, name: str, said: dict[str, Any], found: Checked) -> bool:
    digest, size = hashlib.sha256(), 0
    try:
        for block in archive.blocks(name):
            digest.update(block)
            size += len(block)
    except BadArchiveError as error:
        found.faults += [(fault.where, sentence(fault)) for fault in error.faults]
        return False
    if size != said["size"] or digest.hexdigest() != said["sha256"]:
        found.faults.append((name, "Its content is not what the manifest says: it was changed or damaged."))
        return False
    return True


def _document(archive: Unzip, name: str, schema: str, whole: set[str], found: Checked) -> None:
    if schema not in whole:
        found.faults.append((name, f"Its schema {schema} is not in the archive."))
        return
    shape, value = _json(archive, schema, found), _json(archive, name, found)
    if shape is None or value is None:
        return
    try:
        found.faults += [(name, f"{one}.") for one in _first(shapes.faults(value, shape))]
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        found.faults.append((schema, "This is no schema that we can read."))


def _first(faults: Iterator[str], most: int = 10) -> list[str]:
    return [one for one, _ in zip(faults, range(most), strict=False)]


def _json(archive: Unzip, name: str, found: Checked) -> Any:
    raw = archive.read(name, most=JSON_MAX)
    if sum(map(raw.count, (b",", b"[", b"{"))) > MOST_TOKENS:
        found.faults.append((name, f"It says more than {MOST_TOKENS} things."))
        return None
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = None
    if value is None:
        found.faults.append((name, "This is not JSON, or nothing."))
    return value
