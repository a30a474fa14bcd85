"""How long a search takes over 100,000 clips: `python -m benchmarks.search [--json] [--database URL]`.

Captions are made of 20,000 words with the frequencies of natural language (Zipf), so that a query may
hit one clip or half of them. Compared with the road not taken: `caption LIKE '%word%'`.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import quantiles
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.machine import result

if TYPE_CHECKING:
    from hustings.videos.models import Video

CLIPS = 100_000
AUTHORS = 200
VOCABULARY = 20_000
QUERIES = 300
SEED = 7


def main() -> None:
    """Fill a database, ask, print."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--database", default="", help="an empty PostgreSQL database; otherwise a new SQLite file")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HUSTINGS_DATA": folder, "DJANGO_SETTINGS_MODULE": "hustings.site.settings"}
        if given.database:
            os.environ["HUSTINGS_DATABASE_URL"] = given.database
        figures = measure()
    config = {"clips": CLIPS, "queries": QUERIES, "database": "postgresql" if given.database else "sqlite"}
    if given.json:
        sys.stdout.write(json.dumps(result("search", figures, config)) + "\n")
    else:
        for name, value in figures.items():
            print(f"{name:24} {value}")


def measure() -> dict[str, float | int]:
    """Milliseconds by kind of query, as median and 99th percentile, of the whole answer."""
    import django

    django.setup()
    from django.core.management import call_command

    from hustings.trust.api import service_from_here

    service_from_here()

    call_command("migrate", verbosity=0, skip_checks=True)
    dice = np.random.default_rng(SEED)
    words = [_word(dice) for _ in range(VOCABULARY)]
    began = time.perf_counter()
    captions = _fill(dice, words)
    figures: dict[str, float | int] = {"fill_s": round(time.perf_counter() - began, 1)}

    from hustings.pages.search.answering import search
    from hustings.videos.lists import search_captions

    def whole(query: str) -> object:
        return search(query, "all", None, None)

    kinds: dict[str, Callable[[], str]] = {
        "word_of_a_caption": lambda: str(dice.choice(captions[dice.integers(CLIPS)].split())),
        "two_words": lambda: " ".join(dice.choice(captions[dice.integers(CLIPS)].split(), 2)),
        "beginning_of_a_word": lambda: str(dice.choice(captions[dice.integers(CLIPS)].split()))[:3],
        "commonest_words": lambda: words[int(dice.integers(5))],
        "nothing": lambda: _word(dice) + "q7",
    }
    for name, ask in kinds.items():
        figures |= _timed(name, whole, [ask() for _ in range(QUERIES)])
    some = [kinds["two_words"]() for _ in range(20)]
    return figures | _timed("like_two_words", search_captions, some)


def _timed(name: str, ask: Callable[[str], object], queries: list[str]) -> dict[str, float | int]:
    """Wall and processor time; the second is what a busy machine does not distort (without PostgreSQL's own)."""
    took, worked = [], []
    for query in queries:
        began, working = time.perf_counter(), time.process_time()
        ask(query)
        took.append((time.perf_counter() - began) * 1000)
        worked.append((time.process_time() - working) * 1000)
    cuts = quantiles(took, n=100)
    return {
        f"{name}_p50_ms": round(cuts[49], 2),
        f"{name}_p99_ms": round(cuts[98], 2),
        f"{name}_p50_cpu_ms": round(quantiles(worked, n=100)[49], 2),
    }


def _word(dice: np.random.Generator) -> str:
    letters = "abcdefghiklmnoprstuwyŵâ"
    return "".join(dice.choice(list(letters), int(dice.integers(3, 10))))


def _fill(dice: np.random.Generator, words: list[str]) -> list[str]:
    from datetime import timedelta

    from django.db import connection

    from hustings.accounts import api as accounts
    from hustings.lib import clock
    from hustings.pages import jobs
    from hustings.videos.models import Video

    authors = [accounts.create_person(f"author{n:03}x", name=f"Author {words[n]}") for n in range(AUTHORS)]
    weight = 1 / np.arange(1, VOCABULARY + 1)
    chosen = dice.choice(VOCABULARY, (CLIPS, 12), p=weight / weight.sum())
    captions = [" ".join(words[index] for index in row) for row in chosen]
    now = clock.now()

    def clip(number: int) -> Video:
        at = now - timedelta(seconds=60 * (CLIPS - number))
        card = {"renditions": [], "tracks": [], "hashtags": [], "sound": None}
        return Video(
            author_id=authors[number % AUTHORS], caption=captions[number], state="ready", release="published",
            published_at=at, created_at=at, duration=9.0, width=1080, height=1920, card=card,
        )  # fmt: skip

    Video.objects.bulk_create((clip(number) for number in range(CLIPS)), batch_size=2_000)
    for step in jobs.SWEEPS:
        step()
    if connection.vendor == "postgresql":
        # What autovacuum does within a minute; without statistics PostgreSQL does not trust its own index.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return captions


if __name__ == "__main__":
    main()
