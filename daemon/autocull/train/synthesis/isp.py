"""Image signal processing of a camera: sensor noise, colour filter, noise reduction, sharpening, tone, JPEG.

Pictures are float32 `(h, w, 3)`: "linear" where a value is an amount of light (1 saturates the sensor),
"encoded" where it is gamma-encoded for the screen (0-1).
"""

from __future__ import annotations

from io import BytesIO
from typing import Literal

import numpy as np
from PIL import Image
from scipy import ndimage

from autocull.arrays import Floats, Rng
from autocull.read import Pixels

Demosaic = Literal["bilinear", "edges"]

_GAMMA = np.float32(2.2)
_CROSS = np.array([[0, 1, 0], [1, 4, 1], [0, 1, 0]], np.float32) / 4
_SQUARE = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32) / 4


def to_linear(pixels: Pixels) -> Floats:
    """Decode an sRGB picture (uint8) to linear light, with gamma 2.2."""
    table = (np.arange(256, dtype=np.float32) / 255) ** _GAMMA
    return np.asarray(table[pixels], np.float32)


def to_encoded(linear: Floats) -> Floats:
    """Encode linear light with gamma 2.2; light above 1 is clipped."""
    return np.asarray(np.clip(linear, 0, 1) ** (1 / _GAMMA), np.float32)


def to_pixels(encoded: Floats) -> Pixels:
    """Round an encoded picture to uint8."""
    return np.asarray(np.clip(encoded * 255 + 0.5, 0, 255), np.uint8)


def resize(linear: Floats, factor: float) -> Floats:
    """Scale a linear picture by `factor`: bicubic to enlarge, a Hamming filter over all pixels to reduce."""
    height, width = (max(16, round(side * factor)) for side in linear.shape[:2])
    method = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.HAMMING
    planes = [Image.fromarray(linear[..., plane]).resize((width, height), method) for plane in range(3)]
    return np.maximum(np.stack([np.asarray(plane, np.float32) for plane in planes], -1), 0)


def add_sensor_noise(linear: Floats, shot: float, read: float, rng: Rng, *, grain: float = 0.0) -> Floats:
    """Add sensor noise of variance `shot` x light (photons) plus `read` squared (electronics).

    `grain` (px) is how far the noise of neighbour pixels is correlated, as in enlarged or developed pictures;
    0 is independent noise.

    Source of the model: Foi et al., Practical Poissonian-Gaussian noise modeling (2008).
    """
    deviation = np.sqrt(np.maximum(linear, 0) * np.float32(shot) + np.float32(read) ** 2)
    noise = rng.standard_normal(linear.shape, dtype=np.float32)
    if grain > 0:
        noise = ndimage.gaussian_filter(noise, (grain, grain, 0))
        noise /= noise.std()
    return np.asarray(linear + noise * deviation, np.float32)


def noise_level(shot: float, read: float, light: float = 0.18) -> float:
    """Return the standard deviation of the noise at an amount of light, in encoded levels (0-255)."""
    slope = light ** (1 / 2.2 - 1) / 2.2
    return float(np.sqrt(light * shot + read**2) * slope * 255)


def apply_colour_filter(linear: Floats, method: Demosaic) -> Floats:
    """Apply a Bayer filter (RGGB) to a linear picture and demosaic the result.

    "bilinear" averages neighbours; "edges" interpolates green along edges and then colour differences
    (after Hamilton and Adams, US patent 5629734).
    """
    masks = _bayer_masks(linear.shape[0], linear.shape[1])
    mosaic = (linear * masks).sum(2)
    green = ndimage.convolve(mosaic * masks[..., 1], _CROSS, mode="mirror")
    if method == "bilinear":
        red, blue = (ndimage.convolve(mosaic * masks[..., c], _SQUARE, mode="mirror") for c in (0, 2))
        return np.stack([red, green, blue], -1)
    green = np.where(masks[..., 1] > 0, mosaic, _interpolate_green(mosaic))
    red, blue = (
        green + ndimage.convolve((mosaic - green) * masks[..., c], _SQUARE, mode="mirror") for c in (0, 2)
    )
    return np.stack([red, green, blue], -1)


def _bayer_masks(height: int, width: int) -> Floats:
    masks = np.zeros((height, width, 3), np.float32)
    masks[0::2, 0::2, 0] = 1
    masks[0::2, 1::2, 1] = masks[1::2, 0::2, 1] = 1
    masks[1::2, 1::2, 2] = 1
    return masks


def _interpolate_green(mosaic: Floats) -> Floats:
    """Interpolate green at red and blue pixels, along the direction of the smaller gradient."""
    padded = np.pad(mosaic, 2, mode="reflect")
    centre = padded[2:-2, 2:-2]
    left, right, left2, right2 = padded[2:-2, 1:-3], padded[2:-2, 3:-1], padded[2:-2, :-4], padded[2:-2, 4:]
    up, down, up2, down2 = padded[1:-3, 2:-2], padded[3:-1, 2:-2], padded[:-4, 2:-2], padded[4:, 2:-2]
    curvature_x, curvature_y = 2 * centre - left2 - right2, 2 * centre - up2 - down2
    gradient_x, gradient_y = (
        np.abs(left - right) + np.abs(curvature_x),
        np.abs(up - down) + np.abs(curvature_y),
    )
    along_x, along_y = (left + right) / 2 + curvature_x / 4, (up + down) / 2 + curvature_y / 4
    chosen = np.where(gradient_x < gradient_y, along_x, along_y)
    return np.asarray(np.where(gradient_x == gradient_y, (along_x + along_y) / 2, chosen), np.float32)


def reduce_noise(encoded: Floats, levels: float) -> Floats:
    """Smooth where noise of `levels` (0-255) explains the local variance (Wiener filter, 5 x 5)."""
    mean = ndimage.uniform_filter(encoded, (5, 5, 1))
    variance = np.maximum(ndimage.uniform_filter(np.square(encoded), (5, 5, 1)) - np.square(mean), 1e-8)
    gain = np.maximum(variance - np.float32(levels / 255) ** 2, 0) / variance
    return np.asarray(mean + gain * (encoded - mean), np.float32)


def unsharp_mask(encoded: Floats, radius: float, amount: float) -> Floats:
    """Sharpen by adding `amount` times the difference to a Gaussian blur of `radius` px."""
    soft = ndimage.gaussian_filter(encoded, (radius, radius, 0))
    return np.asarray(np.clip(encoded + amount * (encoded - soft), 0, 1), np.float32)


def apply_tone_curve(encoded: Floats, contrast: float, gamma: float) -> Floats:
    """Apply a tone curve: `contrast` > 0 makes an S (< 0: flatter), `gamma` < 1 lifts the middle."""
    curved = np.clip(encoded, 0, 1) ** np.float32(gamma)
    return np.asarray(curved + np.float32(contrast) * curved * (1 - curved) * (2 * curved - 1), np.float32)


def recompress_jpeg(pixels: Pixels, quality: int, *, subsampling: int = 2) -> Pixels:
    """Save as JPEG and return the decoded pixels; `subsampling` 0 keeps all colour, 2 a quarter of it."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(file))
