"""What pages hold about somebody: the search index.

Registered with trust when the server starts; see `trust/holdings.py` for what each method promises.
"""

from collections.abc import Collection, Iterator, Mapping

from django.db import connection
from django.db.models import QuerySet

from hustings.pages.models import AccountEntry, ClipEntry, HashtagEntry
from hustings.pages.records import TABLES
from hustings.trust.api import Choices, Erased, TableHolder, Trace
from hustings.videos import api as videos

PAGES_AT_ONCE = 500  # of the index, in one step of its merging


class PagesHolder(TableHolder):
    """The holder of pages. It comes first of all domains: entries are found by the clips they are about."""

    def __init__(self) -> None:
        super().__init__("pages", tuple(TABLES))

    def traces(self, account_id: int) -> Iterator[Trace]:
        """Hashtags that only this account used: their words must not be found any more."""
        for tag in videos.hashtags_only_of(account_id):
            yield Trace(tag)

    def left(self, names: Collection[str]) -> Mapping[str, int]:
        """Entries of those hashtags, unless somebody has begun to use the word since."""
        count = _orphans(names).count()
        return {"hashtagentry": count} if count else {}

    def clear(self, names: Collection[str]) -> int:
        return _orphans(names).delete()[0]

    def erase(self, account_id: int, choices: Choices) -> Iterator[Erased]:
        yield Erased(
            "hashtagentry", HashtagEntry.objects.filter(ref__in=videos.hashtags_only_of(account_id)).delete()[0]
        )
        yield from super().erase(account_id, choices)
        if connection.vendor == "sqlite":
            yield from _forget_words()


def _orphans(names: Collection[str]) -> QuerySet[HashtagEntry]:
    used = videos.hashtag_counts(names)
    return HashtagEntry.objects.filter(ref__in=[name for name in names if name not in used])


def _forget_words() -> Iterator[Erased]:
    """Make SQLite's index really forget the words of removed entries.

    FTS5 only notes that an entry is gone; its words stay in the index until segments are merged. Merging in
    steps, so that nobody waits long for the database (https://www.sqlite.org/fts5.html, 6.8).
    """
    for index in (ClipEntry, AccountEntry, HashtagEntry):
        words = f"{index._meta.db_table}_words"  # noqa: SLF001 - Django's own public-but-underscored name
        pages = -PAGES_AT_ONCE  # negative: begin to merge everything, whatever its size
        while _merge(words, pages):
            pages = PAGES_AT_ONCE
            yield Erased("search_words", 0)


def _merge(words: str, pages: int) -> bool:
    """One step; whether more is to be done. Fewer than two changes say that nothing was left to merge."""
    connection.ensure_connection()
    before = connection.connection.total_changes
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {words}({words}, rank) VALUES('merge', %s)", [pages])
    return bool(connection.connection.total_changes - before >= 2)
