"""Measures the exposure from the histogram of a photo's luma, without a network."""

from __future__ import annotations

import numpy as np
from PIL import Image

from autocull.arrays import Doubles
from autocull.measure.evidence import Exposure
from autocull.read import Photo, Pixels

DARKEST, BRIGHTEST = 4, 251
"""Luma (0-255) at or beyond these values is clipped; JPEG ringing shifts it by +-3."""

_DARK_MEDIAN = 0.3  # luma (0-1): small lights are counted only in pictures that are as dark as this
_BLOCK = 16  # px of the working picture: the side of the blocks in which small lights are counted
_LIGHT_AREA = 21  # px: a small light covers less of its block
_LIGHT_STEP, _FLAT_STEP = 32, 12  # grey levels: the least step up to a light, the largest among the rest


def luma_histogram(working: Pixels) -> Doubles:
    """Return the share of pixels `(256,)` at each luma (ITU-R BT.601, sRGB-encoded)."""
    counts = np.array(Image.fromarray(working).convert("L").histogram(), np.float64)
    return np.asarray(counts / counts.sum())


def measure_exposure(photo: Photo) -> Exposure:
    """Measure the working picture's luma (ITU-R BT.601, sRGB-encoded, 0-1): percentiles and clipping.

    `clipped_dark` and `clipped_bright` are the shares (0-1) of pixels without any detail left in them.
    """
    shares = luma_histogram(photo.working)
    cumulative = np.cumsum(shares)
    low, median, high = (int(np.searchsorted(cumulative, quantile)) / 255 for quantile in (0.05, 0.5, 0.95))
    return Exposure(
        median=median,
        low=low,
        high=high,
        clipped_dark=float(shares[: DARKEST + 1].sum()),
        clipped_bright=float(shares[BRIGHTEST:].sum()),
        lights=count_small_lights(photo.working) if median <= _DARK_MEDIAN else 0.0,
    )


def mean_luma(working: Pixels) -> float:
    """Return the mean luma (0-1)."""
    return float(luma_histogram(working) @ np.arange(256)) / 255


def count_small_lights(working: Pixels) -> float:
    """Return the share (0-1) of blocks that are even but for a small light: stars, and lamps far away.

    A light is brighter than the brightest twelfth of its block by a clear step, which noise in the dark and
    edges between dark and bright are not.
    """
    luma = np.asarray(Image.fromarray(working).convert("L"))
    rows, columns = (max(1, side // _BLOCK) for side in luma.shape)
    height, width = min(_BLOCK, luma.shape[0]), min(_BLOCK, luma.shape[1])
    cropped = luma[: rows * height, : columns * width].reshape(rows, height, columns, width)
    blocks = cropped.swapaxes(1, 2).reshape(rows * columns, height * width)
    middle, upper = height * width // 2, max(0, height * width - _LIGHT_AREA)
    ordered = np.partition(blocks, (middle, upper), axis=1).astype(np.int16)
    brightest = blocks.max(1).astype(np.int16)
    stands_out = brightest - ordered[:, upper] >= _LIGHT_STEP
    is_even = ordered[:, upper] - ordered[:, middle] <= _FLAT_STEP
    return float((stands_out & is_even).mean())
