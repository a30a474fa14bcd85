"""What closing refuses, and what to do about it."""

from hustings.lib.errors import HustingsError, Severity


class HandleMismatchError(HustingsError):
    """What was typed to confirm is not the account's handle."""

    code = "handle_mismatch"
    status = 422
    message = "This is not the handle of the account."
    hint = "Type the handle of the account that you want to close, without mistakes."


class ClosingAlreadyError(HustingsError):
    """Somebody has already asked for it; the date is theirs."""

    code = "closing_already"
    status = 409
    message = "This account is closing already."
    hint = "Cancel that first if you want to choose differently."


class ClosingTooLateError(HustingsError):
    """The account is locked: what was begun cannot be taken back."""

    code = "closing_too_late"
    status = 409
    message = "This account is closed. That cannot be taken back."
    hint = "The link you were given shows how far it is."


class AccountClosedError(HustingsError):
    """There was an account here. `params` has its notice: handle, words, link, closed_on."""

    code = "account_closed"
    status = 410
    message = "This account is now closed."
    hint = "Its owner may have left a link on its notice."


class LeftOverError(HustingsError):
    """The sweep still finds something of an account that was erased: it is erased again."""

    code = "closing_left_over"
    status = 500
    severity = Severity.TRANSIENT
    message = "Something of a closed account is still there."
    hint = "It is erased again by itself; `hustings account closing` says where it was found."


class CannotArchiveError(HustingsError):
    """The package for the public record could not be made; nothing is erased before it is."""

    code = "cannot_archive"
    status = 503
    severity = Severity.TRANSIENT
    message = "The package for the public record cannot be made."
    hint = "Give the server's user the folder of HUSTINGS_PUBLIC_RECORD, and room in it."
