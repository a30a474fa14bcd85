"""What evaluation refuses."""

from hustings.lib.errors import HustingsError


class MissingDataError(HustingsError):
    """A data set is not on this machine. The hint says where to get it."""

    code = "data_set_missing"
    status = 404
    message = "The data set is not here."
    hint = "See docs/develop/evaluate.md for where to get it."


class BadDataError(HustingsError):
    """Rows or columns that cannot be read, or nothing left to measure. `fields` names each faulty file or place."""

    code = "bad_data_set"
    status = 422
    message = "The data set cannot be evaluated."
    hint = "The form is described in docs/develop/evaluate.md."


class BadScoresError(HustingsError):
    """A model answered with numbers that cannot be ranked."""

    code = "bad_scores"
    status = 500
    message = "A model's scores cannot be ranked."
    hint = "Leave the model out with --models, or correct it."


class NotInstalledError(HustingsError):
    """A model needs a library that is not installed."""

    code = "not_installed"
    status = 501
    message = "This model needs a library that is not installed."
    hint = "Install it: pip install hustings[bench]"
