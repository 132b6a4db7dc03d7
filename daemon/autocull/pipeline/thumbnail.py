"""Thumbnails for the report. They are made in the workers, so this module imports little."""

from __future__ import annotations

import io

from PIL import Image

from autocull.read import Pixels

THUMBNAIL_SIZE = 256
"""The long side of a thumbnail in pixels."""


def make_thumbnail(working: Pixels) -> bytes:
    """Return a small JPEG of a working picture (long side 256 px)."""
    picture = Image.fromarray(working)
    # Whole pixels are averaged first, then the rest by area: a third of the time of sharper filters.
    picture.thumbnail((THUMBNAIL_SIZE, THUMBNAIL_SIZE), Image.Resampling.BOX, reducing_gap=1.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=70)
    return file.getvalue()
