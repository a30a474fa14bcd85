"""What accounts refuses."""

from hustings.lib.errors import ForbiddenError, HustingsError


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


class PasskeyRefusedError(HustingsError):
    """The device's answer does not fit what was asked, or came too late."""

    code = "passkey_refused"
    status = 400
    message = "The passkey could not be checked."
    hint = "Try again. If it keeps failing, choose a password instead."
