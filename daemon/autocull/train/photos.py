"""A picture in memory as a `Photo`, so that training sees it through the same eyes as the product."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from autocull.read.photo import Box, Capture, Photo, Pixels

_WORKING_SIDE = 1024


def photo_of(pixels: Pixels) -> Photo:
    """Make a Photo of `(h, w, 3)` sRGB pixels, with a working picture and crops as a read photo has them."""
    height, width = pixels.shape[:2]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((_WORKING_SIDE, _WORKING_SIDE), Image.Resampling.BILINEAR, reducing_gap=1.0)

    def cut(box: Box, reduce: int) -> Pixels:
        x0, y0 = min(max(int(box.x0 * width), 0), width - 1), min(max(int(box.y0 * height), 0), height - 1)
        x1, y1 = max(round(box.x1 * width), x0 + 1), max(round(box.y1 * height), y0 + 1)
        part = np.ascontiguousarray(pixels[y0:y1, x0:x1])
        return part if reduce == 1 else np.asarray(Image.fromarray(part).reduce(reduce))

    return Photo(Path("memory"), "memory", width, height, np.asarray(image), Capture(), cut)
