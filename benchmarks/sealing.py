"""`python -m benchmarks.sealing`: what sealing costs the feed, with and without it in the same run.

- `page_cost_pct`: how much longer a page of 20 takes (from the viewer's row to its JSON) because the row lies sealed,
  with the viewer's key in memory. The session and HTTP around a page are left out, so the true share is smaller.
- `page_cost_cold_pct`: the same when the key has to be unwrapped for each page, as for a viewer who has just come.
- `batch_cost_pct`: the same for taking over a batch of 200 events.

Pairs of viewers with the same taste, history and relations, one with a sealed row, one with a plain one, ask in turns,
each first every other time. Processor time of the thread, so that others on the machine do not count; medians.
The site is the one of `feed`.
"""

import gc
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PAIRS, ROUNDS, BATCHES, BATCH = 400, 6, 150, 200


def run() -> dict[str, Any]:
    """Build the site when it is not there, and measure in a process of its own."""
    from benchmarks import serving
    from benchmarks.machine import result

    serving.site("build")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sealing", "--measure"],
        cwd=serving.ROOT, env=serving.environment(), check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    figures, config = json.loads(done.stdout.strip().rpartition("\n")[2])
    return result("sealing", figures, config)


def measure() -> tuple[dict[str, float], dict[str, Any]]:
    """In the process with the site's database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")
    import django

    django.setup()
    from hustings.trust.api import service_from_here

    service_from_here()
    from hustings.accounts.models import Account
    from hustings.feed import api, loading, scan
    from hustings.trust.keys import people

    keeper = loading.keeper()
    keeper.load()
    scan.warm(keeper.catalogue.view.size)  # as a server does: without it pages are scanned by the slow way
    keeper.running = True
    keeper.make_cards(pause=0.0)
    ids = list(Account.objects.filter(handle__startswith="viewer").order_by("pk").values_list("pk", flat=True))
    pairs = list(zip(ids[:PAIRS], ids[PAIRS : 2 * PAIRS], strict=True))
    _unseal(pairs)
    dice, clips = random.Random(3), keeper.view().public_ids
    gc.collect()
    gc.freeze()
    gc.disable()

    def page(viewer: int) -> None:
        api.page(viewer, count=20, language="en").as_bytes()

    def cold_page(viewer: int) -> None:
        people.forget_held(viewer)
        page(viewer)

    batch: list[Any] = []

    def tell(viewer: int) -> None:
        api.record(viewer, batch)

    def another_batch() -> None:
        batch[:] = [api.Event(one, "watch", round(dice.uniform(0.3, 30), 2)) for one in dice.choices(clips, k=BATCH)]

    page_sealed, page_plain = _compare(page, pairs, ROUNDS)
    cold_sealed, cold_plain = _compare(cold_page, pairs, ROUNDS)
    told_sealed, told_plain = _compare(tell, pairs[:BATCHES], 1, another_batch)
    figures = {
        "page_cost_pct": _percent(page_sealed, page_plain),
        "page_cost_cold_pct": _percent(cold_sealed, cold_plain),
        "batch_cost_pct": _percent(told_sealed, told_plain),
    }
    config = {
        "page_sealed_us": round(page_sealed),
        "page_plain_us": round(page_plain),
        "batch_sealed_us": round(told_sealed),
        "batch_plain_us": round(told_plain),
        "pairs": PAIRS,
        "pages": 2 * PAIRS * ROUNDS,
        "batch": BATCH,
        "load_average": round(os.getloadavg()[0], 1),
    }
    return figures, config


def _unseal(pairs: list[tuple[int, int]]) -> None:
    """Give the second of each pair the row of the first, in clear."""
    import orjson
    from django.db import connection

    from hustings.feed.models import ViewerState

    rows = ViewerState.objects.in_bulk([first for first, _ in pairs])
    with connection.cursor() as cursor:
        for first, second in pairs:
            row = rows[first]
            # The copy of relations is not to be renewed in the middle: that would be another query for one of them.
            cursor.execute(
                "UPDATE feed_viewerstate SET taste = %s, seen = %s, relations = %s WHERE account_id = %s",
                [row.taste, row.seen, orjson.dumps(row.relations), second],
            )
    from hustings.lib import clock

    both = [one for pair in pairs for one in pair]
    ViewerState.objects.filter(pk__in=both).update(relations_at=clock.now())


@contextmanager
def _without_sealing() -> Iterator[None]:
    """The same code, with keys that do nothing and queries that bring none along."""
    from hustings.feed import states
    from hustings.trust.keys import people

    class Plain(people.Key):
        def __init__(self, subject: int, *_: Any) -> None:
            self.subject = subject

        def seal(self, purpose: str, data: bytes) -> bytes:
            return data

        def open(self, purpose: str, sealed: bytes) -> bytes:
            return sealed

    before = states.key_of, states._READ, states._TO_CHANGE  # noqa: SLF001 - the measured code's own parts
    nothing = "NULL, NULL"
    states.key_of = Plain  # type: ignore[assignment]  # stands where the function stood
    states._READ = before[1].replace(states._KEY, nothing)  # noqa: SLF001 - as above
    states._TO_CHANGE = before[2].replace(states._KEY, nothing)  # noqa: SLF001 - as above
    try:
        yield
    finally:
        states.key_of, states._READ, states._TO_CHANGE = before  # noqa: SLF001 - as above


def _compare(
    act: Callable[[int], None], pairs: list[tuple[int, int]], rounds: int, before: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Medians in microseconds: (sealed, plain)."""
    took: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):
        for number, (sealed, plain) in enumerate(pairs):
            before()
            for which in (0, 1) if (number + turn) % 2 else (1, 0):
                if which:
                    with _without_sealing():
                        spent = _timed(act, plain)
                else:
                    spent = _timed(act, sealed)
                if turn or rounds == 1:  # the first round warms, where there are several
                    took[which].append(spent)
        if rounds == 1:
            break
    return statistics.median(took[0]), statistics.median(took[1])


def _timed(act: Callable[[int], None], viewer: int) -> float:
    began = time.thread_time_ns()
    act(viewer)
    return (time.thread_time_ns() - began) / 1_000


def _percent(sealed: float, plain: float) -> float:
    return round(100 * (sealed / plain - 1), 2)


if __name__ == "__main__":
    print(json.dumps(measure()) if "--measure" in sys.argv else json.dumps(run(), indent=1))
