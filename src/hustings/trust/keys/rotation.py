"""Another cell key: every living person's key is wrapped anew, and the key before is destroyed.

What an old copy of the database still holds of wrapped keys, erased ones above all, nobody can unwrap from
then on: snapshots of disks, a replica's log, rows that PostgreSQL has not vacuumed.

    current ──► retiring (people's keys are rewrapped) ──► destroyed

Killed at any point it goes on with the next `hustings keys rotate`: where it stands are the rows of `CellKey` and
of `PersonKey`. A key that the keeper already has and the table does not is the new one of a rotation that died early.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from hustings.lib import clock
from hustings.trust import scopes
from hustings.trust.keys import cellkeys, people
from hustings.trust.keys.errors import CellKeyError
from hustings.trust.keys.models import CellKey, PersonKey

AT_ONCE = 500

Progress = Callable[[int, int], None]  # keys rewrapped, keys in all


@dataclass(frozen=True, slots=True)
class Rotated:
    """What was done: the new key's name, those destroyed, and how many people's keys were rewrapped."""

    current: str
    destroyed: tuple[str, ...]
    rewrapped: int


def rotate(progress: Progress | None = None) -> Rotated:
    """Do all of it, or what is left of one that was interrupted. CellKeyError, KeyDriverError, SealBrokenError."""
    with scopes.service():
        people.prepare_keys()
        current = _begin()
        total = PersonKey.objects.filter(erased_at=None).exclude(kek_id=current).count()
        rewrapped = 0
        while done := _rewrap(current):
            rewrapped += done
            if progress is not None:
                progress(rewrapped, max(total, rewrapped))
        return Rotated(current, tuple(_destroy(current)), rewrapped)


def _begin() -> str:
    """The name of the current key: a new one, unless a rotation is going on."""
    keeper = cellkeys.driver()
    with transaction.atomic():
        # Whoever makes a person's key now holds a share of this row; we wait for them, later ones see the new key.
        rows = CellKey.objects.select_for_update().exclude(state=CellKey.State.DESTROYED).order_by("made_at")
        states = dict(rows.values_list("pk", "state"))
        current = next((key for key, state in states.items() if state == CellKey.State.CURRENT), None)
        if CellKey.State.RETIRING in states.values() and current is not None:
            return current
        newest = keeper.ids()[-1]
        new = newest if newest not in states else keeper.add()
        CellKey.objects.filter(pk__in=states).update(state=CellKey.State.RETIRING)
        CellKey.objects.create(id=new)
        return new


def _rewrap(current: str) -> int:
    """Rewrap some; how many. Rows that are erased meanwhile stay erased: an update names the key it replaces."""
    with transaction.atomic():
        rows = PersonKey.objects.select_for_update().filter(erased_at=None).exclude(kek_id=current).order_by("pk")
        found = {
            subject: (bytes(wrapped), kek_id)
            for subject, wrapped, kek_id in rows.values_list("pk", "wrapped", "kek_id")[:AT_ONCE]
        }
        if not found:
            return 0
        keys = people.unwrapped(found)
        kek_id, wrapped = cellkeys.driver().wrap(list(keys.items()))
        if kek_id != current:
            raise CellKeyError(f"The keeper of keys wraps with {kek_id}, but {current} is the current key.")
        for subject, one in zip(keys, wrapped, strict=True):
            PersonKey.objects.filter(pk=subject, kek_id=found[subject][1]).update(wrapped=one, kek_id=current)
    return len(found)


def _destroy(current: str) -> list[str]:
    """Destroy the keys that wrap nothing any more, and note it."""
    going = CellKey.objects.filter(state=CellKey.State.RETIRING).order_by("made_at")
    names = [key for key in going.values_list("pk", flat=True) if key != current]
    for name in names:
        if PersonKey.objects.filter(kek_id=name).exists():
            raise CellKeyError(f"{name} still wraps keys, although all were rewrapped.", hint="Run it again.")
        cellkeys.driver().destroy(name)
        CellKey.objects.filter(pk=name).update(state=CellKey.State.DESTROYED, destroyed_at=clock.now())
    return names
