"""Hard negatives: good photos that resemble faulty ones, such as night, fog or a shallow depth of field.

Each function takes linear light `(h, w, 3)` and a random generator, and returns linear light of that shape.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from autocull.arrays import Floats, Rng
from autocull.train.synthesis import blur_kernels

HardNegative = Callable[[Floats, Rng], Floats]


def sample_subject_mask(
    height: int, width: int, rng: Rng, *, size: tuple[float, float] = (0.2, 0.5)
) -> Floats:
    """Sample the mask of a subject: `(height, width)`, 1 inside and 0 outside, with a narrow edge.

    It consists of two to four overlapping ellipses near the middle third; `size` is the range of its extent
    as a share of the short side.
    """
    y, x = np.mgrid[:height, :width].astype(np.float32)
    short_side = min(height, width)
    centre = np.array([rng.normal(0.5, 0.09) * width, rng.normal(0.53, 0.08) * height])
    extent = rng.uniform(*size) * short_side
    mask = np.zeros((height, width), bool)
    for _ in range(int(rng.integers(2, 5))):
        cx, cy = centre + rng.normal(0, 0.22, 2) * extent
        angle = rng.uniform(0, np.pi)
        u, v = (
            (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle),
            (y - cy) * np.cos(angle) - (x - cx) * np.sin(angle),
        )
        mask |= (u / (extent * rng.uniform(0.35, 0.6))) ** 2 + (
            v / (extent * rng.uniform(0.25, 0.5))
        ) ** 2 < 1
    return np.asarray(ndimage.gaussian_filter(mask.astype(np.float32), 1.0), np.float32)


def composite(subject: Floats, ground: Floats, mask: Floats) -> Floats:
    """Return `subject` over `ground`; `mask` `(h, w)` is 1 where the subject shows."""
    return np.asarray(ground + mask[..., None] * (subject - ground), np.float32)


def _sample_mask(linear: Floats, rng: Rng) -> Floats:
    return sample_subject_mask(linear.shape[0], linear.shape[1], rng, size=(0.35, 0.8))


def night(linear: Floats, rng: Rng) -> Floats:
    """Return a night scene: dark, with a lit subject and lamps."""
    height, width = linear.shape[:2]
    light_mask = ndimage.gaussian_filter(_sample_mask(linear, rng), 0.05 * min(height, width))
    scene = linear * (
        np.float32(rng.uniform(0.01, 0.05)) + np.float32(rng.uniform(0.6, 1.2)) * light_mask[..., None]
    )
    lamps = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(3, 15))):
        lamps[int(rng.integers(height)), int(rng.integers(width))] = rng.uniform(20, 150)
    glow = ndimage.gaussian_filter(lamps, rng.uniform(0.8, 2.5))
    tint = np.array([1.0, rng.uniform(0.6, 0.9), rng.uniform(0.3, 0.8)], np.float32)
    return np.asarray(scene + glow[..., None] * tint, np.float32)


def low_key(linear: Floats, rng: Rng) -> Floats:
    """Return a lit subject in front of black."""
    height, width = linear.shape[:2]
    light_mask = ndimage.gaussian_filter(
        _sample_mask(linear, rng), rng.uniform(0.01, 0.06) * min(height, width)
    )
    ground = np.float32(rng.uniform(0.0, 0.06))
    return np.asarray(
        linear * (ground + (np.float32(rng.uniform(0.9, 1.4)) - ground) * light_mask[..., None]), np.float32
    )


def high_key(linear: Floats, rng: Rng) -> Floats:
    """Return a bright subject in front of white."""
    height, width = linear.shape[:2]
    mask = ndimage.gaussian_filter(_sample_mask(linear, rng), rng.uniform(0.005, 0.05) * min(height, width))
    white_level = np.float32(rng.uniform(0.8, 1.1))
    brightened = linear * np.float32(rng.uniform(1.0, 1.5))
    return composite(brightened, np.full_like(linear, white_level), mask)


def fog(linear: Floats, rng: Rng) -> Floats:
    """Return a foggy scene: contrast lost to a pale grey, evenly or more towards the top."""
    air_light = np.float32(rng.uniform(0.3, 0.7))
    density = np.float32(rng.uniform(0.3, 0.75))
    falloff = np.linspace(1.0, float(rng.uniform(0.3, 1.0)), linear.shape[0], dtype=np.float32)[:, None, None]
    return np.asarray(linear * (1 - density * falloff) + air_light * density * falloff, np.float32)


def silhouette(linear: Floats, rng: Rng) -> Floats:
    """Return a dark shape in front of a bright sky."""
    height = linear.shape[0]
    mask = _sample_mask(linear, rng)
    sky = np.linspace(rng.uniform(0.25, 0.6), rng.uniform(0.6, 1.1), height, dtype=np.float32)[:, None, None]
    tint = np.array([1.0, rng.uniform(0.6, 1.0), rng.uniform(0.3, 1.0)], np.float32)
    backdrop = 0.85 * np.broadcast_to(sky * tint, linear.shape) + 0.15 * linear
    return composite(linear * np.float32(rng.uniform(0.02, 0.1)), np.asarray(backdrop, np.float32), mask)


def bokeh(linear: Floats, rng: Rng) -> Floats:
    """Return a shallow depth of field: the subject is sharp, the background out of focus."""
    return composite(
        linear,
        blur_kernels.convolve(linear, blur_kernels.disc_kernel(float(rng.uniform(2.5, 9)))),
        _sample_mask(linear, rng),
    )


def panning(linear: Floats, rng: Rng) -> Floats:
    """Return a panned scene: the subject is sharp, the background motion-blurred in one direction."""
    streaked = blur_kernels.convolve(
        linear, blur_kernels.motion_kernel(float(rng.uniform(10, 35)), rng, bend=0.0)
    )
    return composite(linear, streaked, _sample_mask(linear, rng))


def monochrome(linear: Floats, rng: Rng) -> Floats:
    """Return a black and white scene, in 30 % of the cases toned."""
    tone = np.array([1.0, 1.0, 1.0]) if rng.random() < 0.7 else np.array([1.0, 0.88, 0.72])
    grey = linear @ np.array([0.3, 0.6, 0.1], np.float32)
    return np.asarray(grey[..., None] * tone.astype(np.float32), np.float32)


HARD_NEGATIVES: tuple[HardNegative, ...] = (
    night,
    low_key,
    high_key,
    fog,
    silhouette,
    bokeh,
    panning,
    monochrome,
)
"""All hard negatives."""

LIGHTING_NEGATIVES: frozenset[HardNegative] = frozenset((night, low_key, high_key, silhouette))
"""Hard negatives whose light is part of the picture: no exposure defect is added to them."""
