"""What the map does when a process starts: its checks are Django's, its state stands on `/trust`."""

from collections.abc import Iterator

from hustings.trust.datamap import changes, retention
from hustings.trust.datamap.gathering import fields
from hustings.trust.log.panels import Panel, register_panel


def ready() -> None:
    """Once, by the AppConfig."""
    from hustings.trust.datamap import checks  # noqa: F401 - registers itself

    register_panel("3.datamap", panels)


def panels() -> Iterator[Panel]:
    """Under promise 3: how much is held, whether it is forgotten in time, whether the log knows this map."""
    personal = sum(field.personal for field in fields().values())
    yield Panel(3, "trust.datamap.panel", {"personal": personal}, link="/trust/data")
    if late := list(retention.overdue()):
        yield Panel(3, "trust.datamap.panel_late", {"count": len(late)}, bad=True, link="/trust/data")
    if not changes.recorded():
        yield Panel(3, "trust.datamap.panel_unlogged", bad=True, link="/trust/data")
