"""A picture in memory as a `Photo`, so that training sees it through the same eyes as the product."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from autocull.read.decoded_image import Picture
from autocull.read.photo import Capture, Photo, Pixels


def photo_of(pixels: Pixels) -> Photo:
    """Make a Photo of `(h, w, 3)` upright sRGB pixels, as if it had been read."""
    picture = Picture(Image.fromarray(np.ascontiguousarray(pixels)))
    width, height = picture.size
    return Photo(Path("memory"), "memory", width, height, picture.working(), Capture(), picture.cut)
