"""What evaluation and learning refuse.

These are for whoever types a command, never for a person in a browser, so they are no `HustingsError` and need no
sentence in the catalogues.
"""

from typing import ClassVar


class RecommendError(Exception):
    """A code for programs, a sentence, what to do, and where there were several faults a sentence for each place."""

    code: ClassVar[str] = "recommend"
    message: str = "This cannot be evaluated."
    hint: str = "See docs/develop/evaluate.md."

    def __init__(
        self, message: str | None = None, *, hint: str | None = None, fields: dict[str, str] | None = None
    ) -> None:
        self.message = message or type(self).message
        self.hint = hint or type(self).hint
        self.fields = fields or {}
        super().__init__(f"{self.code}: {self.message}")


class MissingDataError(RecommendError):
    """A data set is not on this machine. The hint says where to get it."""

    code = "data_set_missing"
    message = "The data set is not here."
    hint = "See docs/develop/evaluate.md for where to get it."


class BadDataError(RecommendError):
    """Rows or columns that cannot be read, or nothing left to measure. `fields` names each faulty file or place."""

    code = "bad_data_set"
    message = "The data set cannot be evaluated."
    hint = "The form is described in docs/develop/evaluate.md."


class BadScoresError(RecommendError):
    """A model answered with numbers that cannot be ranked."""

    code = "bad_scores"
    message = "A model's scores cannot be ranked."
    hint = "Leave the model out with --models, or correct it."


class NotInstalledError(RecommendError):
    """A model needs a library that is not installed."""

    code = "not_installed"
    message = "This model needs a library that is not installed."
    hint = "Install it: pip install hustings[bench]"
