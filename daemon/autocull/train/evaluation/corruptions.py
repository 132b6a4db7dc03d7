"""Corruptions of good photos, for evaluation only; independent of the defects made for training.

`train.synthesis` simulates a camera, in linear light. This module changes finished pixels, by other formulas
with other parameters and mostly by Pillow, so that a network cannot score by having learned its own
generator. Nothing here is used in training. Every corruption is clearly visible: people disagree about mild
ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter
from scipy import ndimage

from autocull.arrays import Doubles, Rng
from autocull.read import Pixels

Corruption = Callable[[Image.Image, Rng], Image.Image]

_SUBPIXELS = 4  # sub-pixels per pixel and axis when a path is drawn


def too_dark(picture: Image.Image, rng: Rng) -> Image.Image:
    """Darken by a gamma, or by a factor that also clips the blacks."""
    if rng.random() < 0.5:
        gamma = float(rng.uniform(2.2, 4.5))
        return picture.point([round(255 * (level / 255) ** gamma) for level in range(256)] * 3)
    share, black = float(rng.uniform(0.18, 0.45)), int(rng.integers(0, 12))
    return picture.point([max(0, round(level * share) - black) for level in range(256)] * 3)


def too_bright(picture: Image.Image, rng: Rng) -> Image.Image:
    """Lower the white point and raise the midtones, so that highlights clip."""
    white, gamma = float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.6, 0.9))
    return picture.point([min(255, round(255 * (level / 255 / white) ** gamma)) for level in range(256)] * 3)


def motion_blur(picture: Image.Image, rng: Rng) -> Image.Image:
    """Blur along a straight line or an arc of 1.6 to 6 % of the long side."""
    length = max(picture.size) * float(rng.uniform(0.016, 0.06))
    return _convolve(
        picture, draw_motion_path(length, float(rng.uniform(0, 180)), float(rng.choice((0, 0, 60, 110))))
    )


def draw_motion_path(length: float, angle: float, arc: float) -> Image.Image:
    """Draw a path of `length` px as a grey picture; `arc` is the angle of the arc in degrees, 0 a line."""
    side = _SUBPIXELS * (2 * int(np.ceil(length / 2)) + 5)
    path = Image.new("L", (side, side))
    draw, middle, scaled_length = ImageDraw.Draw(path), side / 2, _SUBPIXELS * length
    if arc == 0:
        x, y = (scaled_length / 2 * component(np.radians(angle)) for component in (np.cos, np.sin))
        draw.line((middle - x, middle - y, middle + x, middle + y), fill=255, width=_SUBPIXELS)
    else:
        radius = scaled_length / np.radians(arc)
        x, y = (
            middle - (radius - scaled_length / 8) * component(np.radians(angle))
            for component in (np.cos, np.sin)
        )
        bounds = (x - radius, y - radius, x + radius, y + radius)
        draw.arc(bounds, angle - arc / 2, angle + arc / 2, fill=255, width=_SUBPIXELS)
    return path.reduce(_SUBPIXELS)


def _convolve(picture: Image.Image, kernel: Image.Image) -> Image.Image:
    """Convolve the encoded levels (not linear light) with a grey kernel; edge pixels are repeated."""
    weights = np.asarray(kernel, np.float32)
    weights /= weights.sum()
    levels = np.asarray(picture, np.float32)
    planes = [ndimage.convolve(levels[..., colour], weights, mode="nearest") for colour in range(3)]
    return Image.fromarray(np.rint(np.stack(planes, -1)).clip(0, 255).astype(np.uint8))


def defocus(picture: Image.Image, rng: Rng) -> Image.Image:
    """Blur by a gaussian, a box filter twice, or a hexagonal aperture: 0.5 to 1.2 % of the long side."""
    radius = max(picture.size) * float(rng.uniform(0.005, 0.012))
    method = int(rng.integers(3))
    if method == 0:
        return picture.filter(ImageFilter.GaussianBlur(radius))
    if method == 1:
        return picture.filter(ImageFilter.BoxBlur(radius)).filter(ImageFilter.BoxBlur(radius))
    opening = 1.8 * radius * _SUBPIXELS
    hexagon = Image.new("L", (_SUBPIXELS * (2 * int(np.ceil(1.8 * radius)) + 3),) * 2)
    circle = (hexagon.width / 2, hexagon.width / 2, opening)
    ImageDraw.Draw(hexagon).regular_polygon(circle, 6, rotation=float(rng.uniform(0, 60)), fill=255)
    return _convolve(picture, hexagon.reduce(_SUBPIXELS))


def lens_flare(picture: Image.Image, rng: Rng) -> Image.Image:
    """Screen a drawn flare over the picture: a glowing sun, a row of tinted ghosts, and a veil."""
    width, height = picture.size
    sun = (float(rng.uniform(0.05, 0.95)) * width, float(rng.uniform(-0.05, 0.35)) * height)
    layer = Image.new("RGB", picture.size, _sample_tint(rng, rng.uniform(10, 45)))
    glow = float(rng.uniform(0.35, 0.9)) * max(width, height)
    halo = ImageChops.invert(Image.radial_gradient("L")).resize((round(2 * glow),) * 2)
    halo = halo.point([min(255, round(255 * (level / 255) ** 3 * 1.4)) for level in range(256)])
    layer.paste(
        Image.new("RGB", halo.size, _sample_tint(rng, 255)),
        (round(sun[0] - glow), round(sun[1] - glow)),
        halo,
    )
    for fraction in rng.uniform(0.35, 1.9, int(rng.integers(3, 7))):
        x, y = sun[0] + fraction * (width / 2 - sun[0]), sun[1] + fraction * (height / 2 - sun[1])
        layer = ImageChops.screen(layer, _draw_ghost(picture.size, (x, y), rng))
    return ImageChops.screen(picture, layer)


def _draw_ghost(size: tuple[int, int], centre: tuple[float, float], rng: Rng) -> Image.Image:
    """Draw one reflection of the diaphragm on black: a soft disc or polygon."""
    ghost, radius = Image.new("RGB", size), max(size) * float(rng.uniform(0.02, 0.08))
    colour = _sample_tint(rng, float(rng.uniform(40, 120)))
    sides = int(rng.choice((6, 8, 40)))
    ImageDraw.Draw(ghost).regular_polygon(
        (*centre, radius), sides, rotation=float(rng.uniform(0, 90)), fill=colour
    )
    return ghost.filter(ImageFilter.GaussianBlur(radius / 12))


def _sample_tint(rng: Rng, level: float) -> tuple[int, int, int]:
    red, green, blue = (int(level * share) for share in rng.uniform(0.6, 1.0, 3))
    return red, green, blue


def low_quality(picture: Image.Image, rng: Rng) -> Image.Image:
    """Compress far too much: as WebP, as JPEG twice with shifted blocks, or with few colours before JPEG."""
    method = int(rng.integers(3))
    if method == 0:
        return _recompress(picture, "WEBP", int(rng.integers(0, 6)))
    if method == 1:
        first_save = _recompress(picture, "JPEG", int(rng.integers(4, 13)))
        return _recompress(first_save.crop((3, 5, *first_save.size)), "JPEG", int(rng.integers(10, 25)))
    return _recompress(picture.quantize(24).convert("RGB"), "JPEG", int(rng.integers(5, 15)))


def noise(picture: Image.Image, rng: Rng) -> Image.Image:
    """Add photon and read noise, in most cases through a colour filter mosaic."""
    levels = np.asarray(picture, np.float64)
    photons = float(rng.uniform(12, 60))
    noisy = rng.poisson(levels / 255 * photons) / photons * 255 + rng.normal(
        0, rng.uniform(0, 10), levels.shape
    )
    if rng.random() < 0.4:
        return Image.fromarray(np.rint(noisy).clip(0, 255).astype(np.uint8))
    return Image.fromarray(np.rint(_demosaic(noisy)).clip(0, 255).astype(np.uint8))


def _demosaic(levels: Doubles) -> Doubles:
    """Sample one colour per pixel (red, green / green, blue) and interpolate the others.

    Green is the median of its neighbours; red and blue are interpolated as differences from green.
    """
    height, width = levels.shape[:2]
    row, column = np.indices((height, width))
    neighbours = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool)
    measured_green, median_green = levels[..., 1], ndimage.median_filter(levels[..., 1], footprint=neighbours)
    green = np.where((row + column) % 2 == 1, measured_green, median_green)
    planes = [green]
    for colour, offset in ((0, 0), (2, 1)):
        difference = (levels[..., colour] - green)[offset::2, offset::2].astype(np.float32)
        planes.append(green + Image.fromarray(difference).resize((width, height), Image.Resampling.BILINEAR))
    return np.stack([planes[1], planes[0], planes[2]], -1)


def _recompress(picture: Image.Image, file_format: str, quality: int) -> Image.Image:
    file = BytesIO()
    picture.save(file, file_format, quality=quality)
    return Image.open(file).convert("RGB")


CORRUPTIONS: Mapping[str, Corruption] = {
    "too_dark": too_dark,
    "too_bright": too_bright,
    "motion_blur": motion_blur,
    "defocus": defocus,
    "lens_flare": lens_flare,
    "low_quality": low_quality,
    "noise": noise,
}
"""The corruption of each defect, by the defect's name."""


def corrupt(pixels: Pixels, defect: str | None, seed: tuple[int, ...]) -> Pixels:
    """Apply one of `CORRUPTIONS`, or none, to a good picture `(h, w, 3)`; deterministic for a seed.

    Every result is saved as JPEG of quality 85 to 95, so that compression does not reveal the corrupted ones.
    """
    rng = np.random.default_rng(seed)
    picture = Image.fromarray(pixels)
    if defect is not None:
        picture = CORRUPTIONS[defect](picture, rng)
    return np.asarray(_recompress(picture, "JPEG", int(rng.integers(85, 96))))
