"""ThumbHash: a picture in about 25 bytes, which a browser paints before the real one arrives.

The format is Evan Wallace's, https://evanw.github.io/thumbhash/. Only the encoder, and only for opaque
pictures: a poster has no transparency. Written for NumPy; the bytes are those of the reference encoder.
"""

import base64
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LARGEST = 100
Floats = NDArray[np.float64]


def of(picture: Image.Image) -> str:
    """The ThumbHash of a picture, base64 as the API sends it. The picture is made small first."""
    small = picture.convert("RGB")
    small.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
    return base64.b64encode(encode(np.asarray(small))).decode()


def encode(rgb: NDArray[np.uint8]) -> bytes:
    """The ThumbHash of an opaque picture of shape (height, width, 3), at most 100 × 100."""
    height, width, _ = rgb.shape
    if max(width, height) > _LARGEST:
        raise ValueError(f"{width}×{height} is larger than {_LARGEST}×{_LARGEST}")
    light = rgb.astype(np.float64) * (1 / 255)
    red, green, blue = light[..., 0], light[..., 1], light[..., 2]
    longer = max(width, height)
    across = max(1, _half_up(7 * width / longer))
    down = max(1, _half_up(7 * height / longer))
    l_dc, l_ac, l_scale = _channel((red + green + blue) / 3, max(3, across), max(3, down))
    p_dc, p_ac, p_scale = _channel((red + green) / 2 - blue, 3, 3)
    q_dc, q_ac, q_scale = _channel(red - green, 3, 3)
    landscape = width > height
    head = (
        _half_up(63 * l_dc)
        | _half_up(31.5 + 31.5 * p_dc) << 6
        | _half_up(31.5 + 31.5 * q_dc) << 12
        | _half_up(31 * l_scale) << 18
    )
    tail = (
        (down if landscape else across)
        | _half_up(63 * p_scale) << 3
        | _half_up(63 * q_scale) << 9
        | int(landscape) << 15
    )
    return head.to_bytes(3, "little") + tail.to_bytes(2, "little") + _nibbles([*l_ac, *p_ac, *q_ac])


def _half_up(value: float) -> int:
    """JavaScript's Math.round, which the reference uses; Python rounds halves to even."""
    return math.floor(value + 0.5)


def _channel(channel: Floats, nx: int, ny: int) -> tuple[float, list[float], float]:
    """The cosine transform of one channel: the mean, the other terms brought to 0 to 1, and their scale.

    Summed pixel by pixel in the reference's order (`cumsum`, not `sum` or a matrix product): the terms of an even
    picture are exactly zero but for rounding, and its bytes depend on which way they were rounded.
    """
    height, width = channel.shape
    terms = []
    for cy in range(ny):
        down = np.array([[math.cos(math.pi / height * cy * (y + 0.5))] for y in range(height)])
        for cx in range(nx):
            if cx * ny < nx * (ny - cy):
                across = np.array([math.cos(math.pi / width * cx * (x + 0.5)) for x in range(width)])
                total = np.cumsum(channel * across * down)[-1]
                terms.append(float(total) / (width * height))
    mean, *rest = terms
    scale = max((abs(term) for term in rest), default=0.0)
    if scale:
        rest = [0.5 + 0.5 / scale * term for term in rest]
    return mean, rest, scale


def _nibbles(terms: list[float]) -> bytes:
    values = [_half_up(15 * term) for term in terms]
    values += [0] * (len(values) % 2)
    return bytes(low | high << 4 for low, high in zip(values[::2], values[1::2], strict=True))
