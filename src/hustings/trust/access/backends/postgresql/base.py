"""Django's PostgreSQL backend with the guard of `hustings.trust.access` in it."""

from typing import Any, NoReturn

from django.db.backends.postgresql import base
from django.db.backends.postgresql.client import DatabaseClient as Client
from django.db.backends.postgresql.operations import DatabaseOperations as Operations
from django.db.backends.utils import CursorWrapper

from hustings.trust.access.backends.cursors import GuardedCursor
from hustings.trust.access.guard import refused


class Cursor(GuardedCursor, CursorWrapper):
    pass


class DebugCursor(GuardedCursor, base.CursorDebugWrapper):
    pass


class DatabaseOperations(Operations):
    compiler_module = "hustings.trust.access.backends.postgresql.compiler"


class DatabaseClient(Client):
    """`dbshell` would connect as the owner of everything. People have a role of their own: `hustings access harden`."""

    def runshell(self, parameters: Any) -> NoReturn:
        raise refused(
            [("a database shell as the server reads everything; connect as the role of `hustings access harden`", "")]
        )


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    client_class = DatabaseClient

    def make_cursor(self, cursor: Any) -> Cursor:
        return Cursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> DebugCursor:
        return DebugCursor(cursor, self)
