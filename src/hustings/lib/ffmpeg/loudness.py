"""How loud a clip is, and what to do about it: one measured gain, as broadcasters do.

Loudness is measured first, in an audio-only pass that costs about 0.3 % of the encoding, and then corrected by one
constant gain. FFmpeg's `loudnorm` in one pass was not taken: without the measurement it is a compressor that rides
the volume, which pumps audibly on speech over music, works at 192 kHz and is unreliable under 3 s.
References: EBU R 128, ITU-R BS.1770-4.
"""

import re

from .source import Loudness

TARGET_LUFS = -14.0
CEILING_DBTP = -1.0
# The limiter sees samples, not what lies between them; half a decibel covers the difference at 48 kHz.
LIMITER_DB = CEILING_DBTP - 0.5
QUIETEST_LUFS = -50.0  # below this it is room noise, which nobody wants louder
MOST_GAIN_DB = 30.0  # more would be mostly noise

STEREO_48K = "aresample=48000:async=1:first_pts=0,aformat=channel_layouts=stereo:sample_fmts=fltp"
# `framelog=verbose` keeps ten lines a second out of the log; `quiet` came only with FFmpeg 6.
METER = f"{STEREO_48K},ebur128=peak=true:framelog=verbose"

_INTEGRATED = re.compile(r"^\s+I:\s+(-?[\d.]+|-inf) LUFS", re.MULTILINE)
_PEAK = re.compile(r"^\s+Peak:\s+(-?[\d.]+|-inf) dBFS", re.MULTILINE)


def read(stderr: str) -> Loudness | None:
    """What the meter printed last, or None when it heard nothing at all."""
    integrated, peak = _INTEGRATED.findall(stderr), _PEAK.findall(stderr)
    if not integrated or not peak or "-inf" in (integrated[-1], peak[-1]):
        return None
    return Loudness(float(integrated[-1]), float(peak[-1]))


def gain(loudness: Loudness | None) -> float:
    """Decibels that bring a film to the target; 0 for silence."""
    if loudness is None or loudness.integrated < QUIETEST_LUFS:
        return 0.0
    return round(min(TARGET_LUFS - loudness.integrated, MOST_GAIN_DB), 2)


def correction(loudness: Loudness | None) -> str:
    """The audio filters of an encode: stereo at 48 kHz, the gain, and a limiter only where the peak needs it."""
    decibels = gain(loudness)
    filters = [STEREO_48K]
    if decibels:
        filters.append(f"volume={decibels}dB")
    if loudness is not None and loudness.peak + decibels > CEILING_DBTP:
        filters.append(f"alimiter=limit={10 ** (LIMITER_DB / 20):.4f}:attack=5:release=60:level=disabled")
    return ",".join(filters)
