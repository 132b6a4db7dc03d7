"""Selects as a mirror shows them: the few of two classes, seen once more.

What a photo looks like is measured anew, on the small picture that the store keeps of it: the network sees
no more than that of a photo anyway, so no photo is read again.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from autocull.measure.embedding import EmbeddingDetector
from autocull.measure.evidence import Embedding
from autocull.read.photo import Photo, Pixels

MirrorFunction = Callable[[bytes], Embedding]
"""From a small JPEG of a photo to what the mirrored photo looks like."""


def make_mirror(models: Path) -> MirrorFunction:
    """Make a mirror with the likeness network below `models`; raises ModelError where it is not usable."""
    detector = EmbeddingDetector(models)

    def mirror(thumbnail: bytes) -> Embedding:
        return detector.measure(Photo.from_pixels(decode_thumbnail(thumbnail)[:, ::-1]))

    return mirror


def decode_thumbnail(thumbnail: bytes) -> Pixels:
    """Decode a small JPEG: `(height, width, 3)` uint8."""
    return np.asarray(Image.open(io.BytesIO(thumbnail)).convert("RGB"))
