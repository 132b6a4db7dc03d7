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

from autocull.measure.embedding import LikenessMember
from autocull.measure.evidence import Likeness
from autocull.read.photo import Pixels
from autocull.train.data.image_io import photo_of

Mirror = Callable[[bytes], Likeness]
"""From a small JPEG of a photo to what the mirrored photo looks like."""


def mirror_at(models: Path) -> Mirror:
    """Make a mirror with the likeness network below `models`; raises ModelError where it is not usable."""
    member = LikenessMember(models)

    def mirror(small: bytes) -> Likeness:
        return member.measure(photo_of(pixels_of(small)[:, ::-1]), {})

    return mirror


def pixels_of(small: bytes) -> Pixels:
    """Decode a small JPEG: `(height, width, 3)` uint8."""
    return np.asarray(Image.open(io.BytesIO(small)).convert("RGB"))
