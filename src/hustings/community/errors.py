"""What the community refuses, beyond the common refusals of `lib.errors`."""

from hustings.lib.errors import ForbiddenError, HustingsError


class CommentsOffError(ForbiddenError):
    """The author of the clip takes no comments."""

    code = "comments_off"
    message = "Comments are turned off for this clip."
    hint = "You can still share the clip, or write to its author in another way."


class OneselfError(HustingsError):
    """Following, blocking or muting oneself."""

    code = "oneself"
    status = 422
    message = "You cannot do this to your own account."
    hint = "Choose another account."


class TooManyError(HustingsError):
    """A list is full; `params["limit"]` says at how many."""

    code = "too_many"
    status = 422
    message = "This list is full."
    hint = "Remove an entry first, then add the new one."
