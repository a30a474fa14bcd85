"""Every column is declared where it is defined; an undeclared one fails here."""

from collections import Counter
from importlib import import_module

import pytest
from django.apps import apps
from django.db.models import Model

from hustings.lib.records import Field

# Tables that hold nothing of ours: Django's own lists of models and of rights that nobody is given,
# and the queue, whose rows carry ids for as long as a task waits.
NOT_DECLARED = {"auth", "contenttypes", "django_tasks_db", "django_tasks_database"}

DOMAINS = [config for config in apps.get_app_configs() if config.name.startswith("hustings.") and config.models]


def declared() -> list[Field]:
    found: list[Field] = []
    for domain in DOMAINS:
        found += import_module(f"{domain.name}.records").FIELDS
    return found


@pytest.mark.parametrize("domain", DOMAINS, ids=[domain.label for domain in DOMAINS])
def test_a_domain_declares_every_column(domain: object) -> None:
    records = import_module(f"{domain.name}.records")  # type: ignore[attr-defined]  # an AppConfig
    names = {(field.model, field.name) for field in records.FIELDS}
    missing = [column for model in domain.get_models() for column in columns(model) if column not in names]  # type: ignore[attr-defined]  # likewise
    assert not missing, f"declare these in {records.__name__}"


def test_the_tables_of_libraries_are_declared_too() -> None:
    names = {(field.model, field.name) for field in declared()}
    models = [model for model in apps.get_models() if model._meta.app_label not in NOT_DECLARED]
    missing = [column for model in models for column in columns(model) if column not in names]
    assert not missing


def test_nothing_is_declared_that_is_not_there() -> None:
    there = {column for model in apps.get_models() for column in columns(model)}
    assert not [field for field in declared() if (field.model, field.name) not in there]


def test_nothing_is_declared_twice() -> None:
    counts = Counter((field.model, field.name) for field in declared())
    assert not [column for column, count in counts.items() if count > 1]


def test_every_declaration_says_something() -> None:
    for field in declared():
        assert all((field.category, field.purpose, field.retention, field.readers)), field


def columns(model: type[Model]) -> list[tuple[str, str]]:
    """`(app.Model, attribute)` of each column of a table."""
    return [(model._meta.label, field.name) for field in model._meta.local_concrete_fields] + [
        (model._meta.label, field.name) for field in model._meta.local_many_to_many
    ]
