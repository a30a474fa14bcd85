"""What the feed holds about people, field by field, for the data map."""

from datetime import timedelta

from hustings.lib.records import (
    End,
    Expiry,
    Field,
    Reader,
    Retention,
    Setting,
    Table,
    Topic,
    about_people,
    technical,
)

STATE, EVENT, CHANGE = "feed.ViewerState", "feed.EventBatch", "feed.Change"

WATCHING = Topic("watching", data=("user.behavior.media_consumption",), use="personalize.content.profiled")
RELATIONS = Topic("relations", data=("user.social",), use="personalize.content.profiled")
NEWS = Topic("publications", data=("user.content.public",), use="essential.service.operations")

OWN = (Reader.SELF, Reader.SERVER)
DAY = timedelta(days=1)
OLD_EVENTS = Expiry("feed.events", EVENT, "at", Setting("EVENT_DAYS", DAY))
OLD_CHANGES = Expiry("feed.changes", CHANGE, "at", DAY)

UNTIL_RESET = Retention("reset", "until the viewer resets the feed or closes the account", (End.UNDONE, End.CLOSURE))
AS_THE_RELATIONS = Retention(
    "copied-relations",
    "as long as the relations themselves, of which it is a copy; at most an hour longer",
    (End.OVERWRITTEN, End.CLOSURE),
)
DAYS = Retention("events", "for {n} days, or until the feed is reset", (OLD_EVENTS, End.UNDONE, End.CLOSURE))
A_DAY = Retention("changes", "for {n} day", (OLD_CHANGES, End.CLOSURE))

FIELDS: list[Field] = [
    *about_people(
        STATE,
        WATCHING,
        UNTIL_RESET,
        OWN,
        account="Whose pages it shapes.",
        taste="What the viewer likes to watch, as numbers, to choose the next clips. Sealed.",
        seen="Which clips the viewer has seen, so that none is shown twice. Sealed.",
        plain="Whether the viewer objects to being profiled; then nothing of what they watch is kept.",
        updated_at="When the viewer last watched or acted, to tell an old copy of relations from a new one.",
    ),
    *about_people(
        STATE,
        RELATIONS,
        AS_THE_RELATIONS,
        OWN,
        relations="Whom the viewer follows, blocks and mutes, and muted words, to build a page in one query. Sealed.",
    ),
    *technical(
        STATE,
        version="How often taste and seen were written.",
        relations_at="When the relations were copied.",
    ),
    *about_people(
        EVENT,
        WATCHING,
        DAYS,
        OWN,
        account="Who did it.",
        events="With which clips they did what, for how many seconds; to learn what people like. Sealed.",
        count="How many things were told at once.",
        at="When; to learn in order, and to delete it in time.",
    ),
    *technical(EVENT, id="The row's key."),
    *technical(
        "feed.ClipStats",
        video="Which clip was watched; by everybody together, nobody can be found in it.",
        impressions="How often it was shown.",
        skips="How often it was left within two seconds.",
        completions="How often it was watched to its end.",
        watched_s="For how many seconds in all.",
        watched_share="The sum of the watched shares of its length.",
        refusals="How often people asked for less of it.",
        day="Its popularity, fading by the day.",
        week="Its popularity, fading by the week.",
        touched_at="When the counts last changed.",
    ),
    *about_people(
        CHANGE,
        NEWS,
        A_DAY,
        (Reader.SERVER,),
        author_id="An author whose clips to look at again.",
        video_id="A clip to look at again.",
        at="When it was announced.",
    ),
    *technical(CHANGE, id="The row's key, which server processes read on from."),
]

TABLES: list[Table] = [
    Table(EVENT, subjects=("account_id",)),
    Table(STATE, subjects=("account_id",)),
    Table(
        "feed.ClipStats",
        subjects=("video__author_id",),
        exported=False,
        why="It is about no person: sums over all viewers.",
    ),
    Table(
        CHANGE,
        subjects=("author_id",),
        exported=False,
        why="A note from one server process to the others, gone in a day.",
        backed_up=False,
    ),
]
