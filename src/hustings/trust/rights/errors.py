"""What the rights refuse: archives that cannot be trusted, exports that are not there, imports that do not fit."""

from typing import ClassVar

from hustings.lib.errors import HustingsError, NotFoundError, Severity


class NotAnExportError(HustingsError):
    """A file without anything that we know how to bring in."""

    code = "not_an_export"
    status = 422
    message = "We find neither a Hustings export nor a TikTok export in this file."
    hint = "Choose the .zip that you downloaded, or the file user_data_tiktok.json."


class ArchiveTooLargeError(HustingsError):
    """More than this server takes in one piece. `params["limit_mb"]` says how much."""

    code = "archive_too_large"
    status = 413
    message = "This file is larger than this server takes in one piece."
    hint = "Ask for your other app's data without the videos, then add the videos one by one."


class RunningAlreadyError(HustingsError):
    """One at a time."""

    code = "running_already"
    status = 409
    severity: ClassVar[Severity] = Severity.TRANSIENT
    message = "One of these is under way already."
    hint = "Wait until it is done, or cancel it."


class ExportGoneError(NotFoundError):
    """An export whose seven days are over."""

    code = "export_gone"
    status = 410
    message = "This export was deleted after seven days, as we said it would be."
    hint = "Ask for a new one; it holds what is there now."


class TooLateError(HustingsError):
    """An import can be undone for a day."""

    code = "too_late"
    status = 409
    message = "The day in which this could be undone is over."
    hint = "You can still delete each clip yourself."


class ProofNeededError(HustingsError):
    """What an export holds is too much for an open session alone."""

    code = "proof_needed"
    status = 401
    message = "Confirm that it is you."
    hint = "Sign in again with your password or passkey, then come back within five minutes."
