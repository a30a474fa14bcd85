"""The map in fideslang, the language of other privacy tools: a `Taxonomy` of datasets and one system.

Each domain is a dataset, each table a collection, each column a field. fideslang has no place for where
data lies and how long a field is kept; both stand in `meta` as `x-region` and `x-retention`. The system's
privacy declarations are the map the other way round: for each use and legal basis, which categories.
Checked against fideslang 3.1.4 by the tests.
"""

from collections import defaultdict
from typing import Any

import yaml
from django.apps import apps
from django.conf import settings
from django.db import models

from hustings.lib.records import Field, Store, Topic
from hustings.trust.datamap.gathering import fields, lines, public, stores, tables
from hustings.trust.datamap.words import kept, read_by

SYSTEM = "hustings"
# Kinds of fideslang's `data_type`; what is not listed is a string.
_TYPES: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
    (models.BooleanField, "boolean"),
    (models.FloatField, "float"),
    (models.IntegerField, "integer"),
    (models.JSONField, "object"),
)


def taxonomy() -> dict[str, Any]:
    """The document, as plain values."""
    return {"dataset": _datasets(), "system": [_system()]}


def as_yaml() -> str:
    """The document as YAML."""
    return yaml.safe_dump(taxonomy(), sort_keys=False, allow_unicode=True, width=110)


def _datasets() -> list[dict[str, Any]]:
    domains: dict[str, list[str]] = defaultdict(list)
    for label in tables():
        domains[label.partition(".")[0]].append(label)
    found = [_dataset(name, labels) for name, labels in domains.items()]
    return [*found, _files()]


def _dataset(name: str, labels: list[str]) -> dict[str, Any]:
    lines = [field for field in fields().values() if field.model in labels]
    return {
        "fides_key": name,
        "name": name,
        "description": f"Tables of {name}.",
        "meta": _meta(settings.DATABASE_REGION, {f"{_collection(line)}.{line.name}": line for line in lines}),
        "collections": [
            {"name": label.partition(".")[2].lower(), "fields": [_field(f) for f in lines if f.model == label]}
            for label in labels
        ],
    }


def _files() -> dict[str, Any]:
    return {
        "fides_key": "outside_columns",
        "name": "outside columns",
        "description": "Files, caches and libraries' own tables.",
        "meta": _meta(settings.MEDIA_REGION, {f"stores.{store.place}": store for store in stores()}),
        "collections": [
            {
                "name": "stores",
                "fields": [
                    {"name": store.place, "description": store.purpose, "data_categories": _categories(store.topic)}
                    for store in stores()
                ],
            }
        ],
    }


def _meta(region: str, lines: dict[str, Field] | dict[str, Store]) -> dict[str, Any]:
    return {
        "x-region": region or settings.REGION,
        "x-retention": {name: kept(line.retention, "en") for name, line in lines.items()},
        "x-readers": {name: read_by(line.readers, "en") for name, line in lines.items()},
    }


def _collection(field: Field) -> str:
    return field.model.partition(".")[2].lower()


def _field(field: Field) -> dict[str, Any]:
    column = apps.get_model(field.model)._meta.get_field(field.name)  # noqa: SLF001 - Django's own word for it
    meta: dict[str, Any] = {"data_type": next((word for kind, word in _TYPES if isinstance(column, kind)), "string")}
    if getattr(column, "primary_key", False):
        meta["primary_key"] = True
    entry = {"name": field.name, "description": field.purpose, "data_categories": _categories(field.topic)}
    if field.personal:
        entry |= {"data_uses": [field.topic.use], "data_subjects": [field.topic.subject]}
    return entry | {"fides_meta": meta}


def _categories(topic: Topic) -> list[str]:
    return list(topic.data or ("system.operations",))


def _system() -> dict[str, Any]:
    return {
        "fides_key": SYSTEM,
        "name": settings.SITE_NAME,
        "description": "A short-video platform; one cell, in one region.",
        "system_type": "Service",
        "meta": {"x-region": settings.REGION, "x-cell": settings.CELL},
        "privacy_declarations": _declarations(),
        "dataset_references": [dataset["fides_key"] for dataset in _datasets()],
        "processes_personal_data": True,
        "uses_profiling": any(field.topic.use.startswith("personalize") for field in fields().values()),
        "legal_basis_for_profiling": ["Contract"],
        "does_international_transfers": False,
        "responsibility": ["Controller"],
        "privacy_policy": f"{settings.PUBLIC_URL}/trust/data",
        "uses_cookies": True,
        "cookie_refresh": False,
        "cookie_max_age_seconds": settings.SESSION_COOKIE_AGE,
        "uses_non_cookie_access": True,
    }


def _declarations() -> list[dict[str, Any]]:
    """One for each topic, use, basis and subject: what other tools ask of a system."""
    groups: dict[tuple[str, str, str, str], list[Field | Store]] = defaultdict(list)
    for line in lines():
        if line.personal:
            topic = line.topic
            groups[topic.name, topic.use, topic.basis.value, topic.subject].append(line)
    return [
        {
            "name": f"{name}: {use}",
            "data_categories": sorted({word for line in lines for word in line.topic.data}),
            "data_use": use,
            "data_subjects": [subject],
            "legal_basis_for_processing": basis,
            "retention_period": "; ".join(dict.fromkeys(kept(line.retention, "en") for line in lines)),
            "features": ["shown to everyone"] if any(public(line) for line in lines) else [],
            "processes_special_category_data": False,
            "data_shared_with_third_parties": False,
        }
        for (name, use, basis, subject), lines in groups.items()
    ]
