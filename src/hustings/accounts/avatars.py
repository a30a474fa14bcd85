"""Profile pictures: always re-encoded, so that nothing of the sender's file (place, device) is kept."""

import errno
import hashlib
import io
import warnings
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from hustings.accounts.errors import ImageRefusedError, NoRoomError
from hustings.lib import ids

EDGE = 256  # pixels; the largest place an avatar is shown at is 96 CSS pixels, on a dense screen
MAX_BYTES = 5_000_000
MAX_PIXELS = 50_000_000  # a picture from a large camera; beyond it a tiny file could fill the memory
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")


URL = "/media/avatars/"


def url(name: str) -> str | None:
    """The address of a picture on this site; None for an account without one."""
    return URL + name if name else None


def folder() -> Path:
    """Where the pictures lie."""
    return Path(settings.MEDIA_ROOT) / "avatars"


def keep(data: bytes) -> str:
    """Re-encode a picture to a square WebP and keep it; answers its file name.

    ImageRefusedError when it is too large, in pixels or bytes, or no picture of a known format; NoRoomError when
    the disk is full.
    """
    if len(data) > MAX_BYTES:
        raise ImageRefusedError("This picture is larger than 5 MB.", hint="Send a smaller one.")
    encoded = _encode(data)
    # The name is unguessable and changes with the content, so that it may be cached for ever.
    name = f"{hashlib.sha256(encoded).hexdigest()[:16]}{ids.new()}.webp"
    aside = folder() / f".{name}"
    try:
        folder().mkdir(parents=True, exist_ok=True)
        aside.write_bytes(encoded)
        aside.replace(folder() / name)
    except OSError as fault:
        if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise NoRoomError from fault
        raise
    finally:
        aside.unlink(missing_ok=True)
    return name


def _encode(data: bytes) -> bytes:
    try:
        with warnings.catch_warnings():
            # Pillow warns at its own limit before ours is asked; ours is the one that holds.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise ImageRefusedError("This picture has too many pixels.", hint="Send a smaller one.")
                image.draft("RGB", (EDGE * 2, EDGE * 2))  # JPEG decodes at a fraction of its size
                upright = ImageOps.exif_transpose(image)
                square = ImageOps.fit(upright.convert("RGBA"), (EDGE, EDGE), Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as fault:
        raise ImageRefusedError from fault
    except Image.DecompressionBombError as fault:
        raise ImageRefusedError("This picture has too many pixels.", hint="Send a smaller one.") from fault
    out = io.BytesIO()
    square.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def remove(name: str) -> None:
    """Remove a picture that nobody shows any more; nothing happens when it is gone."""
    if name:
        for path in _paths(name):
            path.unlink(missing_ok=True)


def withhold(name: str) -> None:
    """Serve a picture to nobody any more, although it is still here: a locked account's, until it is erased."""
    if name:
        shown, hidden = _paths(name)
        with suppress(FileNotFoundError):
            shown.rename(hidden)


def is_there(name: str) -> bool:
    """Whether a picture is still here, shown or withheld."""
    return bool(name) and any(path.exists() for path in _paths(name))


def _paths(name: str) -> tuple[Path, Path]:
    """Where a picture lies while it is shown, and while it is withheld: the dot keeps it out of every address."""
    plain = Path(name).name.removeprefix(".")
    return folder() / plain, folder() / f".{plain}"
