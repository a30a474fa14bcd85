"""How domains take in what somebody brings from elsewhere: one `Importer` each, registered at start-up.

Trust reads archives and asks the person; it knows no domain. What a clip, a follow or a like is here, and
whether it can be taken, is for its domain to say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Brought:
    """One thing to take in. `film` is a file of this machine, which the importer may link or copy and never changes."""

    kind: str
    detail: Detail
    person_id: int  # who brings it
    film: Path | None = None
    sha256: str = ""  # the film's


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of it: `taken`, `there` (it was here before) or `refused` with a `fault` code.

    `result` is what it became, such as a clip's public id; `before` what an undo needs to put back.
    """

    state: str = "taken"
    result: str = ""
    fault: str = ""
    before: Mapping[str, Any] = field(default_factory=dict)


class Importer(Protocol):
    """What one domain takes in.

    `take` runs in a transaction of the caller's, in which its answer is written down too: both are there or neither.
    """

    kinds: tuple[str, ...]

    def known(self, account_id: int, kind: str, details: Sequence[Detail]) -> list[Detail | None]:
        """Each as it would be taken here, in order; None for what means nothing here (a handle nobody has)."""
        ...

    def take(self, account_id: int, brought: Brought) -> Taken:
        """Take it in. Refusals are answers; what raises is tried again."""
        ...

    def undo(self, account_id: int, kind: str, result: str, before: Mapping[str, Any]) -> bool:
        """Take it back; False when it is kept because the person has used it since."""
        ...


_importers: dict[str, Importer] = {}


def register_importer(importer: Importer) -> None:
    """Called once by each domain's AppConfig.ready."""
    for kind in importer.kinds:
        _importers[kind] = importer


def importer_of(kind: str) -> Importer | None:
    """Who takes in things of a kind."""
    return _importers.get(kind)
