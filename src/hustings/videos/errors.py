"""Every refusal of this domain: its code, a sentence, and what to do.

Most refusals of a file (`not_a_video`, `too_long`, …) come from `lib.ffmpeg.rules`; the few that
FFmpeg cannot know are the functions at the end. They are values kept on the clip's row, not
exceptions: they are found after the request that brought the file has long been answered.
"""

from hustings.lib.errors import ForbiddenError, HustingsError, NotFoundError, Severity, TooManyRequestsError
from hustings.lib.ffmpeg.rules import Refusal

# --- Uploads: answered at once, over tus -----------------------------------------------------------


class UploadError(HustingsError):
    """The upload protocol was not kept. People see this only when a client is wrong."""

    code = "upload_error"
    message = "The upload request is not right."
    hint = "Start the upload again. If it keeps failing, reload the page."


class LengthNeededError(UploadError):
    code = "length_needed"
    message = "The size of the file must be known before the upload begins."
    hint = "Send Upload-Length; Upload-Defer-Length is not offered."


class BadHeaderError(UploadError):
    code = "bad_header"


class ProtocolVersionError(UploadError):
    code = "protocol_version"
    status = 412
    message = "This version of the upload protocol is not spoken here."
    hint = "Send Tus-Resumable: 1.0.0."


class TooLargeError(UploadError):
    code = "too_large"
    status = 413
    message = "The file is too large."
    hint = "Save it at 1080p or cut it shorter, then upload that file."


class EmptyFileError(UploadError):
    code = "empty_file"
    status = 422
    message = "The file is empty."
    hint = "Choose the file again. If it is on a phone or in a cloud folder, wait until it is fully downloaded."


class ContentTypeError(UploadError):
    code = "content_type"
    status = 415
    message = "A part of an upload must be sent as application/offset+octet-stream."


class WrongOffsetError(UploadError):
    """Answered with the offset that is right, so that the client can go on."""

    code = "wrong_offset"
    status = 409
    severity = Severity.TRANSIENT
    message = "The upload stands at another place than this part begins."
    hint = "Nothing was lost. Ask where the upload stands and go on from there."


class UploadLockedError(UploadError):
    code = "upload_locked"
    status = 423
    severity = Severity.TRANSIENT
    message = "This upload is being continued from another window or connection."
    hint = "Nothing was lost. Wait a moment or close the other window."


class ChecksumError(UploadError):
    code = "checksum_mismatch"
    status = 460
    severity = Severity.TRANSIENT
    message = "A part of the file changed on its way."
    hint = "The part was thrown away. Send it again."


class ChecksumAlgorithmError(UploadError):
    code = "checksum_algorithm"
    message = "This kind of checksum is not known here."
    hint = "Use sha1, sha256 or md5."


class DiskFullError(UploadError):
    code = "disk_full"
    status = 507
    severity = Severity.TRANSIENT
    message = "The server has no room left."
    hint = "What was sent is kept. Continue later; the operator has to make room."


class TooManyUploadsError(TooManyRequestsError):
    code = "too_many_uploads"
    message = "You have too many unfinished uploads."
    hint = "Finish or cancel one of them, then try again."


class UploadGoneError(NotFoundError):
    code = "upload_gone"
    status = 410
    message = "This upload was not continued in time and has been removed."
    hint = "Start it again."


class UploadOverError(ForbiddenError):
    code = "upload_over"
    message = "This upload is finished and its clip is published."
    hint = "Delete the clip itself."


# --- Clips ----------------------------------------------------------------------------------------


class NotYetError(HustingsError):
    code = "not_yet"
    status = 409
    severity = Severity.TRANSIENT
    message = "The clip is still being processed."
    hint = "Wait until it can be played, then try again."


class RefusedClipError(HustingsError):
    code = "clip_refused"
    status = 409
    message = "This clip was refused and cannot be changed."
    hint = "Delete it and upload another file."


class BadCaptionsError(HustingsError):
    """`fields` maps `line 12` to what is wrong there."""

    code = "bad_captions"
    status = 422
    message = "The caption file has faults."
    hint = "Correct the lines that are named, or export it again as WebVTT (.vtt) or SubRip (.srt)."


class NoSuchTrackError(NotFoundError):
    code = "no_such_track"
    message = "The clip has no captions in this language."
    hint = "Choose one of the languages it has."


# --- Refusals of a file, kept on the clip's row ------------------------------------------------------


def duplicate(public_id: str) -> Refusal:
    """The same bytes from the same author; `params` names the clip that holds them."""
    return Refusal(
        "duplicate",
        "You already have this video.",
        "Open the clip that holds it, or delete that one first and upload again.",
        {"clip": public_id},
    )


def worker_failed(attempts: int) -> Refusal:
    return Refusal(
        "worker_failed",
        "The video could not be processed, although we tried several times.",
        "Save it again as an MP4 in your video editor, then upload that file.",
        {"attempts": attempts},
    )


def source_lost() -> Refusal:
    return Refusal(
        "source_lost",
        "The uploaded file is no longer there.",
        "Upload it again. If this happens twice, tell the operator of this site.",
    )


def from_error(error: HustingsError) -> Refusal:
    """A fault that a run of FFmpeg ended with, as the sentence the author reads."""
    return Refusal(error.code, error.message, error.hint, dict(error.params))
