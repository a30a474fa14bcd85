"""Writing the receipt: what was erased, what stays and why, the entry in the log, the proof, the file.

docs/formats/closure-receipt.md describes it; `hustings.lib.receipts` reads and checks it, and knows none of this.
"""

import secrets as dice
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings

from hustings.lib import receipts
from hustings.lib.tlog.notes import Verifier
from hustings.lib.tlog.proofs import TlogProof
from hustings.trust import log
from hustings.trust.closure import backups, officials, rules, secrets
from hustings.trust.closure.models import ClosedAccount, Closure, ClosureRecord
from hustings.trust.closure.working import Working
from hustings.trust.closure.working import opened as opened_working
from hustings.trust.datamap import count_of, tables

# Kept tables that the list below names in its own words, or that end with this receipt.
_OWN = frozenset({"trust.PersonKey", "trust.Closure"})
SITE_CACHES_S = 300  # how long a proxy may show an embed or a feed that it has


@dataclass(frozen=True, slots=True)
class Drafted:
    """A statement whose entry is written. `working` keeps what only the receipt's file says."""

    statement: dict[str, Any]
    entry: int
    working: Working


def draft(closure: Closure, notice: ClosedAccount) -> Drafted:
    """Write the statement and its entry, in the caller's transaction."""
    rows, files = _recorded(closure)
    salt = dice.token_bytes(32)
    root = receipts.root_of(salt, files)
    counted = {what: len(some) for what, some in files.items() if some}
    working = opened_working(closure)
    statement = _statement(closure, notice, working, erased=(rows, counted), root=root)
    body: dict[str, Any] = {
        "account": "official" if closure.public else "person",
        "erased": rules.said_publicly(closure.kind, rows, counted),
        "residue": {},
        "objects": root,
        "remaining": sorted({one["what"] for one in statement["remains"]}),
        "key_erased": True,
    }
    if statement["backups_until"]:
        body["backups_until"] = statement["backups_until"]
    if closure.public:
        body |= _said_of_officials(closure, notice, statement)
    entry, opened = log.append_open(
        receipts.KIND,
        body,
        secrets={
            "account": f"{settings.PUBLIC_URL}/@{notice.handle}",
            "receipt": receipts.digest(statement),
        },
    )
    working.openings = {name: [one.salt, one.value] for name, one in opened.items()}
    working.salt = salt.hex()
    return Drafted(statement, entry, working)


def _said_of_officials(closure: Closure, notice: ClosedAccount, statement: Mapping[str, Any]) -> dict[str, Any]:
    """Of a public body's account the log says what it would not say of a person."""
    said: dict[str, Any] = {
        "handle": notice.handle,
        "closed_at": statement["locked_at"],
        "erased_at": statement["erased_at"],
        "cooling_days": closure.cooling_days,
        "receipt": receipts.digest(statement),
    }
    if notice.note:
        said["notice"] = _hash(notice.note)
    if closure.archived:
        said["archive"] = closure.archived["sha256"]
    return said


def _statement(
    closure: Closure,
    notice: ClosedAccount,
    working: Working,
    *,
    erased: tuple[Mapping[str, Mapping[str, int]], Mapping[str, int]],
    root: str,
) -> dict[str, Any]:
    rows, files = erased
    last = backups.until()
    return {
        "format": receipts.STATEMENT,
        # Random, so that the entry's commitment cannot be tried out by whoever guesses the rest.
        "nonce": dice.token_hex(32),
        "site": settings.PUBLIC_URL,
        "handle": notice.handle,
        "account": closure.kind,
        "asked_at": _instant(closure.asked_at),
        "locked_at": _instant(closure.locked_at),
        "erased_at": _instant(closure.erased_at),
        "verified_at": _instant(closure.verified_at),
        "cooling_days": closure.cooling_days,
        "choices": {"comments": closure.comments},
        "erased": {"rows": {name: dict(some) for name, some in rows.items()}, "files": dict(files)},
        "objects": {"count": sum(files.values()), "root": root},
        "archive": closure.archived,
        "remains": _remains(closure, working, last),
        "checks": working.checks,
        "backups_until": last.isoformat() if last else None,
        "notice": {
            "address": f"{settings.PUBLIC_URL}/@{notice.handle}",
            "sha256": _hash(notice.note) if notice.note else None,
        },
    }


