"""The traces that faults leave between neighbouring pixels: a movement's direction, grain, JPEG's raster.

All take patches `(n, side, side, 3)` uint8 at the reference scale and give a few numbers around zero, the
same for a picture and its mirror image. They are measured, not learned; the defects network hears them beside
the pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.measure.tiles import grey
from autocull.read.photo import Pixels

_EVEN = 0.5  # grey levels: smaller steps are rounding
_FINE = 0.25  # grey levels: less noise than this is none
_SCALES = (1, 2, 4)  # px that are averaged before the steps are looked at
_REACHES = (2, 4, 8, 16)  # px over which a picture is compared with itself
_STEEPEST = 0.99  # the share of steps below an edge's own
_BLOCK = 8  # px: the squares in which noise is estimated
_QUIET = (0.05, 0.25, 0.6)  # the quantiles of those squares: the plainest show noise, the others texture
_CLIPPED = (4.0, 251.0)  # luma beyond which noise is cut off
_UNIT = 4.0  # a number of 1 is a factor of 2 ** _UNIT

SMEAR, GRAIN = 4 * len(_SCALES) + 2 * len(_REACHES), 4 * len(_QUIET)
"""How many numbers `smear_of` and `grain_of` give."""


def blocks_of(patches: Pixels, period: int) -> Floats:
    """Describe JPEG's blocks: `(2 * period,)`, across and then down.

    The mean step between neighbouring pixels, for each place in a raster of `period` pixels, over the mean of
    all places, as log2; sorted from the largest, so that it does not matter where the raster begins. Even
    steps give zeros; a JPEG of low quality, one large first number.
    """
    light = grey(patches)
    rows = []
    for axis in (2, 1):
        steps = np.abs(np.diff(light, axis=axis)).mean(3 - axis)
        places = np.stack([steps[:, place::period].mean(1) for place in range(period)], axis=1)
        share = np.log2((places + _EVEN) / (places.mean(1, keepdims=True) + _EVEN))
        rows.append(-np.sort(-share, axis=1).mean(0))
    profile: Floats = np.concatenate(rows).astype(np.float32)
    return profile


def smear_of(patches: Pixels) -> Floats:
    """Describe edges and the direction in which they are smeared: 20 numbers.

    For each scale, from the patches' structure tensor (Bigün and Granlund, 1987): the root mean square of the
    steps along the direction with the most and the one with the least, how far the patches agree on one
    direction (0-1), and the steepest step. Then how much the picture differs from itself 2 to 16 px further,
    along the direction with the least steps and across it: a movement of 10 px makes it alike up to there.
    Lengths are log2 of grey levels over 16, so 0 is a moderate step.
    """
    light = grey(patches)
    numbers: list[float] = []
    along = 0.0
    for scale in _SCALES:
        across, down = _steps(_averaged(light, scale))
        squares = across * across, down * down
        tensors = np.stack([plane.mean((1, 2)) for plane in (*squares, across * down)])
        most, least, angle = _axes(tensors.mean(1))
        shares = tensors / (tensors[0] + tensors[1] + _EVEN)
        agreed = _axes(shares.mean(1))
        steep = _quantile(squares[0] + squares[1], _STEEPEST) ** 0.5
        numbers += [_log(most**0.5), _log(least**0.5), agreed[0] - agreed[1], _log(steep)]
        along = angle if scale == 1 else along
    for turn in (0.0, np.pi / 2):
        numbers += [_log(_unlike(light, reach, along + turn)) for reach in _REACHES]
    return np.array(numbers, np.float32)


def _averaged(pixels: NDArray[Any], scale: int) -> Floats:
    """Average `(n, side, side)`, of colours or not, over squares of `scale` px; a rest at the rim is cut."""
    side = pixels.shape[1] // scale * scale
    part = pixels[:, :side, :side].astype(np.float32, copy=False)
    if scale == 1:
        return part
    rows = part[:, ::scale]
    for row in range(1, scale):
        rows = rows + part[:, row::scale]
    squares = rows[:, :, ::scale]
    for column in range(1, scale):
        squares = squares + rows[:, :, column::scale]
    return squares / np.float32(scale * scale)


def _steps(light: Floats) -> tuple[Floats, Floats]:
    """The steps across and down at the corners between pixels, both at the same places (Roberts, turned)."""
    falling, rising = light[:, 1:, 1:] - light[:, :-1, :-1], light[:, :-1, 1:] - light[:, 1:, :-1]
    half = np.float32(0.5)
    return half * (falling + rising), half * (falling - rising)


def _quantile(plane: Floats, share: float) -> float:
    """The value below which a share of the numbers lies; without interpolation, which costs as much again."""
    place = int(share * (plane.size - 1))
    return float(np.partition(plane, place, axis=None)[place])


def _axes(tensor: NDArray[np.floating]) -> tuple[float, float, float]:
    """The larger and the smaller value of a structure tensor (xx, yy, xy), and the smaller's angle (rad)."""
    xx, yy, xy = map(float, tensor)
    apart = float(np.hypot((xx - yy) / 2, xy))
    middle = (xx + yy) / 2
    return middle + apart, max(0.0, middle - apart), 0.5 * float(np.arctan2(2 * xy, xx - yy)) + np.pi / 2


