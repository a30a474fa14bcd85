"""The data map as the guard asks it: by table and column of the database, not by model.

By name, because a model that somebody declares over a table of ours (a proxy, an unmanaged class, a
migration's old form of it) reads the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model

from hustings.trust import datamap

# Django's own lists: of models, of rights that nobody is given, of migrations; and the cache, whose keys
# are keyed hashes and whose values are counts.
FREE_APPS = {"auth", "contenttypes"}
FREE_TABLES = frozenset({"django_migrations", "hustings_cache"})


@dataclass(frozen=True, slots=True)
class Guarded:
    """One table. `columns` are those that not everyone may read: column to `app.Model.attribute`.

    `owner` leads from a row to the account it belongs to: joins by the name of the relation, then the
    column. None: whose row it is cannot be told from it, so no access can be narrowed to it.
    """

    label: str
    columns: Mapping[str, str]
    owner: tuple[str, ...] | None


@cache
def tables() -> Mapping[str, Guarded]:
    """Every table of an installed model, by its name in lower case; those without guarded columns too."""
    found: dict[str, Guarded] = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:  # noqa: SLF001 - Django's own word for it
            found[model._meta.db_table.lower()] = _guarded(model)  # noqa: SLF001 - as above
    return found


@cache
def names() -> frozenset[str]:
    """Names of the tables that have a guarded column."""
    return frozenset(name for name, table in tables().items() if table.columns)


def _guarded(model: type[Model]) -> Guarded:
    meta = model._meta  # noqa: SLF001 - Django's own word for it
    declared = datamap.fields()
    columns: dict[str, str] = {}
    if meta.app_label not in FREE_APPS:
        for column in meta.local_concrete_fields:
            line = declared.get((meta.label, column.name))
            # What nobody declared is taken for the worst: an undeclared column fails the build anyway.
            if line is None or (line.personal and not datamap.public(line)):
                columns[str(column.column).lower()] = f"{meta.label}.{column.name}"
    if meta.auto_created:
        return _between(model)
    table = datamap.tables().get(meta.label)
    owner = _path(model, table.subjects[0]) if table and table.subjects else None
    return Guarded(meta.label, columns, owner)


def _between(model: type[Model]) -> Guarded:
    """A table that Django makes for a many-to-many column: as that column, owned as the row that has it."""
    source: Any = model._meta.auto_created  # noqa: SLF001 - the class, and typed as a truth
    whole = _guarded(source)
    column = next(field for field in source._meta.local_many_to_many if field.remote_field.through is model)  # noqa: SLF001 - as above
    line = datamap.fields().get((whole.label, column.name))
    names = (column.m2m_column_name(), column.m2m_reverse_name())
    open_to_all = line is not None and (not line.personal or datamap.public(line))
    guarded = {} if open_to_all else {name.lower(): f"{whole.label}.{column.name}" for name in names}
    owner = (column.m2m_field_name(), *whole.owner) if whole.owner else None
    return Guarded(whole.label, guarded, owner)


def _path(model: type[Model], lookup: str) -> tuple[str, ...]:
    """`notification__account_id` as relations to follow and the column at their end."""
    *relations, last = lookup.split("__")
    for name in relations:
        model = model._meta.get_field(name).remote_field.model  # type: ignore[union-attr]  # noqa: SLF001 - a relation
    meta = model._meta  # noqa: SLF001 - Django's own word for it
    column = meta.pk if last == "pk" else next(one for one in meta.concrete_fields if last in {one.attname, one.name})
    return (*relations, str(column.column).lower())
