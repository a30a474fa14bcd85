"""How the keys stand, for `hustings keys status` and `hustings check`."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from hustings.lib.errors import HustingsError
from hustings.trust import scopes
from hustings.trust.keys import cellkeys, people
from hustings.trust.keys.models import CellKey, PersonKey


@dataclass(frozen=True, slots=True)
class Standing:
    """`erased_since` are the erasures since the current cell key was made: what a rotation would bury for good."""

    driver: str
    current: str
    made_at: str
    retiring: tuple[str, ...]
    living: int
    erased: int
    erased_since: int
    traces: int

    def as_json(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.__slots__}


def standing() -> Standing:
    """Counts and names; raises what `prepare_keys` raises when the cell's key is not as it must be."""
    with scopes.service():
        people.prepare_keys()
        current = CellKey.objects.get(state=CellKey.State.CURRENT)
        retiring = CellKey.objects.filter(state=CellKey.State.RETIRING)
        whole = PersonKey.objects.filter(subject__gt=0, subject__lt=people.PEOPLE_BELOW)
        erased = whole.exclude(erased_at=None)
        return Standing(
            driver=cellkeys.driver().name,
            current=current.pk,
            made_at=current.made_at.isoformat(timespec="seconds"),
            retiring=tuple(retiring.values_list("pk", flat=True)),
            living=whole.filter(erased_at=None).count(),
            erased=erased.count(),
            erased_since=erased.filter(erased_at__gte=current.made_at).count(),
            traces=erased.filter(traces=True).count(),
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `hint` says what to do when `bad`."""

    bad: bool
    message: str
    hint: str = ""


def findings() -> Iterator[Finding]:
    """For `hustings check`, the good ones too."""
    if PersonKey._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - Django's documented way
        return
    try:
        now = standing()
    except HustingsError as fault:
        yield Finding(bad=True, message=fault.message, hint=fault.hint)
        return
    yield Finding(
        bad=False, message=f"{now.living} people's keys under {now.current} ({now.driver}), {now.erased} erased"
    )
    if now.retiring:
        yield Finding(
            bad=True,
            message=f"a rotation was not finished: {', '.join(now.retiring)} still stands",
            hint="Run `hustings keys rotate`: it goes on where it stopped.",
        )
