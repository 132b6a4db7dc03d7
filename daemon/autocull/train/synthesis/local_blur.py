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
    sample_camera,
    sample_defocus_kernel,
    sample_motion_kernel,
    sample_usual_camera,
    sample_video_camera,
    simulate_capture,
)

_KIND_SHARES = (0.38, 0.28, 0.34)  # shares of takes in focus, out of focus, moved
_CAMERAS, _CAMERA_SHARES = (sample_usual_camera, sample_video_camera, sample_camera), (0.5, 0.2, 0.3)
_LOCAL_SHARE = 0.35  # share of the soft takes that are soft in places only
_FILM_SHARE = 0.4  # share of the movements that are made of a film's frames
_MAX_SCALE = 1.8  # pictures are enlarged by so much at most
_SHARP_SCALE = 1.08  # from here on an enlarged photo is no longer quite crisp
_TILE_MARGIN = 0.2  # what a tile loses on each side when it is asked how sharp its place is
_MASK_RASTER = 8  # px: the raster on which the places of the blur are drawn


class BlurSimulation(NamedTuple):
    """A photo taken again; `kind` is that of its softness (0 none, 1 out of focus, 2 moved), `sharpness`
    `(h, w)` how sharp it still is in each place (0-1).
    """

    pixels: Pixels
    kind: int
    sharpness: Floats

    def target(self, box: Box) -> Floats:
        """P(sharp, defocus, motion) `(3,)` of a tile, by the middle of its box; soft where blur is mild."""
        height, width = self.sharpness.shape
        rows = _middle_slice(box.y0 * height, box.y1 * height)
        columns = _middle_slice(box.x0 * width, box.x1 * width)
        sharpness = float(self.sharpness[rows, columns].mean())
        target = np.zeros(3, np.float32)
        target[0] = sharpness
        target[self.kind or 1] += 1 - sharpness
        return target


def _middle_slice(start: float, end: float) -> slice:
    margin = _TILE_MARGIN * (end - start)
    first = int(start + margin)
    return slice(first, max(first + 1, int(np.ceil(end - margin))))


def simulate_blur(picture: Pixels, rng: Rng) -> BlurSimulation:
    """Take a sharp picture again: in focus, out of focus, or moved, each with all else a camera does.

    The blur happens before the picture is reduced; grain, sharpening and JPEG fall on sharp and soft alike,
    so that they do not give the answer away.
    """
    factor = _sample_scale(rng)
    linear = isp.to_linear(picture)
    kind = int(rng.choice(3, p=_KIND_SHARES))
    if factor > 1:
        linear = isp.resize(linear, factor)
    loss = np.zeros(linear.shape[:2], np.float32)
    if kind:
        linear, loss = _soften(linear, kind, min(factor, 1.0), rng)
    if factor < 1:
        linear = isp.resize(linear, factor)
        loss = np.asarray(Image.fromarray(loss).resize(linear.shape[1::-1], Image.Resampling.BOX))
    linear = linear * np.float32(np.exp(rng.normal(0, 0.35)))
    camera_model = _CAMERAS[int(rng.choice(len(_CAMERAS), p=_CAMERA_SHARES))](rng)
    return BlurSimulation(
        simulate_capture(linear, camera_model, rng),
        kind,
        np.float32(_enlarged_sharpness(factor)) * (1 - loss),
    )


def _soften(linear: Floats, kind: int, reduction: float, rng: Rng) -> tuple[Floats, Floats]:
    """Blur a linear picture that will be `reduction`, all over or in part; returns it, and `(h, w)` how
    much of its sharpness is lost where."""
    unit = 1 / reduction
    kernel = (
        sample_defocus_kernel(rng, unit)
        if kind == 1
        else sample_motion_kernel(rng, unit, film_share=_FILM_SHARE)
    )
    loss = np.float32(1 - blur_kernels.sharpness_after(blur_kernels.kernel_spread(kernel) * reduction))
    soft = blur_kernels.convolve(linear, kernel)
    if rng.random() >= _LOCAL_SHARE:
        return soft, np.full(linear.shape[:2], loss, np.float32)
    mask = sample_blur_mask(linear, rng)
    return linear + (soft - linear) * mask[..., None], loss * mask


def sample_blur_mask(linear: Floats, rng: Rng) -> Floats:
    """Draw places in a picture `(h, w)`, 1 inside and 0 outside with a narrow rim: chance, and the picture's
    own light and shade, so that they follow what is to be seen as a subject does. A quarter to three quarters
    of the picture lie inside."""
    height, width = linear.shape[:2]
    size = (max(8, height // _MASK_RASTER), max(8, width // _MASK_RASTER))
    noise = ndimage.gaussian_filter(rng.standard_normal(size), max(size) * rng.uniform(0.06, 0.2))
    tone = Image.fromarray(linear.mean(2)).resize(size[::-1], Image.Resampling.BOX)
    field = _standardise(noise) + rng.uniform(-1, 1) * _standardise(
        ndimage.gaussian_filter(np.asarray(tone), 1.0)
    )
    upscaled = Image.fromarray(field.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    heights = np.asarray(upscaled, np.float32)
    heights = heights - np.float32(np.quantile(heights, rng.uniform(0.25, 0.75)))
    rim = 6 * float(np.abs(np.diff(heights, axis=1)).mean()) + 1e-6
    return np.asarray(np.clip(heights / rim + 0.5, 0, 1), np.float32)


def _standardise(field: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> Floats:
    """Bring a field to mean 0 and deviation 1."""
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), np.float32)


def _sample_scale(rng: Rng) -> float:
    """Mostly reduced, sometimes as it is, now and then a little enlarged."""
    chance = rng.random()
    if chance < 0.2:
        return 1.0
    low, high = (0.5, 1.0) if chance < 0.75 else (1.0, _MAX_SCALE)
    return float(rng.uniform(low, high))


def _enlarged_sharpness(factor: float) -> float:
    """How sharp an enlarged photo still is: 1 up to a little, then less."""
    return 1.0 - 0.3 * float(np.clip((factor - _SHARP_SCALE) / (_MAX_SCALE - _SHARP_SCALE), 0, 1))
