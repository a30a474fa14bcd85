"""Every column that these domains hold is declared, and nothing is declared that they do not hold."""

import pytest
from django.apps import apps

from hustings.community import records as community
from hustings.lib.records import Field
from hustings.pages import records as pages


@pytest.mark.parametrize(("label", "fields"), [("community", community.FIELDS), ("pages", pages.FIELDS)])
def test_each_column_is_declared_once(label: str, fields: list[Field]) -> None:
    held = sorted(
        (model._meta.label, field.name)
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if field.concrete
    )
    assert sorted((field.model, field.name) for field in fields) == held
    assert all(field.purpose and field.retention and field.readers for field in fields)
