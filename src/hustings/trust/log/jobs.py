"""The sequencer's life inside a worker: one thread that writes, one that asks witnesses."""

import logging
import threading
import time
from contextlib import suppress

from django.db import DatabaseError, close_old_connections

from hustings.lib.errors import HustingsError
from hustings.trust import scopes
from hustings.trust.log import store, witnesses
from hustings.trust.log.errors import LogStoppedError, LogTakenError
from hustings.trust.log.sequencing import BATCH, Sequencer

log = logging.getLogger(__name__)

BATCH_S = 1.0  # at most one batch in this time: a batch costs a dozen flushes however small it is
LOOK_S = 0.2  # how soon a lonely entry is seen
STAND_BY_S = 3.0  # how soon another's end is noticed
LONGEST_WAIT_S = 30.0  # after failures
TIDY_S = 60.0
COSIGN_S = 5.0  # at most one round of witnesses in this time
COSIGN_AGAIN_S = 60.0  # how soon one that did not answer is asked again


class Writer:
    """Runs a `Sequencer` for ever. `step` does one thing and answers for how long to wait."""

    def __init__(self, sequencer: Sequencer | None = None) -> None:
        self.sequencer = sequencer or Sequencer()
        self.published = threading.Event()
        self._wait = BATCH_S
        self._said: tuple[str, str] | None = None
        self._is_well = False
        self._tidied = 0.0

    def run(self) -> None:
        """Until the process ends. Being killed at any point is one of the ends it is made for."""
        threading.Thread(target=self._cosign_forever, daemon=True, name="log-witnesses").start()
        while True:
            close_old_connections()
            time.sleep(self.step())

    def step(self) -> float:
        """One batch, or the look that there is none; seconds until the next."""
        begun = time.monotonic()
        try:
            with scopes.service():
                taken = self.sequencer.once()
                self._well()
                if time.monotonic() - self._tidied > TIDY_S:
                    self._tidied = time.monotonic()
                    self.sequencer.tidy()
        except LogTakenError:
            return STAND_BY_S
        except (HustingsError, DatabaseError) as fault:
            return self._failed(fault)
        except Exception:
            # A fault of ours must not end the one thread that publishes: the next look begins from what is there.
            log.exception("the public log's sequencer failed")
            return LONGEST_WAIT_S
        if not taken:
            return LOOK_S
        self.published.set()
        return 0.0 if taken == BATCH else max(LOOK_S, BATCH_S - (time.monotonic() - begun))

    def _well(self) -> None:
        self._wait = BATCH_S
        if self._is_well:
            return
        store.record_well()
        if self._said is not None:
            log.warning("the public log goes on")
        self._is_well, self._said = True, None

    def _failed(self, fault: HustingsError | DatabaseError) -> float:
        self._is_well = False
        said = (type(fault).__name__, str(fault))
        if said != self._said:
            self._said = said
            log.error("the public log has stopped: %s", fault)
        if isinstance(fault, LogStoppedError):
            with suppress(DatabaseError), scopes.service():
                store.record_fault(fault)
        self._wait = min(LONGEST_WAIT_S, self._wait * 2)
        return self._wait

    def _cosign_forever(self) -> None:
        while True:
            self.published.wait(COSIGN_AGAIN_S)
            self.published.clear()
            close_old_connections()
            try:
                with scopes.service():
                    if not witnesses.needed_first():
                        self.sequencer.cosign()
            except (HustingsError, DatabaseError) as fault:
                log.warning("witnesses were not asked: %s", fault)
            time.sleep(COSIGN_S)


def write_forever() -> None:
    """What the worker's thread runs."""
    Writer().run()
