"""Django's SQLite backend with the guard of `hustings.trust.access` in it."""

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


class DatabaseOperations(Operations):
    compiler_module = "hustings.trust.access.backends.sqlite3.compiler"


class DatabaseClient(Client):
    """`dbshell` would hand the whole file to whoever typed it."""

    def runshell(self, parameters: Any) -> NoReturn:
        raise refused([("a database shell reads everything", "")])


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    client_class = DatabaseClient

    def make_cursor(self, cursor: Any) -> Cursor:
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> DebugCursor:
        return DebugCursor(cursor, self)
