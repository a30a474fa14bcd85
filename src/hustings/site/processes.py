"""The two processes: `serve` answers HTTP, `work` does what requests leave behind."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from types import FrameType

from django.conf import settings

log = logging.getLogger(__name__)

POLL_S = 0.1  # how soon a waiting task is seen; a look costs one indexed query
SWEEP_S = 15.0


def serve(*, host: str, port: int, processes: int) -> None:
    """Run Granian in this process until it is told to stop."""
    from granian import Granian  # noqa: PLC0415 - only this verb pays for it
    from granian.constants import Interfaces  # noqa: PLC0415

    Granian(
        "hustings.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes or min(4, os.cpu_count() or 1),
        # Media answers hold a thread while they stream; a page needs one for milliseconds.
        blocking_threads=8,
        backlog=1024,
        log_access=False,
        respawn_failed_workers=True,
        # The built client never changes under its name, so Granian answers for it without Python.
        static_path_mount=settings.CLIENT_ROOT if settings.CLIENT_ROOT.exists() else None,
        static_path_route=settings.CLIENT_URL.rstrip("/"),
        static_path_expires=31_536_000,
    ).serve()


def work(*, queue: str, once: bool) -> None:
    """Run the workers of `queue`, one process each, and the sweeper; restart what dies."""
    if once:
        _drain()
        return
    queues = ["default", *["renditions"] * settings.WORKER_RENDITIONS] if queue == "all" else [queue]
    if len(queues) == 1:
        _worker(queues[0])
        return
    context = multiprocessing.get_context("spawn")
    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children = {index: context.Process(target=_spawned, args=(name,), daemon=False) for index, name in enumerate(queues)}
    for child in children.values():
        child.start()
    while not stopping.wait(0.5):
        for index, name in enumerate(queues):
            if not children[index].is_alive():
                log.warning("a worker of %s ended (%s); starting another", name, children[index].exitcode)
                children[index] = context.Process(target=_spawned, args=(name,), daemon=False)
                children[index].start()
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.join(20)
        if child.is_alive():
            child.kill()


def _spawned(queue: str) -> None:
    import django  # noqa: PLC0415 - a fresh process has nothing loaded

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")
    django.setup()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    _worker(queue)


def _end_with_parent(parent: int) -> None:
    """A killed supervisor must not leave workers behind that nobody sees."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _worker(queue: str) -> None:
    from django.utils.crypto import get_random_string  # noqa: PLC0415
    from django_tasks_db.management.commands.db_worker import Worker  # noqa: PLC0415 - needs apps to be ready

    # The quick worker sweeps: it is never busy for long.
    if queue != "renditions":
        threading.Thread(target=_sweep_forever, daemon=True).start()
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


def _drain() -> None:
    """Sweep, then run tasks until none is waiting."""
    from django.core.management import call_command  # noqa: PLC0415

    sweep()
    call_command("db_worker", queue_name="*", batch=True, interval=0, startup_delay=False, verbosity=0)


def sweep() -> None:
    """Wake what a crash left asleep and remove what nobody owns. Safe to run at any time, twice."""
    from hustings.feed import jobs as feed  # noqa: PLC0415
    from hustings.videos import jobs as videos  # noqa: PLC0415

    for step in (*videos.SWEEPS, *feed.SWEEPS):
        try:
            step()
        except Exception:
            # One broken sweep must not keep the others from running; the log carries the trace.
            log.exception("sweep %s failed", step.__name__)


def _sweep_forever() -> None:
    from django.db import close_old_connections  # noqa: PLC0415

    while True:
        close_old_connections()
        sweep()
        time.sleep(SWEEP_S)
