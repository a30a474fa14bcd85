"""What the command line asks of the cell and the gate. Imports late: the front door is loaded before the tables."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hustings.trust.egress.reports import Line, Verdict


def hold_to_cell() -> None:
    """Refuse to start with another cell's stores, then stamp new ones. Raises CellError. First thing of a process."""
    from hustings.trust.egress import cells

    cells.hold()


def name_cell() -> list[str]:
    """Give stores that had no name the name in the settings; what was stamped. Raises CellError."""
    from hustings.trust.egress import cells

    return cells.rename()


def log_egress_list() -> int | None:
    """Write an entry of the public log if the list changed; its id. At each deployment, after the migrations."""
    from hustings.trust.egress import changes

    return changes.record()


def egress_list() -> "list[Line]":
    """The declared list with what was counted in the last 30 days."""
    from hustings.trust.egress import reports

    return reports.lines("en")


def egress_verdict(url: str) -> "Verdict":
    """Whether the gate would let a connection to an address through, and why. Nothing is sent."""
    from hustings.trust.egress import reports

    return reports.verdict(url)


def egress_faults() -> Iterable[tuple[str, str]]:
    """(what is wrong with the cell or the gate, what to do)."""
    from hustings.trust.egress import reports

    return reports.faults()


def egress_rules(*, kind: str, user: str) -> str:
    """The list in the kernel's words: `nftables` or `systemd`."""
    from hustings.trust.egress import kernel

    return kernel.nftables(user) if kind == "nftables" else kernel.systemd()
