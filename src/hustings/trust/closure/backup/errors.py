"""What a backup or a restore refuses, and what to do about it."""

from hustings.lib.errors import HustingsError, Severity


class BackupPlaceError(HustingsError):
    """The place is not one for this cell's backups: another cell's, inside what is backed up, keys and data in one."""

    code = "backup_place"
    status = 400
    message = "A backup cannot be put there."
    hint = "See docs/operate/backup.md."


class BackupRunningError(HustingsError):
    """Somebody is writing to this place."""

    code = "backup_running"
    status = 409
    severity = Severity.TRANSIENT
    message = "Another backup is writing to this place."
    hint = "Wait until it has ended; nothing was changed."


class BackupFailedError(HustingsError):
    """The place could not be written, or what is backed up could not be read. Earlier backups are as they were."""

    code = "backup_failed"
    status = 500
    severity = Severity.TRANSIENT
    message = "The backup could not be finished."
    hint = "Earlier backups are as they were. Free some space or mend the place, and run it again: it goes on."


class BackupDamagedError(HustingsError):
    """A file of a backup is not what was written; `where` names it, with the place in it."""

    code = "backup_damaged"
    status = 500
    message = "The backup is damaged."
    hint = "Use another copy of the backup, or an earlier one."

    def __init__(self, where: str, what: str) -> None:
        self.where = where
        super().__init__(f"The backup is damaged: {where} {what}.")


class RestoreRefusedError(HustingsError):
    """Nothing was restored: wrong cell, something is here already, the keys are missing or older than the log."""

    code = "restore_refused"
    status = 409
    message = "This cannot be restored here."
    hint = "See docs/operate/backup.md."


class RestoringError(HustingsError):
    """A restore was begun and has not ended; nothing may be served from half of it."""

    code = "restoring"
    status = 503
    severity = Severity.FATAL
    message = "A restore was begun here and has not ended."
    hint = "Run the same `hustings restore` again: it goes on. Nothing is served before it has ended."
