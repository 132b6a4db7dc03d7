"""The extent of missed focus: how wide a point is smeared, as a share of the picture.

At the steepest edges the gradient is compared with that of the same picture blurred once more by a known
amount: the ratio follows from the spread of the blur alone (Zhuo and Sim, Defocus map estimation from a
single image, 2011). A wide blur is measured in the picture reduced. A movement is not measured: along it
some edges stay steep.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from autocull.arrays import Floats
from autocull.measure.tiles import to_grey
from autocull.read import Box, Pixels

_SECOND_BLUR = 1.0  # px: the spread by which the picture is blurred once more
_LOWPASS = 0.6  # px: the spread of a filter against noise, before both
_STEEPEST = 0.95  # quantile of the gradients from which on an edge counts
_WIDEST = 2.0  # px: a wider spread is measured in the picture reduced by 2, 4 or 8
_REDUCTIONS = (1, 2, 4, 8)
_OWN_SPREAD = 0.9  # px: what a sharp picture measures, of its lens, its development and the filter
_MIN_SIDE = 24  # px: a smaller picture is not reduced further
_DISC = 4.0  # diameter of a disc over its spread


def measure_blur_width(working: Pixels, box: Box) -> float:
    """Measure the diameter of the blur in `box` of a picture, as a share (0-1) of the picture's long side.

    0 where the box is as sharp as its pixels allow.
    """
    height, width = working.shape[:2]
    top, bottom = round(box.y0 * height), max(round(box.y1 * height), round(box.y0 * height) + 1)
    left, right = round(box.x0 * width), max(round(box.x1 * width), round(box.x0 * width) + 1)
    light = to_grey(working[top:bottom, left:right])
    return float(_DISC * measure_spread(light) / max(height, width))


def measure_spread(light: Floats) -> float:
    """Measure the spread (standard deviation, px) of the blur of a grey picture (0-255); 0 if it is sharp."""
    spread = 0.0
    for factor in _REDUCTIONS:
        reduced = np.asarray(Image.fromarray(light).reduce(factor), np.float32)
        if min(reduced.shape) < (_MIN_SIDE if factor > 1 else 2):
            break
        measured = _spread_by_ratio(reduced)
        spread = factor * float(np.sqrt(max(0.0, measured**2 - _OWN_SPREAD**2)))
        if measured < _WIDEST:
            break
    return spread


def _spread_by_ratio(light: Floats) -> float:
    once = _smooth(light, _LOWPASS)
    twice = _smooth(once, _SECOND_BLUR)
    gradient, softer = (np.hypot(*np.gradient(each)) for each in (once, twice))
    steep = gradient >= max(float(np.quantile(gradient, _STEEPEST)), 1e-3)
    if not steep.any():
        return 0.0  # an even picture has no edge
    ratio = float(np.median(gradient[steep] / np.maximum(softer[steep], 1e-3)))
    return _SECOND_BLUR / float(np.sqrt(max(ratio**2 - 1, 1e-4)))


def _smooth(light: Floats, spread: float) -> Floats:
    """Filter `(h, w)` with a Gaussian; beyond its border the picture is continued evenly."""
    reach = int(np.ceil(3 * spread))
    line = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / spread))
    line /= line.sum()
    for _ in range(2):
        padded = np.pad(light, ((reach, reach), (0, 0)), mode="edge")
        rows = len(light)
        light = sum(share * padded[start : start + rows] for start, share in enumerate(line)).T
    return np.asarray(light, np.float32)
