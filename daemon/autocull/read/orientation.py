"""Turns stored pixels upright, and converts boxes of the upright picture to boxes of the stored one.

Orientations are EXIF's (CIPA DC-008, tag 0x0112): 1 upright, 2 mirrored, 3 upside down, 4 flipped,
5 transposed, 6 to be turned a quarter clockwise, 7 transversed, 8 to be turned a quarter anticlockwise.
"""

from __future__ import annotations

from PIL import Image

from autocull.read.photo import Box

_TRANSPOSES = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

QUARTER_TURNS = frozenset({5, 6, 7, 8})
"""The orientations that swap width and height."""


def apply_orientation(image: Image.Image, orientation: int) -> Image.Image:
    """Return the stored picture turned upright; unchanged for orientation 1 and invalid ones."""
    transpose = _TRANSPOSES.get(orientation)
    return image if transpose is None else image.transpose(transpose)


def upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Return (width, height) of the upright picture for the stored (width, height)."""
    width, height = size
    return (height, width) if orientation in QUARTER_TURNS else (width, height)


def stored_box(box: Box, orientation: int) -> Box:
    """Convert a box of the upright picture to a box of the stored one; both in fractions."""
    x0, y0, x1, y1 = box
    if orientation in QUARTER_TURNS:  # transpose first; what remains is a reflection
        x0, y0, x1, y1 = y0, x0, y1, x1
    if orientation in (2, 3, 7, 8):
        x0, x1 = 1 - x1, 1 - x0
    if orientation in (3, 4, 6, 7):
        y0, y1 = 1 - y1, 1 - y0
    return Box(x0, y0, x1, y1)
