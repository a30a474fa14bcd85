"""Workers killed outright, with real signals, at several points and twice: nothing is lost, nothing left over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from videos.live import Site, wait_for

pytestmark = [pytest.mark.ffmpeg, pytest.mark.own_database]

_INGEST = """
import json, os, django
django.setup()
from hustings.trust.api import service_from_here
service_from_here()
from pathlib import Path
from hustings.videos import api
print(json.dumps({"clip": api.ingest_file(int(os.environ["OWNER"]), Path(os.environ["FILM"]))}))
"""

# Every point in one process that forks: the child attempts a step and kills itself, without any `finally`,
# before or after the first call of that point; twice. Then the work is finished and everything counted.
_KILL = """
import importlib, json, os, shutil, signal, django
django.setup()
from hustings.trust.api import service_from_here
service_from_here()
from datetime import timedelta
from pathlib import Path
from django.conf import settings
from django.db import connections
from django_tasks_db.models import DBTaskResult
from hustings.lib import clock
from hustings.videos import api, cards, jobs, sweeps
from hustings.videos.models import Video

def forked(act):
    connections.close_all()
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def deadly(point, nth, when):
    module, _, name = point.rpartition(".")
    place = importlib.import_module(module)
    holder, name = (getattr(place, name.split(":")[0]), name.split(":")[1]) if ":" in name else (place, name)
    real, left = getattr(holder, name), [nth]
    def dying(*arguments, **named):
        left[0] -= 1
        if left[0] == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*arguments, **named)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(holder, name, dying)
    video = Video.objects.get()
    (jobs.examine if video.state == "received" else jobs.encode).call(video.pk)

def run_out():
    Video.objects.exclude(lease_until=None).update(lease_until=clock.now() - timedelta(seconds=1))

def finish():
    run_out()
    for sweep in jobs.SWEEPS:
        sweep()
    while (waiting := DBTaskResult.objects.ready().first()) is not None:
        task = waiting.task
        waiting.delete()
        task.call(*waiting.args_kwargs["args"], **waiting.args_kwargs["kwargs"])
    for folder in (settings.MEDIA_ROOT, settings.UPLOADS_ROOT):
        for path in [folder, *folder.rglob("*")]:
            os.utime(path, (1, 1))
    sweeps.remove_orphans(everything=True)

def count():
    video = Video.objects.get()
    # cell.json says whose media these are.
    files = {path.name for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()} - {"cell.json"}
    return {
        "state": video.state,
        "renditions": video.renditions.count(),
        "more": sorted(files - cards.names_in_use(video)),
        "less": sorted(cards.names_in_use(video) - files),
        "uploads": len(list(settings.UPLOADS_ROOT.iterdir())),
    }

told = []
for point, nth, when in json.loads(os.environ["POINTS"]):
    Video.objects.all().delete()
    DBTaskResult.objects.all().delete()
    for folder in (settings.MEDIA_ROOT, settings.UPLOADS_ROOT):
        shutil.rmtree(folder, ignore_errors=True)
    if os.environ.get("FILM"):
        api.ingest_file(int(os.environ["OWNER"]), Path(os.environ["FILM"]))
    killed = 0
    for _ in range(2):
        killed += forked(lambda: deadly(point, nth, when)) == -signal.SIGKILL
        run_out()
    finish()
    told.append(count() | {"killed": killed})
if not told:
    finish()
    told.append(count())
print(json.dumps(told))
"""

POINTS = [
    ("hustings.videos.leases.Lease:update", 1),
    ("hustings.videos.leases.Lease:update", 2),
    ("hustings.videos.leases.Lease:hand_over", 1),
    ("hustings.videos.files.place", 1),
    ("hustings.videos.files.place_poster", 1),
    ("hustings.videos.cards.refresh", 1),
    ("hustings.videos.encoding.drop_source", 1),
    ("hustings.lib.ffmpeg.engine._carry_out", 1),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


def test_at_every_point_and_twice(site: Site, compatible: Path) -> None:
    ways = [(point, nth, when) for point, nth in POINTS for when in ("before", "after")]
    told = site.python(_KILL, OWNER=str(site.owner), FILM=str(compatible), POINTS=json.dumps(ways))
    whole = {"state": "ready", "renditions": 1, "more": [], "less": [], "uploads": 0}
    for way, one in zip(ways, told, strict=True):
        killed = one.pop("killed")
        assert one == whole, way
        # Only the encoding step drops a source; the point is reached once examining was done.
        assert killed >= (1 if "drop_source" in way[0] else 2) - (way[1] > 1), way


def test_everything_is_killed_while_encoding(site: Site, tmp_path: Path, foreign: Path) -> None:
    """Power off for the workers: FFmpeg ends with them, and the next ones take up the work."""
    long = tmp_path / "long.avi"
    tool = [*_ffmpeg(), "-stream_loop", "59", "-i", str(foreign), "-c", "copy", str(long)]
    subprocess.run(tool, check=True, timeout=60)
    for table in ("videos_rendition", "videos_upload", "videos_video"):
        site.write(f"DELETE FROM {table}")  # noqa: S608 - our own tables
    with site.worked() as pid:
        clip = str(site.python(_INGEST, OWNER=str(site.owner), FILM=str(long))["clip"])
        wait_for(lambda: list((site.media / "work" / clip).glob("*/*.mp4")), 60, step=0.005)
        os.killpg(pid, signal.SIGKILL)
        wait_for(lambda: not _alive_in(site.root), 20)
    assert site.state(clip) == "processing"
    site.write("UPDATE videos_video SET lease_until = '2000-01-01'")
    with site.worked():
        wait_for(lambda: site.state(clip) == "ready", 120)
    [told] = site.python(_KILL, POINTS="[]")
    assert told == {"state": "ready", "renditions": 1, "more": [], "less": [], "uploads": 0}


def _ffmpeg() -> list[str]:
    from hustings.lib import ffmpeg

    return [ffmpeg.find("").path, "-v", "error", "-y"]


def _alive_in(root: Path) -> list[Any]:
    """Processes of the site under `root`, by their environment or their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if str(root).encode() in known and state != "Z" and int(process.name) != os.getpid():
            found.append(process.name)
    return found
