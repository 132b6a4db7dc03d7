"""Lightness of a face as photographed, for subgroup metrics where skin tone is not labelled.

It is a property of the photo, not of the person: exposure, light and make-up count as much as skin. Groups by
lightness show whether a detector fails on faces that are dark in the photo, not which people it fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

import numpy as np

from autocull.measure import EyePoints, Face, OrientedCrop, crop_native
from autocull.read import Box, Photo, Pixels

_CHEEK_OFFSET = 0.6  # of the distance between the eyes: from the centre of an eye down to that of its cheek
_PATCH_SHARE = 0.3  # of that distance: side of the patch on each cheek; it ends above a beard
_MAX_SIDE = 48  # px: larger patches are reduced
_MIDDLE_BOX = Box(1 / 3, 1 / 3, 2 / 3, 2 / 3)


def measure_portrait(photo: Photo, faces: Sequence[Face]) -> dict[str, float]:
    """Measure the numbers that portraits are grouped by.

    `lightness` is that of the main face's cheeks or, without a face, of the picture's middle ninth (where a
    portrait has its face); `face_size` is the longer side of the main face in native pixels, if there is one.
    """
    if not faces:
        return {"lightness": lightness(photo.crop(_MIDDLE_BOX))}
    box = faces[0].box
    side = max((box.x1 - box.x0) * photo.width, (box.y1 - box.y0) * photo.height)
    cheeks = [crop_native(photo, square, _patch_size(square)) for square in cheek_crops(faces[0], photo)]
    pixels = np.concatenate([cheek.reshape(-1, 3) for cheek in cheeks]) if cheeks else photo.crop(box)
    return {"lightness": lightness(pixels), "face_size": side}


def cheek_crops(face: Face, photo: Photo) -> tuple[OrientedCrop, ...]:
    """Return a patch on each cheek, in native pixels; empty where the eyes were not located."""
    if len(face.eye_points) != 2:
        return ()
    (left_x, left_y), (right_x, right_y) = (_eye_centre(eye, photo) for eye in face.eye_points)
    x, y = right_x - left_x, right_y - left_y
    side = max(1.0, _PATCH_SHARE * hypot(x, y))
    return tuple(
        OrientedCrop(eye_x - _CHEEK_OFFSET * y, eye_y + _CHEEK_OFFSET * x, side)
        for eye_x, eye_y in ((left_x, left_y), (right_x, right_y))
    )


def lightness(pixels: Pixels) -> float:
    """Return the median CIE L* (0 black, 100 white) of sRGB pixels `(..., 3)` uint8; D65, IEC 61966-2-1."""
    shares = pixels.reshape(-1, 3).astype(np.float64) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    curve = np.where(luminance > (6 / 29) ** 3, np.cbrt(luminance), luminance / (3 * (6 / 29) ** 2) + 4 / 29)
    return float(np.median(116 * curve - 16))


def _eye_centre(eye: EyePoints, photo: Photo) -> tuple[float, float]:
    """Return the midpoint of an eye's corners in native pixels."""
    (x0, y0), (x1, y1) = eye.outer, eye.inner
    return (x0 + x1) / 2 * photo.width, (y0 + y1) / 2 * photo.height


def _patch_size(square: OrientedCrop) -> int:
    return max(1, min(round(square.side), _MAX_SIDE))
