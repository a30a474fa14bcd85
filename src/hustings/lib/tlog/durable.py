"""Writing a small file so that whoever reads it, and a power cut, finds the old bytes or the new ones."""

import os
from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Put `data` at `path`, durable when this returns. When it raises OSError, the old file may or may not be there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
