"""Clips into files: frames go raw to FFmpeg through a pipe, music beside them; several clips at a time, in processes.

A file has its final name only when it is whole, so a rendering that was killed is simply done again.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from PIL import Image

from hustings.demo import music
from hustings.demo.clips import CLIPS, ORDER
from hustings.demo.graphics import FPS, HEIGHT, WIDTH
from hustings.demo.spec import Clip
from hustings.lib.ffmpeg import find


class RenderError(RuntimeError):
    """FFmpeg refused; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Rendered:
    key: str
    path: Path


def frames(made: Clip) -> Iterable[Image.Image]:
    draw = made.scene(made.stage())
    for number in range(round(made.seconds * FPS)):
        yield draw(number / FPS)


def render(key: str, folder: Path, *, height: int = HEIGHT, program: str = "") -> Path:
    """Renders one clip unless it is there; H.264 high 4:2:0 BT.709 and AAC stereo, ready to stream.

    `program` is the FFmpeg to run when it is not the one that would be found.
    """
    made, target = CLIPS[key], folder / f"{key}.mp4"
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as making:
        sound, whole = Path(making) / "sound.wav", Path(making) / "clip.mp4"
        music.write_wav(music.play(made.mood, made.seconds, made.seed), sound)
        _encode(frames(made), sound, whole, made.seconds, height, program)
        whole.replace(target)
    return target


def sweep(folder: Path) -> None:
    """Removes what renderings that were killed have left."""
    for left in folder.glob(".making-*"):
        shutil.rmtree(left, ignore_errors=True)


def _encode(
    pictures: Iterable[Image.Image], sound: Path, target: Path, seconds: float, height: int, program: str
) -> None:
    width = WIDTH * height // HEIGHT // 2 * 2
    command = [
        find(program).path, "-hide_banner", "-loglevel", "error", "-nostdin", "-y",
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "pipe:0",
        "-i", str(sound),
        "-vf", f"scale={width}:{height}:flags=bilinear:out_color_matrix=bt709:out_range=tv,format=yuv420p",
        "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", "22",
        "-maxrate", "3500k", "-bufsize", "5000k",
        "-threads", "1", "-g", str(FPS * 4), "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        "-c:a", "aac", "-b:a", "160k", "-t", f"{seconds:.3f}", "-movflags", "+faststart", str(target),
    ]  # fmt: skip
    with tempfile.TemporaryFile() as said, subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said) as process:
        assert process.stdin is not None
        try:
            for picture in pictures:
                process.stdin.write(picture.tobytes())
            process.stdin.close()
        except BrokenPipeError:
            pass  # FFmpeg left early; what it said is raised below
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            said.seek(0)
            raise RenderError(said.read().decode(errors="replace").strip()[-2000:])


def render_all(
    folder: Path,
    keys: Iterable[str] | None = None,
    *,
    jobs: int = 2,
    program: str = "",
    on_done: Callable[[Rendered], None] | None = None,
) -> None:
    """Renders the clips in order, `jobs` at a time. `on_done` is called in the caller's thread as each is whole."""
    wanted = list(ORDER if keys is None else keys)
    # A fresh interpreter for each worker: a forked one would share the caller's database connections.
    with ProcessPoolExecutor(max_workers=jobs, mp_context=get_context("spawn")) as pool:
        running: dict[Future[Path], str] = {}
        try:
            while wanted or running:
                while wanted and len(running) < jobs + 1:
                    key = wanted.pop(0)
                    running[pool.submit(render, key, folder, program=program)] = key
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    key = running.pop(future)
                    path = future.result()
                    if on_done:
                        on_done(Rendered(key, path))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _say(done: Rendered) -> None:
    sys.stdout.write(f"{done.key}\n")
    sys.stdout.flush()


def main() -> None:
    """`python -m hustings.demo.render FOLDER JOBS [KEY …]`: prints each key when its file is whole.

    A process of its own, without Django, so that the demonstration can end it and all it started at once.
    """
    folder, jobs, *keys = sys.argv[1:]
    render_all(
        Path(folder), keys or None, jobs=int(jobs), program=os.environ.get("HUSTINGS_FFMPEG", ""),
        on_done=_say,
    )  # fmt: skip


if __name__ == "__main__":
    main()
