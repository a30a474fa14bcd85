"""Who follows, blocks and mutes whom. Blocks cut both ways; mutes are known to the muter alone."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F, Q, Value

from hustings.accounts import api as accounts
from hustings.community import events, notifications
from hustings.community.deeds import count_account, deed
from hustings.community.errors import OneselfError, TooManyError
from hustings.community.models import AccountCounts, Block, Follow, Mute, MutedWord, Notification
from hustings.community.rules import FOLLOWING, HIDING, muted_words
from hustings.lib import cursors, text
from hustings.lib.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Relations:
    """Everything about one account that shapes what it is shown. `blocked` holds both directions."""

    following: frozenset[int]
    blocked: frozenset[int]
    muted: frozenset[int]
    words: tuple[str, ...]

    @property
    def hidden(self) -> frozenset[int]:
        """Accounts of which nothing is shown."""
        return self.blocked | self.muted

    def hides(self, author_id: int, said: str) -> bool:
        """Whether something by this author, saying this, is not to be shown."""
        if author_id in self.blocked or author_id in self.muted:
            return True
        return bool(self.words) and text.has_phrase(said, self.words)


NOBODYS = Relations(frozenset(), frozenset(), frozenset(), ())


def relations(account_id: int | None) -> Relations:
    """All relations of an account in one query; empty for nobody."""
    if account_id is None:
        return NOBODYS
    return _gather(account_id, following=True)


def hiding(account_id: int | None) -> Relations:
    """Relations without `following`, which can be long, for lists that only leave things out."""
    if account_id is None:
        return NOBODYS
    return _gather(account_id, following=False)


def _gather(account_id: int, *, following: bool) -> Relations:
    # Three columns each (kind, account, word), so that one statement brings them all.
    no_word = Value("", output_field=models.CharField(max_length=60))
    no_account = Value(0, output_field=models.BigIntegerField())
    own: list[Any] = [
        MutedWord.objects.filter(account=account_id).values_list(Value("word"), no_account, F("word")),
        Block.objects.filter(blocker=account_id).values_list(Value("blocked"), F("blocked_id"), no_word),
        Block.objects.filter(blocked=account_id).values_list(Value("blocked"), F("blocker_id"), no_word),
        Mute.objects.filter(muter=account_id).values_list(Value("muted"), F("muted_id"), no_word),
    ]
    if following:
        own.append(
            Follow.objects.filter(follower=account_id).values_list(Value("following"), F("followed_id"), no_word)
        )
    found: dict[str, set[int]] = {"blocked": set(), "muted": set(), "following": set()}
    phrases: list[str] = []
    for kind, key, word in own[0].union(*own[1:], all=True):
        if kind == "word":
            phrases.append(word)
        else:
            found[kind].add(key)
    return Relations(
        following=frozenset(found["following"]),
        blocked=frozenset(found["blocked"]),
        muted=frozenset(found["muted"]),
        words=tuple(sorted(phrases)),
    )


# --- Tests that other domains ask ------------------------------------------------------------------


def follows(viewer_id: int, author_id: int) -> bool:
    """Whether the viewer follows the author."""
    return Follow.objects.filter(follower=viewer_id, followed=author_id).exists()


def blocked_between(one: int, other: int) -> bool:
    """Whether either of the two has blocked the other."""
    return Block.objects.filter(Q(blocker=one, blocked=other) | Q(blocker=other, blocked=one)).exists()


def blocks(account_id: int, target_id: int) -> bool:
    """Whether the account itself has blocked the other."""
    return Block.objects.filter(blocker=account_id, blocked=target_id).exists()


# --- Following -------------------------------------------------------------------------------------


def follow(account_id: int, target_id: int) -> int:
    """Follow an account; once is enough. Answers its followers.

    NotFoundError when one has blocked the other, TooManyError beyond the limit of `rules`.
    """
    if account_id == target_id:
        raise OneselfError
    with deed():
        _, made = Follow.objects.get_or_create(follower_id=account_id, followed_id=target_id)
        if made:
            _count_follow(account_id, target_id, 1)
            # Asked with both accounts' counts locked, as `block` locks them: neither can slip past the other.
            if blocked_between(account_id, target_id):
                raise NotFoundError
            if AccountCounts.objects.filter(pk=account_id, following__gt=FOLLOWING).exists():
                raise TooManyError(params={"limit": FOLLOWING})
            notifications.tell(target_id, Notification.Kind.FOLLOW, actor_id=account_id)
            events.announce(events.followed, account_id=account_id, target_id=target_id)
    return followers(target_id)


def unfollow(account_id: int, target_id: int) -> int:
    """End following; nothing happens when there was none. Answers the account's followers."""
    with deed():
        _end_follow(account_id, target_id)
    return followers(target_id)


def followers(account_id: int) -> int:
    """How many follow an account."""
    return AccountCounts.objects.filter(pk=account_id).values_list("followers", flat=True).first() or 0


def _end_follow(account_id: int, target_id: int) -> None:
    deleted, _ = Follow.objects.filter(follower=account_id, followed=target_id).delete()
    if deleted:
        _count_follow(account_id, target_id, -1)
        notifications.take_back(target_id, Notification.Kind.FOLLOW, actor_id=account_id)
        events.announce(events.unfollowed, account_id=account_id, target_id=target_id)


