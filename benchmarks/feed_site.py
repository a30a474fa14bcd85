# ruff: noqa: E402 - Django must be set up before its models are imported
"""The site that `feed` and `events` are measured on: 100,000 clips, 10,000 viewers with history.

Made once, by bulk inserts, in var/bench/feed; run as a process of its own because it needs the
settings of that folder:

    HUSTINGS_DATA=var/bench/feed python -m benchmarks.feed_site build|queries|clips
"""

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")

import django

django.setup()

import numpy as np
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hustings.accounts.models import Account
from hustings.community.models import ClipCounts, Follow
from hustings.feed import loading, viewer
from hustings.feed.models import ClipStats, EventBatch, ViewerState
from hustings.feed.viewer import Deed, Memory
from hustings.feed.weights import current
from hustings.lib import clock, ids
from hustings.site.database import prepare
from hustings.trust.api import holding, service_from_here
from hustings.videos.models import Video

service_from_here()

CLIPS, AUTHORS, VIEWERS, HISTORY, FOLLOWS = 100_000, 2_000, 10_000, 60, 20
TOPICS = [f"topic{n}" for n in range(120)]
DONE = "built.json"
FORM = 4  # of this file's site; another number builds anew


def build() -> None:
    """Make the site, unless it is there."""
    target = Path(settings.DATA) / DONE
    if target.exists() and json.loads(target.read_text())["form"] == FORM:
        return
    began = time.monotonic()
    # Tables of another form are of no use: there is one migration until the first release.
    for name in ("hustings.sqlite3", "hustings.sqlite3-wal", "hustings.sqlite3-shm"):
        (Path(settings.DATA) / name).unlink(missing_ok=True)
    prepare()
    for model in (EventBatch, ViewerState, ClipStats, Follow, ClipCounts, Video, Session, Account):
        model._default_manager.all()._raw_delete("default")  # noqa: SLF001 - rows of this file, no cascades
    dice = np.random.default_rng(5)
    authors = _accounts("maker", AUTHORS)
    viewers = _accounts("viewer", VIEWERS)
    topics = _clips(dice, authors)
    cookies = _sessions(viewers)
    _histories(dice, viewers, authors, topics)
    target.write_text(json.dumps({"form": FORM, "cookies": cookies}))
    print(f"built in {time.monotonic() - began:.0f} s")


def _accounts(stem: str, count: int) -> list[Account]:
    made = [
        Account(
            handle=f"{stem}{n}", skeleton=f"{stem}{n}", name=f"{stem} {n}", name_skeleton=f"{stem}{n}",
            password="!bench",
        )
        for n in range(count)
    ]  # fmt: skip
    Account.objects.bulk_create(made, batch_size=2_000)
    return list(Account.objects.filter(handle__startswith=stem).order_by("pk"))


def _clips(dice: np.random.Generator, authors: list[Account]) -> np.ndarray[Any, Any]:
    """Clips with four renditions each; answers the topic of each."""
    now = clock.now()
    topics = dice.integers(0, len(TOPICS), CLIPS)
    made = []
    for n in range(CLIPS):
        tags = [TOPICS[topics[n]], f"tag{dice.integers(4_000)}"]
        public_id = ids.new()
        made.append(
            Video(
                public_id=public_id,
                author=authors[dice.integers(AUTHORS)],
                state="ready",
                release="published",
                caption=f"What nobody told you about {TOPICS[topics[n]]}, part {n} #" + " #".join(tags),
                language="cy" if n % 5 == 0 else "en",
                published_at=now - timedelta(seconds=float(dice.uniform(0, 60 * 86_400))),
                duration=float(dice.uniform(6, 60)),
                width=1080,
                height=1920,
                thumbhash="2OcRJYB4d3h/iIeHeEh3eIhw+j3A",
                poster="poster-abcdefgh",
                card={
                    "renditions": [
                        [
                            edge,
                            edge,
                            edge * 16 // 9,
                            edge * 2_000,
                            f"{edge}-abcdefgh.mp4",
                            'video/mp4; codecs="avc1.64001f, mp4a.40.2"',
                        ]
                        for edge in (360, 540, 720, 1080)
                    ],
                    "tracks": [["en", "en-abcdefgh.vtt"]],
                    "hashtags": sorted(tags),
                    "sound": None,
                },
            )
        )
    Video.objects.bulk_create(made, batch_size=2_000)
    keys = list(Video.objects.order_by("pk").values_list("pk", flat=True))
    shown = dice.integers(0, 2_000, CLIPS)
    liked = dice.beta(2, 3, CLIPS)
    ClipCounts.objects.bulk_create(
        [ClipCounts(video_id=key, views=int(n), likes=int(n * 0.1)) for key, n in zip(keys, shown, strict=True)],
        batch_size=5_000,
    )
    ClipStats.objects.bulk_create(
        [
            ClipStats(
                video_id=key, impressions=int(n), watched_share=float(n * share), watched_s=float(n * share * 20),
                day=float(share * n / 30), week=float(share * n / 8), touched_at=now.timestamp(),
            )
            for key, n, share in zip(keys, shown, liked, strict=True)
        ],
        batch_size=5_000,
    )  # fmt: skip
    return topics


