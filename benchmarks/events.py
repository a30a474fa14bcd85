"""`hustings bench events`: watching events in batches over real HTTP, and how soon a page reflects them.

- `events_per_s`: batches of 200 from signed-in viewers, each one transaction (state, events, batch key);
  closed loop, 12 connections. The load generator shares the machine.
- `reflect_ms`: from sending a viewer's events to the last byte of a page, on another connection, that was
  built from them (none of the clips just watched is on it); median.

The site is the one of `feed`: 100,000 clips, 10,000 viewers with history. Its events grow with each run.
"""

import asyncio
import json
import os
import random
import statistics
import time
from typing import Any

from benchmarks import serving
from benchmarks.load import closed_loop, post
from benchmarks.machine import result

BATCH, CONNECTIONS, SECONDS, REFLECTED, PROCESSES = 200, 12, 10.0, 200, 2
TOKEN = "b" * 32


def run() -> dict[str, Any]:
    """Build the site when it is not there, serve it, tell it."""
    serving.site("build")
    clips: list[str] = json.loads(serving.site("clips"))
    cookies = serving.cookies()
    # Another seed each run: what a viewer has already watched is counted no more, and would be cheaper.
    dice = random.Random()
    bodies = [_batch(dice.choices(clips, k=BATCH), dice) for _ in range(500)]

    def tell(number: int) -> bytes:
        # Each viewer tells a batch now and then, as they do; nobody runs into their limit.
        return post("/api/v1/events", bodies[number % len(bodies)], **_as(cookies[number % len(cookies)]))

    with serving.server(PROCESSES) as server:
        time.sleep(float(os.environ.get("HUSTINGS_BENCH_WARM_S", "75")))
        closed_loop(server.port, tell, connections=CONNECTIONS, seconds=2)
        before = server.cpu_seconds()
        full = closed_loop(server.port, tell, connections=CONNECTIONS, seconds=SECONDS)
        used = server.cpu_seconds() - before
        # The counts of so many clips take the flusher a moment; a viewer's own row never waits for it.
        time.sleep(5)
        reflected = asyncio.run(_reflect(server.port, dice.sample(cookies, REFLECTED)))
    if set(full.statuses) != {200}:
        raise RuntimeError(f"not all batches were taken: {full.statuses}")
    events = len(full.latencies) * BATCH
    return result(
        "events",
        {
            "events_per_s": round(events / full.seconds),
            "reflect_ms": round(1_000 * statistics.median(reflected), 2),
        },
        {
            "batch": BATCH,
            "processes": PROCESSES,
            "batch_p99_ms": full.ms(99),
            "reflect_p95_ms": round(1_000 * statistics.quantiles(reflected, n=20)[-1], 2),
            "server_cpu_us_per_event": round(1e6 * used / events, 1),
            "load_average": round(os.getloadavg()[0], 1),
        },
    )


def _batch(clips: list[str], dice: random.Random) -> bytes:
    events = [
        {"clip": clip, "kind": "watch", "watched_s": round(dice.uniform(0.3, 30.0), 2), "loops": 0} for clip in clips
    ]
    return json.dumps({"events": events}).encode()


def _as(cookie: str) -> dict[str, str]:
    return {"Cookie": f"sessionid={cookie}; csrftoken={TOKEN}", "X_CSRFToken": TOKEN}


async def _reflect(port: int, cookies: list[str]) -> list[float]:
    """Seconds from sending to seeing, one viewer after the other."""
    took = []
    for cookie in cookies:
        shown = await _page(port, cookie)
        watched = [{"clip": clip, "kind": "watch", "watched_s": 5.0, "loops": 0} for clip in shown]
        teller, asker = await _open(port), await _open(port)
        began = time.perf_counter()
        await _ask(teller, post("/api/v1/events", json.dumps({"events": watched}).encode(), **_as(cookie)))
        after = await _ask(asker, post("/api/v1/feed", b'{"count":20}', **_as(cookie)))
        took.append(time.perf_counter() - began)
        again = {item["clip"]["id"] for item in json.loads(after)["items"]} & set(shown)
        if again:
            raise RuntimeError(f"shown again although just watched: {again}")
        for _, writer in (teller, asker):
            writer.close()
    return took


Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(port: int) -> Pair:
    return await asyncio.open_connection("127.0.0.1", port)


async def _page(port: int, cookie: str) -> list[str]:
    pair = await _open(port)
    body = await _ask(pair, post("/api/v1/feed", b'{"count":20}', **_as(cookie)))
    pair[1].close()
    return [item["clip"]["id"] for item in json.loads(body)["items"]]


async def _ask(pair: Pair, request: bytes) -> bytes:
    reader, writer = pair
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(head.decode(errors="replace"))
    return await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