def _remains(closure: Closure, working: Working, last: date | None) -> list[dict[str, Any]]:
    """What stays, why, and until when; None where there is no end. Everything that a reader could miss is here."""
    found: list[dict[str, Any]] = [
        _one(
            "notice", "The public notice stands in place of the profile, and keeps the handle from being given again."
        ),
        _one(
            "log",
            "Entries of the public log. Their salts are destroyed: what they committed to about the account cannot be "
            "found out from them any more.",
        ),
        _one(
            "key_tombstone",
            "That the account's key was erased, under a number that leads nowhere: nothing is sealed for it again.",
        ),
        _one(
            "visitors",
            "Copies in the browsers and caches of people who watched: they were told that a film never changes, and "
            f"nobody can take it back from them. Embeds and feeds may be shown for {SITE_CACHES_S // 60} more minutes.",
        ),
        _one(
            "tastes",
            "Numbers in other people's own records of what they watched: they name clips and an account that are gone.",
        ),
    ]
    if last is not None:
        found.append(
            _one(
                "backups",
                "Backups made before. What they hold of the account is sealed under its own key, which is destroyed.",
                until=last,
            )
        )
    if closure.archived:
        found.append(_one("archive", "The package for the public record, which its owner asked for before closing."))
    if working.left_in_file:
        found.append(
            _one(
                "database_file",
                "Copies of names between the rows of the database's file, which no query finds. They are overwritten "
                "as it is used, and go when the operator rewrites it (VACUUM).",
                count=working.left_in_file,
            )
        )
    mentions = sum(working.mentions.values())
    if mentions:
        found.append(_one("mentions", "Words of other people that name the account. They are theirs.", count=mentions))
    anonymised = ClosureRecord.objects.filter(closure=closure.pk, what="comment_anonymised").values_list(
        "count", flat=True
    )
    if anonymised:
        found.append(_one("comments", "Comments without a name, as its owner chose.", count=sum(anonymised)))
    for label, table in tables().items():
        if table.erased == "keep" and table.subjects and label not in _OWN and closure.subject is not None:
            count = count_of(closure.subject, table)
            if count:
                found.append(_one(_word(label), table.why or "Kept by law.", count=count))
    return found


def _one(what: str, why: str, *, count: int | None = None, until: date | None = None) -> dict[str, Any]:
    return {"what": what, "why": why, "count": count, "until": until.isoformat() if until else None}


def _word(label: str) -> str:
    return label.replace(".", "_").lower()


# --- The file ----------------------------------------------------------------------------------------


def bundle(closure: Closure) -> bytes:
    """The receipt's bytes. NotSequencedYetError until a published checkpoint covers the entry."""
    assert closure.entry is not None, "the statement is drafted first"
    assert closure.statement is not None, "likewise"
    proof = log.proof(closure.entry)
    working = opened_working(closure)
    _, files = _recorded(closure)
    return receipts.Receipt(
        site=settings.PUBLIC_URL,
        key=Verifier.parse(log.vkey()),
        entry=log.entry(closure.entry).leaf,
        proof=TlogProof.parse(proof),
        openings={name: receipts.Opening(*one) for name, one in working.openings.items()},
        statement=closure.statement,
        salt=bytes.fromhex(working.salt),
        files=files,
    ).encode()


def seal(closure: Closure, raw: bytes) -> bytes:
    """So that it opens with the owner's link alone."""
    return secrets.close(bytes(closure.receipt_to), raw)


def opened(closure: Closure, secret: str) -> bytes | None:
    """The receipt of a closure, for whoever has its link; None while it is not written."""
    if closure.receipt is None:
        return None
    return bytes(closure.receipt) if closure.public else secrets.open_(secret, bytes(closure.receipt))


def tell_of_closed(closure: Closure, notice: ClosedAccount) -> None:
    """The log's line about an official account itself, beside the one about its erasure."""
    assert closure.entry is not None, "the receipt's entry comes first"
    index = log.entry(closure.entry).index
    body: dict[str, Any] = officials.named(notice.handle, notice.name)
    if notice.note:
        body["notice"] = _hash(notice.note)
    if notice.link:
        body["link"] = notice.link
    if index is not None:
        body["receipt"] = index
    log.append("official_account_closed", body)


def _recorded(closure: Closure) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """(rows by holder and kind, SHA-256 of files by kind) of what was erased."""
    rows: dict[str, dict[str, int]] = {}
    files: dict[str, list[str]] = {}
    for record in ClosureRecord.objects.filter(closure=closure.pk).order_by("holder", "what", "pk"):
        packed = bytes(record.sha256)
        if packed:
            files.setdefault(record.what, []).extend(packed[at : at + 32].hex() for at in range(0, len(packed), 32))
        else:
            some = rows.setdefault(record.holder, {})
            some[record.what] = some.get(record.what, 0) + record.count
    return rows, {what: sorted(some) for what, some in sorted(files.items())}


def _instant(at: datetime | None) -> str:
    assert at is not None, "a closure has passed every state before its receipt"
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
