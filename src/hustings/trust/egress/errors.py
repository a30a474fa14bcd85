"""What the cell and the gate refuse. None of it is a visitor's fault: the operator is told what to do."""

from hustings.lib.errors import HustingsError, Severity


class UndeclaredEgressError(HustingsError):
    """Something tried to reach a place that is not on the list. Nothing was sent.

    Not an OSError on purpose: libraries swallow those and try the next address.
    """

    code = "undeclared_egress"
    status = 503
    message = "This server may not connect there: the place is not on its declared list."
    hint = (
        "Operator: `hustings check --egress` shows the list. If the connection is wanted, "
        "declare it in the file that HUSTINGS_EGRESS names."
    )


class CellError(HustingsError):
    """A store belongs to another cell, or lies in another region. The process must not start.

    `fields` maps each setting that is wrong to its sentence; all are gathered before it is raised.
    """

    code = "wrong_cell"
    status = 503
    severity = Severity.FATAL
    message = "This process and its stores do not belong together."
    hint = "Operator: see docs/operate/cells.md."

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__(" ".join(faults.values()), fields=faults)

    def as_json(self) -> dict[str, object]:
        """Visitors learn that it is shut, not where the operator's stores are."""
        return {"code": self.code, "message": type(self).message, "hint": self.hint}


class EgressFailedError(HustingsError):
    """The place is declared, and did not answer as it should: unreachable, too slow, or not HTTP."""

    code = "egress_failed"
    status = 503
    severity = Severity.TRANSIENT
    message = "Another server did not answer."
    hint = "Nothing was lost. Try again in a moment."


class AnswerTooLargeError(EgressFailedError):
    """The answer was longer than the caller wanted to read; the rest was not fetched."""

    code = "egress_answer_too_large"
    severity = Severity.PERMANENT
    message = "Another server's answer was larger than we read."
    hint = "Operator: look at what that server sends."
