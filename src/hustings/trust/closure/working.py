"""What a closure must remember while it erases: names of files, e-mail addresses, what its last sweep looked at.

Nothing else knows them any more by the time they are needed, and they are what was to be erased. So they lie sealed
under a key of the closure's own, made like a person's and removed with the receipt: a backup that was made in the
middle opens no more than one made before.
"""

import zlib
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from hustings.trust import keys
from hustings.trust.closure.models import Closure
from hustings.trust.keys.models import PersonKey
from hustings.trust.keys.people import forget_held

PURPOSE = "trust.Closure.working"
_OWN = 1 << 62  # keys of closures are numbered from here on; accounts never come so far


@dataclass(slots=True)
class Working:
    """`names` by holder and `known_by` are what the sweep looks for; the rest is for the receipt."""

    names: dict[str, list[str]] = field(default_factory=dict)
    known_by: list[str] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    mentions: dict[str, int] = field(default_factory=dict)
    left_in_file: int = 0
    openings: dict[str, list[str]] = field(default_factory=dict)
    salt: str = ""


def sealed(closure: Closure, working: Working) -> bytes:
    """As it lies in the row."""
    return keys.seal(_OWN + closure.pk, PURPOSE, zlib.compress(orjson.dumps(asdict(working)), 1))


def opened(closure: Closure) -> Working:
    """What lies in the row; an empty one when nothing does yet."""
    if closure.working is None:
        return Working()
    raw = keys.open_sealed(_OWN + closure.pk, PURPOSE, bytes(closure.working))
    return Working(**orjson.loads(zlib.decompress(raw)))


def forget(closure: Closure) -> None:
    """Remove the key: it was no person's, and leaves no tombstone. In the caller's transaction."""
    PersonKey.objects.filter(pk=_OWN + closure.pk).delete()
    forget_held(_OWN + closure.pk)
