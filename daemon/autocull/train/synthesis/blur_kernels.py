"""Blur kernels of missed focus and of movement, and their convolution with linear light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from autocull.arrays import Floats, Rng

_SUBPIXELS = 8  # sub-pixels per pixel and axis when a kernel is drawn
# px of spread: up to the first a photo counts as sharp, from the second on as soft
_SHARP_SPREAD, _SOFT_SPREAD = 0.5, 1.3


def disc_kernel(radius: float) -> Floats:
    """Return the kernel of missed focus: an even disc of `radius` px with an anti-aliased edge."""
    reach = int(np.ceil(radius))
    line = (np.arange((2 * reach + 1) * _SUBPIXELS) + 0.5) / _SUBPIXELS - reach - 0.5
    inside = np.hypot(line[:, None], line[None, :]) <= max(radius, 0.5 / _SUBPIXELS * 1.5)
    side = 2 * reach + 1
    return _normalise(inside.reshape(side, _SUBPIXELS, side, _SUBPIXELS).mean((1, 3)))


def gaussian_kernel(spread: float) -> Floats:
    """Return a Gaussian kernel with a standard deviation of `spread` px: many small losses at once."""
    reach = max(1, int(np.ceil(3 * spread)))
    line = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / max(spread, 1e-3)))
    return _normalise(np.outer(line, line))


def motion_kernel(length: float, rng: Rng, *, bend: float = 1.0, frames: int | None = None) -> Floats:
    """Return the kernel of a movement of `length` px during the exposure, such as camera shake.

    Direction and speed follow a random walk; `bend` 0 gives a straight pan of even speed. The path is drawn
    in sub-pixel steps, or, with `frames`, as that many averaged video frames with gaps between them.
    """
    steps = max(16, int(length * 6))
    angles = rng.normal(0, bend * 1.6 / np.sqrt(steps), steps).cumsum() + rng.uniform(0, 2 * np.pi)
    speed = np.exp(rng.normal(0, bend * 0.9 / np.sqrt(steps), steps).cumsum())
    path = np.stack([np.cos(angles), np.sin(angles)]) * speed
    path = path.cumsum(1) * (length / speed.sum())
    path -= (path.max(1, keepdims=True) + path.min(1, keepdims=True)) / 2
    if frames is not None:
        path = path[:, np.linspace(0, steps - 1, frames).round().astype(int)]
    return _draw_path(path)


def _draw_path(path: NDArray[np.floating]) -> Floats:
    """Draw points `(2, n)` around the origin into a kernel, each distributed over its four nearest pixels."""
    reach = int(np.ceil(np.abs(path).max())) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1))
    base = np.floor(path).astype(int)
    fraction = path - base
    for down in (0, 1):
        for across in (0, 1):
            weight = np.abs(1 - across - fraction[0]) * np.abs(1 - down - fraction[1])
            np.add.at(kernel, (base[1] + reach + down, base[0] + reach + across), weight)
    return _normalise(kernel)


def _normalise(kernel: NDArray[np.floating]) -> Floats:
    return np.asarray(kernel / kernel.sum(), np.float32)


def kernel_spread(kernel: Floats) -> float:
    """Return the standard deviation (px) of a kernel along its longest axis."""
    y, x = (np.arange(side) - (side - 1) / 2 for side in kernel.shape)
    across, down = kernel.sum(0) @ np.square(x), kernel.sum(1) @ np.square(y)
    covariance = y @ kernel @ x
    return float(np.sqrt((across + down) / 2 + np.hypot((across - down) / 2, covariance)))


def sharpness_after(spread: float) -> float:
    """Return how sharp (1 to 0) a photo counts as after a blur of `spread` px of the final picture."""
    return float(np.clip((_SOFT_SPREAD - spread) / (_SOFT_SPREAD - _SHARP_SPREAD), 0.0, 1.0))


def convolve(linear: Floats, kernel: Floats) -> Floats:
    """Return linear light `(h, w, c)` convolved with `kernel`; beyond its border the picture is mirrored."""
    margins = [side // 2 for side in kernel.shape]
    margins = [min(reach, length - 1) for reach, length in zip(margins, linear.shape, strict=False)]
    padded = np.pad(linear, ((margins[0], margins[0]), (margins[1], margins[1]), (0, 0)), mode="reflect")
    shape = [
        fft.next_fast_len(a + b - 1, real=True) for a, b in zip(padded.shape, kernel.shape, strict=False)
    ]
    spectrum = fft.rfft2(kernel, shape)[..., None]
    blurred = fft.irfft2(fft.rfft2(padded, shape, axes=(0, 1)) * spectrum, shape, axes=(0, 1))
    top, left = (side // 2 + reach for side, reach in zip(kernel.shape, margins, strict=True))
    cropped = blurred[top : top + linear.shape[0], left : left + linear.shape[1]]
    return np.asarray(np.maximum(cropped, 0), np.float32)
