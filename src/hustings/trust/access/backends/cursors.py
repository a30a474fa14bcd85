"""Cursors that send only what was judged. In *service* they cost one look at a variable."""

from collections.abc import Iterator
from typing import Any

from hustings.trust.access import guard
from hustings.trust.access.guard import Statement
from hustings.trust.scopes import SERVICE, Look, current

# What a cursor may be asked for outside service besides sending statements: the answer, not other ways to ask.
_ANSWERS = frozenset(
    [
        "fetchone",
        "fetchmany",
        "fetchall",
        "rowcount",
        "lastrowid",
        "description",
        "close",
        "closed",
        "arraysize",
        "itersize",
        "name",
        "nextset",
    ]
)


class GuardedCursor:
    """Mixed in before Django's cursor wrappers."""

    _look: Look | None = None  # the access that the rows of the last statement belong to

    def execute(self, sql: Any, params: Any = None) -> Any:
        if current() is not SERVICE:
            self._admit(sql)
        return super().execute(sql, params)  # type: ignore[misc]  # Django's wrapper stands behind

    def executemany(self, sql: Any, param_list: Any) -> Any:
        if current() is not SERVICE:
            self._admit(sql)
        return super().executemany(sql, param_list)  # type: ignore[misc]  # as above

    def callproc(self, procname: str, params: Any = None, kparams: Any = None) -> Any:
        if current() is not SERVICE:
            raise guard.refused([(f"the procedure {procname} cannot be judged", "")])
        return super().callproc(procname, params, kparams)  # type: ignore[misc]  # as above

    def __getattr__(self, name: str) -> Any:
        if name not in _ANSWERS and current() is not SERVICE:
            raise guard.refused([(f"cursor.{name} goes past what can be judged", "")])
        found = super().__getattr__(name)  # type: ignore[misc]  # as above
        return self._counted(name, found) if self._look is not None and name.startswith("fetch") else found

    def __iter__(self) -> Iterator[Any]:
        for row in super().__iter__():  # type: ignore[misc]  # as above
            if self._look is not None:
                _count(self._look, 1)
            yield row

    def _admit(self, sql: Any) -> None:
        statement = guard.admit(sql)
        self._look = _looked_at(statement)

    def _counted(self, name: str, fetch: Any) -> Any:
        look = self._look
        assert look is not None

        def fetch_counted(*args: Any, **kwargs: Any) -> Any:
            _count(look, 0)
            rows = fetch(*args, **kwargs)
            look.rows += len(rows) if name != "fetchone" else rows is not None
            return rows

        return fetch_counted


def _looked_at(statement: Statement | None) -> Look | None:
    if statement is None or not statement.read:
        return None
    look = current().look
    assert look is not None, "only an open access lets a column of somebody else through"
    look.read |= statement.read
    return look


def _count(look: Look, rows: int) -> None:
    if look.ended:
        raise guard.refused([("the access ended before these rows were fetched", "")])
    look.rows += rows
