"""Django system checks that hold the map: what is undeclared, unknown or promised without a job fails the build.

E001 a column or table that nobody declared · E002 a line for what is not there · E003 a word that fideslang
does not know · E004 a column about a person in a table of nobody's · E005 a retention that nobody enforces ·
E006 a table whose erasure or export cannot be as declared · E007 a line twice.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import Error, register
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from hustings.lib.records import Expiry, Field, Retention, Store, Table
from hustings.trust.datamap import gathering, retention
from hustings.trust.datamap.vocabulary import DATA_CATEGORIES, DATA_SUBJECTS, DATA_USES

HINT = "Add a line to the domain's records.py; docs/formats/datamap.md says what each word means."


@register()
def check_map(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[Error]:
    """Every fault of the whole map, whichever apps are asked about: a line may stand in another app than its table."""
    modules = list(gathering.records())
    fields = [field for module in modules for field in getattr(module, "FIELDS", ())]
    tables = [table for module in modules for table in getattr(module, "TABLES", ())]
    stores = [store for module in modules for store in getattr(module, "STORES", ())]
    return list(faults(fields, tables, stores))


def faults(fields: Sequence[Field], tables: Sequence[Table], stores: Sequence[Store]) -> Iterator[Error]:
    """What is wrong with these declarations of the tables that this program has."""
    lines: list[Field | Store] = [*fields, *stores]
    models = {model._meta.label: model for model in apps.get_models()}  # noqa: SLF001 - Django's own word for it
    by_model = {table.model: table for table in tables}
    yield from _missing(fields, by_model, models)
    yield from _surplus(fields, tables, models)
    yield from _unknown_words(lines)
    yield from _nobodys(fields, by_model)
    yield from _unkept(lines)
    for table in tables:
        if table.model in models:
            yield from _impossible(table, models[table.model])
    twice = Counter([line.id for line in lines] + [table.model for table in tables])
    for name in sorted(name for name, count in twice.items() if count > 1):
        yield Error(f"{name} is declared twice", id="hustings.trust.E007")


def columns(model: type[Model]) -> list[str]:
    """The columns of a table, by attribute, with those that lie in a table of their own."""
    meta = model._meta  # noqa: SLF001 - Django's own word for it
    return [field.name for field in (*meta.local_concrete_fields, *meta.local_many_to_many)]


def _missing(
    fields: Sequence[Field], tables: Mapping[str, Table], models: Mapping[str, type[Model]]
) -> Iterator[Error]:
    declared = {field.id for field in fields}
    for label, model in models.items():
        for name in columns(model):
            if f"{label}.{name}" not in declared:
                yield Error(f"nobody declared what {label}.{name} is held for", hint=HINT, id="hustings.trust.E001")
        if label not in tables:
            yield Error(f"nobody declared whom the rows of {label} are about", hint=HINT, id="hustings.trust.E001")


def _surplus(fields: Sequence[Field], tables: Sequence[Table], models: Mapping[str, type[Model]]) -> Iterator[Error]:
    there = {f"{label}.{name}" for label, model in models.items() for name in columns(model)}
    gone = [field.id for field in fields if field.id not in there]
    gone += [table.model for table in tables if table.model not in models]
    for name in gone:
        yield Error(f"{name} is declared and not there", hint="Remove the line.", id="hustings.trust.E002")


def _unknown_words(lines: Sequence[Field | Store]) -> Iterator[Error]:
    for line in lines:
        used = {*line.topic.data} - DATA_CATEGORIES
        used |= {line.topic.use} - DATA_USES
        used |= {line.topic.subject} - DATA_SUBJECTS
        for word in sorted(used):
            yield Error(
                f"{line.id}: fideslang has no {word!r}",
                hint="trust/datamap/vocabulary.py lists the words there are.",
                id="hustings.trust.E003",
            )


def _nobodys(fields: Sequence[Field], tables: Mapping[str, Table]) -> Iterator[Error]:
    for field in fields:
        table = tables.get(field.model)
        if field.personal and table is not None and not (table.subjects or table.through or table.why):
            yield Error(
                f"{field.id} is about a person, and {field.model} says of no row whose it is",
                hint="Give the Table its subjects, or a `why` that says that nobody could tell.",
                id="hustings.trust.E004",
            )


def _unkept(lines: Sequence[Field | Store]) -> Iterator[Error]:
    promises: dict[Retention, str] = {}
    for line in lines:
        promises.setdefault(line.retention, line.id)
    for promise, where in promises.items():
        if not promise.ends:
            yield Error(f"{where}: nothing ends {promise.name!r}", id="hustings.trust.E005")
        for rule in promise.expiries:
            problem = _unrunnable(rule)
            if problem:
                yield Error(f"{where}: the rule {rule.name}: {problem}", id="hustings.trust.E005")


def _unrunnable(rule: Expiry) -> str:
    if rule.by:
        try:
            retention.job_of(rule)
        except (ImportError, AttributeError):
            return f"there is no job {rule.by}"
        return ""
    try:
        apps.get_model(rule.model)._meta.get_field(rule.column)  # noqa: SLF001 - Django's own word for it
    except (LookupError, FieldDoesNotExist):
        return f"there is no column {rule.model}.{rule.column}"
    return ""


def _impossible(table: Table, model: type[Model]) -> Iterator[Error]:
    problems = []
    if table.erased not in {"delete", "anonymise", "keep"}:
        problems.append(f"{table.erased!r} is no way to erase")
    if (table.erased != "delete" or not table.exported) and not table.why:
        problems.append("what is kept, anonymised or not exported wants a why")
    for lookup in table.forgets:
        if lookup not in table.subjects:
            problems.append(f"{lookup} is emptied for nobody: it is not among the subjects")
        elif not _nullable(model, lookup):
            problems.append(f"{lookup} cannot be emptied: the column must allow null")
    for problem in problems:
        yield Error(f"{table.model}: {problem}", id="hustings.trust.E006")


def _nullable(model: type[Model], lookup: str) -> bool:
    try:
        return bool(model._meta.get_field(lookup.removesuffix("_id")).null)  # noqa: SLF001 - Django's own word for it
    except FieldDoesNotExist:
        return False
