"""The view of a photo: its tones, its detail and its tints on small grids, to compare frames of one scene.

The embedding tells that two photos show one scene. The view tells more of two frames of it: whether the
camera moved between them, by how much light they differ, where one of them is sharper, and whether only the
colours differ. It is counted, not learned.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autocull.arrays import Floats
from autocull.measure.evidence import Embedding
from autocull.read import Pixels

TONE_SIDE, DETAIL_SIDE, TINT_SIDE = 48, 16, 6
"""Cells along each side of the grids of tones, detail and tints."""

DETAIL_LONG_SIDE = 384
"""Long side in pixels of the picture in which detail is measured; smaller photos are enlarged."""

_DETAIL_BITS = 25
"""Stored steps per doubling of the detail."""

Bytes = NDArray[np.uint8]


def measure_view(picture: Pixels, small: Pixels) -> tuple[str, str, str]:
    """Measure tones, detail and tints, packed for `Embedding`, of a working picture and its `squeeze`."""
    image = Image.fromarray(picture).convert("L")
    scale = DETAIL_LONG_SIDE / max(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    kind = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    luma: Floats = np.asarray(image.resize(size, kind, reducing_gap=2.0), np.float32) / np.float32(255)
    detail = _measure_detail(np.sqrt(luma))
    tints = Image.fromarray(small).convert("YCbCr").resize((TINT_SIDE, TINT_SIDE), Image.Resampling.BOX)
    return (
        pack_bytes(255 * np.sqrt(_resize(luma, TONE_SIDE))),
        pack_bytes(_DETAIL_BITS * np.log2(1 + detail)),
        pack_bytes(np.asarray(tints, np.float32)[..., 1:]),
    )


def tones_of(embedding: Embedding) -> Bytes:
    """Return the tones, `(48, 48)` uint8: 255 times the root of each cell's mean luma (0-1).

    Raises ValueError for an empty embedding, as `detail_of` and `tints_of` do.
    """
    return _unpack_bytes(embedding.tones, (TONE_SIDE, TONE_SIDE))


def detail_of(embedding: Embedding) -> Bytes:
    """Return the detail, `(16, 16)` uint8: 25 more is twice the fine contrast, at 384 px."""
    return _unpack_bytes(embedding.detail, (DETAIL_SIDE, DETAIL_SIDE))


def tints_of(embedding: Embedding) -> Bytes:
    """Return the mean blue and red difference of each cell, `(6, 6, 2)` uint8: 128 is grey."""
    return _unpack_bytes(embedding.tints, (TINT_SIDE, TINT_SIDE, 2))


def _measure_detail(roots: Floats) -> Floats:
    """Return the root mean square of the Laplacian of each cell, in 1/1024; roots make photon noise even."""
    padded = np.pad(roots, 1, mode="edge")
    neighbours = padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]
    squares = np.square(1024 * (4 * roots - neighbours))
    return np.sqrt(_resize(np.asarray(squares, np.float32), DETAIL_SIDE))


def _resize(values: Floats, side: int) -> Floats:
    """Return the mean of each cell of a square grid over the whole picture."""
    image = Image.fromarray(np.ascontiguousarray(values)).resize((side, side), Image.Resampling.BOX)
    return np.asarray(image, np.float32)


def pack_bytes(values: NDArray[np.floating]) -> str:
    """Encode numbers from 0 to 255 as base64 of one byte each."""
    return b64encode(np.rint(values).clip(0, 255).astype(np.uint8).tobytes()).decode("ascii")


def _unpack_bytes(text: str, shape: tuple[int, ...]) -> Bytes:
    if not text:
        raise ValueError("The embedding is empty: photos of a fixture cannot be compared.")
    return np.frombuffer(b64decode(text), np.uint8).reshape(shape)
