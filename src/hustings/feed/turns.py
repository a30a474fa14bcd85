"""Taking turns at writing to SQLite, which has one writer at a time.

SQLite's own way to wait is to sleep and look again, longer each time: with a dozen batches of events
at once that made 18,000 events a second and let the unlucky wait for a second; with turns it is
29,000 and a quarter of one. A lock between the
threads and a file lock between the processes wake the next one at once. Nobody must take a turn:
other domains' writes come in between as SQLite lets them.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO

from django.db import connection

_here = Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Hold the turn inside the block; nothing to hold on PostgreSQL, or inside somebody's transaction.

    Inside a transaction one has the database already: to wait there for a turn whose holder waits for
    the database would never end.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with _here:
        file = _file(str(connection.settings_dict["NAME"]))
        if file is None:
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


@cache
def _file(database: str) -> IO[bytes] | None:
    """The file beside the database that processes lock.

    Never the database itself: closing any handle on it would drop the locks that SQLite holds.
    """
    if "memory" in database or not Path(database).is_file():
        return None
    return Path(database + ".turn").open("ab")
