"""The search index: the one thing that pages keep. All of it can be made again from other domains."""

from django.db import models


class Entry(models.Model):
    """The words under which something public is found.

    `ref` names it opaquely (the key of a clip or an account, or a hashtag), with no foreign key: an
    index may lag behind, and whoever reads it asks the owner what is there now. `id` is the order of
    entering, which for clips is that of publication.

    Beside each table the first migration makes what the database searches with: an FTS5 table on
    SQLite, a generated `tsvector` with a GIN index on PostgreSQL (see docs/decisions/0007-search.md).
    """

    ref = models.CharField(max_length=60, unique=True)
    # `lib.text.words` joined by blanks, so that both databases cut and fold words exactly as we do.
    text = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.ref


class ClipEntry(Entry):
    """A public clip, by caption and hashtags."""


class AccountEntry(Entry):
    """An account, by handle and name."""


class HashtagEntry(Entry):
    """A hashtag, so that `tan` finds `#tân`."""
