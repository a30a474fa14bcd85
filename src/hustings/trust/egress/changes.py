"""A change of the list is an entry of the public log: nobody adds a place quietly.

Looked at when the database is prepared and in each sweep. The row of the stamp says which list the log last
heard of; it changes in the transaction that writes the entry, by whoever comes first.
"""

import hashlib
import json
from typing import Any

from django.db import transaction

from hustings.trust.egress import declared, rules
from hustings.trust.egress.rules import Destination
from hustings.trust.office import pages


def fingerprint() -> str:
    """SHA-256 of the list as it is: what `/trust/egress.json` gives under `destinations`, in canonical JSON."""
    return _hash(rules.canonical(declared.destinations()))


def record() -> int | None:
    """Write an entry if the list is not the one the log knows; answers its id. Safe to run twice and at once."""
    from hustings.trust.egress.models import Cell

    now = rules.canonical(declared.destinations())
    fresh = _hash(now)
    row = Cell.objects.filter(id=1).values("list_sha256", "list_places").first()
    if row is None or row["list_sha256"] == fresh:
        return None
    with transaction.atomic():
        mine = Cell.objects.filter(id=1, list_sha256=row["list_sha256"])
        if not mine.update(list_sha256=fresh, list_places=now):
            return None  # another process was first
        from hustings.trust.log import append

        return append("egress_changed", _body(row["list_places"], now, fresh, row["list_sha256"]))


def recorded() -> bool:
    """Whether the log knows the list that this process works with."""
    from hustings.trust.egress.models import Cell

    return Cell.objects.filter(id=1, list_sha256=fingerprint()).exists()


def overdue() -> bool:
    """Whether the log ought to know another list; a list that was always empty is no news."""
    from hustings.trust.egress.models import Cell

    last = Cell.objects.filter(id=1).values_list("list_sha256", flat=True).first()
    return bool(last or declared.destinations()) and last != fingerprint()


def sentence(known: Destination, lang: str) -> tuple[str, str]:
    """(what for, the language that says it): the operator's own sentence may be there in one language only."""
    if known.purpose in pages.words()[lang]:
        return pages.say(known.purpose, lang), lang
    if lang == "cy" and known.purpose_cy:
        return known.purpose_cy, "cy"
    return known.purpose, "en"


def _body(before: list[dict[str, Any]], now: list[dict[str, Any]], fresh: str, previous: str) -> dict[str, object]:
    old, new = ({_place(entry): entry for entry in entries} for entries in (before, now))
    changed = [_line(new[place]) for place in sorted(old.keys() & new.keys()) if old[place] != new[place]]
    body: dict[str, object] = {
        "list": fresh,
        "added": [_line(new[place]) for place in sorted(new.keys() - old.keys())],
        "removed": [_line(old[place]) for place in sorted(old.keys() - new.keys())],
    }
    if changed:
        body["changed"] = changed
    if previous:
        body["previous"] = previous
    return body


def _line(entry: dict[str, Any]) -> str:
    """`smtp.example.org:587 (uk): To send mail`, at most 300 printable characters."""
    known = Destination(entry["host"], entry["port"], entry["purpose"], entry["region"])
    said = f"{known.place} ({known.region}): {sentence(known, 'en')[0]}"
    return "".join(character if character.isprintable() else " " for character in said)[:300]


def _place(entry: dict[str, Any]) -> str:
    return f"{entry['host']} {entry['port']}"


def _hash(entries: list[dict[str, Any]]) -> str:
    text = json.dumps(entries, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
