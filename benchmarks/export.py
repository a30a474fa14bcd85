"""An archive of everything held about somebody: 1,000 events, 20 clips of 9 s as they leave the encoder.

- `export_s`: from the request over HTTP until the status says *ready*, with the worker's slices and the database's
  own queue between. The worker is a process of its own, as on a server.
- `export_mb`: the size of the archive.
- `check_s`: `hustings export --check` on it: every SHA-256, every document by its schema.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import result

ROOT = Path(__file__).parents[1]
EVENTS, CLIPS = 1_000, 20
CLIP_BYTES = 4_500_000  # 9 s at 1080p as our ladder writes it
A_BATCH = 10  # events that one request of a browser brings


def run() -> dict[str, Any]:
    """Build such an account in a folder of its own, and export it."""
    with tempfile.TemporaryDirectory(prefix="hustings-bench-", dir=os.environ.get("HUSTINGS_BENCH_DIR")) as folder:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("HUSTINGS_")}
        env = ours | {
            "HUSTINGS_DATA": folder,
            "HUSTINGS_SECRET_KEY": "bench",
            "DJANGO_SETTINGS_MODULE": "hustings.site.settings",
        }
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.export", "--measure"],
            cwd=ROOT,
            env=env,
            check=True,
            stdout=subprocess.PIPE,
        )
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    config = measured["config"] | {"load_average": round(os.getloadavg()[0], 1)}
    return result("export", measured["figures"], config)


def measure() -> dict[str, Any]:
    """In the process with its own folder and database."""
    import django

    django.setup()
    from hustings.site.database import prepare
    from hustings.trust.api import service

    with service():
        prepare()
        person_id = _account()
        worker = subprocess.Popen([sys.executable, "-m", "hustings", "worker", "--queue", "default"], cwd=ROOT)
        try:
            time.sleep(8)  # a worker that is running, as it is on a server
            took, path = _export(person_id)
        finally:
            worker.terminate()
            worker.wait(20)
        began = time.perf_counter()
        checked = subprocess.run(
            [sys.executable, "-m", "hustings", "export", "--check", str(path), "--json"],
            check=True,
            stdout=subprocess.PIPE,
        )
        said = json.loads(checked.stdout)
        assert said["whole"], said["faults"]
        figures = {
            "export_s": round(took, 2),
            "export_mb": round(path.stat().st_size / 1e6, 1),
            "check_s": round(time.perf_counter() - began, 2),
        }
    config = {
        "events": EVENTS,
        "clips": CLIPS,
        "clip_mb": CLIP_BYTES / 1e6,
        "files": said["files"],
        "rows": said["rows"],
    }
    return {"figures": figures, "config": config}


def _account() -> int:
    import hashlib

    from django.conf import settings
    from django.db import transaction

    from hustings.accounts import api as accounts
    from hustings.feed.models import EventBatch
    from hustings.lib import clock
    from hustings.videos import cards
    from hustings.videos.models import Rendition, Track, Video

    person_id = accounts.create_person("exporter", password="a long enough password")
    other_id = accounts.create_person("another", password="a long enough password")
    with transaction.atomic():
        watched = [
            Video.objects.create(author_id=other_id, state="ready", release="published", published_at=clock.now())
            for _ in range(100)
        ]
        for number in range(EVENTS // A_BATCH):
            events = [(watched[(number + step) % 100].pk, "watch", 7.5) for step in range(A_BATCH)]
            EventBatch.objects.create(account_id=person_id, count=A_BATCH, events=events)
        for number in range(CLIPS):
            video = Video.objects.create(
                author_id=person_id,
                caption=f"Clip {number}",
                state="ready",
                release="published",
                published_at=clock.now(),
                duration=9.0,
            )
            body = os.urandom(CLIP_BYTES)
            digest = hashlib.sha256(body).hexdigest()
            folder = settings.MEDIA_ROOT / "clips" / video.public_id
            folder.mkdir(parents=True)
            name = f"1080-{digest[:32]}.mp4"
            (folder / name).write_bytes(body)
            (folder / "en-abc.vtt").write_text("WEBVTT\n")
            Rendition.objects.create(
                video=video,
                edge=1080,
                width=1080,
                height=1920,
                bytes=CLIP_BYTES,
                mime="video/mp4",
                file=name,
                sha256=digest,
            )
            Track.objects.create(video=video, language="en", file="en-abc.vtt")
            cards.refresh(video.pk)
    return person_id


def _export(person_id: int) -> tuple[float, Path]:
    from django.contrib.auth import get_user_model
    from django.test import Client

    from hustings.trust.rights import exporting
    from hustings.trust.rights.models import Export

    client = Client(SERVER_NAME="localhost")
    client.force_login(get_user_model().objects.get(pk=person_id))
    assert (
        client.post("/trust/confirm", {"password": "a long enough password", "next": "/trust/export"}).status_code
        == 302
    )
    began = time.perf_counter()
    assert client.post("/api/v1/me/export").status_code == 202
    while True:
        said = client.get("/api/v1/me/export").json()["export"]
        if said["state"] == "ready":
            break
        assert said["state"] in {"asked", "building"}, said
        time.sleep(0.1)
    return time.perf_counter() - began, exporting.archive_of(Export.objects.get())


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure()))
    else:
        print(json.dumps(run()))
