"""Writing entries: one row in the caller's transaction, and nothing more on the path of whoever waits.

The leaf is made here and never touched again. What is about a person enters it only as commitments; their openings
(salt and value) are sealed under that person's key, in the same row. Without the salt a commitment says nothing:
`forget` empties the openings, erasing the person's key does the same to every backup, and all proofs still verify.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hustings.lib import clock
from hustings.lib.tlog import commitments, entries
from hustings.lib.tlog.errors import EntryFormError
from hustings.trust import scopes
from hustings.trust.inserting import insert
from hustings.trust.keys import seal
from hustings.trust.log.errors import EntryRefusedError
from hustings.trust.log.kinds import VERSIONS
from hustings.trust.log.models import LogEntry

PURPOSE = "trust.LogEntry.sealed"


@dataclass(frozen=True, slots=True)
class Opening:
    """What shows the meaning of one commitment. `salt` is hexadecimal, as it stands in files that people keep."""

    salt: str
    value: str


def append(
    kind: str,
    body: Mapping[str, Any],
    *,
    secrets: Mapping[str, str] | None = None,
    subject: int | None = None,
    disclose_after: datetime | None = None,
) -> int:
    """Write an entry; the id by which to ask for it. It gets its place in the log within about a second of the commit.

    `body` must fit the kind's schema (docs/formats/entries.md). Each of `secrets` stands in the entry as a
    commitment under its name, and its opening is kept for `subject`, an account's id, sealed under that account's
    key; the account sees it from `disclose_after` on. Raises EntryRefusedError, KeyErasedError.
    """
    return insert(prepared(kind, body, secrets=secrets, subject=subject, disclose_after=disclose_after))


def prepared(
    kind: str,
    body: Mapping[str, Any],
    *,
    secrets: Mapping[str, str] | None = None,
    subject: int | None = None,
    disclose_after: datetime | None = None,
) -> LogEntry:
    """The row that `append` stores, for a room that stores it together with a row of its own."""
    if secrets and subject is None:
        raise EntryRefusedError(fields={"subject": "say whose the openings are, or use append_open"})
    leaf, at, opened = _leaf(kind, body, secrets or {})
    sealed = None
    if subject is not None and opened:
        plain = {name: [opening.salt, opening.value] for name, opening in opened.items()}
        sealed = seal(subject, PURPOSE, json.dumps(plain, ensure_ascii=False).encode())
    return LogEntry(kind=kind, at=at, leaf=leaf, subject=subject, sealed=sealed, disclose_after=disclose_after)


def append_open(kind: str, body: Mapping[str, Any], *, secrets: Mapping[str, str]) -> tuple[int, dict[str, Opening]]:
    """Write an entry and hand its openings to the caller, who alone has them then: for receipts, which carry them.

    Nothing is kept here, so there is nothing to forget.
    """
    leaf, at, opened = _leaf(kind, body, secrets)
    return insert(LogEntry(kind=kind, at=at, leaf=leaf)), opened


def forget(subject: int) -> int:
    """Destroy the openings kept for an account; how many entries they belonged to. Their leaves and proofs stay."""
    with scopes.service():
        return LogEntry.objects.filter(subject=subject).update(subject=None, sealed=None, disclose_after=None)


def _leaf(kind: str, body: Mapping[str, Any], secrets: Mapping[str, str]) -> tuple[bytes, datetime, dict[str, Opening]]:
    at = clock.now().astimezone(UTC).replace(microsecond=0)
    committed, opened = {}, {}
    for name, value in secrets.items():
        salt = commitments.fresh_salt()
        committed[name] = commitments.commit(kind, name, salt, value)
        opened[name] = Opening(salt.hex(), value)
    try:
        leaf = entries.encode(kind, VERSIONS.get(kind, 0), f"{at:%Y-%m-%dT%H:%M:%SZ}", body, committed)
    except EntryFormError as fault:
        raise EntryRefusedError(f"An entry of the kind {kind} was refused: {fault}.") from fault
    return leaf, at, opened
