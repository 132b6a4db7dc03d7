"""Measures the exposure from the histogram of a photo's luma, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from PIL import Image

from autocull.arrays import Doubles
from autocull.measure.evidence import Exposure, Face, SubjectLight
from autocull.read import Box, Photo, Pixels

DARKEST, BRIGHTEST = 4, 251
"""Luma (0-255) at or beyond these values is clipped; JPEG ringing shifts it by +-3."""

_MIN_FACE_AREA = 0.02  # of the picture: the light of smaller faces does not decide
_MIN_MESH_SCORE = 0.5  # less certain ones may be no face
_INNER_FACE = (0.15, 0.2, 0.85, 0.9)  # of a face's box: without hair and background
_DARK_MEDIAN = 0.3  # luma (0-1): small lights are counted only in pictures that are as dark as this
_BLOCK = 16  # px of the working picture: the side of the blocks in which small lights are counted
_LIGHT_AREA = 21  # px: a small light covers less of its block
_LIGHT_STEP, _FLAT_STEP = 32, 12  # grey levels: the least step up to a light, the largest among the rest


def luma_histogram(working: Pixels) -> Doubles:
    """Return the share of pixels `(256,)` at each luma (ITU-R BT.601, sRGB-encoded)."""
    counts = np.array(Image.fromarray(working).convert("L").histogram(), np.float64)
    return np.asarray(counts / counts.sum())


def measure_exposure(photo: Photo, faces: Sequence[Face] = (), region: Box | None = None) -> Exposure:
    """Measure the working picture's luma (ITU-R BT.601, sRGB-encoded, 0-1): percentiles and clipping.

    `clipped_dark` and `clipped_bright` are the shares (0-1) of pixels without any detail left in them. The
    subject is the most prominent of the `faces` that is large enough, else the `region`.
    """
    shares = luma_histogram(photo.working)
    cumulative = np.cumsum(shares)
    low, median, high = (int(np.searchsorted(cumulative, quantile)) / 255 for quantile in (0.05, 0.5, 0.95))
    return Exposure(
        median=median,
        low=low,
        high=high,
        clipped_dark=float(shares[: DARKEST + 1].sum()),
        clipped_bright=float(shares[BRIGHTEST:].sum()),
        lights=count_small_lights(photo.working) if median <= _DARK_MEDIAN else 0.0,
        subject=measure_subject_light(photo.working, faces, region),
        sensor_white=photo.sensor_white,
    )


def measure_subject_light(working: Pixels, faces: Sequence[Face], region: Box | None) -> SubjectLight | None:
    """Measure the luma of the inner face of the most prominent large face, else of `region`, if any."""
    large = [
        face
        for face in faces
        if face.mesh_score >= _MIN_MESH_SCORE
        and (face.box.x1 - face.box.x0) * (face.box.y1 - face.box.y0) >= _MIN_FACE_AREA
    ]
    box = _inner_box(max(large, key=lambda face: face.prominence).box) if large else region
    luma = None if box is None else _crop_luma(working, box)
    if luma is None:
        return None
    median, high = (float(value) / 255 for value in np.quantile(luma, (0.5, 0.9)))
    return SubjectLight(median, high, float((luma >= BRIGHTEST).mean()), bool(large))


def _inner_box(box: Box) -> Box:
    width, height = box.x1 - box.x0, box.y1 - box.y0
    x0, y0, x1, y1 = _INNER_FACE
    return Box(box.x0 + x0 * width, box.y0 + y0 * height, box.x0 + x1 * width, box.y0 + y1 * height)


def _crop_luma(working: Pixels, box: Box) -> Pixels | None:
    """Return the luma of a box, clipped to the picture; None where nothing of it is inside."""
    height, width = working.shape[:2]
    top, bottom = max(0, int(box.y0 * height)), min(height, ceil(box.y1 * height))
    left, right = max(0, int(box.x0 * width)), min(width, ceil(box.x1 * width))
    if top >= bottom or left >= right:
        return None
    return np.asarray(Image.fromarray(np.ascontiguousarray(working[top:bottom, left:right])).convert("L"))


def measure_white(working: Pixels) -> float:
    """Return the share (0-1) of pixels that have lost at least one channel: colours burn out one by one."""
    red, green, blue = (working[..., channel] >= BRIGHTEST for channel in range(3))
    return float((red | green | blue).mean())  # NumPy takes ten times as long along the last axis


def count_small_lights(working: Pixels) -> float:
    """Return the share (0-1) of blocks that are even but for a small light: stars, and lamps far away.

    A light is brighter than the brightest twelfth of its block by a clear step, which noise in the dark and
    edges between dark and bright are not.
    """
    luma = np.asarray(Image.fromarray(working).convert("L"))
    rows, columns = (max(1, side // _BLOCK) for side in luma.shape)
    height, width = min(_BLOCK, luma.shape[0]), min(_BLOCK, luma.shape[1])
    cropped = luma[: rows * height, : columns * width].reshape(rows, height, columns, width)
    blocks = cropped.swapaxes(1, 2).reshape(rows * columns, height * width)
    middle, upper = height * width // 2, max(0, height * width - _LIGHT_AREA)
    ordered = np.partition(blocks, (middle, upper), axis=1).astype(np.int16)
    brightest = blocks.max(1).astype(np.int16)
    stands_out = brightest - ordered[:, upper] >= _LIGHT_STEP
    is_even = ordered[:, upper] - ordered[:, middle] <= _FLAT_STEP
    return float((stands_out & is_even).mean())
