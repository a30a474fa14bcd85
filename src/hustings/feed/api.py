"""The front door of the feed: a page for somebody, what somebody did, and forgetting it.

page(viewer_id, history, count, language) -> Page
record(viewer_id, events) -> how many were taken
forget(viewer_id)
start()  once per server process
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock, local
from typing import Any

import numpy as np
import orjson
from django.db import DatabaseError, transaction

from hustings.community import api as community
from hustings.feed import rules, states
from hustings.feed.candidates import Candidates
from hustings.feed.cards import Card, compose
from hustings.feed.catalogue import View
from hustings.feed.explain import Reason
from hustings.feed.inputs import Event, HistoryItem
from hustings.feed.loading import keeper
from hustings.feed.models import EventBatch
from hustings.feed.query import Query, Relations
from hustings.feed.recipe import FEED
from hustings.feed.recording import record
from hustings.feed.viewer import Deed, Memory, learn, see
from hustings.feed.weights import current as weights
from hustings.lib import clock, text
from hustings.videos import api as videos

__all__ = [
    "Event", "HistoryItem", "Page", "following_page", "forget", "page", "record", "start",
]  # fmt: skip

log = logging.getLogger(__name__)

_CAPTION = 80  # characters of a caption that a reason quotes
_own = local()
_turn = Lock()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the feed. `items` are `{"clip": …, "why": […]}`, each as JSON."""

    items: list[bytes]
    up_to_date: bool
    next: str | None = None

    def as_bytes(self) -> bytes:
        """The body of the HTTP answer."""
        return b'{"items":[%b],"up_to_date":%b,"next":%b}' % (
            b",".join(self.items),
            b"true" if self.up_to_date else b"false",
            orjson.dumps(self.next),
        )

    def as_json(self) -> dict[str, Any]:
        """The same as values."""
        made: dict[str, Any] = orjson.loads(self.as_bytes())
        return made


def start() -> None:
    """Load the catalogue and keep it up to date from now on. For processes that serve pages.

    With a database that cannot be read yet the process starts all the same and asks it at each page:
    `/health` and `hustings check` say what is wrong, and no respawning hides it.
    """
    try:
        keeper().start()
    except DatabaseError:
        log.exception("the feed's catalogue could not be loaded; run `hustings migrate` and start again")


def page(
    viewer_id: int | None,
    history: Sequence[HistoryItem] = (),
    count: int = 10,
    language: str = "",
    *,
    held: Sequence[str] = (),
    dice: np.random.Generator | None = None,
) -> Page:
    """The next clips for a viewer, at most `count`.

    A signed-in viewer is known by their row (one query). For a signed-out one `history` is what they
    watched, oldest first, and nothing of it is kept. `held` are public ids already on the screen.
    `up_to_date` says that there is nothing unseen beyond this page.
    """
    view = keeper().view()
    following: tuple[int, ...] = ()
    shaped_for = viewer_id
    if viewer_id is None:
        memory, relations = _remembered(history, view), Relations()
    else:
        state = states.read(viewer_id)
        memory, relations = state.memory, state.relations
        following = relations.following
        if state.plain:
            # The page of nobody; only what the viewer does not want to see stays away.
            shaped_for, relations = None, replace(relations, following=())
    query = Query(
        view=view,
        weights=weights(),
        memory=memory,
        relations=relations,
        now=clock.now().timestamp(),
        dice=dice or _dice(),
        viewer_id=shaped_for,
        language=language,
        held=np.array([row for one in held if (row := view.row_of_clip(one)) is not None], np.int32),
    )
    # One thread at a time: the stages compute and wait for nothing, and threads that take turns within
    # a stage cost each page a sixth more (measured with eight connections to one process).
    with _turn:
        outcome = FEED.run(query, min(max(count, 1), rules.PAGE))
    items = _written(query, outcome.selected, outcome.reasons, viewer_id, set(following))
    return Page(items, up_to_date=outcome.remaining <= len(outcome.selected))


def following_page(viewer_id: int, cursor: str | None = None, count: int = 10) -> Page:
    """The clips of those one follows, newest first, seen or not: the list that nobody chose."""
    relations = community.relations(viewer_id)
    shown = relations.following - relations.blocked - relations.muted
    ids, following = videos.by_followed(shown, cursor, min(max(count, 1), rules.PAGE))
    cards = [
        card
        for card in community.clip_cards(ids, viewer_id)
        if not relations.words or not text.has_phrase(card["caption"], relations.words)
    ]
    items = [orjson.dumps({"clip": card, "why": [{"code": "following", "params": {}}]}) for card in cards]
    return Page(items, up_to_date=following is None, next=following)


def forget(viewer_id: int) -> None:
    """Reset the feed: taste, history and the event log of a viewer are gone."""
    with transaction.atomic():
        states.forget(viewer_id)
        EventBatch.objects.filter(account=viewer_id).delete()


def _remembered(history: Sequence[HistoryItem], view: View) -> Memory:
    """The memory that these watches make; unknown clips say nothing."""
    memory = Memory()
    last = history[-rules.HISTORY :]
    known = [(one, row) for one in last if (row := view.row_of_clip(one.clip)) is not None]
    used = known[-weights().interests.events_used :]
    see(memory, (int(view.ids[row]) for _, row in known))
    learn(memory, (_deed(one, row, view) for one, row in used), view, weights())
    return memory


def _deed(one: HistoryItem, row: int, view: View) -> Deed:
    duration = float(view.durations[row])
    # An act without a watch has a share of 0, as the browser writes it.
    watched = None if one.actions and one.share == 0 else one.share * duration
    return Deed(
        row,
        None if watched is None else rules.possible_watch(watched, rules.MOST_LOOPS, duration),
        tuple(set(one.actions)),
    )


def _written(
    query: Query,
    chosen: Candidates,
    reasons: Sequence[Sequence[Reason]],
    viewer_id: int | None,
    following: set[int],
) -> list[bytes]:
    view = query.view
    ids, authors = view.ids[chosen.rows].tolist(), view.authors[chosen.rows].tolist()
    owners = dict(zip(ids, authors, strict=True))
    named = [one.clip for several in reasons for one in several if one.clip is not None]
    if named:
        owners |= dict(zip(view.ids[named].tolist(), view.authors[named].tolist(), strict=True))
    cards = keeper().cards.get(list(owners), owners)
    return [
        b'{"clip":%b,"why":%b}'
        % (
            compose(cards[key], following=author in following, own=author == viewer_id),
            orjson.dumps([_reason(one, cards[key], cards, view) for one in several]),
        )
        for key, author, several in zip(ids, authors, reasons, strict=True)
        if key in cards  # withdrawn in this very moment
    ]


def _reason(one: Reason, card: Card, cards: dict[int, Card], view: View) -> dict[str, Any]:
    params = dict(one.params)
    if one.code == "liked_author":
        params["handle"] = card.handle
    if one.clip is not None:
        liked = cards.get(int(view.ids[one.clip]))
        if liked is not None and liked.caption:
            params["clip_caption"] = _shortened(liked.caption)
    return {"code": one.code, "params": params}


def _shortened(caption: str) -> str:
    line = " ".join(caption.split())
    return line if len(line) <= _CAPTION else line[: _CAPTION - 1].rstrip() + "…"


def _dice() -> np.random.Generator:
    """The thread's own; making one costs as much as a whole stage."""
    dice: np.random.Generator | None = getattr(_own, "dice", None)
    if dice is None:
        dice = _own.dice = np.random.default_rng()
    return dice
