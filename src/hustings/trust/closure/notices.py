"""The notice in place of a profile: public, signed with the log's key, permanent.

It is a C2SP signed note whose text is three lines: what it is, where, and the notice as canonical JSON. Its first
line can be the origin of no log, so that the note can never pass for a checkpoint.

    hustings closed account v1
    https://hustings.example
    {"closed_on":"2026-03-04","handle":"council","kind":"official","link":"https://…","words":"…"}

    — hustings.example/log Az3grlg…
"""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings

from hustings.lib.errors import NotFoundError
from hustings.trust import scopes
from hustings.trust.closure.models import ClosedAccount, Closure
from hustings.trust.closure.subjects import Subject
from hustings.trust.log import signing

FIRST_LINE = "hustings closed account v1"


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands in an account's place. `note` is the signed form; empty until the log has a key."""

    handle: str
    kind: str
    closed_at: datetime
    words: str
    link: str
    note: str
    receipt: str

    @property
    def closed_on(self) -> date:
        return self.closed_at.astimezone(UTC).date()

    def as_json(self) -> dict[str, Any]:
        """The notice for programs. `receipt` is an address on this site, None for private accounts."""
        return {
            "handle": self.handle,
            "kind": self.kind,
            "closed_on": self.closed_on.isoformat(),
            "words": self.words or None,
            "link": self.link or None,
            "receipt": f"/trust/receipts/{self.receipt}.json" if self.receipt else None,
            "note": self.note or None,
        }


_FIELDS = ("handle", "kind", "closed_at", "words", "link", "note", "receipt")


def find(handle: str) -> Notice:
    """The notice under a handle, however it is written. NotFoundError when no account of that name was closed."""
    row = ClosedAccount.objects.filter(handle=handle.strip().removeprefix("@").lower()).values_list(*_FIELDS).first()
    if row is None:
        raise NotFoundError
    return Notice(*row)


def place(subject: Subject, closure: Closure, at: datetime) -> ClosedAccount:
    """Put the notice there, in the transaction of the lock. Safe to repeat."""
    kept, _ = ClosedAccount.objects.update_or_create(
        handle=subject.handle,
        defaults={
            "skeleton": subject.skeleton,
            "name": subject.name if subject.organisation else "",
            "kind": closure.kind,
            "words": closure.words,
            "link": closure.link,
            "closed_at": at,
        },
    )
    sign(kept)
    return kept


def sign(notice: ClosedAccount) -> bool:
    """Sign a notice that is not signed yet; whether it is now. A log that has not begun has no key: later, then."""
    if notice.note:
        return True
    key = signing.load()
    if key is None:
        return False
    text = _text(notice)
    notice.note = f"{text}\n{key.signer.sign(text)}\n"
    ClosedAccount.objects.filter(pk=notice.pk).update(note=notice.note)
    return True


def _text(notice: ClosedAccount) -> str:
    said = {
        "closed_on": notice.closed_at.astimezone(UTC).date().isoformat(),
        "handle": notice.handle,
        "kind": notice.kind,
        "link": notice.link,
        "words": notice.words,
    }
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{FIRST_LINE}\n{settings.PUBLIC_URL}\n{canonical}\n"


# --- Handles that are never given again ---------------------------------------------------------------


def is_taken(handle: str) -> bool:
    """Whether an account of that folded handle was closed."""
    with scopes.service():
        return ClosedAccount.objects.filter(handle=handle).exists()


def is_alike(skeleton: str) -> bool:
    """Whether a closed organisation's handle looks the same."""
    with scopes.service():
        return ClosedAccount.objects.exclude(kind=Closure.Kind.PERSON).filter(skeleton=skeleton).exists()


def officials() -> list[tuple[str, str]]:
    """Handles and names of closed official accounts: nobody may pose as one that is gone, either."""
    with scopes.service():
        return list(ClosedAccount.objects.filter(kind=Closure.Kind.OFFICIAL).values_list("handle", "name"))
