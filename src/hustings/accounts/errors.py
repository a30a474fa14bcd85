"""What accounts refuses."""

from hustings.lib.errors import ForbiddenError, HustingsError, Severity


class TooYoungError(HustingsError):
    """Somebody said that they are under 13. Nothing about them is kept, this answer included."""

    code = "under_13"
    status = 403
    message = "Hustings is for people of 13 and over, so we cannot make an account for you yet."
    hint = "You can keep watching without one. We have not kept anything you typed."


class CsrfError(ForbiddenError):
    """A signed-in request without its token: perhaps another site sent it."""

    code = "csrf"
    message = "This request did not come with its token."
    hint = "Reload the page and try again."


class LastOwnerError(HustingsError):
    """An organisation must keep somebody who answers for it."""

    code = "last_owner"
    status = 409
    message = "An organisation needs an owner."
    hint = "Make somebody else an owner first."


class AlreadyMemberError(HustingsError):
    code = "already_member"
    status = 409
    message = "They belong to the organisation already."
    hint = "Change their role in the list of members."


class InvitationDeclinedError(HustingsError):
    """They said no, and are not asked again before that is forgotten; `params["until"]` is the date."""

    code = "invitation_declined"
    status = 409
    message = "They declined an invitation of this organisation."
    hint = "You can ask again when that is two weeks ago. Talk to them first."


class InvitationOverError(HustingsError):
    code = "invitation_over"
    status = 410
    message = "This invitation no longer stands."
    hint = "It was taken back, or is more than 14 days old. Ask the organisation for a new one."


class ReauthenticationError(HustingsError):
    """An act that cannot be undone needs a fresh proof of who asks."""

    code = "reauthentication_needed"
    status = 401
    message = "Confirm that it is you."
    hint = "Sign in again with your password or passkey, then repeat this within five minutes."


class ImageRefusedError(HustingsError):
    """What was sent is no picture that can be shown."""

    code = "image_refused"
    status = 422
    message = "This file is not a picture we can read."
    hint = "Send a JPEG, PNG, WebP or AVIF picture of up to 5 MB."


class NoRoomError(HustingsError):
    """The disk is full: a picture cannot be kept. The one before stays."""

    code = "no_room"
    status = 507
    severity = Severity.TRANSIENT
    message = "The server has no room left for your picture."
    hint = "Nothing was changed. Try again later; the operator has to make room."


class PasskeyRefusedError(HustingsError):
    """The device's answer does not fit what was asked, or came too late."""

    code = "passkey_refused"
    status = 400
    message = "The passkey could not be checked."
    hint = "Try again. If it keeps failing, choose a password instead."
