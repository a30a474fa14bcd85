"""Relations and reactions that somebody brings from elsewhere, as far as the people and clips are here."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hustings.accounts import api as accounts
from hustings.community import reactions, relations
from hustings.community.errors import TooManyError
from hustings.community.models import Block, Follow, Like, Mute, Save
from hustings.lib.errors import HustingsError
from hustings.trust.api import Brought, Taken
from hustings.videos import api as videos

Detail = Mapping[str, Any]

_RELATIONS: dict[str, tuple[Callable[[int, int], object], Callable[[int, int], object], Any, str, str]] = {
    "follow": (relations.follow, relations.unfollow, Follow, "follower", "followed"),
    "block": (relations.block, relations.unblock, Block, "blocker", "blocked"),
    "mute": (relations.mute, relations.unmute, Mute, "muter", "muted"),
}
_REACTIONS: dict[str, tuple[Callable[[int, int], object], Callable[[int, int], object], Any]] = {
    "like": (reactions.like, reactions.unlike, Like),
    "save": (reactions.save, reactions.unsave, Save),
}


class CommunityImporter:
    """Takes in follows, blocks, mutes, muted words, likes and saves."""

    kinds: tuple[str, ...] = ("follow", "block", "mute", "word", "like", "save")

    def known(self, account_id: int, kind: str, given: Sequence[Detail]) -> list[Detail | None]:
        if kind == "word":
            return [{"word": str(one["word"])} for one in given]
        if kind in _REACTIONS:
            clips = videos.found_here(given, account_id)
            return [{"clip": clip} if clip else None for clip in clips]
        there = accounts.ids_by_handle(str(one["handle"]) for one in given)
        return [
            {"handle": str(one["handle"])} if there.get(str(one["handle"]).lower(), account_id) != account_id else None
            for one in given
        ]

    def take(self, account_id: int, brought: Brought) -> Taken:
        try:
            if brought.kind == "word":
                return _word(account_id, str(brought.detail["word"]))
            if brought.kind in _REACTIONS:
                return _reaction(account_id, brought.kind, str(brought.detail["clip"]))
            return _relation(account_id, brought.kind, str(brought.detail["handle"]))
        except TooManyError:
            return Taken("refused", fault="too_many")
        except HustingsError as fault:
            return Taken("refused", fault=fault.code)

    def undo(self, account_id: int, kind: str, result: str, before: Mapping[str, Any]) -> bool:
        if kind == "word":
            relations.set_words(account_id, [word for word in relations.words(account_id) if word != result])
        elif kind in _REACTIONS:
            clip = videos.id_of(result)
            if clip is not None:
                _REACTIONS[kind][1](account_id, clip)
        else:
            other = accounts.ids_by_handle([result]).get(result)
            if other is not None:
                _RELATIONS[kind][1](account_id, other)
        return True


def _relation(account_id: int, kind: str, handle: str) -> Taken:
    act, _, model, one, other = _RELATIONS[kind]
    target = accounts.ids_by_handle([handle]).get(handle.lower())
    if target is None:
        return Taken("refused", fault="not_found")
    if model.objects.filter(**{one: account_id, other: target}).exists():
        return Taken("there", handle.lower())
    act(account_id, target)
    return Taken("taken", handle.lower())


def _reaction(account_id: int, kind: str, public_id: str) -> Taken:
    act, _, model = _REACTIONS[kind]
    clip = videos.visible(public_id, account_id)
    if model.objects.filter(account=account_id, video=clip).exists():
        return Taken("there", public_id)
    act(account_id, clip)
    return Taken("taken", public_id)


def _word(account_id: int, word: str) -> Taken:
    before = relations.words(account_id)
    after = relations.set_words(account_id, [*before, word])
    new = set(after) - set(before)
    return Taken("taken", new.pop()) if new else Taken("there", word[:60])
