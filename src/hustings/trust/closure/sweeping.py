"""Looking everywhere for an account that was erased: tables, texts, files, the log, the database's own file.

A sweep does not trust the holders that erased. It asks the data map for every table, every text column of every
table (those of libraries and of the search index, too) for what the account was known by, the stores for the names
that were listed before anything went, and, on SQLite, the bytes of the database file itself.

What others wrote and what mentions the account is theirs: it stays, and is counted apart (`mentions`).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import CharField, JSONField, Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from hustings.trust import keys
from hustings.trust.closure import backups, bytesweep
from hustings.trust.datamap import count_of, tables
from hustings.trust.holdings import Holder, Traced, holders
from hustings.trust.log.models import LogEntry

Beat = Callable[[], None]

# Where the handle of a closed account stands by promise: its notice, the closure that is being worked on, and the
# public log's own entries about official accounts.
_FEW = 20  # names found in the file's bytes for which it is asked whether others speak of them
_BY_PROMISE = frozenset({"trust.ClosedAccount", "trust.Closure", "trust.LogEntry"})


@dataclass(slots=True)
class Swept:
    """What a sweep looked at and found. `found` by place, empty when all is gone; `checks` go into the receipt."""

    found: dict[str, int] = field(default_factory=dict)
    checks: list[dict[str, object]] = field(default_factory=list)
    mentions: dict[str, int] = field(default_factory=dict)
    left_in_file: int = 0  # copies between the rows of a database file that is too large to be rewritten

    def note(self, what: str, looked_at: int, found: Mapping[str, int]) -> None:
        """One check that was made."""
        some = {place: count for place, count in found.items() if count}
        self.checks.append({"what": what, "looked_at": looked_at, "found": sum(some.values())})
        for place, count in some.items():
            self.found[place] = self.found.get(place, 0) + count


def sweep(
    subject: int,
    handle: str,
    *,
    names: Mapping[str, Sequence[str]],
    known_by: Iterable[str],
    beat: Beat,
) -> Swept:
    """Look everywhere. `names` by holder, as they were listed before; `known_by` are addresses of e-mail.

    `handle` is empty for an account that is not there and that nobody remembers: no text can speak of it then.
    """
    swept = Swept()
    every = holders()
    swept.note("holders", len(every), _asked(every, subject, beat))
    swept.note("tables", len(tables()), _in_tables(subject, beat))
    swept.note("names", sum(map(len, names.values())), _by_name(every, names, beat))
    patterns = Patterns(handle, tuple(known_by))
    if handle:
        columns, found, swept.mentions = _in_texts(patterns, beat)
        swept.note("texts", columns, found)
    swept.note("log", 1, {"openings in the log": LogEntry.objects.filter(subject=subject).count()})
    swept.note("key", 1, {"the person's key": int(not keys.is_erased(subject))})
    looked_at, held = backups.remnants(subject)
    swept.note("backups", looked_at, held)
    beat()
    # Names of files and folders are unguessable; a hashtag is a word, and may stand anywhere.
    unique = [_bare(name) for some in names.values() for name in some if "/" in name]
    size, raw = bytesweep.sweep([*unique, *patterns.addresses], beat=beat)
    if size:
        left = _unexplained(raw)
        if left and not bytesweep.can_scrub():
            # Too large to be rewritten: it is said in the receipt instead of being tried for ever.
            swept.left_in_file, left = sum(left.values()), {}
        swept.note("database_file", size, left)
    return swept


def _bare(name: str) -> str:
    """The part of a name that is unguessable: of `clips/<id>/<file>` the file, of a folder its last part."""
    return name.rpartition("/")[2]


def _asked(every: Sequence[Holder], subject: int, beat: Beat) -> dict[str, int]:
    found: dict[str, int] = {}
    for holder in every:
        for place, count in holder.residue(subject).items():
            found[f"{holder.name}: {place}"] = count
        beat()
    return found


def _in_tables(subject: int, beat: Beat) -> dict[str, int]:
    """Rows about the account in any declared table, whether or not a holder answers for it."""
    found = {}
    for label, table in tables().items():
        if table.erased != "keep" and (table.subjects or table.through):
            found[label] = count_of(subject, table)
            beat()
    return found


def _by_name(every: Sequence[Holder], names: Mapping[str, Sequence[str]], beat: Beat) -> dict[str, int]:
    found: dict[str, int] = {}
    for holder in every:
        if isinstance(holder, Traced) and names.get(holder.name):
            for place, count in holder.left(names[holder.name]).items():
                found[f"{holder.name}: {place}"] = count
            beat()
    return found


# --- Texts -------------------------------------------------------------------------------------------


class Patterns:
    """What an account is recognised by in a text: its address `@handle`, the handle alone as a whole value, e-mail."""

    def __init__(self, handle: str, addresses: tuple[str, ...]) -> None:
        self.handle, self.addresses = handle, addresses
        others = "|".join(re.escape(address) for address in addresses)
        mention = rf"(?<![\w.@])@{re.escape(handle)}(?![\w@]|\.\w)"
        self._any = re.compile(rf"{mention}|\"{re.escape(handle)}\"" + (f"|{others}" if others else ""), re.IGNORECASE)

    def where(self, column: str) -> Q:
        """A condition that keeps every row of interest, and more: the database is quicker at leaving out."""
        either = Q(**{column: self.handle}) | Q(**{f"{column}__icontains": f"@{self.handle}"})
        either |= Q(**{f"{column}__contains": f'"{self.handle}"'})
        for address in self.addresses:
            either |= Q(**{f"{column}__icontains": address})
        return either

    def match(self, value: object) -> bool:
        """Whether a value really speaks of the account."""
        text = str(value)
        return text == self.handle or self._any.search(text) is not None


def _in_texts(patterns: Patterns, beat: Beat) -> tuple[int, dict[str, int], dict[str, int]]:
    """(columns looked at, what was found, what others wrote), by `app.Model.column`."""
    columns = 0
    found: dict[str, int] = {}
    mentions: dict[str, int] = {}
    for model in apps.get_models(include_auto_created=True):
        label = model._meta.label  # noqa: SLF001 - Django's own public-but-underscored name
        if label in _BY_PROMISE or not model._meta.managed or model._meta.proxy:  # noqa: SLF001 - likewise
            continue
        for column in model._meta.local_concrete_fields:  # noqa: SLF001 - likewise
            if isinstance(column, CharField | TextField | JSONField) and column.choices is None:
                columns += 1
                count = _speaking(model, column.attname, isinstance(column, JSONField), patterns)
                if count:
                    (mentions if _is_others(label) else found)[f"{label}.{column.attname}"] = count
        beat()
    more, elsewhere = _outside_models(patterns)
    return columns + more, {**found, **elsewhere}, mentions


def _speaking(model: type[Model], column: str, is_json: bool, patterns: Patterns) -> int:
    rows: QuerySet[Any] = model._base_manager.all()  # noqa: SLF001 - a default manager may hide rows
    if is_json:
        rows, column = rows.annotate(as_text=Cast(column, TextField())), "as_text"
    candidates = rows.filter(patterns.where(column)).values_list(column, flat=True)
    return sum(patterns.match(value) for value in candidates.iterator(chunk_size=1000))


def _is_others(label: str) -> bool:
    """Whether rows of a table belong to somebody: the account's own are gone, so these are others' words."""
    table = tables().get(label)
    return table is not None and bool(table.subjects or table.through)


def _outside_models(patterns: Patterns) -> tuple[int, dict[str, int]]:
    """Tables that no model knows: the cache, and what libraries keep by themselves."""
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}  # noqa: SLF001 - as above
    columns, found = 0, {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in known or re.search(r"_words(_|$)", table):  # the search index's own, cleaned by its holder
                continue
            for column in connection.introspection.get_table_description(cursor, table):
                columns += 1
                quoted = connection.ops.quote_name(column.name)
                cursor.execute(
                    f"SELECT CAST({quoted} AS TEXT) FROM {connection.ops.quote_name(table)} WHERE "  # noqa: S608 - names from the database itself
                    + " OR ".join([f"CAST({quoted} AS TEXT) LIKE %s"] * (1 + len(patterns.addresses))),
                    [f"%@{patterns.handle}%", *(f"%{address}%" for address in patterns.addresses)],
                )
                count = sum(patterns.match(value) for (value,) in cursor.fetchall())
                if count:
                    found[f"{table}.{column.name}"] = count
    return columns, found


def _unexplained(raw: Mapping[str, int]) -> dict[str, int]:
    """Bytes of the database file that no row explains. A clip's id in somebody's text, a link to it, is theirs."""
    # Asking whose words they are takes a look at every table for each; so many are nobody's words.
    if len(raw) > _FEW:
        return {"bytes of the database file": sum(raw.values())}
    count = sum(number for name, number in raw.items() if not _others_say(name))
    return {"bytes of the database file": count} if count else {}


def _others_say(name: str) -> bool:
    for model in apps.get_models():
        label = model._meta.label  # noqa: SLF001 - as above
        if not _is_others(label) and label not in _BY_PROMISE:
            continue
        for column in model._meta.local_concrete_fields:  # noqa: SLF001 - as above
            if isinstance(column, CharField | TextField | JSONField):
                rows = model._base_manager.annotate(as_text=Cast(column.attname, TextField()))  # noqa: SLF001 - as above
                if rows.filter(as_text__contains=name).exists():
                    return True
    return False
