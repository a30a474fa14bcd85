"""Django's SQLite backend with the guard of `hustings.trust.access` in it."""

import os
import stat
from contextlib import suppress
from typing import Any, NoReturn

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.client import DatabaseClient as Client
from django.db.backends.sqlite3.operations import DatabaseOperations as Operations
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper

from hustings.trust.access.backends.cursors import GuardedCursor
from hustings.trust.access.guard import refused


class Cursor(GuardedCursor, CursorWrapper):
    pass


class DebugCursor(GuardedCursor, CursorDebugWrapper):
    pass


def keep_private(database: str) -> None:
    """The file is not for everybody who has a login on this machine: they would read it without this backend.

    A new one is its owner's alone, an old one loses what others may do; what a group may do is the operator's choice.
    The journal beside it gets its mode from SQLite when it is made.
    """
    if database == ":memory:" or database.startswith("file:"):
        return
    with suppress(OSError):  # whatever is wrong with the file, SQLite says it better
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    for name in (database, f"{database}-wal", f"{database}-shm"):
        with suppress(OSError):
            mode = stat.S_IMODE(os.stat(name).st_mode)  # noqa: PTH116 - a name, not a path
            if mode & stat.S_IRWXO:
                os.chmod(name, mode & ~stat.S_IRWXO)  # noqa: PTH101 - as above


class DatabaseOperations(Operations):
    compiler_module = "hustings.trust.access.backends.sqlite3.compiler"


class DatabaseClient(Client):
    """`dbshell` would hand the whole file to whoever typed it."""

    def runshell(self, parameters: Any) -> NoReturn:
        raise refused([("a database shell reads everything", "")])


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    client_class = DatabaseClient

    def get_new_connection(self, conn_params: Any) -> Any:
        keep_private(conn_params["database"])
        return super().get_new_connection(conn_params)

    def make_cursor(self, cursor: Any) -> Cursor:
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> DebugCursor:
        return DebugCursor(cursor, self)
