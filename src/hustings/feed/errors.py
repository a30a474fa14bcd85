"""What the feed refuses."""

from hustings.lib.errors import InvalidInputError


class MalformedError(InvalidInputError):
    """The body is no JSON, or not of the documented form."""

    code = "malformed"
    message = "The request could not be read."
    hint = "Reload the page and try again."
