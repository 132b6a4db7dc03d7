"""How crisp a picture is, for tests of what blurs one."""

from __future__ import annotations

import numpy as np

from autocull.read.photo import Pixels


def crispness(pixels: Pixels) -> float:
    """The steepest steps of a picture as a share of its tones."""
    light = pixels.mean(2)
    return float(np.quantile(np.abs(np.diff(light, axis=1)), 0.99) / max(light.std(), 1))
