"""What the public log refuses. Those that stop the sequencer say what to do; none of them loses an entry."""

from hustings.lib.errors import HustingsError, Severity


class NotSequencedYetError(HustingsError):
    """The entry is written but no published checkpoint covers it yet."""

    code = "log_not_yet"
    status = 409
    severity = Severity.TRANSIENT
    message = "This entry is not in a published checkpoint yet."
    hint = "It usually takes a second or two. Try again in a moment."


class EntryRefusedError(HustingsError):
    """An entry does not fit its kind's schema: a fault of the code that wrote it. `fields` names each place."""

    code = "log_entry_refused"
    status = 500
    severity = Severity.FATAL
    message = "This entry does not have the form that its kind promises."
    hint = "The forms are in docs/formats/entries. Nothing was written."


class LogStoppedError(HustingsError):
    """Something is wrong that only an operator can judge. Entries wait; nothing is signed meanwhile."""

    code = "log_stopped"
    status = 503
    severity = Severity.FATAL
    message = "The public log has stopped."
    hint = "Run `hustings log status`."


class LogKeyMissingError(LogStoppedError):
    code = "log_key_missing"
    message = "The log has entries, but its signing key is gone."
    hint = (
        "Put the key file back from its backup. A second key is never made by itself: everybody who follows "
        "this log knows it by the first. If the key is lost for good, see docs/operate/log.md, 'A lost key'."
    )


class LogKeyModeError(LogStoppedError):
    code = "log_key_mode"
    message = "Others can read the log's signing key."
    hint = "Run `chmod 600` on it, and ask who may have read it: docs/operate/log.md, 'A stolen key'."


class LogKeyWrongError(LogStoppedError):
    code = "log_key_wrong"
    message = "The signing key belongs to another log or another cell."
    hint = "Put the key file of this cell in its place, or set HUSTINGS_DATA to the folder that this cell's log is in."


class LogWentBackError(LogStoppedError):
    code = "log_went_back"
    message = "The database knows fewer entries than were published."
    hint = "Run `hustings log recover`: it takes the missing entries from the log's own files."


class LogFilesWentBackError(LogStoppedError):
    code = "log_files_went_back"
    message = "The log's folder is older than the database."
    hint = "Run `hustings log recover`: it writes the missing files from the database."


class LogForkedError(LogStoppedError):
    code = "log_forked"
    message = "The database tells another history than the one that was published."
    hint = (
        "Nothing is signed, because one of the two would be a lie. Keep both copies and see docs/operate/log.md, "
        "'Two histories'."
    )


class LogFileDamagedError(LogStoppedError):
    code = "log_file_damaged"
    message = "A file of the log does not hold what was published."
    hint = "Run `hustings log recover`: it writes damaged files anew, where the database fits the signature."


class LogTakenError(LogStoppedError):
    code = "log_taken"
    severity = Severity.TRANSIENT
    message = "Another sequencer is writing this log."
    hint = "One is enough: this one waits and takes over when the other ends."


class LogWriteFailedError(LogStoppedError):
    code = "log_write_failed"
    severity = Severity.TRANSIENT
    message = "A file of the log could not be written."
    hint = "Free some space, or give the server's user its folder. The entries wait and are published then."


class LogQuorumError(LogStoppedError):
    code = "log_no_quorum"
    severity = Severity.TRANSIENT
    message = "Too few witnesses answered for the policy's quorum."
    hint = "`hustings log submit` shows what each witness says. Entries wait until enough of them answer."


class LogPolicyError(LogStoppedError):
    code = "log_policy"
    message = "The witness policy cannot be used."
    hint = "Correct the file that HUSTINGS_LOG_POLICY names; its format is https://c2sp.org/tlog-policy."
