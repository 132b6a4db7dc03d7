"""`DecodedImage`: the stored pixels of a picture, before orientation and colour management are applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from PIL import Image

from autocull.read.colour import to_srgb
from autocull.read.orientation import apply_orientation, stored_box, upright_size
from autocull.read.photo import Box, Pixels

WORKING_SIDE = 1024
"""Maximum long side of a working picture, in pixels."""

_ROW_STEPS = (3, 2)  # subsampling of rows, coarsest first
_MIN_WORKING_SIDE = 800  # px: from here on block averages suffice; resampling would double the cost


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """Stored pixels with their orientation and colour profile.

    `image` has mode RGB, RGBX, L or CMYK and may be stored in the worker's decode buffer. Only the working
    picture and the crops are turned upright and colour-managed, so the full picture is never copied.
    `subsample_rows` returns every n-th row of the image without a copy; None where the memory layout does not
    allow it. `sensor_white` is that of `Photo`.
    """

    image: Image.Image
    orientation: int = 1
    profile: bytes | None = None
    remarks: tuple[str, ...] = ()
    subsample_rows: Callable[[int], Image.Image] | None = None
    sensor_white: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Return (width, height) of the upright picture in pixels."""
        return upright_size(self.image.size, self.orientation)

    def render_working(self) -> Pixels:
        """Return the whole picture upright in sRGB, averaged to a long side of 800 to 1024 px.

        Smaller pictures are not enlarged.
        """
        longest = max(self.image.size)
        factor = ceil(longest / WORKING_SIDE)
        if longest >= factor * _MIN_WORKING_SIDE or factor == 1:
            return self._finish(self._average(factor))
        scale = WORKING_SIDE / longest
        width, height = (max(1, round(side * scale)) for side in self.image.size)
        larger = self._average(factor - 1)
        return self._finish(larger.resize((width, height), Image.Resampling.BILINEAR))

    def _average(self, factor: int) -> Image.Image:
        """Return the stored picture averaged over `factor` x `factor` pixels; for 1 itself, not a copy.

        Of a large picture in the decode buffer only each second or third row is averaged: the step is bound
        by memory bandwidth, and the means of two and of six rows differ by less than the sensor's noise.
        """
        if factor == 1:
            return self.image
        step = next((step for step in _ROW_STEPS if factor > step and factor % step == 0), 1)
        if self.subsample_rows is None or step == 1:
            return self.image.reduce(factor)
        return self.subsample_rows(step).reduce((factor, factor // step))

    def crop(self, box: Box, reduce: int) -> Pixels:
        """Return `box` of the upright picture in native pixels, averaged over `reduce` x `reduce`."""
        area = _pixel_box(stored_box(box, self.orientation), self.image.size)
        piece = self.image.crop(area) if reduce <= 1 else self.image.reduce(reduce, area)
        return self._finish(piece)

    def _finish(self, piece: Image.Image) -> Pixels:
        """Return a copy of a small piece, colour-managed and upright."""
        return np.array(apply_orientation(to_srgb(piece, self.profile), self.orientation), np.uint8)


def _pixel_box(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box in whole pixels: clipped to the picture, at least one pixel wide and high."""
    x0, x1 = _pixel_range(box.x0, box.x1, size[0])
    y0, y1 = _pixel_range(box.y0, box.y1, size[1])
    return x0, y0, x1, y1


def _pixel_range(low: float, high: float, length: int) -> tuple[int, int]:
    """Return the whole pixels from `low` to `high` (fractions of `length`), at least one."""
    start = min(max(floor(low * length + 1e-6), 0), length - 1)
    return start, min(max(ceil(high * length - 1e-6), start + 1), length)
