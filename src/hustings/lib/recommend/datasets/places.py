"""Finding a data set in the folders that the caller names, in their order."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path

from hustings.lib.recommend.errors import BadDataError, MissingDataError


def folder(name: str, roots: Sequence[Path], hint: str) -> Path:
    """The first folder of that name."""
    for root in roots:
        if (root / name).is_dir():
            return root / name
    raise MissingDataError(f"The data set “{name}” is not on this machine.", hint=hint)


def wheel(pattern: str, roots: Sequence[Path], hint: str) -> Path:
    """The newest file that fits the pattern."""
    found = sorted(path for root in roots if root.is_dir() for path in root.glob(pattern))
    if not found:
        raise MissingDataError(f"No file {pattern} is on this machine.", hint=hint)
    return found[-1]


@contextmanager
def inside(archive: Path, member: str) -> Iterator[TextIOWrapper]:
    """A text file within a zip archive, which a wheel is."""
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(member) as raw:
            yield TextIOWrapper(raw, encoding="utf-8", newline="")
    except (zipfile.BadZipFile, KeyError) as fault:
        raise BadDataError(f"{archive.name} is broken, or not the file it should be: {fault}.") from None
