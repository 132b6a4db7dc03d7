"""Builders of photos in memory, without a file. Import with `from photos import ...`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from autocull.read.decoded_image import WORKING_SIDE, DecodedImage
from autocull.read.photo import Capture, Photo, Pixels


def photo_of(pixels: Pixels, orientation: int = 1) -> Photo:
    """Make the photo of an sRGB picture (h, w, 3) as it is stored, to be turned upright by `orientation`."""
    picture = DecodedImage(Image.fromarray(np.ascontiguousarray(pixels)), orientation)
    width, height = picture.size
    working = picture.render_working()
    assert max(working.shape) <= WORKING_SIDE
    return Photo(
        Path("made.jpg"), "jpeg", width, height, working, Capture(orientation=orientation), picture.crop
    )
