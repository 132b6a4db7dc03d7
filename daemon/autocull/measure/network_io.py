"""Conversions between pixels and network inputs, and between network outputs and probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from autocull.arrays import Doubles, Floats

_MAX_LOGIT = 80.0  # beyond it the exponential would overflow float32


def scale_pixels(pixels: NDArray[Any] | Image.Image) -> Floats:
    """Scale values from 0-255 to -1 to 1, as float32."""
    scaled: Floats = np.asarray(pixels, np.float32) / np.float32(127.5) - np.float32(1)
    return scaled


def sigmoid(logits: ArrayLike) -> Doubles:
    """Convert logits to probabilities, as float64; large logits give 0 and 1 without overflow."""
    clipped = np.clip(np.asarray(logits, np.float64), -_MAX_LOGIT, _MAX_LOGIT)
    return np.asarray(1.0 / (1.0 + np.exp(-clipped)))


def log_odds(probabilities: ArrayLike, margin: float = 1e-6) -> Doubles:
    """Convert probabilities to logits, as float64; they are first moved `margin` away from 0 and 1."""
    clipped = np.clip(np.asarray(probabilities, np.float64), margin, 1 - margin)
    return np.asarray(np.log(clipped / (1 - clipped)))
