"""What pages hold: a search index, made of what is public elsewhere."""

from hustings.lib.records import (
    AS_THE_ROW,
    UNTIL_CLOSED,
    End,
    Field,
    Reader,
    Retention,
    Store,
    Table,
    Through,
    Topic,
    about_people,
    technical,
)

CLIPS, ACCOUNTS, HASHTAGS = "pages.ClipEntry", "pages.AccountEntry", "pages.HashtagEntry"
SEARCH = Topic("search", data=("user.content.public",), use="functional.service")
WHILE_PUBLIC = Retention("indexed", "while the clip is public", (End.UNDONE, End.CLOSURE))
EVERYONE = (Reader.EVERYONE,)

FIELDS: list[Field] = [
    *about_people(
        CLIPS, SEARCH, WHILE_PUBLIC, EVERYONE, ref="Which clip.", text="The words under which the clip is found."
    ),
    *technical(CLIPS, id="Its place in the index."),
    *about_people(
        ACCOUNTS,
        SEARCH.holding("user.account.username"),
        UNTIL_CLOSED,
        EVERYONE,
        ref="Which account.",
        text="The words under which the account is found.",
    ),
    *technical(ACCOUNTS, id="Its place in the index."),
    *technical(
        HASHTAGS,
        id="Its place in the index.",
        ref="A hashtag that somebody has used.",
        text="The same without accents.",
    ),
]

COPY = "A copy of what is exported where it came from."

TABLES: list[Table] = [
    # `ref` holds the clip's key as text; the row is found through the clip, so it is erased before it.
    Table(CLIPS, through=Through("ref", "videos.Video", "id", "author_id"), exported=False, why=COPY, backed_up=False),
    Table(ACCOUNTS, subjects=("ref",), exported=False, why=COPY, backed_up=False),
    Table(HASHTAGS, backed_up=False),
]

STORES: list[Store] = [
    Store("table:pages_*_words*", SEARCH, "What the database searches the index with.", AS_THE_ROW, EVERYONE),
]
