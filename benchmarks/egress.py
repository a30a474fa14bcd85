"""What the gate costs: a page of the feed, and a connection, with the hook and without it.

- `page_us`, `page_without_us`: one page of 20 over Django's own client, the fastest of several rounds of each, in
  processes of their own that take turns; `page_percent` is the difference.
- `events_per_page`: how many of CPython's audit events a page raises, each of which calls the hook.
- `connect_us`, `connect_without_us`: opening and closing one connection on the loopback.

    python -m benchmarks.egress
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from benchmarks.machine import result

CLIPS, PAGES, CONNECTS, ROUNDS = 300, 300, 1500, 5


def run() -> dict[str, Any]:
    """Take turns, so that whatever else the machine does meets both."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")}
        environment = kept | {"HUSTINGS_DATA": folder, "HUSTINGS_EGRESS_DEVELOPMENT": "on"}
        rounds: dict[str, list[dict[str, float]]] = {"with": [], "without": []}
        for _ in range(ROUNDS):
            for half, measured in rounds.items():
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.egress", half],
                    env=environment, check=True, stdout=subprocess.PIPE, text=True,
                )  # fmt: skip
                measured.append(json.loads(done.stdout.splitlines()[-1]))
    best = {half: {name: min(one[name] for one in found) for name in found[0]} for half, found in rounds.items()}
    figures = {
        "page_us": round(best["with"]["page_us"], 1),
        "page_without_us": round(best["without"]["page_us"], 1),
        "page_percent": round(100 * (best["with"]["page_us"] / best["without"]["page_us"] - 1), 2),
        "events_per_page": round(best["without"]["events"], 1),
        "connect_us": round(best["with"]["connect_us"], 1),
        "connect_without_us": round(best["without"]["connect_us"], 1),
    }
    return result("egress", figures, {"clips": CLIPS, "pages": PAGES, "connects": CONNECTS, "rounds": ROUNDS})


def half(shut: bool) -> dict[str, float]:
    """One process: its pages and connections, then how many events a page raises."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hustings.site.settings")
    from hustings.trust.egress import hook

    if not shut:
        hook.install = lambda: None
    import django

    django.setup()
    page = _page()
    found = {"page_us": _fastest(page, PAGES), "connect_us": _connects()}
    counted = 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal counted
        counted += 1

    sys.addaudithook(count)
    for _ in range(20):
        page()
    return found | {"events": counted / 20}


def _page() -> Callable[[], object]:
    from django.test import Client

    from hustings.accounts import api as accounts
    from hustings.accounts.models import Account
    from hustings.lib import clock
    from hustings.site.database import prepare
    from hustings.trust.api import service_from_here
    from hustings.videos.models import Video

    service_from_here()
    if not (_is_migrated() and Account.objects.exists()):
        prepare()
        author = accounts.create_person("maker")
        now = clock.now()
        Video.objects.bulk_create(
            [
                Video(
                    author_id=author, state="ready", release="published", published_at=now, caption=f"Clip {n}",
                    duration=9.0, width=1080, height=1920,
                    card={"renditions": [], "tracks": [], "hashtags": [], "sound": None},
                )
                for n in range(CLIPS)
            ]
        )  # fmt: skip
    browser = Client(HTTP_HOST="localhost")

    def ask() -> object:
        answer = browser.post("/api/v1/feed", {"count": 20}, content_type="application/json")
        assert answer.status_code == 200, answer.content
        assert len(answer.json()["items"]) == 20
        return answer

    return ask


def _is_migrated() -> bool:
    from django.db import connection

    return "accounts_account" in connection.introspection.table_names()


def _connects() -> float:
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as server:
        threading.Thread(target=_accept, args=(server,), daemon=True).start()
        address = server.getsockname()
        return _fastest(lambda: socket.create_connection(address).close(), CONNECTS)


def _accept(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


def _fastest(act: Callable[[], object], times: int) -> float:
    """The median of the faster half, in microseconds: what the machine's other work did not disturb."""
    for _ in range(20):
        act()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[times // 4] * 1e6


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(half(sys.argv[1] == "with")))
    else:
        print(json.dumps(run(), indent=1))
