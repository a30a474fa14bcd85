"""Every column and every table is declared where it is defined; an undeclared one fails here."""

from collections import Counter
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import Model

from hustings.lib.records import Field, Table
from hustings.trust import datamap

DOMAINS = [config for config in apps.get_app_configs() if config.name.startswith("hustings.") and config.models]
MODELS = list(apps.get_models())


def declared() -> list[Field]:
    return [field for module in datamap.gathering.records() for field in module.FIELDS]


def declared_tables() -> list[Table]:
    return [table for module in datamap.gathering.records() for table in module.TABLES]


@pytest.mark.parametrize("domain", DOMAINS, ids=[domain.label for domain in DOMAINS])
def test_a_domain_declares_every_column(domain: object) -> None:
    if not list(domain.get_models()):  # type: ignore[attr-defined]  # an AppConfig
        return
    records = import_module(f"{domain.name}.records")  # type: ignore[attr-defined]  # likewise
    names = {(field.model, field.name) for field in records.FIELDS}
    missing = [column for model in domain.get_models() for column in columns(model) if column not in names]  # type: ignore[attr-defined]  # likewise
    assert not missing, f"declare these in {records.__name__}"


def test_the_tables_of_libraries_are_declared_too() -> None:
    names = {(field.model, field.name) for field in declared()}
    missing = [column for model in MODELS for column in columns(model) if column not in names]
    assert not missing


def test_nothing_is_declared_that_is_not_there() -> None:
    there = {column for model in MODELS for column in columns(model)}
    assert not [field.id for field in declared() if (field.model, field.name) not in there]


def test_nothing_is_declared_twice() -> None:
    counts = Counter((field.model, field.name) for field in declared())
    assert not [column for column, count in counts.items() if count > 1]


def test_every_declaration_says_something() -> None:
    for field in declared():
        assert all((field.category, field.purpose, field.retention.words, field.readers)), field


def test_every_table_is_declared_once() -> None:
    counts = Counter(table.model for table in declared_tables())
    assert counts == Counter(model._meta.label for model in MODELS)


def columns(model: type[Model]) -> list[tuple[str, str]]:
    """`(app.Model, attribute)` of each column of a table."""
    return [(model._meta.label, field.name) for field in model._meta.local_concrete_fields] + [
        (model._meta.label, field.name) for field in model._meta.local_many_to_many
    ]
