"""What closing an account takes: 500 clips with real files, 100,000 watching events, on the embedded default.

- `closure_s`: from the moment in which its owner asks (no cooling) until the receipt is written: lock, inventory with
  the hash of every file, every domain, the key, the sweep of tables, texts, stores and the database's own bytes, the
  entry in the public log and its proof. The worker's slices and the log's sequencer run in this one process, one after
  the other, as they would on one core.

The receipt is checked as an outsider would before the number counts.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmarks.machine import result

ROOT = Path(__file__).parents[1]
CLIPS = int(os.environ.get("HUSTINGS_BENCH_CLIPS") or os.environ.get("BENCH_CLIPS", "500"))
EVENTS = int(os.environ.get("HUSTINGS_BENCH_EVENTS") or os.environ.get("BENCH_EVENTS", "100000"))
A_BATCH = 10  # events that one request of a browser brings
FOLLOWERS = 200
FILE_BYTES = 4_096
FILES = (("360", "mp4"), ("720", "mp4"), ("poster", "webp"), ("poster", "avif"), ("cover", "webp"), ("en", "vtt"))


def run() -> dict[str, Any]:
    """Build such an account in a folder of its own, and close it."""
    with tempfile.TemporaryDirectory(prefix="hustings-bench-", dir=os.environ.get("HUSTINGS_BENCH_DIR")) as folder:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")}
        env = ours | {
            "HUSTINGS_DATA": folder,
            "HUSTINGS_SECRET_KEY": "bench",
            "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
            "BENCH_CLIPS": str(CLIPS),
            "BENCH_EVENTS": str(EVENTS),
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.closure", "--measure"],
            cwd=ROOT,
            env=env,
            check=True,
            stdout=subprocess.PIPE,
        )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    config = measured["config"] | {"load_average": round(os.getloadavg()[0], 1)}
    return result("closure", measured["figures"], config)


def measure() -> dict[str, Any]:
    """In the process with its own folder and database."""
    import django

    django.setup()
    from hustings.trust.api import service

    with service():
        from hustings.site.database import prepare

        prepare()
        who = _build()
        return _close(who)


def _build() -> int:
    """The account, with its clips, files, events and followers."""
    from django.conf import settings

    from hustings.accounts import api as accounts
    from hustings.community import api as community
    from hustings.feed.models import EventBatch
    from hustings.videos.models import Rendition, Video

    who = accounts.create_person("busy", name="Somebody Busy")
    clips = Video.objects.bulk_create(
        [
            Video(author_id=who, state="ready", release="published", caption=f"clip {number} #busy", duration=9.0)
            for number in range(CLIPS)
        ]
    )
    renditions = []
    for clip in clips:
        folder = settings.MEDIA_ROOT / "clips" / clip.public_id
        folder.mkdir(parents=True)
        for kind, form in FILES:
            data, name = secrets.token_bytes(FILE_BYTES), f"{kind}-{secrets.token_hex(16)}.{form}"
            (folder / name).write_bytes(data)
            if form == "mp4":
                renditions.append(
                    Rendition(
                        video=clip, edge=int(kind), width=360, height=640, bytes=FILE_BYTES, mime="video/mp4",
                        file=name, sha256=sha256(data).hexdigest(),
                    )
                )  # fmt: skip
    Rendition.objects.bulk_create(renditions)
    keys = [clip.pk for clip in clips]
    for start in range(0, EVENTS, A_BATCH * 1_000):
        batches = range(min(1_000, (EVENTS - start) // A_BATCH))
        EventBatch.objects.bulk_create(
            [
                EventBatch(
                    account_id=who,
                    count=A_BATCH,
                    events=[[keys[(start + place) % CLIPS], "watch", 4.2] for place in range(A_BATCH)],
                )
                for _ in batches
            ]
        )
    for number in range(FOLLOWERS):
        follower = accounts.create_person(f"follower{number}")
        community.follow(follower, who)
        community.like(follower, keys[number % CLIPS])
    return who


def _close(who: int) -> dict[str, Any]:
    from hustings.lib import receipts
    from hustings.trust.api import Wish, ask_to_close
    from hustings.trust.closure import asking, machine, receipting
    from hustings.trust.log import sequence_once

    begun = time.monotonic()
    secret = ask_to_close(who, Wish())
    reached: dict[str, float] = {}
    shown = set()
    while True:
        row = asking.by_secret(secret)
        reached.setdefault(row.state, round(time.monotonic() - begun, 2))
        shown.add(row.erased)
        if row.state == "receipt" or row.error:
            break
        machine.advance(row.pk, slice_s=1.0)
        if row.entry is not None or row.state in {"erased", "verified"}:
            sequence_once()
    took = time.monotonic() - begun
    raw = receipting.opened(row, secret)
    if raw is None:
        raise RuntimeError(f"the closure did not end: {row.state}, {row.error}")
    receipt = receipts.read(raw)
    receipts.check(receipt)
    erased: dict[str, dict[str, int]] = receipt.statement["erased"]["rows"]
    return {
        "figures": {"closure_s": round(took, 2)},
        "config": {
            "closure_clips": CLIPS,
            "closure_events": EVENTS,
            "closure_events_in_rows": erased["feed"]["eventbatch"],
            "closure_files": receipt.statement["objects"]["count"],
            "closure_rows": sum(sum(some.values()) for some in erased.values()),
            "closure_reached_s": reached,
            "closure_progress_seen": len(shown),
        },
    }


if __name__ == "__main__":
    print(json.dumps(measure() if "--measure" in sys.argv else run()))
