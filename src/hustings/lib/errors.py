"""What every refusal has in common: a code, how bad it is, a sentence, and what to do.

Domains subclass `HustingsError` in their own `errors.py`. The server turns one into JSON
`{"code", "message", "hint", "fields"?}` with the class's HTTP status; the client shows its own
catalogue's sentence for the code, in the viewer's language, and falls back to `message`.
"""

from enum import StrEnum
from typing import ClassVar


class Severity(StrEnum):
    """Whether to try again (transient), not to (permanent), or to stop the process (fatal)."""

    TRANSIENT = "transient"
    PERMANENT = "permanent"
    FATAL = "fatal"


class HustingsError(Exception):
    """A refusal that a person may read.

    `code` is stable and machine-readable. `message` says what is wrong, `hint` what to do about
    it. `fields` maps input field names to a sentence each, when an input had several faults.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    severity: ClassVar[Severity] = Severity.PERMANENT
    message: str = "Something went wrong."
    hint: str = "Try again in a moment."

    def __init__(
        self,
        message: str | None = None,
        *,
        hint: str | None = None,
        fields: dict[str, str] | None = None,
        params: dict[str, str | int | float] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.hint = hint or type(self).hint
        self.fields = fields or {}
        # Numbers and names that a translated sentence needs, e.g. {"limit": "1 GB"}.
        self.params = params or {}
        super().__init__(f"{self.code}: {self.message}")

    def as_json(self) -> dict[str, object]:
        """The body of the HTTP answer."""
        body: dict[str, object] = {"code": self.code, "message": self.message, "hint": self.hint}
        if self.fields:
            body["fields"] = self.fields
        if self.params:
            body["params"] = self.params
        return body


class NotFoundError(HustingsError):
    """There is no such thing, or the asker may not know of it: the answer is the same."""

    code = "not_found"
    status = 404
    message = "There is nothing at this address."
    hint = "It may have been removed, or the link may be mistyped."


class ForbiddenError(HustingsError):
    """The asker may see the thing but not do this to it."""

    code = "forbidden"
    status = 403
    message = "You may not do this."
    hint = "Ask an owner of the account for the right to do it."


class SignInNeededError(HustingsError):
    """The act belongs to somebody, and nobody is signed in."""

    code = "sign_in_needed"
    status = 401
    message = "You need an account for this."
    hint = "Sign in or create an account, then try again."


class InvalidInputError(HustingsError):
    """The input has faults; `fields` names each of them."""

    code = "invalid_input"
    status = 422
    message = "Some of what was sent is not right."
    hint = "Correct the marked fields and send it again."


class TooManyRequestsError(HustingsError):
    """A rate limit. `params["retry_after"]` is in seconds."""

    code = "too_many_requests"
    status = 429
    severity = Severity.TRANSIENT
    message = "That was too often."
    hint = "Wait a little, then try again."


class BusyError(HustingsError):
    """The server cannot do it now; nothing was changed."""

    code = "busy"
    status = 503
    severity = Severity.TRANSIENT
    message = "The server is busy."
    hint = "Nothing was lost. Try again in a few seconds."
