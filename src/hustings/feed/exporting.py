"""What an export says of watching: every event, and what the feed made of them, opened and with names for numbers."""

from collections.abc import Iterator
from typing import Any

from hustings.accounts import api as accounts
from hustings.feed import viewer
from hustings.feed.models import EventBatch, ViewerState
from hustings.feed.vectors import key as feature
from hustings.videos import api as videos

AT_ONCE = 200  # batches opened at a time
MOST_CLIPS = 2_000  # looked at for the names of tags

# Columns that say nothing by themselves, and the document that says what is in them.
EXPLAINED = {
    "feed.EventBatch.events": "watching",
    "feed.ViewerState.taste": "interests",
    "feed.ViewerState.seen": "interests",
    "feed.ViewerState.relations": "interests",
}

# Where people have it forgotten, or object to it.
CORRECTIONS = {"feed.EventBatch": "/settings/feed", "feed.ViewerState": "/settings/feed"}


def documents(account_id: int) -> Iterator[tuple[str, object]]:
    """`watching`, in order, and `interests`; nothing of somebody who never watched."""
    if EventBatch.objects.filter(account=account_id).exists():
        yield "watching", _watching(account_id)
    row = ViewerState.objects.filter(pk=account_id).first()
    if row is not None:
        yield "interests", _interests(row)


def _watching(account_id: int) -> Iterator[dict[str, object]]:
    after = 0
    while batches := list(EventBatch.objects.filter(account=account_id, pk__gt=after).order_by("pk")[:AT_ONCE]):
        after = batches[-1].pk
        public = videos.public_ids([int(event[0]) for batch in batches for event in batch.events])
        for batch in batches:
            for video_id, kind, seconds in batch.events:
                # A clip that is gone has no name any more.
                yield {"at": batch.at.isoformat(), "clip": public.get(video_id), "kind": kind, "seconds": seconds}


def _interests(row: ViewerState) -> dict[str, Any]:
    memory = viewer.unpack(row.taste, row.seen)
    people = {*memory.authors, *memory.less}
    handles = {key: author.handle for key, author in accounts.authors(people).items()}
    public = videos.public_ids([*memory.seen.tolist(), *memory.liked, *memory.acted])
    relations = row.relations
    named = accounts.authors({one for kind in ("following", "blocked", "muted") for one in relations.get(kind, ())})
    # Tags and languages are kept as numbers; clips that the person has seen give them their names back.
    clips = videos.published_facts([*memory.liked, *memory.acted, *memory.seen.tolist()[-MOST_CLIPS:]]).values()
    return {
        "authors": _weights(memory.authors, handles),
        "hashtags": _weights(memory.tags, {feature(tag): tag for clip in clips for tag in clip.hashtags}),
        "languages": _weights(memory.languages, {feature(clip.language): clip.language for clip in clips}),
        "less_from": [handles[key] for key in memory.less if key in handles],
        "liked": [public[key] for key in memory.liked if key in public],
        "seen": [public[key] for key in memory.seen.tolist() if key in public],
        # Directions in the space in which clips lie; they have no words.
        "taste": [
            {"strength": round(float(strength), 4), "direction": [round(float(one), 3) for one in direction]}
            for strength, direction in zip(memory.strength, memory.interests, strict=True)
            if strength > 0
        ],
        "mood": [round(float(one), 3) for one in memory.mood],
        "dislike": [round(float(one), 3) for one in memory.dislike],
        "copied_relations": {
            kind: [named[key].handle for key in relations.get(kind, ()) if key in named]
            for kind in ("following", "muted")
        }
        | {"words": list(relations.get("words", ()))},
        "updated_at": row.updated_at.isoformat(),
    }


def _weights(table: dict[int, float], names: dict[int, str]) -> list[dict[str, object]]:
    """Strongest first; what cannot be named any more is left out."""
    found = [{"name": names[key], "weight": round(weight, 4)} for key, weight in table.items() if key in names]
    return sorted(found, key=lambda one: -abs(float(str(one["weight"]))))
