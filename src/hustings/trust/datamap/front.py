"""What the command line and the pages ask of the map: its forms, its lines in words, and what is late."""

from collections.abc import Callable

from hustings.lib.records import Field
from hustings.trust.datamap import appstores, changes, document, fides, gathering, retention, words


def forms() -> dict[str, Callable[[], bytes]]:
    """The map as other tools read it, by what its address ends in."""
    return {
        "json": lambda: document.canonical(document.published()),
        "fides.yml": lambda: fides.as_yaml().encode(),
        "play.csv": lambda: appstores.play_csv().encode(),
        "xcprivacy": appstores.apple_plist,
    }


def lines(topic: str, lang: str) -> list[tuple[str, str, str, str, str]]:
    """(topic, column, what for, how long, who can see it) of all that is about people, or of one topic."""
    held = [line for line in gathering.lines() if line.personal and topic in {"", line.topic.name}]
    return [
        (
            words.topic(line.topic, lang),
            line.id if isinstance(line, Field) else line.place,
            words.purpose(line, lang),
            words.kept(line.retention, lang),
            words.read_by(line.readers, lang),
        )
        for line in sorted(held, key=lambda one: one.topic.name)
    ]


def log_data_map() -> int | None:
    """Part of every deployment: an entry of the public log, when the map is another one than the log knows."""
    return changes.record()


def findings() -> list[tuple[bool, str, str]]:
    """(whether something is wrong, what, what to do) for `hustings check`."""
    late = overdue()
    found = [
        (True, f"{name}: {count} rows are past their time", "Run `hustings worker`: it forgets in time.")
        for name, count in late
    ]
    if not late:
        found.append((False, f"{len(retention.rules())} rules of retention, nothing is past its time", ""))
    known = changes.recorded()
    said = "the public log knows this data map" if known else "the public log does not know this data map"
    return [*found, (not known, said, "Run `hustings migrate`: a deployment enters what changed.")]


def overdue() -> list[tuple[str, int]]:
    """(rule of retention, rows past their time), empty when every promise is kept."""
    return list(retention.overdue())
