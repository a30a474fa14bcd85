"""What moderation holds about somebody: the reports they made, and those about their account.

Registered with trust when the server starts; see `trust/holdings.py` for what each method promises.
"""

from collections.abc import Iterator, Mapping

from django.db.models import QuerySet

from hustings.accounts import api as accounts
from hustings.moderation.models import Report
from hustings.moderation.records import TABLES
from hustings.trust.api import Choices, Erased, TableHolder

AT_ONCE = 500
ABOUT = "report_about"  # the word for reports that others made about the account


class ModerationHolder(TableHolder):
    """The holder of moderation. Reports about clips and comments are erased by the domains that own those."""

    def __init__(self) -> None:
        super().__init__("moderation", tuple(TABLES))

    def preview(self, account_id: int) -> Mapping[str, int]:
        return self._with_those_about(account_id, super().preview(account_id))

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        """A report one made stands, without one's name and one's own words; a report about the account goes."""
        made = Report.objects.filter(reporter=account_id).order_by("pk")
        while keys := list(made.values_list("pk", flat=True)[:AT_ONCE]):
            yield Erased("report", Report.objects.filter(pk__in=keys).update(reporter=None, text=""))
        about = _about(account_id).order_by("pk")
        while keys := list(about.values_list("pk", flat=True)[:AT_ONCE]):
            yield Erased(ABOUT, Report.objects.filter(pk__in=keys).delete()[0])

    def residue(self, account_id: int) -> Mapping[str, int]:
        return self._with_those_about(account_id, super().residue(account_id))

    def _with_those_about(self, account_id: int, found: Mapping[str, int]) -> Mapping[str, int]:
        about = _about(account_id).count()
        return {**found, ABOUT: about} if about else found


def _about(account_id: int) -> QuerySet[Report]:
    """Reports about the account itself; people write its handle in any case."""
    account = accounts.authors([account_id]).get(account_id)
    rows = Report.objects.filter(kind=Report.Kind.ACCOUNT)
    return rows.filter(ref__iexact=account.handle) if account else rows.none()
