"""Where media lie, and how a file gets there whole or not at all.

    UPLOADS_ROOT/<upload key>                     bytes as they come in; the source while one works on it
    MEDIA_ROOT/work/<clip>/<lease key>/           what one worker is making; of no worth once it is dead
    MEDIA_ROOT/clips/<clip>/<kind>-<digest>.<ext> finished; a name never changes its content

Names are ours alone: what a person called a file never becomes part of a path.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from hustings.lib import ids

_BLOCK = 1 << 20
DIGEST_LENGTH = 32  # hex digits of the SHA-256 in a name: 128 bits

TYPES = {"mp4": "video/mp4", "webp": "image/webp", "avif": "image/avif", "vtt": "text/vtt; charset=utf-8"}
_NAME = re.compile(rf"[a-z0-9]+(?:-[a-z0-9]+)*-([0-9a-f]{{{DIGEST_LENGTH}}})\.({'|'.join(TYPES)})", re.ASCII)


def upload_path(key: str) -> Path:
    return settings.UPLOADS_ROOT / _checked(key, ids.SECRET_LENGTH)


def upload_size(key: str) -> int:
    """How many bytes of an upload are here; its file is made by the first."""
    try:
        return upload_path(key).stat().st_size
    except FileNotFoundError:
        return 0


def clip_folder(public_id: str) -> Path:
    return settings.MEDIA_ROOT / "clips" / _checked(public_id, ids.CLIP_LENGTH)


def work_folder(public_id: str, lease_key: str = "") -> Path:
    """The folder of one lease, or of all leases of a clip."""
    folder: Path = settings.MEDIA_ROOT / "work" / _checked(public_id, ids.CLIP_LENGTH)
    return folder / _checked(lease_key, ids.SECRET_LENGTH) if lease_key else folder


def _checked(name: str, length: int) -> str:
    """A second lock behind the database's: nothing that is no identifier becomes a path."""
    if not ids.is_id(name, length):
        raise ValueError(f"no identifier: {name!r}")
    return name


def storage_name(public_id: str, name: str) -> str:
    """The name under which Django's default storage knows a finished file."""
    return f"clips/{public_id}/{name}"


def digest_in(name: str) -> str | None:
    """The digest that a finished file's name carries; None when no file of ours has such a name."""
    match = _NAME.fullmatch(name)
    return match.group(1) if match else None


def media_type(name: str) -> str:
    return TYPES[name.rpartition(".")[2]]


def sha256(path: Path, *, beat: Callable[[], object] | None = None) -> str:
    """Hex digest of a file. `beat` is called now and then, to show that one is alive."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            if beat is not None:
                beat()
    return digest.hexdigest()


def place(made: Path, public_id: str, kind: str) -> tuple[str, str]:
    """Move a finished file to where it is served from; its name and full SHA-256.

    Safe to run again: the same content gets the same name, and a rename replaces in one step. The
    bytes are on disk before the name is, so a row never names half a file after a power cut.
    """
    digest = sha256(made)
    name = f"{kind}-{digest[:DIGEST_LENGTH]}{made.suffix}"
    _settle(made, clip_folder(public_id), name)
    return name, digest


def place_poster(webp: Path, avif: Path, public_id: str) -> str:
    """Place both forms of one poster; the stem they share. The digest is of both together."""
    digest = hashlib.sha256(webp.read_bytes() + avif.read_bytes()).hexdigest()
    stem = f"poster-{digest[:DIGEST_LENGTH]}"
    for made in (webp, avif):
        _settle(made, clip_folder(public_id), f"{stem}{made.suffix}")
    return stem


def _settle(made: Path, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with made.open("rb") as file:
        os.fdatasync(file.fileno())
    made.chmod(0o644)
    made.replace(folder / name)


def remove_clip(public_id: str, upload_key: str = "") -> None:
    """Remove everything a clip has on disk. Safe to run twice."""
    for folder in (clip_folder(public_id), work_folder(public_id)):
        shutil.rmtree(folder, ignore_errors=True)
    if upload_key:
        remove_upload(upload_key)


def remove_upload(key: str) -> None:
    upload_path(key).unlink(missing_ok=True)


def entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """What lies in a folder; nothing when there is none."""
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        yield from found


def remove(public_id: str, name: str) -> None:
    """Remove one finished file; nothing happens when it is gone."""
    (clip_folder(public_id) / name).unlink(missing_ok=True)


def touch(public_id: str, name: str) -> None:
    """Let the sweep's hour of grace begin now for a file that no row names any more."""
    with suppress(FileNotFoundError):
        os.utime(clip_folder(public_id) / name)
