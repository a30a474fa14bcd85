"""What can go wrong while FFmpeg runs, in the few kinds a caller treats differently.

A fault of the *file* found before encoding is a `Refusal` (see `rules`), because an upload may have
several at once. What is here stops one run: a transient error is worth another try as it stands, a
permanent one is not.
"""

from typing import ClassVar

from hustings.lib.errors import HustingsError, Severity


class MediaError(HustingsError):
    """A run of FFmpeg that did not end well. `detail` is for the operator's log, never for a page."""

    code = "media_error"
    status = 422
    message = "The video could not be processed."
    hint = "Save it again as an MP4 in your video editor, then upload that file."
    detail: str = ""

    def __init__(self, detail: str = "") -> None:
        super().__init__()
        self.detail = detail


class DecodeError(MediaError):
    """The bytes are not the film the header promised."""

    code = "cannot_decode"
    message = "The video is damaged: its pictures could not be read."


class TooCostlyError(MediaError):
    """The processor time limit was reached. Another try would reach it too."""

    code = "too_costly"
    message = "The video takes too much computing to process."
    hint = "Save it at 1080p and 30 pictures a second, then upload that file."


class OutputTooLargeError(MediaError):
    """A rendition grew past the size limit."""

    code = "output_too_large"
    message = "The video grows too large when it is processed."
    hint = "Cut it shorter, or save it at 1080p, then upload that file."


class StalledError(MediaError):
    """The wall clock limit was reached: perhaps the file's fault, perhaps a busy machine's."""

    code = "took_too_long"
    severity = Severity.TRANSIENT
    status = 503
    message = "Processing the video took too long."
    hint = "Nothing was lost. We will try again; if it keeps failing, upload a shorter version."


class OutOfMemoryError(MediaError):
    """FFmpeg reached its memory limit, or the system took its memory away."""

    code = "out_of_memory"
    severity = Severity.TRANSIENT
    status = 503
    message = "There was not enough memory to process the video."
    hint = "Nothing was lost. We will try again; saving the video at 1080p also helps."


class EngineDiedError(MediaError):
    """A signal ended FFmpeg, and not one of the limits': somebody's kill, or a crash that memory or the file caused."""

    code = "ffmpeg_died"
    severity = Severity.TRANSIENT
    status = 503
    message = "The program that reads videos ended unexpectedly."
    hint = "Nothing was lost. We will try again; if it keeps failing, save the video again as an MP4 and upload that."


class DiskFullError(MediaError):
    """No room for the outputs. The operator has to act; the upload waits."""

    code = "disk_full"
    severity = Severity.TRANSIENT
    status = 503
    message = "The server has no room left to process the video."
    hint = "Nothing was lost. We will try again when there is room."


class NoFFmpegError(MediaError):
    """There is no FFmpeg to run, or it lacks an encoder that every clip needs."""

    code = "no_ffmpeg"
    severity: ClassVar[Severity] = Severity.FATAL
    status = 503
    message = "The server cannot process videos: FFmpeg is missing or incomplete."
    hint = "Operator: install FFmpeg with libx264, or set HUSTINGS_FFMPEG to its path."
