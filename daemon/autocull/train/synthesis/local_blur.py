"""Simulated blur for the focus network: captures in focus, out of focus or moved, completely or in part."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image
from scipy import ndimage

from autocull.arrays import Floats, Rng
from autocull.read import Box, Pixels
from autocull.train.synthesis import blur_kernels, isp
from autocull.train.synthesis.camera_models import (
    sample_camera,
    sample_defocus_kernel,
    sample_motion_kernel,
    sample_usual_camera,
    sample_video_camera,
    simulate_capture,
)

_KIND_SHARES, _LOCAL_SHARE = (0.38, 0.28, 0.34), 0.35  # see `simulate_blur`
_CAMERAS, _CAMERA_SHARES = (sample_usual_camera, sample_video_camera, sample_camera), (0.5, 0.2, 0.3)
_FILM_SHARE = 0.4  # share of the movements that consist of averaged video frames
_MAX_SCALE = 1.8  # largest enlargement
_SHARP_SCALE = 1.08  # enlargement up to which a photo counts as fully sharp
_TILE_MARGIN = 0.2  # share of a tile's side that is ignored at each border when its sharpness is read
_MASK_RASTER = 8  # px: the raster on which the mask of a local blur is sampled


class BlurSimulation(NamedTuple):
    """A simulated capture `pixels` `(h, w, 3)`, its `kind` of blur and its `sharpness` `(h, w)` (0-1).

    `kind` is 0 for none, 1 for out of focus, 2 for moved.
    """

    pixels: Pixels
    kind: int
    sharpness: Floats

    def target(self, box: Box) -> Floats:
        """Return P(sharp, defocus, motion) `(3,)` of a tile, from the middle of its box."""
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


def simulate_blur(
    picture: Pixels,
    rng: Rng,
    *,
    kind_shares: tuple[float, float, float] = _KIND_SHARES,
    local_share: float = _LOCAL_SHARE,
) -> BlurSimulation:
    """Simulate a capture of a sharp picture: in focus, out of focus or moved, by a random camera model.

    The blur happens before the picture is reduced; noise, sharpening and JPEG are applied to sharp and soft
    captures alike, so that they do not reveal the target. `kind_shares` are the shares of captures in focus,
    out of focus and moved; `local_share` is that of soft captures that are soft in some regions only.
    """
    factor = _sample_scale(rng)
    linear = isp.to_linear(picture)
    kind = int(rng.choice(3, p=kind_shares))
    if factor > 1:
        linear = isp.resize(linear, factor)
    loss = np.zeros(linear.shape[:2], np.float32)
    if kind:
        linear, loss = _soften(linear, kind, min(factor, 1.0), local_share, rng)
    if factor < 1:
        linear = isp.resize(linear, factor)
        loss = np.asarray(Image.fromarray(loss).resize(linear.shape[1::-1], Image.Resampling.BOX))
    linear = linear * np.float32(np.exp(rng.normal(0, 0.35)))
    camera_model = _CAMERAS[int(rng.choice(len(_CAMERAS), p=_CAMERA_SHARES))](rng)
    return BlurSimulation(
        simulate_capture(linear, camera_model, rng),
        kind,
        np.float32(enlarged_sharpness(factor)) * (1 - loss),
    )


def _soften(
    linear: Floats, kind: int, reduction: float, local_share: float, rng: Rng
) -> tuple[Floats, Floats]:
    """Blur a linear picture completely or in part; returns it and the lost share of sharpness `(h, w)`.

    `reduction` is the factor by which the picture will be scaled down afterwards.
    """
    unit = 1 / reduction
    kernel = (
        sample_defocus_kernel(rng, unit)
        if kind == 1
        else sample_motion_kernel(rng, unit, film_share=_FILM_SHARE)
    )
    loss = np.float32(1 - blur_kernels.sharpness_after(blur_kernels.kernel_spread(kernel) * reduction))
    soft = blur_kernels.convolve(linear, kernel)
    if rng.random() >= local_share:
        return soft, np.full(linear.shape[:2], loss, np.float32)
    mask = sample_blur_mask(linear, rng)
    return linear + (soft - linear) * mask[..., None], loss * mask


def sample_blur_mask(linear: Floats, rng: Rng) -> Floats:
    """Sample a mask `(h, w)` of regions in a linear picture: 1 inside, 0 outside, with a narrow edge.

    The regions depend on chance and on the picture's own tones, so that they follow its content as a subject
    does. They cover a quarter to three quarters of the picture.
    """
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
    """Scale a field to mean 0 and standard deviation 1."""
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), np.float32)


def _sample_scale(rng: Rng) -> float:
    """Sample the scale of a capture: reduced (55 %), unchanged (20 %) or enlarged (25 %)."""
    chance = rng.random()
    if chance < 0.2:
        return 1.0
    low, high = (0.5, 1.0) if chance < 0.75 else (1.0, _MAX_SCALE)
    return float(rng.uniform(low, high))


def enlarged_sharpness(factor: float) -> float:
    """Return how sharp a photo scaled by `factor` is: 1 up to an enlargement of 1.08, then down to 0.7."""
    return 1.0 - 0.3 * float(np.clip((factor - _SHARP_SCALE) / (_MAX_SCALE - _SHARP_SCALE), 0, 1))
