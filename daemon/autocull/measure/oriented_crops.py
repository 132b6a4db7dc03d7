"""Oriented crops: turned squares around faces and eyes, resampled upright for a network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, cos, floor, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.read import Box, Photo, Pixels


@dataclass(frozen=True, slots=True)
class OrientedCrop:
    """A turned square in a picture: its centre and side in pixels, and its angle.

    `angle` is in radians; positive is clockwise in the picture (whose y axis points down).
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    def scaled(self, scale: float) -> OrientedCrop:
        """Return the square in a picture that is `scale` times as large."""
        return OrientedCrop(self.x * scale, self.y * scale, self.side * scale, self.angle)

    def box(self, width: int, height: int) -> Box:
        """Return the unturned square in fractions of a picture of `width` x `height`, clipped to it."""
        half = self.side / 2
        x0, x1 = (min(max(x / width, 0.0), 1.0) for x in (self.x - half, self.x + half))
        y0, y1 = (min(max(y / height, 0.0), 1.0) for y in (self.y - half, self.y + half))
        return Box(x0, y0, x1, y1)

    def bounds(self, margin: int = 1) -> tuple[int, int, int, int]:
        """Return the upright rectangle (x0, y0, x1, y1), in whole pixels, around the square and a margin."""
        reach = self.side / 2 * (abs(cos(self.angle)) + abs(sin(self.angle))) + margin
        return floor(self.x - reach), floor(self.y - reach), ceil(self.x + reach), ceil(self.y + reach)

    def to_picture(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Convert points (n, 2) from fractions of the upright square to pixels of the picture."""
        rotation = np.array([[cos(self.angle), sin(self.angle)], [-sin(self.angle), cos(self.angle)]])
        picture_points: NDArray[np.float64] = (points - 0.5) * self.side @ rotation + (self.x, self.y)
        return picture_points


def crop_native(photo: Photo, square: OrientedCrop, size: int) -> Pixels:
    """Crop `square` (in native pixels) from the full-resolution picture and turn it upright.

    Returns `(size, size, 3)` uint8; outside the picture, its edge is repeated.
    """
    reduce = max(1, int(square.side / size))
    x0, y0, x1, y1 = square.bounds(margin=reduce)
    left, right = _clip_to_steps(x0, x1, photo.width, reduce)
    top, bottom = _clip_to_steps(y0, y1, photo.height, reduce)
    box = Box(left / photo.width, top / photo.height, right / photo.width, bottom / photo.height)
    pixels = photo.crop(box, reduce)
    shifted = replace(square, x=square.x - left, y=square.y - top).scaled(1 / reduce)
    return _rotate_upright(pixels, shifted, size)


def crop_working(picture: Pixels, square: OrientedCrop, size: int) -> Pixels:
    """Crop `square` (in pixels of `picture`) and turn it upright: `(size, size, 3)` uint8.

    Outside the picture, its edge is repeated.
    """
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = square.bounds()
    left, top = min(max(x0, 0), width - 1), min(max(y0, 0), height - 1)
    pixels = picture[top : max(y1, top + 1), left : max(x1, left + 1)]
    reduce = max(1, int(square.side / size))
    if reduce > 1:
        pixels = np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).reduce(reduce))
    return _rotate_upright(
        pixels, replace(square, x=square.x - left, y=square.y - top).scaled(1 / reduce), size
    )


def _clip_to_steps(low: int, high: int, length: int, step: int) -> tuple[int, int]:
    """Clip a range to 0..length, in whole steps: a turned photo would have a remainder at its other end."""
    low = min(max(low, 0), max(length - step, 0))
    return low, min(low + max((min(high, length) - low) // step, 1) * step, length)


def _rotate_upright(pixels: Pixels, square: OrientedCrop, size: int) -> Pixels:
    """Resample a square of `pixels` upright to `(size, size, 3)`, bilinearly."""
    pixels, square = _pad(pixels, square)
    step = square.side / size
    c, s = cos(square.angle) * step, sin(square.angle) * step
    x = square.x - (c - s) * size / 2
    y = square.y - (s + c) * size / 2
    image = Image.fromarray(np.ascontiguousarray(pixels))
    rotated = image.transform(
        (size, size), Image.Transform.AFFINE, (c, -s, x, s, c, y), Image.Resampling.BILINEAR
    )
    return np.asarray(rotated)


def _pad(pixels: Pixels, square: OrientedCrop) -> tuple[Pixels, OrientedCrop]:
    """Pad `pixels`, by repeating their edge, as far as `square` reaches beyond them; return both."""
    height, width = pixels.shape[:2]
    x0, y0, x1, y1 = square.bounds()
    before, after = (max(-y0, 0), max(-x0, 0)), (max(y1 - height, 0), max(x1 - width, 0))
    if not any((*before, *after)):
        return pixels, square
    padded = np.pad(pixels, ((before[0], after[0]), (before[1], after[1]), (0, 0)), mode="edge")
    return padded, replace(square, x=square.x + before[1], y=square.y + before[0])
