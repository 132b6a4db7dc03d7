"""Whole photos with a measured blur, from sharp ones: for what the focus detector learns of complete photos.

Blur is a share of the picture, since photos are compared at a viewing size. Mosaics of four crisp photos
stand in for the working picture of a camera file, which holds more detail than the single photos do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from autocull.arrays import Floats, Rng
from autocull.read import Pixels
from autocull.train.synthesis import blur_kernels, isp
from autocull.train.synthesis.camera_models import (
    sample_defocus_kernel,
    sample_motion_kernel,
    sample_usual_camera,
    simulate_capture,
)

_SPREADS, _LENGTHS = (0.35, 16.0), (2.0, 80.0)  # px of the picture: of missed focus, and of movements
_SHARP_SHARE, _SOFT_SHARE = 1.0e-3, 2.6e-3  # spread over the long side up to which, from which on it counts
_DEFOCUS_SHARE = 0.5  # of the blurred photos; the others are moved
_TILES_ACROSS = 2  # photos along each side of a mosaic


class BlurredPhoto(NamedTuple):
    """A made photo: how soft it counts as (0-1), and its pixels; `kind` is "good", "defocus" or "motion"."""

    kind: str
    soft: float
    pixels: Pixels


def make_blurred_photos(picture: Pixels, rng: Rng) -> Iterator[BlurredPhoto]:
    """Yield two photos by the same camera model: the picture as it is, and blurred as a whole."""
    linear, camera = isp.to_linear(picture), sample_usual_camera(rng)
    yield BlurredPhoto("good", 0.0, simulate_capture(linear, camera, rng))
    kind = "defocus" if rng.random() < _DEFOCUS_SHARE else "motion"
    kernel = _sample_kernel(kind, rng)
    blurred = simulate_capture(blur_kernels.convolve(linear, kernel), camera, rng)
    yield BlurredPhoto(kind, softness_of(kernel, max(picture.shape[:2])), blurred)


def softness_of(kernel: Floats, long_side: int) -> float:
    """Return how soft (0-1) a picture of `long_side` px counts as after a convolution with `kernel`."""
    share = blur_kernels.kernel_spread(kernel) / long_side
    return float(np.clip((share - _SHARP_SHARE) / (_SOFT_SHARE - _SHARP_SHARE), 0.0, 1.0))


def make_mosaic(pictures: Sequence[Pixels]) -> Pixels:
    """Join four pictures, trimmed to the smallest, to one of twice its sides."""
    height = min(picture.shape[0] for picture in pictures)
    width = min(picture.shape[1] for picture in pictures)
    trimmed = [picture[:height, :width] for picture in pictures]
    rows = [
        np.concatenate(trimmed[start : start + _TILES_ACROSS], axis=1)
        for start in range(0, _TILES_ACROSS**2, _TILES_ACROSS)
    ]
    return np.concatenate(rows, axis=0)


def _sample_kernel(kind: str, rng: Rng) -> Floats:
    if kind == "defocus":
        return sample_defocus_kernel(rng, 1.0, _SPREADS)
    return sample_motion_kernel(rng, 1.0, _LENGTHS)
