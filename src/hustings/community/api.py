"""The front door of the community. Ids in, ids and plain values out; who may see a clip is asked before.

The functions that do something take part in the caller's transaction, announce after its commit, and
may be repeated: doing what is done already, or undoing what is not, changes nothing.
"""

from hustings.community.cards import Marks, clip_cards, compose, counts, marks
from hustings.community.comments import write as comment
from hustings.community.notifications import unread
from hustings.community.reactions import add_views, like, save, share, unlike, unsave
from hustings.community.relations import (
    Relations,
    account_counts,
    block,
    blocked_between,
    follow,
    followers,
    follows,
    mute,
    relations,
    set_words,
    standing,
    standings,
    unblock,
    unfollow,
    unmute,
)

__all__ = [
    "Marks",
    "Relations",
    "account_counts",
    "add_views",
    "block",
    "blocked_between",
    "clip_cards",
    "comment",
    "compose",
    "counts",
    "follow",
    "followers",
    "follows",
    "like",
    "marks",
    "mute",
    "relations",
    "save",
    "set_words",
    "share",
    "standing",
    "standings",
    "unblock",
    "unfollow",
    "unlike",
    "unmute",
    "unread",
    "unsave",
]
