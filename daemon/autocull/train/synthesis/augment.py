"""Random augmentations of one picture: light, optics, sensor noise, compression and covered parts.

Every function takes a picture as float32 in 0-255, grey `(h, w)` or colour `(h, w, 3)`, and a random
generator, the only source of chance; it returns a new picture of the same shape and range.
"""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from autocull.arrays import Floats, Rng
from autocull.read import Pixels


def to_bytes(picture: Floats) -> Pixels:
    """Round a picture to uint8, clipped to 0-255."""
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def vary_light(picture: Floats, rng: Rng, *, gamma: float = 0.4, contrast: float = 0.3) -> Floats:
    """Change gamma (up to e^±`gamma`), contrast (up to e^±`contrast`) and brightness (up to 20 %)."""
    toned = (np.clip(picture, 0, 255) / 255.0) ** np.exp(rng.uniform(-gamma, gamma))
    stretched = (toned - toned.mean()) * np.exp(rng.uniform(-contrast, contrast)) + toned.mean()
    return np.asarray(np.clip(stretched * rng.uniform(0.8, 1.2), 0, 1) * 255.0, dtype=np.float32)


def add_side_light(picture: Floats, rng: Rng, *, max_loss: float = 0.6) -> Floats:
    """Darken the picture towards one side, as light from a window does, by a share of up to `max_loss`."""
    height, width = picture.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, width), np.linspace(-0.5, 0.5, height))
    ramp = 1.0 - rng.uniform(0, max_loss) * (0.5 + x * np.cos(angle) + y * np.sin(angle))
    return np.asarray(np.clip(picture * _match_dimensions(ramp, picture), 0, 255), dtype=np.float32)


def add_glare(picture: Floats, rng: Rng) -> Floats:
    """Add a bright soft spot at a random position, as glasses and flash do."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    radius = rng.uniform(0.03, 0.2) * max(height, width)
    distance = np.hypot(x - rng.uniform(0, width), (y - rng.uniform(0, height)) * rng.uniform(0.5, 2.0))
    spot = rng.uniform(80, 255) * np.exp(-((distance / radius) ** 2))
    return np.asarray(np.clip(picture + _match_dimensions(spot, picture), 0, 255), dtype=np.float32)


def cover(picture: Floats, rng: Rng, *, max_share: float = 0.25) -> Floats:
    """Cover a bar or a patch of up to `max_share` of each side with one tone, as hair or a hand does."""
    height, width = picture.shape[:2]
    covered = picture.copy()
    if rng.random() < 0.5:  # a slanted bar: a strand of hair, the rim of glasses
        x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
        angle = rng.uniform(0, np.pi)
        across = np.abs(x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-1, 1))
        covered[across < rng.uniform(0.02, max_share / 2)] = rng.uniform(0, 255)
        return covered
    patch_height, patch_width = (max(1, int(rng.uniform(0.05, max_share) * side)) for side in (height, width))
    top, left = int(rng.integers(0, height - patch_height + 1)), int(rng.integers(0, width - patch_width + 1))
    covered[top : top + patch_height, left : left + patch_width] = rng.uniform(0, 255)
    return covered


def soften(picture: Floats, rng: Rng, *, max_spread: float = 1.2) -> Floats:
    """Blur with a Gaussian of a standard deviation of up to `max_spread` px."""
    blurred = Image.fromarray(to_bytes(picture)).filter(
        ImageFilter.GaussianBlur(rng.uniform(0.2, max_spread))
    )
    return np.asarray(blurred, dtype=np.float32)


def add_grain(picture: Floats, rng: Rng, *, max_levels: float = 14.0) -> Floats:
    """Add sensor noise of up to `max_levels` grey levels, stronger in bright parts as photon noise is."""
    strength = rng.uniform(0, max_levels) * (0.5 + np.sqrt(np.clip(picture, 0, 255) / 255.0))
    noisy = picture + rng.standard_normal(picture.shape, dtype=np.float32) * strength
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.float32)


def compress(picture: Floats, rng: Rng, *, min_quality: int = 30) -> Floats:
    """Save as JPEG with a quality from `min_quality` to 95, and return the decoded picture."""
    file = BytesIO()
    Image.fromarray(to_bytes(picture)).save(file, "JPEG", quality=int(rng.integers(min_quality, 96)))
    return np.asarray(Image.open(file), dtype=np.float32)


def shift_colour(picture: Floats, rng: Rng, *, max_shift: float = 0.15) -> Floats:
    """Change each channel of a colour picture by up to `max_shift` (a share), and its saturation."""
    balanced = picture * rng.uniform(1 - max_shift, 1 + max_shift, 3).astype(np.float32)
    grey = balanced.mean(axis=2, keepdims=True)
    return np.asarray(np.clip(grey + (balanced - grey) * rng.uniform(0.5, 1.4), 0, 255), dtype=np.float32)


def _match_dimensions(plane: NDArray[np.floating], picture: Floats) -> NDArray[np.floating]:
    """Return a plane `(h, w)`, with a last axis added where the picture has one."""
    return plane if picture.ndim == 2 else plane[..., None]