def _count_follow(follower: int, followed: int, change: int) -> None:
    changes = {follower: {"following": change}, followed: {"followers": change}}
    for account_id in sorted(changes):  # one order for everybody: two who follow each other at once
        count_account(account_id, **changes[account_id])


# --- Blocking and muting ---------------------------------------------------------------------------


def block(account_id: int, target_id: int) -> None:
    """Neither sees the other from now on; follows between them end. Once is enough."""
    if account_id == target_id:
        raise OneselfError
    with deed():
        _, made = Block.objects.get_or_create(blocker_id=account_id, blocked_id=target_id)
        if made:
            _refuse_beyond(Block.objects.filter(blocker=account_id))
            for key in sorted((account_id, target_id)):
                count_account(key, followers=0)  # the lock that `follow` needs too
            for follower, followed in sorted(((account_id, target_id), (target_id, account_id))):
                _end_follow(follower, followed)
            events.announce(events.blocked, account_id=account_id, target_id=target_id)


def unblock(account_id: int, target_id: int) -> None:
    """End one's own block; the other's, if there is one, stays. Follows do not come back."""
    with deed():
        deleted, _ = Block.objects.filter(blocker=account_id, blocked=target_id).delete()
        if deleted:
            events.announce(events.unblocked, account_id=account_id, target_id=target_id)


def mute(account_id: int, target_id: int) -> None:
    """Show nothing of an account any more. It never learns of it, and one may go on following it."""
    if account_id == target_id:
        raise OneselfError
    with deed():
        _, made = Mute.objects.get_or_create(muter_id=account_id, muted_id=target_id)
        if made:
            _refuse_beyond(Mute.objects.filter(muter=account_id))
            events.announce(events.muted, account_id=account_id, target_id=target_id)


def unmute(account_id: int, target_id: int) -> None:
    """Show it again."""
    with deed():
        deleted, _ = Mute.objects.filter(muter=account_id, muted=target_id).delete()
        if deleted:
            events.announce(events.unmuted, account_id=account_id, target_id=target_id)


def _refuse_beyond(own: models.QuerySet[models.Model]) -> None:
    if own.count() > HIDING:
        raise TooManyError(params={"limit": HIDING})


def blocked_page(account_id: int, cursor: str | None, limit: int) -> tuple[list[int], str | None]:
    """Whom the account has blocked itself, newest first, and the next cursor."""
    return page_of(Block.objects.filter(blocker=account_id), "blocked_id", cursor, limit)


def muted_page(account_id: int, cursor: str | None, limit: int) -> tuple[list[int], str | None]:
    """Whom the account has muted, newest first, and the next cursor."""
    return page_of(Mute.objects.filter(muter=account_id), "muted_id", cursor, limit)


def page_of(
    rows: models.QuerySet[models.Model], field: str, cursor: str | None, limit: int
) -> tuple[list[int], str | None]:
    """One page of an account's own list, newest first: what `field` refers to, and the next cursor."""
    if cursor:
        at, key = cursors.decode(cursor)
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=key))
    found = list(rows.order_by("-created_at", "-pk").values_list(field, "created_at", "pk")[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return [row[0] for row in found[:limit]], cursors.encode(last[1], last[2]) if last else None


# --- Muted words -----------------------------------------------------------------------------------


def words(account_id: int) -> list[str]:
    """The words and phrases an account does not want to see, in alphabetical order."""
    return list(MutedWord.objects.filter(account=account_id).order_by("word").values_list("word", flat=True))


def set_words(account_id: int, written: list[str]) -> list[str]:
    """Replace the list. InvalidInputError when it is too long or a phrase is."""
    wanted = muted_words(written)
    with deed():
        own = MutedWord.objects.filter(account=account_id)
        own.exclude(word__in=wanted).delete()
        MutedWord.objects.bulk_create(
            [MutedWord(account_id=account_id, word=word) for word in wanted], ignore_conflicts=True
        )
        events.announce(events.words_changed, account_id=account_id)
    return sorted(wanted)


def standings(viewer_id: int | None, account_ids: list[int]) -> dict[int, dict[str, bool]]:
    """How a viewer stands to accounts: following, blocked (by the viewer), muted, self. One query at most."""
    found = {
        key: {"following": False, "blocked": False, "muted": False, "self": key == viewer_id} for key in account_ids
    }
    if viewer_id is not None and account_ids:
        of_viewer = (
            Follow.objects.filter(follower=viewer_id, followed__in=account_ids).values_list(
                Value("following"), "followed_id"
            ),
            Block.objects.filter(blocker=viewer_id, blocked__in=account_ids).values_list(
                Value("blocked"), "blocked_id"
            ),
            Mute.objects.filter(muter=viewer_id, muted__in=account_ids).values_list(Value("muted"), "muted_id"),
        )
        for name, key in of_viewer[0].union(*of_viewer[1:], all=True):
            found[key][name] = True
    return found


def account_counts(account_ids: list[int]) -> dict[int, dict[str, int]]:
    """Followers, following and likes received of each account, in one query."""
    zero = {"followers": 0, "following": 0, "likes": 0}
    rows = {
        row["account_id"]: {name: row[name] for name in zero}
        for row in AccountCounts.objects.filter(pk__in=account_ids).values("account_id", *zero)
    }
    return {key: rows.get(key, dict(zero)) for key in account_ids}


def authors_in_order(ids: list[int]) -> list[accounts.Author]:
    """Active accounts in the order asked."""
    known = accounts.authors(ids)
    return [known[key] for key in ids if key in known and known[key].active]
