"""The two processes: `serve` answers HTTP, `work` does what requests leave behind."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.context import SpawnProcess
from types import FrameType

from django.conf import settings

log = logging.getLogger(__name__)

POLL_S = 0.1  # how soon a waiting task is seen; a look costs one indexed query
SWEEP_S = 15.0
END_S = 20.0  # a worker told to stop may finish what is nearly done


def serve(*, host: str, port: int, processes: int) -> None:
    """Run Granian in this process until it is told to stop."""
    from granian import Granian
    from granian.constants import Interfaces

    from hustings.trust.api import hold_to_cell, hold_to_keys, hold_to_restored

    hold_to_restored()
    hold_to_cell()
    hold_to_keys()

    Granian(
        "hustings.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes or min(4, os.cpu_count() or 1),
        # Media and uploads hold a thread as long as their client likes; a page needs one for milliseconds. Uploads
        # take at most UPLOADS_AT_ONCE of them (see videos/tus.py), so that slow lines never shut everybody out.
        blocking_threads=32,
        backlog=1024,
        log_access=False,
        respawn_failed_workers=True,
    ).serve()


def work(*, queue: str, once: bool) -> None:
    """Run the workers of `queue` until told to stop; with `once`, do what is waiting and return."""
    from hustings.trust.api import hold_to_cell, hold_to_keys, hold_to_restored

    hold_to_restored()
    hold_to_cell()
    hold_to_keys()
    if once:
        _drain()
    elif queue == "all":
        _Crew(["default", *["renditions"] * settings.WORKER_RENDITIONS]).run()
    else:
        _worker(queue)


class _Crew:
    """Worker processes, one for each name in `queues`; one that dies is replaced."""

    def __init__(self, queues: list[str]) -> None:
        self.context = multiprocessing.get_context("spawn")
        self.queues = queues
        self.members = [self._start(name) for name in queues]

    def _start(self, queue: str) -> SpawnProcess:
        member = self.context.Process(target=_spawned, args=(queue,))
        member.start()
        return member

    def run(self) -> None:
        stopping = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not stopping.wait(0.5):
            for index, member in enumerate(self.members):
                if not member.is_alive():
                    log.warning("the worker of %s ended (%s); starting another", self.queues[index], member.exitcode)
                    self.members[index] = self._start(self.queues[index])
        for member in self.members:
            member.terminate()
        for member in self.members:
            member.join(END_S)
            if member.is_alive():
                # Whatever it was doing is a state on a row: somebody takes it up when the lease runs out.
                member.kill()


def _spawned(queue: str) -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")
    django.setup()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    from hustings.trust.api import service

    with service():
        _worker(queue)


def _end_with_parent(parent: int) -> None:
    """A killed supervisor must not leave workers behind that nobody sees."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _worker(queue: str) -> None:
    from django.utils.crypto import get_random_string
    from django_tasks_db.management.commands.db_worker import Worker

    # The quick worker sweeps: it is never busy for long.
    if queue != "renditions":
        threading.Thread(target=_sweep_forever, daemon=True).start()
        _publish_forever()
    runner = Worker(
        queue_names=[queue],
        interval=POLL_S,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )
    runner.configure_signals()
    runner.run()


def _publish_forever() -> None:
    """Enter what serves now into the public log, and publish the log from here on, in a thread of its own."""
    from hustings.trust.api import announce_serving
    from hustings.trust.jobs import write_log_forever

    try:
        announce_serving()
    except Exception:
        # A worker that cannot say what it is still works; `hustings check` and /trust say that it did not.
        log.exception("what serves could not be entered into the public log")
    threading.Thread(target=write_log_forever, daemon=True, name="log").start()


def _drain() -> None:
    """Sweep, then run tasks until none is waiting; then publish what all of it wrote into the log."""
    from django.core.management import call_command

    from hustings.lib.errors import HustingsError
    from hustings.trust.api import announce_serving, publish_log, service

    sweep()
    call_command("db_worker", queue_name="*", batch=True, interval=0, startup_delay=False, verbosity=0)
    try:
        with service():
            announce_serving()
            publish_log()
    except HustingsError as fault:
        # Entries wait on their rows. A worker that runs already publishes them; for the rest there is `hustings check`.
        log.warning("the public log was not published: %s", fault)


def sweep() -> None:
    """Wake what a crash left asleep and remove what nobody owns. Safe to run at any time, twice."""
    from hustings.accounts import jobs as accounts
    from hustings.community import jobs as community
    from hustings.feed import jobs as feed
    from hustings.pages import jobs as pages
    from hustings.trust import jobs as trust
    from hustings.trust.api import service
    from hustings.videos import jobs as videos

    steps = (*videos.SWEEPS, *feed.SWEEPS, *accounts.SWEEPS, *community.SWEEPS, *pages.SWEEPS, *trust.SWEEPS)
    for step in steps:
        try:
            with service():
                step()
        except Exception:
            # One broken sweep must not keep the others from running; the log carries the trace.
            log.exception("sweep %s failed", step.__name__)


def _sweep_forever() -> None:
    from django.db import close_old_connections

    while True:
        close_old_connections()
        sweep()
        time.sleep(SWEEP_S)
