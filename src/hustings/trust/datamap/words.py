"""The words of the map in both languages.

English stands in each `records.py`, beside what it is about. Welsh stands in `records.cy.json` beside it, by
a stable id: `accounts.Account.handle` for a column, `store:media/clips`, `topic:watching`, `kept:events`,
`why:videos.Sound`, `cookie:sessionid`. A test fails when one is missing.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from django.apps import apps

from hustings.lib.records import Field, Reader, Retention, Store, Table, Topic
from hustings.trust.datamap.retention import days
from hustings.trust.office import pages


@cache
def welsh() -> dict[str, str]:
    """Every domain's Welsh, by id."""
    found: dict[str, str] = {}
    for config in apps.get_app_configs():
        if config.name.startswith("hustings."):
            for path in sorted(Path(config.path).rglob("records.cy.json")):
                found |= json.loads(path.read_text())
    return found


def purpose(line: Field | Store, lang: str) -> str:
    """Why a column or a store is held."""
    return _said(line.id, line.purpose, lang)


def kept(retention: Retention, lang: str) -> str:
    """How long, with the operator's numbers."""
    words = _said(f"kept:{retention.name}", retention.words, lang)
    return words.format(n=days(retention.expiries[0])) if "{n}" in words else words


def read_by(readers: Iterable[Reader], lang: str) -> str:
    """Who may read it, in words."""
    return "; ".join(pages.say(f"trust.datamap.reader_{reader.value}", lang) for reader in readers)


def topic(one: Topic | str, lang: str) -> str:
    """The word of a group of columns."""
    name = one if isinstance(one, str) else one.name
    return _said(f"topic:{name}", name.replace("-", " ").capitalize(), lang)


def wire(kind: str, name: str, english: str, lang: str) -> str:
    """What a cookie (`kind` is `cookie`) or something kept in the browser (`stored`) is for."""
    return _said(f"{kind}:{name}", english, lang)


def why(table: Table, lang: str) -> str:
    """Why a table is kept, anonymised or not exported."""
    return _said(f"why:{table.model}", table.why, lang) if table.why else ""


def _said(key: str, english: str, lang: str) -> str:
    """A sentence without its Welsh is shown in English: the map must not fail because of a word."""
    return english if lang == "en" else welsh().get(key, english)
