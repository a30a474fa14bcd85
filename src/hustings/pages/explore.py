"""What the week was about: hashtags and clips by how much they were watched and liked."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.core.cache import cache

from hustings.community import api as community
from hustings.lib import clock
from hustings.videos import api as videos

WEEK = timedelta(days=7)
CONSIDERED = 2_000  # newest clips of the week
TAGS, CLIPS = 12, 24
KEPT_S = 60  # everybody sees the same for a minute: it costs as much as a hundred other answers
PER_AUTHOR = 2  # clips of one account among those shown

# What a view says beside a like: pressing a button is rarer and means more.
_WORTH = {"views": 1, "likes": 8, "comments": 8, "shares": 12, "saves": 12}


def explore(viewer_id: int | None) -> dict[str, Any]:
    """Trending hashtags and clips; of the latest ones when the week had too few."""
    found = cache.get("explore")
    if found is None:
        found = _week()
        cache.set("explore", found, KEPT_S)
    tags, ids = found
    counts = videos.hashtag_counts(tags)
    public = videos.published_facts(ids)  # one of them may have been taken back within the minute
    return {
        "hashtags": [{"tag": tag, "clips": counts[tag]} for tag in tags if tag in counts],
        "clips": community.clip_cards([key for key in ids if key in public], viewer_id, spare=True),
    }


def _week() -> tuple[list[str], list[int]]:
    facts = videos.published_since(clock.now() - WEEK, limit=CONSIDERED)
    if len(facts) < CLIPS:
        facts = videos.published_since(limit=CLIPS)
    counts = community.counts(fact.id for fact in facts)
    worth = {
        fact.id: 1 + sum(_WORTH[name] * count for name, count in counts.get(fact.id, {}).items()) for fact in facts
    }
    tags: Counter[str] = Counter()
    for fact in facts:
        for tag in fact.hashtags:
            tags[tag] += worth[fact.id]
    return [tag for tag, _ in tags.most_common(TAGS)], _spread(facts, worth)


def _spread(facts: list[videos.Published], worth: dict[int, int]) -> list[int]:
    """The best first, and not many of one author."""
    shown: Counter[int] = Counter()
    chosen: list[int] = []
    for fact in sorted(facts, key=lambda fact: (-worth[fact.id], -fact.id)):
        if shown[fact.author_id] < PER_AUTHOR and len(chosen) < CLIPS:
            shown[fact.author_id] += 1
            chosen.append(fact.id)
    return chosen
