"""Training pictures: small files that are read whole and kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from autocull.errors import ManifestError
from autocull.read.decoded_image import DecodedImage
from autocull.read.photo import Capture, Photo, Pixels
from autocull.train.data.manifest import Row


def read_picture(path: Path) -> Pixels:
    """Read a small picture of any size, upright: `(h, w, 3)` uint8 sRGB; raises OSError where it cannot."""
    try:
        with Image.open(path) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except (UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise OSError(f"not a readable picture: {error}") from error


def read_pictures(rows: Sequence[Row], on_progress: Callable[[], None], *, max_side: int) -> list[Pixels]:
    """Read the rows' pictures, each shrunk to `max_side` px; raises ManifestError that names the bad one."""
    pictures = []
    for row in rows:
        try:
            pictures.append(_shrink(read_picture(row.path), max_side))
        except OSError as error:
            message = f"line {row.line}: {row.path} cannot be read ({error}); take it out of the manifest."
            raise ManifestError(message) from error
        on_progress()
    return pictures


def _shrink(picture: Pixels, max_side: int) -> Pixels:
    image = Image.fromarray(picture)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    return np.asarray(image)


def photo_of(pixels: Pixels) -> Photo:
    """Make a Photo of `(h, w, 3)` upright sRGB pixels, as if it had been read."""
    picture = DecodedImage(Image.fromarray(np.ascontiguousarray(pixels)))
    width, height = picture.size
    return Photo(Path("memory"), "memory", width, height, picture.render_working(), Capture(), picture.crop)
