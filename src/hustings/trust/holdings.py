"""How domains tell trust what they hold about a person: one `Holder` each, registered at start-up.

Trust knows no domain. What a plain row of a declared table needs (export, erase, count) trust does by
the data map's `Table`; a holder adds what the map cannot say: files, indexes, caches, other people's
copies.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from hustings.lib.records import Table


@dataclass(frozen=True, slots=True)
class Choices:
    """What the owner chose about closing. `comments`: "erase" or "anonymise" what they wrote under others' clips."""

    comments: str = "erase"


@dataclass(frozen=True, slots=True)
class Erased:
    """One step of an erasure: `what` (a stable word such as `renditions`), how many, and the SHA-256 of files.

    Yielded often, at most about a second apart, so that progress can be shown and a killed worker loses little.
    """

    what: str
    count: int
    sha256: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """Something of a person's outside the rows, by which a sweep recognises what was left behind.

    `name` is opaque (a file's name in its store, a clip's public id). A file says `what` it is (a stable word such
    as `renditions`) and its SHA-256 in hex, which the receipt of a closure commits to.
    """

    name: str
    what: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file that belongs into an export: its path in the archive, and where its bytes are."""

    path: str
    storage_name: str | None = None  # a name in Django's default storage
    content: bytes | None = None  # or the bytes themselves
    local: Path | None = None  # or a file of this machine, such as an upload that nobody has looked at yet
    media_type: str = "application/octet-stream"


class Holder(Protocol):
    """What one domain holds about people. Every method may be asked twice for one account."""

    name: str  # the domain's
    tables: tuple[Table, ...]

    def preview(self, account_id: int) -> Mapping[str, int]:
        """What erasing would remove, by kind: for the preview of a closure."""
        ...

    def documents(self, account_id: int) -> Iterator[tuple[str, object]]:
        """(name, JSON value) of each document of an export; names are stable and described in docs/formats/."""
        ...

    def files(self, account_id: int) -> Iterator[ExportFile]:
        """Files of an export, originals first."""
        ...

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        """Erase, step by step. Goes on where a killed worker stopped; raises when it cannot."""
        ...

    def residue(self, account_id: int) -> Mapping[str, int]:
        """What a sweep still finds, by place; empty when everything is gone."""
        ...


@runtime_checkable
class Traced(Protocol):
    """A holder that keeps things which its rows alone know: once those are gone, only a list made before finds them."""

    def traces(self, account_id: int) -> Iterator[Trace]:
        """Every file and every name that must be nowhere afterwards. Asked before anything is erased."""
        ...

    def left(self, names: Collection[str]) -> Mapping[str, int]:
        """What of those names is still there, by place; asked after the rows are gone."""
        ...

    def clear(self, names: Collection[str]) -> int:
        """Remove what is left of those names; how many things went. Asked when a sweep found something."""
        ...


@dataclass
class _Registry:
    holders: dict[str, Holder] = field(default_factory=dict)


_registry = _Registry()


def register(holder: Holder) -> None:
    """Called once by each domain's AppConfig.ready; a second holder of the same name replaces the first."""
    _registry.holders[holder.name] = holder


def holders() -> list[Holder]:
    """Every holder, the domain registered last first: those above are erased before what they point at."""
    return list(reversed(_registry.holders.values()))
