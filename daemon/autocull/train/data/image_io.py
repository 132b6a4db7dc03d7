"""Reading of training pictures: small files that are decoded completely and kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from autocull.errors import ManifestError
from autocull.read import Pixels
from autocull.train.data.manifest import Row


def read_picture(path: Path) -> Pixels:
    """Read a picture, apply its orientation and return it as `(h, w, 3)` uint8 sRGB; raises OSError."""
    try:
        with Image.open(path) as image:
            return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    except (UnidentifiedImageError, ValueError, SyntaxError) as error:
        raise OSError(f"not a readable picture: {error}") from error


def read_pictures(rows: Sequence[Row], on_progress: Callable[[], None], *, max_side: int) -> list[Pixels]:
    """Read the pictures of the rows, each shrunk to at most `max_side` px; calls `on_progress` after each.

    Raises ManifestError with line and path of a picture that cannot be read.
    """
    pictures = []
    for row in rows:
        try:
            pictures.append(_shrink(read_picture(row.path), max_side))
        except OSError as error:
            message = f"line {row.line}: {row.path} cannot be read ({error}); remove it from the manifest."
            raise ManifestError(message) from error
        on_progress()
    return pictures


def _shrink(picture: Pixels, max_side: int) -> Pixels:
    image = Image.fromarray(picture)
    image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
    return np.asarray(image)
