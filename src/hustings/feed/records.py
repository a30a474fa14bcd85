"""What the feed holds about people, field by field, for the data map."""

from hustings.lib.records import Field, about_people, technical

OWN = "the server, for the viewer's own pages; the viewer"
UNTIL_RESET = "until the viewer resets the feed or closes the account"
DAYS = "HUSTINGS_EVENT_DAYS days (180 unless the operator says otherwise), or until the feed is reset"

STATE = "feed.ViewerState"
EVENT = "feed.Event"

FIELDS: list[Field] = [
    *about_people(
        STATE,
        "watching",
        UNTIL_RESET,
        OWN,
        account="Whose pages it shapes.",
        taste="What the viewer likes to watch, as numbers, to choose the next clips.",
        seen="Which clips the viewer has seen, so that none is shown twice.",
        updated_at="When the viewer last watched or acted, to tell an old copy of relations from a new one.",
    ),
    *about_people(
        STATE,
        "relations",
        "as long as the relations themselves, of which it is a copy; at most an hour longer",
        OWN,
        relations="Whom the viewer follows, blocks and mutes, and muted words, to build a page in one query.",
    ),
    *technical(
        STATE,
        version="How often taste and seen were written.",
        relations_at="When the relations were copied.",
    ),
    *about_people(
        EVENT,
        "watching",
        DAYS,
        OWN,
        account="Who did it.",
        video="With which clip.",
        kind="What was done: watched, liked, shared, not interested; to learn what people like.",
        watched_s="For how many seconds; to learn what people like.",
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
    *technical(
        "feed.Change",
        id="The row's key, which server processes read on from.",
        video_id="A clip to look at again.",
        author_id="An author whose clips to look at again.",
        at="When it was announced; kept for a day.",
    ),
]
