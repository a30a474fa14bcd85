"""FFmpeg is killed, or lacks memory, while a good film is examined: the clip waits for its next try."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hustings.accounts.api import Author
from hustings.lib import clock
from hustings.lib.ffmpeg import run as running
from hustings.lib.ffmpeg.limits import Limits
from hustings.videos import api, jobs
from hustings.videos.models import Video

pytestmark = [pytest.mark.urls("videos.urls"), pytest.mark.django_db, pytest.mark.ffmpeg]


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`killed(2)`: the next two runs of FFmpeg are killed, as the kernel does when memory is short."""
    left = 0
    real = running.confine

    def confine(pid: int, limits: Limits) -> None:
        nonlocal left
        real(pid, limits)
        if left:
            left -= 1
            os.kill(pid, signal.SIGSTOP)
            threading.Thread(target=lambda: (time.sleep(0.05), os.kill(pid, signal.SIGKILL))).start()

    monkeypatch.setattr(running, "confine", confine)

    def next_runs(count: int) -> None:
        nonlocal left
        left = count

    return next_runs


def test_it_waits_and_is_taken_at_the_next_try(
    owner: Author, compatible: Path, killed: Callable[[int], None], settle: Callable[[], int], moved_clock: Any
) -> None:
    video = Video.objects.get(public_id=api.ingest_file(owner.id, compatible))
    killed(1)
    jobs.examine.call(video.pk)
    video.refresh_from_db()
    assert (video.state, video.refusal) == ("received", None)
    moved_clock(clock.now() + timedelta(hours=1))
    jobs.examine.call(video.pk)
    video.refresh_from_db()
    assert video.state == "playable"


def test_in_the_end_it_is_the_machine_that_is_named(
    owner: Author, compatible: Path, killed: Callable[[int], None], settings: Any, moved_clock: Any
) -> None:
    """The tries are counted, because a film that makes FFmpeg crash must not be tried for ever."""
    video = Video.objects.get(public_id=api.ingest_file(owner.id, compatible))
    begun = clock.now()
    for attempt in range(settings.VIDEO_JOB_ATTEMPTS):
        video.refresh_from_db()
        assert video.state == "received"
        killed(1)
        moved_clock(begun + timedelta(hours=1 + attempt))
        jobs.examine.call(video.pk)
    video.refresh_from_db()
    assert video.state == "refused"
    assert video.refusal["code"] == "out_of_memory"


def test_with_too_little_memory_for_any_film_it_waits(owner: Author, compatible: Path, settings: Any) -> None:
    settings.FFMPEG_MEMORY_MB = 16
    video = Video.objects.get(public_id=api.ingest_file(owner.id, compatible))
    jobs.examine.call(video.pk)
    video.refresh_from_db()
    assert (video.state, video.refusal) == ("received", None)
