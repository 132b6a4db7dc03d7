"""The small picture of a photo, for the report; made in the workers, so it imports next to nothing."""

from __future__ import annotations

import io

from PIL import Image

from autocull.read.photo import Pixels

THUMBNAIL_SIZE = 256
"""The long side of a thumbnail in pixels."""


def make_thumbnail(working: Pixels) -> bytes:
    """A small JPEG of a working picture (long side 256 px), for the report."""
    picture = Image.fromarray(working)
    # Whole pixels are averaged first and the rest by area: a third of the time of the sharper filters.
    picture.thumbnail((THUMBNAIL_SIZE, THUMBNAIL_SIZE), Image.Resampling.BOX, reducing_gap=1.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=70)
    return file.getvalue()
