"""What `hustings check` and `/trust` say about the log: findings, the good ones too, and none of them written."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Min

from hustings.lib import clock
from hustings.lib.errors import HustingsError
from hustings.trust.log import deployed, signing, standing, store, witnesses
from hustings.trust.log.errors import LogKeyMissingError
from hustings.trust.log.folder import Folder
from hustings.trust.log.models import LogEntry, LogState, LogWitness
from hustings.trust.log.panels import Panel

LATE = timedelta(minutes=2)  # an entry waits for a second or two; longer means that nobody publishes


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `hint` says what to do when `bad`."""

    bad: bool
    message: str
    hint: str = ""


def findings() -> list[Finding]:
    """Key, history, delay, clock, witnesses, and whether what serves is in the log."""
    return [*_history(), *_delay(), *_clock(), *_witnesses(), *_serving()]


def _history() -> Iterator[Finding]:
    state = store.state()
    folder = Folder(signing.log_root())
    try:
        key = signing.load()
        if key is None:
            if state.size or state.published_size or folder.read(standing.CHECKPOINT) is not None:
                raise LogKeyMissingError(f"The log has entries, but its signing key {signing.key_path()} is gone.")
            yield Finding(bad=False, message="not begun: the worker makes its key and publishes the first entry")
            return
        told = standing.Told(state.size, bytes(state.root), state.published_size)
        found = standing.examine(folder, key.verifier, store.leaves, told)
    except HustingsError as fault:
        yield Finding(bad=True, message=fault.message, hint=fault.hint)
        return
    yield Finding(
        bad=False, message=f"{key.origin}: {found.edge.size} entries published, and the database tells the same"
    )
    if signing.wanted_origin() != key.origin:
        yield Finding(
            bad=False,
            message=f"its name is {key.origin}, the server is at {signing.wanted_origin()}: a log keeps its name",
        )


def _delay() -> Iterator[Finding]:
    oldest = oldest_waiting()
    late = oldest is not None and oldest > LATE
    fault = LogState.objects.filter(pk=1).exclude(fault="").values_list("fault_message", flat=True).first()
    if fault:
        yield Finding(bad=True, message=f"the sequencer stopped: {fault}", hint="Run `hustings log status`.")
    elif late and oldest is not None:
        yield Finding(
            bad=True,
            message=f"entries have been waiting for {int(oldest.total_seconds())} seconds",
            hint="Run `hustings worker`: it publishes the log.",
        )


def _clock() -> Iterator[Finding]:
    state = store.state()
    behind = clock_behind(state)
    if behind:
        yield Finding(
            bad=True,
            message=f"this machine's clock is {behind} s behind the log's latest entry",
            hint="Let a time service keep the clock (timedatectl status). Entries keep the times they were given.",
        )
    elif state.clock_back_index is not None:
        message = f"entry {state.clock_back_index} was written by a clock that had gone back {state.clock_back_s} s"
        yield Finding(bad=False, message=f"{message}; it is right now")


def _witnesses() -> Iterator[Finding]:
    try:
        policy = witnesses.policy()
    except HustingsError as fault:
        yield Finding(bad=True, message=fault.message, hint=fault.hint)
        return
    if policy is None:
        return
    answers = dict(LogWitness.objects.values_list("name", "answer"))
    for name in policy.witnesses:
        why = answers.get(name, "")
        yield Finding(bad=bool(why), message=f"witness {name}: {why or 'cosigns'}", hint="Run `hustings log submit`.")


def _serving() -> Iterator[Finding]:
    for one in deployed.servings():
        if one.state == "missing":
            yield Finding(
                bad=True,
                message=f"this server's {one.name} {one.digest[:12]}… is not the log's last word",
                hint="Run `hustings migrate`: a deployment enters what serves from now on.",
            )
        else:
            yield Finding(bad=False, message=f"this server's {one.name} {one.digest[:12]}… is {one.state}")


def oldest_waiting() -> timedelta | None:
    """For how long the oldest entry has been waiting for its place; None when none waits."""
    at = LogEntry.objects.filter(index__isnull=True).aggregate(at=Min("at"))["at"]
    return clock.now() - at if at else None


def clock_behind(state: LogState) -> int:
    """By how many seconds our clock is behind what the log has already written; 0 when it is not."""
    latest = state.latest_at
    behind = latest - clock.now() if latest is not None else timedelta()
    return int(behind.total_seconds()) if behind > store.DISORDER else 0


def panels() -> Iterator[Panel]:
    """The log's own lines on `/trust`."""
    state = store.state()
    if state.published_at is None:
        yield Panel(5, "trust.log.panel.not_begun", bad=True)
    else:
        values = {"size": f"{state.published_size:,}", "when": f"{state.published_at:%Y-%m-%d %H:%M:%S} UTC"}
        yield Panel(5, "trust.log.panel.published", values, link="/trust/log")
    oldest = oldest_waiting()
    if state.fault:
        yield Panel(5, f"trust.log.fault.{state.fault}", bad=True)
    elif oldest is not None and oldest > LATE:
        yield Panel(5, "trust.log.panel.late", {"minutes": int(oldest.total_seconds() // 60)}, bad=True)
    if state.clock_back_index is not None:
        values = {"index": str(state.clock_back_index), "seconds": str(state.clock_back_s)}
        link = f"/trust/log/{state.clock_back_index}"
        yield Panel(5, "trust.log.panel.clock", values, bad=clock_behind(state) > 0, link=link)
    for one in deployed.servings():
        link = f"/trust/log/{one.entry}" if one.entry is not None else ""
        key = f"trust.log.panel.{one.name}_{one.state}"
        yield Panel(8, key, {"digest": one.digest[:16]}, bad=one.state == "missing", link=link)
