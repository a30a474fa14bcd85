"""Who works on a clip: a lease on its row, taken and given back by updates whose count is read.

A worker that dies says nothing; its lease runs out and anybody may take the row. A worker that was
only slow finds its key gone at the next beat and stops, and what it made is thrown away with the
folder that carries the key's name.
"""

import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import F, Q

from hustings.lib import clock, ids
from hustings.videos import files, rules
from hustings.videos.models import Video

BEAT_S = 10.0


class LeaseLostError(Exception):
    """The row belongs to another worker now, or is gone. Nothing this one made may be kept."""


@dataclass
class Lease:
    """A claim on one clip. `folder` is this lease's own and is gone when the work ends."""

    video_id: int
    public_id: str
    key: str
    attempts: int
    folder: Path
    _beaten: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        """Say that one is alive, if it is time to. LeaseLostError when the row was taken or deleted."""
        now = time.monotonic()  # the wall clock may jump; the time between two beats must not
        if now - self._beaten >= BEAT_S:
            self._beaten = now
            self.update(lease_until=clock.now() + rules.LEASE)

    def update(self, **values: Any) -> None:
        """Change the row while it is ours. LeaseLostError when it is not."""
        if not Video.objects.filter(pk=self.video_id, lease_key=self.key).update(**values):
            raise LeaseLostError

    def hand_over(self, **values: Any) -> None:
        """Change the row and give it back: the step is done and the next may begin."""
        self.update(lease_key="", lease_until=None, attempts=0, **values)

    def give_back(self, until: datetime | None = None) -> None:
        """Let go unfinished; nobody takes the row before `until`. Fine when it is lost already."""
        Video.objects.filter(pk=self.video_id, lease_key=self.key).update(lease_key="", lease_until=until)

    def clean(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def free(now: datetime) -> Q:
    """Rows that nobody holds.

    A lease that ends further ahead than any lease can was written before the clock went back: it binds
    nobody. A rest after a failure may be longer, and has no key.
    """
    ahead = now + rules.LEASE + timedelta(seconds=5)
    held = Q(lease_until__gt=now) & (
        Q(lease_until__lte=ahead) | Q(lease_key="", lease_until__lte=now + rules.LONGEST_REST)
    )
    return Q(lease_until=None) | ~held


def claim(video_id: int, states: frozenset[str]) -> Lease | None:
    """Take a clip that is in one of `states` and free; None when there is nothing to take.

    What earlier holders left behind in the work folder is removed: whoever they were, their key is void.
    """
    now = clock.now()
    key = ids.secret()
    taken = Video.objects.filter(free(now), pk=video_id, state__in=states).update(
        lease_key=key, lease_until=now + rules.LEASE, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    public_id, attempts = Video.objects.values_list("public_id", "attempts").get(pk=video_id)
    shutil.rmtree(files.work_folder(public_id), ignore_errors=True)
    folder = files.work_folder(public_id, key)
    folder.mkdir(parents=True)
    return Lease(video_id, public_id, key, attempts, folder)
