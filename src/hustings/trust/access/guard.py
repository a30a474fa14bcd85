"""What a statement would read, judged before it is sent: the rule that nobody looks without a trace.

Outside *service* every statement that the ORM makes is compiled under observation. Each column that
goes into its text, selected, filtered by, ordered by, joined on, grouped by or aggregated, is noted
with the table it stands in; a filter counts because it is an oracle. A column that not everyone may
read is allowed only in rows that are pinned, by an equality that always holds, to the person who
looks, or to the person of the open access and then only when it was chosen.

Two things besides: nothing that is not Django's own may write SQL into the statement (raw fragments,
templates of functions, foreign classes), and the finished text may not name a guarded table or column
that was not noted. The second is the first's understudy: a way round the observation that we do not
know of still has to name what it reads.

What is out of reach: Python that sets out to defeat this in its own process. `docs/decisions/0010`
says where the line is, and what stands behind it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models.expressions import (
    Case,
    Col,
    ColPairs,
    Combinable,
    CombinedExpression,
    Func,
    RawSQL,
    Ref,
    Subquery,
)
from django.db.models.lookups import Exact, In
from django.db.models.sql import Query
from django.db.models.sql.constants import INNER, LOUTER
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.subqueries import DeleteQuery, InsertQuery, UpdateQuery
from django.db.models.sql.where import AND, ExtraWhere, WhereNode

from hustings.trust import scopes
from hustings.trust.access import columns, raw
from hustings.trust.access.errors import UnrecordedReadError
from hustings.trust.scopes import Scope

_OURS = ("django.", "hustings.")
_CONNECTORS = {value for name, value in vars(Combinable).items() if name.isupper() and isinstance(value, str)}
_WORDS = re.compile(r"\w+")
_NAMED = 3


@dataclass(slots=True)
class Statement:
    """One execution: its levels while it is compiled, then the texts that may be sent, once each."""

    level: "Level | None" = None
    allowed: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)  # what is wrong, with which column or ""
    tables: set[str] = field(default_factory=set)
    noted: set[str] = field(default_factory=set)  # names of columns, aliases included
    read: set[str] = field(default_factory=set)  # fields of the person who is looked at


_statement: ContextVar[Statement | None] = ContextVar("hustings.trust.access.statement", default=None)


@dataclass(slots=True)
class Level:
    """One SELECT, or the one UPDATE, DELETE or INSERT, with the columns compiled for it."""

    query: Query
    parent: "Level | None"
    columns: list[Col] = field(default_factory=list)


@contextmanager
def executing() -> Iterator[Statement]:
    """Around one execution by a compiler outside service."""
    statement = Statement()
    token = _statement.set(statement)
    try:
        yield statement
    finally:
        _statement.reset(token)


def observed(compiler: Any, make: Callable[[], Any]) -> Any:
    """What `make` (the compiler's own `as_sql`) answers, with each node it compiles looked at.

    Raises UnrecordedReadError at the outermost level of an execution; text that is only made to be
    looked at (`str(query)`) reads nothing and is not judged.
    """
    statement = _statement.get()
    executed = statement is not None
    statement = statement or Statement()
    level = Level(compiler.query, statement.level)
    _remember_target(compiler, statement)
    statement.level = level
    plain = compiler.compile

    def compile_noting(node: Any) -> Any:
        _note(node, level, statement)
        return plain(node)

    compiler.compile = compile_noting
    try:
        made = make()
    finally:
        del compiler.compile
        statement.level = level.parent
    _judge(level, statement, scopes.current())
    if level.parent is None and executed:
        texts = [made[0]] if isinstance(made, tuple) else [text for text, _ in made]
        _conclude(statement, texts)
    return made


def _remember_target(compiler: Any, statement: Statement) -> None:
    """The table that is written to, and the columns that are set: named in the text, read by nobody."""
    query = compiler.query
    if isinstance(query, InsertQuery | UpdateQuery | DeleteQuery):
        statement.tables.add(query.get_meta().db_table.lower())
    if isinstance(query, InsertQuery):
        statement.noted |= {str(column.column).lower() for column in query.fields}
    if isinstance(query, UpdateQuery):
        statement.noted |= {str(column.column).lower() for column, _, _ in query.values}  # type: ignore[attr-defined]  # not in the stubs


# --- While it is compiled ------------------------------------------------------------------------------


@cache
def _kind(kind: type) -> str:  # noqa: PLR0911 - one answer a line
    """What a class of nodes is to the guard; asked once for each class."""
    if issubclass(kind, Col):
        return "column"
    if issubclass(kind, Join | BaseTable):
        return "table"
    if issubclass(kind, ColPairs):
        return "columns"
    if issubclass(kind, RawSQL | ExtraWhere):
        return "raw"
    if not kind.__module__.startswith(_OURS):
        return "foreign"
    if issubclass(kind, Ref):
        return "name"
    if issubclass(kind, CombinedExpression):
        return "operator"
    # Only a function, or another expression with a template, can carry SQL of somebody's own.
    return "template" if issubclass(kind, Case | Func | Subquery) else "plain"


def _note(node: Any, level: Level, statement: Statement) -> None:
    kind = _kind(type(node))  # type: ignore[arg-type]  # a class is hashable
    if kind == "plain":
        return
    if kind == "column":
        level.columns.append(node)
    elif kind == "table":
        statement.tables.add(_bare(node.table_name))
    elif kind == "columns":
        level.columns.extend(node.get_cols())
    elif fault := _fault(kind, node, level):
        statement.faults.append((fault, ""))


def _fault(kind: str, node: Any, level: Level) -> str | None:
    """Why a node could write anything into the statement; None when it cannot."""
    if kind == "raw":
        return "a fragment of raw SQL cannot be judged"
    if kind == "foreign":
        return f"{type(node).__module__}.{type(node).__name__} is not Django's, so what it writes cannot be judged"
    if kind == "template" and node.extra.keys() & {"template", "function", "arg_joiner"}:
        return "a function with SQL of its own cannot be judged"
    if kind == "operator" and node.connector not in _CONNECTORS:
        return "an operator of one's own cannot be judged"
    if kind == "name" and node.refs not in _named(level.query):
        return f"a reference to {node.refs!r}, which this query does not name, cannot be judged"
    return None


def _named(query: Any) -> set[str]:
    """Names that this level gives to what it selects, its inner query's included."""
    names = {*query.annotations, *(query.selected or ())}
    for within in (getattr(query, "inner_query", None), *query.combined_queries):
        if within is not None:
            names |= _named(within)
    return names


def _bare(table: str) -> str:
    return table.strip('"').lower()


# --- When a level is complete --------------------------------------------------------------------------


def _judge(level: Level, statement: Statement, scope: Scope) -> None:
    if level.query.extra_tables or level.query.extra:
        statement.faults.append(("a fragment of raw SQL cannot be judged", ""))
    statement.noted |= {name.lower() for name in level.query.annotations}
    pins: dict[tuple[str, str], frozenset[int]] | None = None
    for column in level.columns:
        name = str(column.target.column).lower()
        statement.noted.add(name)
        joined = level.query.alias_map.get(column.alias) if column.alias else None
        if joined is None:
            _hand_up(column, level, statement)
            continue
        table = columns.tables().get(_bare(joined.table_name))
        if table is None:
            if _bare(joined.table_name) not in columns.FREE_TABLES:
                statement.faults.append((f"the table {joined.table_name} is in no data map", ""))
            continue
        wanted = table.columns.get(name)
        if wanted is None:
            continue
        if pins is None:
            pins = _pins(level.query)
        _allow(wanted, name, table, _owner(level.query, column.alias, table, pins), statement, scope)


def _hand_up(column: Col, level: Level, statement: Statement) -> None:
    """A column of an enclosing SELECT: judged there, by its rows."""
    if level.parent is not None:
        level.parent.columns.append(column)
    elif not isinstance(level.query, InsertQuery):
        guarded = columns.tables().get(column.target.model._meta.db_table.lower())  # noqa: SLF001 - Django's own word
        if guarded is None or str(column.target.column).lower() in guarded.columns:
            statement.faults.append(
                ("a column that stands in no table of this query cannot be judged", str(column.target))
            )


def _allow(  # noqa: PLR0917 - called in one place, in this order
    wanted: str, name: str, table: columns.Guarded, owners: frozenset[int] | None, statement: Statement, scope: Scope
) -> None:
    """Note as read, or as a fault, one guarded column of rows that are pinned to `owners`; None: not pinned."""
    look = scope.look if scope.look and not scope.look.ended else None
    if scope.kind == "closed":
        statement.faults.append(("nobody said on whose behalf this runs", wanted))
        return
    if owners is None:
        way = "__".join(table.owner) if table.owner else ""
        then = f"narrow the query to one person by {way}" if way else "whose row it is cannot be told"
        statement.faults.append((then, wanted))
        return
    for owner in owners:
        if scope.kind == "staff" and owner == scope.actor:
            continue
        if look is None or owner != look.subject:
            statement.faults.append(("no access to this person is open", wanted))
        elif wanted in look.fields:
            statement.read.add(wanted)
        elif not (table.owner and table.owner[-1] == name and look.covers(table.label)):
            # The column that says whose row it is tells nothing new about the person one looks at.
            statement.faults.append(("not among the fields that were chosen", wanted))


def _pins(query: Query) -> dict[tuple[str, str], frozenset[int]]:
    """(alias, column) to the numbers it must equal for a row to be in the result at all."""
    found: dict[tuple[str, str], frozenset[int]] = {}
    for lookup in _always(query.where):
        if (
            isinstance(lookup, Exact | In)
            and type(lookup).__module__.startswith("django.")
            and type(lookup.lhs) is Col
            and not lookup.bilateral_transforms
            and lookup.rhs_is_direct_value()
        ):
            values = lookup.rhs if isinstance(lookup, In) else [lookup.rhs]
            if all(isinstance(value, int) for value in values):
                found[lookup.lhs.alias, str(lookup.lhs.target.column).lower()] = frozenset(values)
    _follow_joins(query, found)
    return found


def _always(node: Any) -> Iterator[Any]:
    """Conditions that every row of the result meets: what is joined by AND, and nothing negated."""
    if isinstance(node, WhereNode):
        if node.connector == AND and not node.negated:
            for child in node.children:
                yield from _always(child)
    else:
        yield node


def _follow_joins(query: Query, pins: dict[tuple[str, str], frozenset[int]]) -> None:
    """Columns that a join makes equal to a pinned one are pinned too.

    From the earlier table to the joined one always: a row is joined only if they are equal. Back only
    over an inner join, because an outer one keeps rows without a match.
    """
    grown = True
    while grown:
        grown = False
        for alias, join in query.alias_map.items():
            if not isinstance(join, Join) or join.join_type not in {INNER, LOUTER}:
                continue
            for near, far in join.join_cols:
                here, there = (join.parent_alias, near.lower()), (alias, far.lower())
                if here in pins and there not in pins:
                    pins[there] = pins[here]
                    grown = True
                elif there in pins and here not in pins and join.join_type == INNER:
                    pins[here] = pins[there]
                    grown = True


def _owner(
    query: Query, alias: str, table: columns.Guarded, pins: dict[tuple[str, str], frozenset[int]]
) -> frozenset[int] | None:
    """To whom the rows of `alias` are pinned, along the table's own way to its owner."""
    if table.owner is None:
        return None
    *relations, column = table.owner
    at = [alias]
    for relation in relations:
        at = [
            joined
            for joined, join in query.alias_map.items()
            if isinstance(join, Join)
            and join.parent_alias in at
            and getattr(join.join_field, "name", None) == relation
            and getattr(join.join_field, "many_to_one", False) | getattr(join.join_field, "one_to_one", False)
        ]
    return next((pins[one, column] for one in at if (one, column) in pins), None)


# --- When the statement is complete --------------------------------------------------------------------


def _conclude(statement: Statement, texts: Iterable[str]) -> None:
    for text in texts:
        if not statement.faults:
            statement.faults += _unaccounted(text, statement)
        statement.allowed.append(text)
    if statement.faults:
        statement.allowed.clear()
        raise refused(statement.faults)


def _unaccounted(text: str, statement: Statement) -> Iterator[tuple[str, str]]:
    """Guarded names in the finished text that no node accounts for."""
    words = {word.lower() for word in _WORDS.findall(text)}
    if words & raw.MAKE_SQL:
        yield "a function that runs SQL of its own cannot be judged", ""
    for name in words & columns.names():
        if name not in statement.tables and name not in statement.noted:
            yield "named where it cannot be judged", name
    for name in statement.tables & columns.names():
        for column in words & columns.tables()[name].columns.keys():
            if column not in statement.noted and column not in statement.tables:
                yield "named where it cannot be judged", columns.tables()[name].columns[column]


def refused(faults: Iterable[tuple[str, str]]) -> UnrecordedReadError:
    """The error: each thing that is wrong once, with the first few columns it is wrong with."""
    wrong: dict[str, list[str]] = {}
    for what, column in dict.fromkeys(faults):
        wrong.setdefault(what, []).append(column)
    said = []
    for what, named in wrong.items():
        some = ", ".join(sorted(filter(None, named))[:_NAMED])
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        said.append(f"{what} ({some}{more})" if some else what)
    return UnrecordedReadError(f"{UnrecordedReadError.message} Why: {'; '.join(said)}.")


# --- At the cursor -------------------------------------------------------------------------------------


def admit(text: Any) -> Statement | None:
    """Whether this text may be sent, outside service: one that was judged, or raw SQL that names nobody.

    Answers the judged statement, None for raw SQL. UnrecordedReadError otherwise.
    """
    statement = _statement.get()
    if statement is not None and text in statement.allowed:
        statement.allowed.remove(text)
        return statement
    fault = raw.fault(text)
    if fault:
        raise refused([(fault, "")])
    return None