def _sessions(viewers: list[Account]) -> list[str]:
    store = SessionStore()
    expires = clock.now() + timedelta(days=3_000)
    rows = [
        Session(
            session_key=ids.new(32),
            session_data=store.encode(
                {
                    SESSION_KEY: str(one.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: one.get_session_auth_hash(),
                }
            ),
            expire_date=expires,
        )
        for one in viewers
    ]
    Session.objects.bulk_create(rows, batch_size=2_000)
    return [row.session_key for row in rows]


def _histories(
    dice: np.random.Generator, viewers: list[Account], authors: list[Account], topics: np.ndarray[Any, Any]
) -> None:
    """Each viewer loves three topics, and has watched clips of these and of others."""
    view = loading.keeper().view()
    of_topic = [np.flatnonzero(topics[view.ids - view.ids.min()] == n) for n in range(len(TOPICS))]
    states, events, follows = [], [], []
    for one in viewers:
        loved = dice.choice(len(TOPICS), 3, replace=False)
        rows = [
            int(dice.choice(of_topic[loved[n % 3]])) if n % 2 else int(dice.integers(view.size)) for n in range(HISTORY)
        ]
        seconds = [float(view.durations[row]) * (1.0 if n % 2 else 0.1) for n, row in enumerate(rows)]
        memory = Memory()
        viewer.learn(memory, [Deed(*pair) for pair in zip(rows, seconds, strict=True)], view, current())
        followed = sorted({authors[n].pk for n in dice.integers(0, AUTHORS, FOLLOWS)})
        taste, seen = viewer.pack(memory)
        states.append(
            ViewerState(
                account=one, taste=taste, seen=seen,
                relations={"following": followed, "blocked": [], "muted": [], "words": []},
                relations_at=clock.now() + timedelta(minutes=59),
            )
        )  # fmt: skip
        follows += [Follow(follower=one, followed_id=key) for key in followed]
        watched = [[int(view.ids[row]), "watch", round(s, 2)] for row, s in zip(rows, seconds, strict=True)]
        # Told in four visits.
        parts = [watched[start : start + HISTORY // 4] for start in range(0, HISTORY, HISTORY // 4)]
        events += [EventBatch(account=one, count=len(part), events=part) for part in parts]
    with holding(one.pk for one in viewers):
        EventBatch.objects.bulk_create(events, batch_size=5_000)
        ViewerState.objects.bulk_create(states, batch_size=1_000)
    Follow.objects.bulk_create(follows, batch_size=5_000)


def queries() -> None:
    """Prints the most queries that one of a hundred pages asked, in a process whose cards are made."""
    cookies = json.loads((Path(settings.DATA) / DONE).read_text())["cookies"]
    keeper = loading.keeper()
    keeper.load()
    keeper.running = True
    keeper.make_cards(pause=0.0)
    most = 0
    for cookie in cookies[:100]:
        browser = Client(headers={"host": "127.0.0.1"})
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie
        with CaptureQueriesContext(connection) as asked:
            answer = browser.post("/api/v1/feed", {"count": 20}, content_type="application/json")
        assert answer.status_code == 200, answer.content
        most = max(most, len(asked))
    print(json.dumps({"queries": most}))


def clips() -> None:
    """Prints the public ids of all clips."""
    print(json.dumps(list(Video.objects.order_by("pk").values_list("public_id", flat=True))))


if __name__ == "__main__":
    {"build": build, "queries": queries, "clips": clips}[sys.argv[1]]()
