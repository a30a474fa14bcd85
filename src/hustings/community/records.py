"""What the community holds about people, column by column, for the data map."""

from datetime import timedelta

from hustings.community.rules import KEEP_NOTIFICATIONS_DAYS
from hustings.lib.records import (
    UNTIL_CLOSED,
    Basis,
    End,
    Expiry,
    Field,
    Reader,
    Retention,
    Table,
    Topic,
    about_people,
    technical,
)

COMMENT, NOTIFICATION, ACTOR, PACE = (
    "community.Comment",
    "community.Notification",
    "community.NotificationActor",
    "community.Pace",
)

REACTIONS = Topic("reactions", data=("user.behavior",))
RELATIONS = Topic("relations", data=("user.social",))
MUTED_WORDS = Topic("relations", data=("user.account.settings",))
COMMENTS = Topic("comments", data=("user.content.public",))
NOTIFICATIONS = Topic("notifications", data=("user.social",), use="essential.service.notifications")
COUNTS = Topic("counts", data=("user.social",))
PROTECTION = Topic("protection", data=("user.behavior",), use="essential.service.security", basis=Basis.LEGITIMATE)

OLD_NOTIFICATIONS = Expiry(
    "community.notifications", NOTIFICATION, "updated_at", timedelta(days=KEEP_NOTIFICATIONS_DAYS)
)
OLD_PACES = Expiry("community.paces", PACE, "minute", timedelta(days=1))

WHILE_IT_STANDS = Retention(
    "deed",
    "until the person takes it back or closes the account, or the clip is deleted",
    (End.UNDONE, End.CLOSURE),
)
WHILE_RELATED = Retention(
    "relation", "until the person ends it or one of the two accounts is closed", (End.UNDONE, End.CLOSURE)
)
UNTIL_REMOVED = Retention(
    "comment",
    "until its author or the clip's author removes it, the clip is deleted or the account closed",
    (End.UNDONE, End.CLOSURE),
)
NINETY_DAYS = Retention(
    "notifications", "for {n} days after the last thing that happened to it", (OLD_NOTIFICATIONS, End.CLOSURE)
)
A_DAY = Retention(
    "paces", "{n} day at most; overwritten with the next deed of the kind", (OLD_PACES, End.OVERWRITTEN, End.CLOSURE)
)

SELF = (Reader.SELF,)
SELF_AND_SERVER = (Reader.SELF, Reader.SERVER)
TOLD = (Reader.SELF, Reader.SERVER, Reader.TOLD)
AUDIENCE = (Reader.AUDIENCE,)


def _deeds() -> list[Field]:
    fields: list[Field] = []
    for model, verb, readers in (
        ("community.Like", "Who liked it.", TOLD),
        ("community.Save", "Who kept it.", SELF_AND_SERVER),
    ):
        fields += about_people(
            model,
            REACTIONS,
            WHILE_IT_STANDS,
            readers,
            account=verb,
            video="Which clip.",
            created_at="When, so that one's own list is in order.",
        )
        fields += technical(model, id="The row's key, never shown.")
    return fields


def _relations() -> list[Field]:
    fields: list[Field] = []
    for model, one, other, readers in (
        ("community.Follow", "follower", "followed", TOLD),
        ("community.Block", "blocker", "blocked", SELF_AND_SERVER),
        ("community.Mute", "muter", "muted", SELF_AND_SERVER),
    ):
        fields += about_people(
            model,
            RELATIONS,
            WHILE_RELATED,
            readers,
            **{one: "Who did it.", other: "To whom.", "created_at": "When, so that one's own list is in order."},
        )
        fields += technical(model, id="The row's key, never shown.")
    fields += about_people(
        "community.MutedWord",
        MUTED_WORDS,
        WHILE_RELATED,
        SELF_AND_SERVER,
        account="Who does not want to see it.",
        word="The word or phrase, without case and accents.",
    )
    return [*fields, *technical("community.MutedWord", id="The row's key, never shown.")]


