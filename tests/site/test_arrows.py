"""What import-linter cannot see: foreign keys and signals given as strings, and calls past a front door."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, OneToOneField

SOURCE = Path(__file__).parents[2] / "src" / "hustings"
# From the bottom; a domain may point at itself and at those before it.
LAYERS = ["lib", "trust", "accounts", "moderation", "videos", "community", "feed", "pages", "demo", "site"]


def test_foreign_keys_point_down() -> None:
    for model in apps.get_models():
        if not model.__module__.startswith("hustings."):
            continue
        domain = model.__module__.split(".")[1]
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey | OneToOneField | ManyToManyField):
                target = field.related_model.__module__.split(".")[1]
                assert LAYERS.index(target) <= LAYERS.index(domain), f"{domain}.{model.__name__}.{field.name} points up"


def _imports(path: Path) -> set[tuple[str, str]]:
    """(domain, room) of each import of ours in a file: hustings.videos.api → ("videos", "api")."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("hustings."):
            parts = node.module.split(".")
            rooms = [parts[2]] if len(parts) > 2 else [alias.name for alias in node.names]
            found |= {(parts[1], room) for room in rooms}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                if parts[0] == "hustings" and len(parts) > 2:
                    found.add((parts[1], parts[2]))
    return found


# `schemas` are the JSON shapes of a domain's answers: part of its front door over HTTP.
DOORS = {"api", "events", "errors", "schemas", "office"}
# cards.py: one read-only join of counts and the viewer's marks; without it each page costs two more queries.
# receivers.py: the class is the sender of Django's own pre_delete, nothing of it is read.
JOINS = {"community/cards.py", "community/receivers.py"}
# The places where the parts meet may take what they mount and run.
SITE_MAY = {"views", "urls", "jobs", "records", "commands", "run"}


@pytest.mark.parametrize("domain", LAYERS)
def test_other_domains_are_entered_by_their_doors(domain: str) -> None:
    for path in (SOURCE / domain).rglob("*.py"):
        for other, room in _imports(path):
            if other in {"lib", domain} or other not in LAYERS:
                continue
            relative = path.relative_to(SOURCE).as_posix()
            if room == "models" and (path.name in {"models.py", "records.py"} or relative in JOINS):
                continue  # a foreign key needs its target's class; declared beside it
            allowed = DOORS | (SITE_MAY if domain == "site" else set())
            assert room in allowed, f"{relative} enters {other} by {room}"
