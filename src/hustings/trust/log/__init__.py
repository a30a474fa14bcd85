"""The public log: what was done, in an order that nobody can change unnoticed.

`append` is what other rooms and domains call, in their own transaction; the rest asks about what was appended.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hustings.trust.log.commands import follow, recover, status, submit
    from hustings.trust.log.deployed import register_serving
    from hustings.trust.log.panels import Panel, register_panel
    from hustings.trust.log.reading import LoggedEntry, Opened, await_sequenced, entry, latest, openings, proof, vkey
    from hustings.trust.log.sequencing import sequence_once
    from hustings.trust.log.writing import Opening, append, append_open, forget

_ROOMS = {
    "commands": ("follow", "recover", "status", "submit"),
    "deployed": ("register_serving",),
    "panels": ("Panel", "register_panel"),
    "reading": ("LoggedEntry", "Opened", "await_sequenced", "entry", "latest", "openings", "proof", "vkey"),
    "sequencing": ("sequence_once",),
    "writing": ("Opening", "append", "append_open", "forget"),
}
_WHERE = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "LoggedEntry",
    "Opened",
    "Opening",
    "Panel",
    "append",
    "append_open",
    "await_sequenced",
    "entry",
    "follow",
    "forget",
    "latest",
    "openings",
    "proof",
    "recover",
    "register_panel",
    "register_serving",
    "sequence_once",
    "status",
    "submit",
    "vkey",
]


def __getattr__(name: str) -> Any:
    """Loaded when first asked for: this package is imported with its models, before apps are ready."""
    from importlib import import_module

    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
