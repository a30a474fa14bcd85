"""What archives refuse."""

from typing import Any

from hustings.lib.errors import HustingsError


class BadArchiveError(HustingsError):
    """An archive that is broken, or made to do harm. `fields` names each faulty file, all of them at once."""

    code = "bad_archive"
    status = 422
    message = "This archive cannot be read safely."
    hint = "Nothing was taken from it. Download it again from where it came, and do not repack it."
    faults: tuple[Any, ...] = ()  # of `unzipping.Fault`, for pages that say them in the reader's language
