"""Measures the exposure from the histogram of a photo's luma, without a network."""

from __future__ import annotations

import numpy as np
from PIL import Image

from autocull.arrays import Doubles
from autocull.measure.evidence import Exposure
from autocull.read import Photo, Pixels

DARKEST, BRIGHTEST = 4, 251
"""Luma (0-255) at or beyond these values is clipped; JPEG ringing shifts it by +-3."""


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
    )