def _comments() -> list[Field]:
    return [
        *about_people(
            COMMENT,
            COMMENTS,
            UNTIL_REMOVED,
            AUDIENCE,
            author="Whose comment it is.",
            text="What it says.",
            video="Under which clip.",
            parent="Which comment it answers.",
            likes="How many like it.",
            reply_count="How many answers it has.",
            created_at="When it was written.",
            public_id="Its name in addresses.",
        ),
        *about_people(
            COMMENT,
            COMMENTS.holding("user.workplace"),
            UNTIL_REMOVED,
            (Reader.OWNERS,),
            written_by="The person who wrote it, when it stands in an organisation's name.",
        ),
        *technical(COMMENT, id="The row's key, never shown."),
        *about_people(
            "community.CommentLike",
            REACTIONS,
            WHILE_IT_STANDS,
            SELF,
            account="Who liked it.",
            comment="Which comment.",
        ),
        *technical("community.CommentLike", id="The row's key, never shown."),
    ]


def _notifications() -> list[Field]:
    return [
        *about_people(
            NOTIFICATION,
            NOTIFICATIONS,
            NINETY_DAYS,
            SELF,
            account="Whom it concerns.",
            kind="What sort of thing happened.",
            topic="To what it happened, so that likes of one clip are one notification.",
            video="About which clip.",
            comment="The latest comment of it.",
            count="How many people it tells of.",
            updated_at="When something last happened to it.",
            read="Whether it was seen.",
            public_id="Its name in addresses.",
        ),
        *technical(NOTIFICATION, id="The row's key, never shown."),
        *about_people(
            ACTOR,
            NOTIFICATIONS,
            NINETY_DAYS,
            (Reader.TOLD,),
            notification="Which notification.",
            account="Who did it.",
        ),
        *technical(ACTOR, id="The row's key, never shown."),
    ]


def _counts() -> list[Field]:
    return [
        *technical(
            "community.ClipCounts",
            video="Which clip.",
            likes="How many like it.",
            comments="How many comments and answers it has.",
            saves="How many keep it.",
            shares="How often its link was shared; who shared is not kept.",
            views="How often it was watched; who watched is not kept here.",
        ),
        *about_people(
            "community.AccountCounts",
            COUNTS,
            UNTIL_CLOSED,
            (Reader.EVERYONE,),
            account="Whose counts these are.",
            followers="How many follow it.",
            following="How many it follows.",
            likes="How many likes its clips have received.",
        ),
        *about_people(
            PACE,
            PROTECTION,
            A_DAY,
            (Reader.SERVER,),
            account="Who did it.",
            act="What sort of deed.",
            minute="In which minute, to refuse what is faster than people are.",
            count="How often in that minute.",
        ),
        *technical(PACE, id="The row's key, never shown."),
    ]


FIELDS: list[Field] = [*_deeds(), *_relations(), *_comments(), *_notifications(), *_counts()]

# What hangs on a row comes before it, so that a closure counts it under its own name.
TABLES: list[Table] = [
    Table(ACTOR, subjects=("notification__account_id", "account_id")),
    Table(NOTIFICATION, subjects=("account_id",)),
    Table("community.CommentLike", subjects=("account_id", "comment__author_id", "comment__video__author_id")),
    Table(COMMENT, subjects=("author_id", "video__author_id", "written_by_id"), forgets=("written_by_id",)),
    Table("community.Like", subjects=("account_id", "video__author_id")),
    Table("community.Save", subjects=("account_id", "video__author_id")),
    Table("community.Follow", subjects=("follower_id", "followed_id")),
    Table("community.Block", subjects=("blocker_id", "blocked_id")),
    Table("community.Mute", subjects=("muter_id", "muted_id")),
    Table("community.MutedWord", subjects=("account_id",)),
    Table("community.ClipCounts", subjects=("video__author_id",)),
    Table("community.AccountCounts", subjects=("account_id",)),
    Table(PACE, subjects=("account_id",)),
]
