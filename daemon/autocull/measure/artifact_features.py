"""Hand-crafted features of artifacts between neighbouring pixels: motion direction, noise, JPEG blocks.

All take patches `(n, side, side, 3)` uint8 at the reference scale and return a few numbers around zero, the
same for a picture and its mirror image. They are computed, not learned; the defects network takes them as
input next to the pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats
from autocull.measure.exposure import BRIGHTEST, DARKEST
from autocull.measure.tiles import to_grey
from autocull.read import Pixels

_ROUNDING_STEP = 0.5  # grey levels: smaller steps are rounding errors
_MIN_NOISE = 0.25  # grey levels: noise floor, keeps the logarithm finite
_SCALES = (1, 2, 4)  # px: block averages over which steps are computed
_REACHES = (2, 4, 8, 16)  # px: shifts at which a picture is compared with itself
_STEEP_QUANTILE = 0.99  # quantile of the steps that represents an edge
_BLOCK = 8  # px: side of the squares in which noise is estimated
_NOISE_QUANTILES = (0.05, 0.25, 0.6)  # of the squares: the lowest show noise, the others texture
_LOG_UNIT = 4.0  # a feature of 1 is a factor of 2 ** _LOG_UNIT

SMEAR_COUNT, GRAIN_COUNT = 4 * len(_SCALES) + 2 * len(_REACHES), 4 * len(_NOISE_QUANTILES)
"""Number of features of `smear_features` and of `grain_features`."""


def block_features(patches: Pixels, period: int) -> Floats:
    """Compute features of JPEG blocks: `(2 * period,)`, across and then down.

    Each is the mean step between neighbouring pixels at one phase of a grid of `period` pixels, over the mean
    of all phases, as log2; sorted from the largest, so that the grid's offset does not matter. Uniform steps
    give zeros; a JPEG of low quality gives one large first number.
    """
    light = to_grey(patches)
    rows = []
    for axis in (2, 1):
        steps = np.abs(np.diff(light, axis=axis)).mean(3 - axis)
        phase_steps = np.stack([steps[:, phase::period].mean(1) for phase in range(period)], axis=1)
        log_shares = np.log2(
            (phase_steps + _ROUNDING_STEP) / (phase_steps.mean(1, keepdims=True) + _ROUNDING_STEP)
        )
        rows.append(-np.sort(-log_shares, axis=1).mean(0))
    profile: Floats = np.concatenate(rows).astype(np.float32)
    return profile


def smear_features(patches: Pixels) -> Floats:
    """Compute features of edges and the direction of motion blur: 20 numbers.

    For each scale, from the patches' structure tensor (Bigün and Granlund, 1987): the root mean square of the
    steps along the direction with the most and the one with the least, how far the patches agree on one
    direction (0-1), and the steepest step. Then the mean difference of the picture from itself 2 to 16 px
    further, along the direction with the least steps and across it: motion blur of 10 px makes it similar up
    to that distance. Steps are log2 of grey levels over 16, so 0 is a moderate step.
    """
    light = to_grey(patches)
    features: list[float] = []
    along = 0.0
    for scale in _SCALES:
        across, down = _compute_steps(_average_blocks(light, scale))
        squares = across * across, down * down
        tensors = np.stack([plane.mean((1, 2)) for plane in (*squares, across * down)])
        largest, smallest, angle = _principal_axes(tensors.mean(1))
        shares = tensors / (tensors[0] + tensors[1] + _ROUNDING_STEP)
        agreement = _principal_axes(shares.mean(1))
        steepest = _quantile(squares[0] + squares[1], _STEEP_QUANTILE) ** 0.5
        features += [
            _log_level(largest**0.5),
            _log_level(smallest**0.5),
            agreement[0] - agreement[1],
            _log_level(steepest),
        ]
        along = angle if scale == 1 else along
    for rotation in (0.0, np.pi / 2):
        features += [_log_level(_self_difference(light, reach, along + rotation)) for reach in _REACHES]
    return np.array(features, np.float32)


def _average_blocks(pixels: NDArray[Any], scale: int) -> Floats:
    """Average `(n, side, side)`, with or without colours, over squares of `scale` px; a rest is cut off."""
    side = pixels.shape[1] // scale * scale
    cropped = pixels[:, :side, :side].astype(np.float32, copy=False)
    if scale == 1:
        return cropped
    rows = cropped[:, ::scale]
    for row in range(1, scale):
        rows = rows + cropped[:, row::scale]
    squares = rows[:, :, ::scale]
    for column in range(1, scale):
        squares = squares + rows[:, :, column::scale]
    return squares / np.float32(scale * scale)


def _compute_steps(light: Floats) -> tuple[Floats, Floats]:
    """Compute the steps across and down at the corners between pixels (Roberts' cross, rotated by 45°)."""
    falling, rising = light[:, 1:, 1:] - light[:, :-1, :-1], light[:, :-1, 1:] - light[:, 1:, :-1]
    half = np.float32(0.5)
    return half * (falling + rising), half * (falling - rising)


def _quantile(plane: Floats, share: float) -> float:
    """Return the quantile at `share` (0-1), without interpolation, which would double the cost."""
    index = int(share * (plane.size - 1))
    return float(np.partition(plane, index, axis=None)[index])


def _principal_axes(tensor: NDArray[np.floating]) -> tuple[float, float, float]:
    """Return the eigenvalues of a structure tensor (xx, yy, xy), larger first, and the second one's angle."""
    xx, yy, xy = map(float, tensor)
    radius = float(np.hypot((xx - yy) / 2, xy))
    mean = (xx + yy) / 2
    return mean + radius, max(0.0, mean - radius), 0.5 * float(np.arctan2(2 * xy, xx - yy)) + np.pi / 2


def _self_difference(light: Floats, reach: int, angle: float) -> float:
    """Return the mean absolute difference of a picture from itself, shifted `reach` px along `angle`."""
    dx, dy = round(reach * np.cos(angle)), round(reach * np.sin(angle))
    if dx < 0:
        dx, dy = -dx, -dy
    height, width = light.shape[1:]
    base = light[:, max(0, -dy) : height - max(0, dy), : width - dx]
    shifted = light[:, max(0, dy) : height - max(0, -dy), dx:]
    return float(np.abs(shifted - base).mean())


def _log_level(levels: float) -> float:
    """Return grey levels on the features' logarithmic scale."""
    return (float(np.log2(levels + _ROUNDING_STEP)) - _LOG_UNIT) / _LOG_UNIT


def grain_features(patches: Pixels) -> Floats:
    """Compute features of noise: 12 numbers.

    Three each for luma, and at half resolution for luma, red - green and blue - green: the 5th, 25th and 60th
    percentile of the noise's standard deviation in small squares (Immerkær, "Fast Noise Variance Estimation",
    1996), as log2 of grey levels over 4. Clipped squares are ignored, unless all are clipped.
    """
    light = to_grey(patches)
    half = _average_blocks(patches, 2)
    features = _measure_noise(light, light)
    for plane in (to_grey(half), half[..., 0] - half[..., 1], half[..., 2] - half[..., 1]):
        features += _measure_noise(plane, to_grey(half))
    return np.array(features, np.float32)


def _measure_noise(plane: Floats, light: Floats) -> list[float]:
    """Return `_NOISE_QUANTILES` of the noise of `plane` over the squares that are not clipped in `light`."""
    block_means = _average_squares(light[:, 1:-1, 1:-1])
    unclipped = (block_means > DARKEST) & (block_means < BRIGHTEST)
    noise_levels = _average_squares(np.abs(_second_differences(plane))) * (np.sqrt(np.pi / 2) / 6)
    counted = noise_levels[unclipped] if unclipped.any() else noise_levels.ravel()
    return [
        (float(np.log2(each + _MIN_NOISE)) - 2) / _LOG_UNIT for each in np.quantile(counted, _NOISE_QUANTILES)
    ]


def _second_differences(plane: Floats) -> Floats:
    """Return the second difference across of the second difference down: zero on slopes and level edges."""
    down = plane[:, 2:] - 2 * plane[:, 1:-1] + plane[:, :-2]
    return np.asarray(down[:, :, 2:] - 2 * down[:, :, 1:-1] + down[:, :, :-2], np.float32)


def _average_squares(plane: Floats) -> Floats:
    """Average `(n, side, side)` over squares of `_BLOCK` px; a remainder at the border is ignored."""
    return _average_blocks(plane, min(_BLOCK, plane.shape[1]))
