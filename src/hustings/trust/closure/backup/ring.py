"""Whose keys seal a backup, and whose open it.

In a backup nobody's number stands beside what is theirs. A frame carries a tag: the beginning of HMAC-SHA-256 over
the backup's name, under the person's own key. Who has the key finds their frames; of somebody whose key was erased not
even their number can be told. A file's object is named likewise, without the backup's name, so that the next backup
finds that it has it already.

What is about nobody is sealed for number 0, the cell itself: a stolen backup says nothing at all.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hustings.trust.closure.backup.frames import TAG
from hustings.trust.keys import envelope, people

CELL = 0
MOST = 200_000  # keys held while a backup runs; about 60 MB

_TAG = b"hustings/backup-tag/v1/"
_OBJECT = b"hustings/backup-object/v1/"


class Holder:
    """One key in use: for the rows of this backup, and for files."""

    __slots__ = ("cipher", "key", "subject", "tag")

    def __init__(self, subject: int, key: bytes, backup: str) -> None:
        self.subject, self.key, self.cipher = subject, key, AESGCM(key)
        self.tag = hmac.digest(key, _TAG + backup.encode(), "sha256")[:TAG]

    def object(self, name: str) -> str:
        """The name of the object that holds the file `name`: the same in each backup."""
        return hmac.digest(self.key, _OBJECT + name.encode(), "sha256").hex()


class SealingRing:
    """Keys for writing a backup, made for people who have none yet."""

    def __init__(self, cell: str, backup: str) -> None:
        self.cell, self.backup = cell, backup
        self._held: dict[int, Holder | None] = {}

    def fetch(self, subjects: Iterable[int]) -> None:
        """Have the keys of `subjects` at hand, with a few queries for all."""
        missing = {CELL, *subjects} - self._held.keys()
        if not missing:
            return
        if len(self._held) + len(missing) > MOST:
            self._held.clear()
            missing = {CELL, *subjects}
        found = people.raw_keys(sorted(missing))
        for subject in missing:
            key = found.get(subject)
            self._held[subject] = Holder(subject, key, self.backup) if key is not None else None

    def holder(self, subject: int) -> Holder | None:
        """None: the person's key was erased, and what is about them is not kept."""
        if subject not in self._held:
            self.fetch([subject])
        return self._held[subject]

    def holders(self, subjects: Sequence[int]) -> list[Holder] | None:
        """All of them, or None when one is erased."""
        found = [self.holder(subject) for subject in subjects]
        return None if None in found else [one for one in found if one is not None]

    def seal(self, holders: Sequence[Holder], purpose: str, data: bytes) -> bytes:
        """Under each key in turn: it opens with all of them, and with none missing."""
        for one in holders:
            data = envelope.close(one.cipher, data, envelope.sealed_in(self.cell, purpose, one.subject))
        return data


class OpeningRing:
    """Keys for reading a backup: those of the living."""

    def __init__(self, cell: str, backup: str, keys: Mapping[int, bytes]) -> None:
        self.cell = cell
        self._by_tag = {holder.tag: holder for holder in (Holder(*item, backup) for item in keys.items())}

    def open(self, tags: Sequence[bytes], purpose: str, sealed: bytes) -> bytes | None:
        """None when one of the keys is gone. BrokenError when the bytes are not what was sealed."""
        holders = [self._by_tag.get(tag) for tag in tags]
        for one in reversed(holders):
            if one is None:
                return None
            sealed = envelope.open_(one.cipher, sealed, envelope.sealed_in(self.cell, purpose, one.subject))
        return sealed

    def holder(self, tag: bytes) -> Holder | None:
        return self._by_tag.get(tag)
