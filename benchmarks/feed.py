"""`hustings bench feed`: pages of 20 over real HTTP, 100,000 clips, 10,000 viewers with history.

- `p50_ms`, `p99_ms`: from when a request was due to its last byte, 100 requests a second, open loop.
- `pages_per_s`: closed loop, 8 connections; the load generator shares the machine.
- `queries_per_page`: the most that one of a hundred pages asked (session, account, viewer's row).

Measured once the cards are made (about a minute after the server's start; before that a page may wait for
the JSON of clips that nobody has seen since). HUSTINGS_BENCH_DATABASE_URL measures PostgreSQL.
"""

import json
import os
import random
import time
from typing import Any

from benchmarks import serving
from benchmarks.load import Load, closed_loop, open_loop, post
from benchmarks.machine import result

RATE, SECONDS, COUNT, CONNECTIONS, PROCESSES = 100.0, 20.0, 20, 8, 2
WARM_S = float(os.environ.get("HUSTINGS_BENCH_WARM_S", "75"))


def run() -> dict[str, Any]:
    """Build the site when it is not there, serve it, ask."""
    serving.site("build")
    queries = json.loads(serving.site("queries"))["queries"]
    cookies = serving.cookies()
    dice = random.Random(11)
    body = json.dumps({"count": COUNT, "language": "en"}).encode()

    def ask(number: int) -> bytes:
        return post("/api/v1/feed", body, Cookie=f"sessionid={dice.choice(cookies)}")

    with serving.server(PROCESSES) as server:
        time.sleep(WARM_S)
        closed_loop(server.port, ask, connections=CONNECTIONS, seconds=3)
        steady = open_loop(server.port, ask, rate=RATE, seconds=SECONDS)
        before = server.cpu_seconds()
        full = closed_loop(server.port, ask, connections=CONNECTIONS, seconds=10)
        used = server.cpu_seconds() - before
    _sound(steady)
    _sound(full)
    return result(
        "feed",
        {
            "p50_ms": steady.ms(50),
            "p99_ms": steady.ms(99),
            "pages_per_s": full.per_second(),
            "queries_per_page": queries,
        },
        {
            "clips": 100_000,
            "viewers": 10_000,
            "page": COUNT,
            "rate": RATE,
            "processes": PROCESSES,
            "server_cpu_ms_per_page": round(1_000 * used / len(full.latencies), 2),
            "kb_per_page": round(full.bytes / len(full.latencies) / 1_000, 1),
            "load_average": round(os.getloadavg()[0], 1),
        },
    )


def _sound(load: Load) -> None:
    if set(load.statuses) != {200}:
        raise RuntimeError(f"not all were answered with 200: {load.statuses}")


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
