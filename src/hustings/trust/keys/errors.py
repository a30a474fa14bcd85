"""What keys refuse, and what to do about it."""

from hustings.lib.errors import HustingsError, Severity


class KeyErasedError(HustingsError):
    """The person's key was erased, and with it everything that was sealed with it."""

    code = "key_erased"
    status = 410
    message = "This was erased with the key of the person it was about."
    hint = "There is no way back; the public log carries the entry of the erasure."


class SealBrokenError(HustingsError):
    """Sealed data was changed, moved to another place, or sealed with another key."""

    code = "seal_broken"
    status = 500
    message = "Sealed data does not open with the key of the person it is about."
    hint = "The database was changed by somebody else than this server, or restored without its keys."


class CellKeyError(HustingsError):
    """The cell's key is missing, readable by others, of another cell, or damaged. Nothing starts."""

    code = "cell_key"
    status = 500
    severity = Severity.FATAL
    message = "The cell's key cannot be used."
    hint = "See docs/operate/keys.md."


class KeyDriverError(HustingsError):
    """The program that keeps the cell's key did not answer; keys that are in memory go on for a while."""

    code = "key_driver"
    status = 503
    severity = Severity.TRANSIENT
    message = "The keeper of the cell's key does not answer."
    hint = "Try again in a moment; the operator finds more with `hustings keys status`."
