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
    blocks,
    follow,
    followers,
    follows,
    hiding,
    mute,
    relations,
    set_words,
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
    "blocks",
    "clip_cards",
    "comment",
    "compose",
    "counts",
    "follow",
    "followers",
    "follows",
    "hiding",
    "like",
    "marks",
    "mute",
    "relations",
    "save",
    "set_words",
    "share",
    "standings",
    "unblock",
    "unfollow",
    "unlike",
    "unmute",
    "unread",
    "unsave",
]