def _unlike(light: Floats, reach: int, angle: float) -> float:
    """The mean difference of a picture from itself, `reach` px further in the direction `angle`."""
    across, down = round(reach * np.cos(angle)), round(reach * np.sin(angle))
    if across < 0:
        across, down = -across, -down
    high, wide = light.shape[1:]
    here = light[:, max(0, -down) : high - max(0, down), : wide - across]
    there = light[:, max(0, down) : high - max(0, -down), across:]
    return float(np.abs(there - here).mean())


def _log(levels: float) -> float:
    return (float(np.log2(levels + _EVEN)) - _UNIT) / _UNIT


def grain_of(patches: Pixels) -> Floats:
    """Describe noise: 12 numbers, for luma, then at half resolution for luma, red - green and blue - green.

    Each is the noise's standard deviation (Immerkær, Fast noise variance estimation, 1996) in small squares,
    of which the 5th, 25th and 60th percentile are told, as log2 of grey levels over 4. Squares that are
    clipped do not count, unless all are.
    """
    light = grey(patches)
    half = _averaged(patches, 2)
    numbers = _noise(light, light)
    for plane in (grey(half), half[..., 0] - half[..., 1], half[..., 2] - half[..., 1]):
        numbers += _noise(plane, grey(half))
    return np.array(numbers, np.float32)


def _noise(plane: Floats, light: Floats) -> list[float]:
    """The noise of `plane` in quiet, middling and busier squares, those that are not clipped in `light`."""
    middle = _in_squares(light[:, 1:-1, 1:-1])
    whole = (middle > _CLIPPED[0]) & (middle < _CLIPPED[1])
    noise = _in_squares(np.abs(_curls(plane))) * (np.sqrt(np.pi / 2) / 6)
    seen = noise[whole] if whole.any() else noise.ravel()
    return [(float(np.log2(each + _FINE)) - 2) / _UNIT for each in np.quantile(seen, _QUIET)]


def _curls(plane: Floats) -> Floats:
    """What neither a slope nor an edge explains: the second difference across of the second one down."""
    down = plane[:, 2:] - 2 * plane[:, 1:-1] + plane[:, :-2]
    return np.asarray(down[:, :, 2:] - 2 * down[:, :, 1:-1] + down[:, :, :-2], np.float32)


def _in_squares(plane: Floats) -> Floats:
    """Average `(n, side, side)` over squares of `_BLOCK` px; what is left over at the rim is not seen."""
    return _averaged(plane, min(_BLOCK, plane.shape[1]))
