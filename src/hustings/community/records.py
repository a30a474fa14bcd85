"""What the community holds about people, column by column, for the data map."""

from hustings.lib.records import Field, about_people, technical

WHILE_IT_STANDS = "until the person takes it back or closes the account, or the clip is deleted"
ONESELF = "the account itself"
EVERYBODY = "whoever may watch the clip"
SERVER = "the server, to answer and to build the account's feed"


def _deeds() -> list[Field]:
    fields: list[Field] = []
    for model, verb in (("Like", "liked"), ("Save", "kept")):
        name = f"community.{model}"
        fields += about_people(
            name,
            "reactions",
            WHILE_IT_STANDS,
            f"{ONESELF}; {SERVER}" + ("; the clip's author sees who, once, as a notification" * (model == "Like")),
            account=f"Who {verb} it.",
            video="Which clip.",
            created_at="When, so that one's own list is in order.",
        )
        fields += technical(name, id="The row's key, never shown.")
    return fields


def _relations() -> list[Field]:
    fields: list[Field] = []
    for model, one, other, readers in (
        ("Follow", "follower", "followed", f"{ONESELF}; {SERVER}; the followed account sees who, as a notification"),
        ("Block", "blocker", "blocked", f"{ONESELF}; {SERVER}"),
        ("Mute", "muter", "muted", f"{ONESELF}; {SERVER}"),
    ):
        name = f"community.{model}"
        fields += about_people(
            name,
            "relations",
            "until the person ends it or one of the two accounts is closed",
            readers,
            **{one: "Who did it.", other: "To whom.", "created_at": "When, so that one's own list is in order."},
        )
        fields += technical(name, id="The row's key, never shown.")
    fields += about_people(
        "community.MutedWord",
        "relations",
        "until the person removes it or closes the account",
        f"{ONESELF}; {SERVER}",
        account="Who does not want to see it.",
        word="The word or phrase, without case and accents.",
    )
    return [*fields, *technical("community.MutedWord", id="The row's key, never shown.")]


def _comments() -> list[Field]:
    return [
        *about_people(
            "community.Comment",
            "comments",
            "until its author or the clip's author removes it, the clip is deleted or the account closed",
            EVERYBODY,
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
            "community.Comment",
            "comments",
            "as the comment; forgotten earlier when that person closes their account",
            "owners of the organisation",
            written_by="The person who wrote it, when it stands in an organisation's name.",
        ),
        *technical("community.Comment", id="The row's key, never shown."),
        *about_people(
            "community.CommentLike",
            "reactions",
            "until the person takes it back or closes the account, or the comment is removed",
            ONESELF,
            account="Who liked it.",
            comment="Which comment.",
        ),
        *technical("community.CommentLike", id="The row's key, never shown."),
    ]


def _notifications() -> list[Field]:
    ninety = "90 days after the last thing that happened to it"
    return [
        *about_people(
            "community.Notification",
            "notifications",
            ninety,
            ONESELF,
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
        *technical("community.Notification", id="The row's key, never shown."),
        *about_people(
            "community.NotificationActor",
            "notifications",
            ninety,
            "the account that is notified",
            notification="Which notification.",
            account="Who did it.",
        ),
        *technical("community.NotificationActor", id="The row's key, never shown."),
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
            "counts",
            "until the account is closed",
            "everybody",
            account="Whose counts these are.",
            followers="How many follow it.",
            following="How many it follows.",
            likes="How many likes its clips have received.",
        ),
        *about_people(
            "community.Pace",
            "protection",
            "a day at most; overwritten with the next deed of the kind",
            "the server",
            account="Who did it.",
            act="What sort of deed.",
            minute="In which minute, to refuse what is faster than people are.",
            count="How often in that minute.",
        ),
        *technical("community.Pace", id="The row's key, never shown."),
    ]


FIELDS: list[Field] = [*_deeds(), *_relations(), *_comments(), *_notifications(), *_counts()]
