"""What the operator's verbs of `hustings log` do; they print what these answer."""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC

from hustings.trust.log import health, reading, recovery, signing, standing, store, witnesses
from hustings.trust.log.errors import LogKeyMissingError, LogPolicyError, NotSequencedYetError
from hustings.trust.log.folder import Folder
from hustings.trust.log.health import Finding
from hustings.trust.log.models import LogEntry
from hustings.trust.log.reading import LoggedEntry
from hustings.trust.log.recovery import Recovered
from hustings.trust.log.witnesses import Said

__all__ = ["Recovered", "Status", "follow", "recover", "status", "submit"]

LOOK_S = 0.5
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Status:
    """Where the log stands. Times are ISO 8601 in UTC; `waiting_s` is how long the oldest entry has been waiting."""

    origin: str
    vkey: str
    published: int
    published_at: str
    decided: int
    waiting: int
    waiting_s: float
    findings: list[Finding]

    @property
    def sound(self) -> bool:
        return not any(finding.bad for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"ok": self.sound}


def status() -> Status:
    """Look at everything, write nothing."""
    state = store.state()
    oldest = health.oldest_waiting()
    try:
        vkey = reading.vkey()
    except LogKeyMissingError:
        vkey = ""
    return Status(
        origin=vkey.partition("+")[0],
        vkey=vkey,
        published=state.published_size,
        published_at=state.published_at.astimezone(UTC).isoformat(timespec="seconds") if state.published_at else "",
        decided=state.size,
        waiting=LogEntry.objects.filter(index__isnull=True).count(),
        waiting_s=round(oldest.total_seconds(), 1) if oldest else 0.0,
        findings=health.findings(),
    )


def follow(first: int | None = None) -> Iterator[LoggedEntry]:
    """Entries as they are published, from index `first` on, or from now on. Never ends."""
    index = reading.published_size() if first is None else first
    while True:
        upto = min(reading.published_size(), index + AT_ONCE)
        if index >= upto:
            time.sleep(LOOK_S)
            continue
        yield from reading.between(index, upto)
        index = upto


def submit() -> list[Said]:
    """Hand the published checkpoint to each witness of the policy now; what each of them said.

    Its cosignature reaches the published checkpoint by the worker, which asks again.
    """
    key = signing.load()
    folder = Folder(signing.log_root())
    note = folder.read(standing.SIGNED if witnesses.needed_first() else standing.CHECKPOINT)
    if witnesses.policy() is None:
        raise LogPolicyError("No witnesses are set.", hint="Name a policy file in HUSTINGS_LOG_POLICY.")
    if key is None or note is None:
        raise NotSequencedYetError("Nothing is published yet.")
    return witnesses.ask(folder, key, note)


recover = recovery.recover
