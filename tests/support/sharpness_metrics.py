"""A metric of sharpness, for tests of blur."""

from __future__ import annotations

import numpy as np

from autocull.read.photo import Pixels


def edge_sharpness(pixels: Pixels) -> float:
    """Return the steepest steps of a picture as a share of the standard deviation of its tones."""
    light = pixels.mean(2)
    return float(np.quantile(np.abs(np.diff(light, axis=1)), 0.99) / max(light.std(), 1))
