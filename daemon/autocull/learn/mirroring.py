"""Mirror images of selects, as additional training samples of the smaller class.

The embedding of the mirror image is computed from the thumbnail in the store. The network's input is no
larger than that, so no photo file is read again.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from autocull.measure import Embedding, EmbeddingDetector
from autocull.read import Photo, Pixels

MirrorFunction = Callable[[bytes], Embedding]
"""Returns the embedding of the mirror image of a photo, given as a small JPEG."""


def make_mirror(models: Path) -> MirrorFunction:
    """Return a mirror function that uses the embedding network below `models`; raises ModelError."""
    detector = EmbeddingDetector(models)

    def mirror(thumbnail: bytes) -> Embedding:
        return detector.measure(Photo.from_pixels(decode_thumbnail(thumbnail)[:, ::-1]))

    return mirror


def decode_thumbnail(thumbnail: bytes) -> Pixels:
    """Decode a small JPEG: `(height, width, 3)` uint8."""
    return np.asarray(Image.open(io.BytesIO(thumbnail)).convert("RGB"))
