"""Sharp photos taken again for the focus network: in focus, out of focus or moved, all over or in part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from autocull.arrays import Floats, Rng
from autocull.read.photo import Box, Pixels
from autocull.train.synthesis import blur_kernels, isp
from autocull.train.synthesis.camera_models import (
    any_camera,
    defocus_kernel,
    motion_kernel,
    take,
    usual_camera,
    video_camera,
)

_KINDS = (0.38, 0.28, 0.34)  # shares of takes in focus, out of focus, moved
_CAMERAS, _SHARES = (usual_camera, video_camera, any_camera), (0.5, 0.2, 0.3)
_IN_PART = 0.35  # share of the soft takes that are soft in places only
_FILMED = 0.4  # share of the movements that are made of a film's frames
_LARGEST = 1.8  # pictures are enlarged by so much at most
_CRISP = 1.08  # from here on an enlarged photo is no longer quite crisp
_MIDDLE = 0.2  # what a tile loses on each side when it is asked how sharp its place is
_COARSE = 8  # px: the raster on which the places of the blur are drawn


class Blurred(NamedTuple):
    """A photo taken again; `kind` is that of its softness (0 none, 1 out of focus, 2 moved), `sharp` `(h, w)`
    how sharp it still is in each place (0-1).
    """

    pixels: Pixels
    kind: int
    sharp: Floats

    def target(self, box: Box) -> Floats:
        """P(sharp, defocus, motion) `(3,)` of a tile, by the middle of its box; soft where blur is mild."""
        height, width = self.sharp.shape
        rows = _middle(box.y0 * height, box.y1 * height)
        columns = _middle(box.x0 * width, box.x1 * width)
        sharp = float(self.sharp[rows, columns].mean())
        target = np.zeros(3, np.float32)
        target[0] = sharp
        target[self.kind or 1] += 1 - sharp
        return target


def _middle(start: float, end: float) -> slice:
    margin = _MIDDLE * (end - start)
    first = int(start + margin)
    return slice(first, max(first + 1, int(np.ceil(end - margin))))


def blurred(picture: Pixels, rng: Rng) -> Blurred:
    """Take a sharp picture again: in focus, out of focus, or moved, each with all else a camera does.

    The blur happens before the picture is reduced; grain, sharpening and JPEG fall on sharp and soft alike,
    so that they do not give the answer away.
    """
    factor = _scale(rng)
    linear = isp.to_linear(picture)
    kind = int(rng.choice(3, p=_KINDS))
    if factor > 1:
        linear = isp.resize(linear, factor)
    lost = np.zeros(linear.shape[:2], np.float32)
    if kind:
        linear, lost = _soften(linear, kind, min(factor, 1.0), rng)
    if factor < 1:
        linear = isp.resize(linear, factor)
        lost = np.asarray(Image.fromarray(lost).resize(linear.shape[1::-1], Image.Resampling.BOX))
    linear = linear * np.float32(np.exp(rng.normal(0, 0.35)))
    settings = _CAMERAS[int(rng.choice(len(_CAMERAS), p=_SHARES))](rng)
    return Blurred(take(linear, settings, rng), kind, np.float32(_crispness(factor)) * (1 - lost))


def _soften(linear: Floats, kind: int, reduced: float, rng: Rng) -> tuple[Floats, Floats]:
    """Blur a linear picture that will be `reduced`, all over or in part; returns it, and `(h, w)` how much of
    its sharpness is lost where."""
    unit = 1 / reduced
    kernel = defocus_kernel(rng, unit) if kind == 1 else motion_kernel(rng, unit, filmed=_FILMED)
    lost = np.float32(1 - blur_kernels.still_sharp(blur_kernels.spread_of(kernel) * reduced))
    soft = blur_kernels.lay(linear, kernel)
    if rng.random() >= _IN_PART:
        return soft, np.full(linear.shape[:2], lost, np.float32)
    where = patches(linear, rng)
    return linear + (soft - linear) * where[..., None], lost * where


def patches(linear: Floats, rng: Rng) -> Floats:
    """Draw places in a picture `(h, w)`, 1 inside and 0 outside with a narrow rim: chance, and the picture's
    own light and shade, so that they follow what is to be seen as a subject does. A quarter to three quarters
    of the picture lie inside."""
    height, width = linear.shape[:2]
    size = (max(8, height // _COARSE), max(8, width // _COARSE))
    chance = ndimage.gaussian_filter(rng.standard_normal(size), max(size) * rng.uniform(0.06, 0.2))
    tone = Image.fromarray(linear.mean(2)).resize(size[::-1], Image.Resampling.BOX)
    field = _level(chance) + rng.uniform(-1, 1) * _level(ndimage.gaussian_filter(np.asarray(tone), 1.0))
    fine = Image.fromarray(field.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    heights = np.asarray(fine, np.float32)
    heights = heights - np.float32(np.quantile(heights, rng.uniform(0.25, 0.75)))
    rim = 6 * float(np.abs(np.diff(heights, axis=1)).mean()) + 1e-6
    return np.asarray(np.clip(heights / rim + 0.5, 0, 1), np.float32)


def _level(field: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Floats:
    """Bring a field to mean 0 and deviation 1."""
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), np.float32)


def _scale(rng: Rng) -> float:
    """Mostly reduced, sometimes as it is, now and then a little enlarged."""
    chance = rng.random()
    if chance < 0.2:
        return 1.0
    low, high = (0.5, 1.0) if chance < 0.75 else (1.0, _LARGEST)
    return float(rng.uniform(low, high))


def _crispness(factor: float) -> float:
    """How sharp an enlarged photo still is: 1 up to a little, then less."""
    return 1.0 - 0.3 * float(np.clip((factor - _CRISP) / (_LARGEST - _CRISP), 0, 1))
