"""The map itself: every domain's lines, found by name, because trust knows no domain."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from hustings.lib.records import Field, Reader, Store, Table


def records() -> Iterator[ModuleType]:
    """`records.py` of every domain that has one, in the order of the domains."""
    for config in apps.get_app_configs():
        if config.name.startswith("hustings.") and config.module and module_has_submodule(config.module, "records"):
            yield import_module(f"{config.name}.records")


@cache
def fields() -> dict[tuple[str, str], Field]:
    """Every declared column, by (`app.Model`, attribute)."""
    return {(field.model, field.name): field for module in records() for field in getattr(module, "FIELDS", ())}


@cache
def tables() -> dict[str, Table]:
    """Every declared table, by `app.Model`, in the order in which the domains declare them."""
    return {table.model: table for module in records() for table in getattr(module, "TABLES", ())}


@cache
def stores() -> tuple[Store, ...]:
    """Everything that is held outside columns."""
    return tuple(store for module in records() for store in getattr(module, "STORES", ()))


def lines() -> list[Field | Store]:
    """Every declared column and everything outside columns: what is held."""
    return [*fields().values(), *stores()]


def table_of(label: str) -> Table:
    """The declared table of `app.Model`; KeyError when nobody declared it."""
    return tables()[label]


@cache
def personal_columns(label: str) -> frozenset[str]:
    """The columns of `app.Model` that are about a person, by attribute."""
    return frozenset(field.name for field in fields().values() if field.model == label and field.personal)


def public(field: Field | Store) -> bool:
    """Whether anyone at all may read the column, whatever row it stands in."""
    return Reader.EVERYONE in field.readers
