"""What rooms and domains show on `/trust` beside the promises: registered at start-up, asked at each visit."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

PROMISES = range(1, 10)  # in the order of design and page


@dataclass(frozen=True)
class Panel:
    """One line of live state under a promise (1 to 9).

    `key` is a sentence of the back office's words, with `values` in it; `bad` when the promise is not kept now.
    `link` is an address that shows more.
    """

    promise: int
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    bad: bool = False
    link: str = ""


Provider = Callable[[], Iterable[Panel]]
_providers: dict[str, Provider] = {}


def register_panel(name: str, provider: Provider) -> None:
    """Show what `provider` answers on `/trust`. A second one of the same name replaces the first."""
    _providers[name] = provider


def panels() -> dict[int, list[Panel]]:
    """Every line by its promise. What cannot be read now is said to be so; it never hides the rest."""
    found: dict[int, list[Panel]] = {promise: [] for promise in PROMISES}
    for name, provider in _providers.items():
        try:
            lines = list(provider())
        except Exception:
            log.exception("the panel %s cannot be shown", name)
            lines = [Panel(_promise_of(name), "trust.log.panel.unreadable", bad=True)]
        for line in lines:
            found[line.promise].append(line)
    return found


def _promise_of(name: str) -> int:
    """A provider's name may begin with its promise's number (`4.egress`); otherwise its trouble is the log's."""
    head = name.partition(".")[0]
    return int(head) if head.isdecimal() and int(head) in PROMISES else 5
