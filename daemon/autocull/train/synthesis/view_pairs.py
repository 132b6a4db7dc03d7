"""Two views of one photo: what a photographer who stays with her subject may take next, and where it moved.

A view looks at a part of the photo through a camera that may stand somewhat elsewhere, with another exposure,
noise, focus and finish. Everything is decided by the generator.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from autocull.arrays import Doubles, Floats, Rng
from autocull.read.photo import Pixels
from autocull.train.synthesis import augment
from autocull.train.synthesis.isp import sensor_noise, to_finished, to_linear, to_pixels

MOST_EV = 3.0
"""Exposure steps by which a view may be darker or brighter than the photo."""

_FINER = 2  # a view is taken so many times finer and then averaged: a lens does not alias
_LEAST_SHARED = 0.3  # of the smaller view, that both have to show
_TRIES = 20
_TURN = 0.09  # radians
_BENT = 0.06  # of a view's side, by which each corner may lie elsewhere
_GREY_SHARE, _BLUR_SHARE, _JPEG_SHARE, _TINT_SHARE = 0.15, 0.3, 0.2, 0.4


class Views(NamedTuple):
    """Two views `(size, size, 3)` uint8 and, for each cell of a grid over the first, its place in the second.

    `where` is `(cells, 3)` float32: x and y in fractions of the second view, and 1 where it shows the same
    thing, 0 where that lies outside or was covered.
    """

    first: Pixels
    second: Pixels
    where: Floats


def take_views(picture: Pixels, other: Pixels, rng: Rng, size: int, grid: int) -> Views:
    """Take two views of a picture; something of the `other` picture may have come into the second."""
    here, there = _frames(rng)
    first, second = look(picture, here, size), look(picture, there, size)
    where = correspondence(here, there, grid)
    if rng.random() < 0.3:
        second, where = _visited(second, other, where, rng)
    if rng.random() < 0.5:
        return Views(disturb(first, rng), disturb(second, rng), where)
    return Views(first, disturb(second, rng), where)


def _frames(rng: Rng) -> tuple[Doubles, Doubles]:
    """Place two views over a photo so that enough is on both; one may be the whole, as in the product."""
    whole = rng.random() < 0.4
    for _ in range(_TRIES):
        first = (0.0, 0.0, 1.0, 1.0) if whole else _window(rng)
        second = _window(rng)
        if _shared(first, second) >= _LEAST_SHARED:
            break
    else:
        first = second = (0.0, 0.0, 1.0, 1.0)
    return _looking_at(first, rng, bent=0 if whole else _BENT), _looking_at(second, rng, bent=_BENT)


def _window(rng: Rng) -> tuple[float, float, float, float]:
    """Choose the left, top, width and height of a part: most of the photo, or half of it as in a panorama."""
    wide, high = rng.uniform(0.55, 1.0, 2) if rng.random() < 0.6 else rng.uniform(0.85, 1.0, 2)
    return rng.uniform(0, 1 - wide), rng.uniform(0, 1 - high), wide, high


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The share of the smaller window that the other one shows as well."""
    wide, high = (
        min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis])
        for axis in (0, 1)
    )
    return max(wide, 0) * max(high, 0) / min(one[2] * one[3], other[2] * other[3])


def _looking_at(window: tuple[float, float, float, float], rng: Rng, *, bent: float) -> Doubles:
    """The homography from a view's fractions to the photo's: the window, turned and seen from elsewhere."""
    left, top, wide, high = window
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    turn = rng.uniform(-_TURN, _TURN) if bent else 0.0
    turned = (corners - 0.5) @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + 0.5
    moved = turned + rng.uniform(-bent, bent, (4, 2))
    return homography(corners, moved * (wide, high) + (left, top))


def homography(points: Doubles, images: Doubles) -> Doubles:
    """The matrix `(3, 3)` that takes four points `(4, 2)` to their images."""
    rows = [
        row
        for (x, y), (u, v) in zip(points, images, strict=True)
        for row in ((x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y))
    ]
    return np.append(np.linalg.solve(np.array(rows), images.reshape(-1)), 1).reshape(3, 3)


def moved(matrix: Doubles, points: Doubles) -> Doubles:
    """Take points `(n, 2)` through a homography."""
    seen = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(seen[:, :2] / seen[:, 2:])


def correspondence(here: Doubles, there: Doubles, grid: int) -> Floats:
    """Where the middles of a grid's cells over one view lie in the other: see `Views.where`."""
    middles = (np.arange(grid) + 0.5) / grid
    cells = np.stack(np.meshgrid(middles, middles), -1).reshape(-1, 2)
    places = moved(np.linalg.inv(there) @ here, cells)
    inside = ((places >= 0) & (places <= 1)).all(1)
    return np.column_stack([places, inside]).astype(np.float32)


def look(picture: Pixels, matrix: Doubles, size: int) -> Pixels:
    """Look at a picture through a homography (from the view's fractions to the picture's): `size` px square.

    Beyond the picture's rim its mirror image goes on.
    """
    height, width = picture.shape[:2]
    fine = size * _FINER
    margin_y, margin_x = height // 4, width // 4
    wider = np.pad(picture, ((margin_y, margin_y), (margin_x, margin_x), (0, 0)), mode="reflect")
    scaled = np.diag([width, height, 1.0]) @ matrix @ np.diag([1 / fine, 1 / fine, 1.0])
    shifted = np.array([(1, 0, margin_x), (0, 1, margin_y), (0, 0, 1.0)]) @ scaled
    numbers = (shifted / shifted[2, 2]).reshape(-1)[:8].tolist()
    image = Image.fromarray(wider).transform(
        (fine, fine), Image.Transform.PERSPECTIVE, numbers, Image.Resampling.BILINEAR
    )
    return np.asarray(image.reduce(_FINER))


def _visited(view: Pixels, other: Pixels, where: Floats, rng: Rng) -> tuple[Pixels, Floats]:
    """Let a piece of another picture come into the view, as somebody who walks in does."""
    size = view.shape[0]
    wide, high = (int(size * rng.uniform(0.15, 0.4)) for _ in range(2))
    left, top = int(rng.integers(size - wide)), int(rng.integers(size - high))
    piece = Image.fromarray(other).resize((wide, high), Image.Resampling.BILINEAR)
    changed = view.copy()
    changed[top : top + high, left : left + wide] = np.asarray(piece)
    x, y = where[:, 0] * size - left, where[:, 1] * size - top
    covered = (x >= 0) & (x < wide) & (y >= 0) & (y < high)
    return changed, np.column_stack([where[:, :2], where[:, 2] * ~covered]).astype(np.float32)


def disturb(view: Pixels, rng: Rng) -> Pixels:
    """Expose, develop and save a view differently."""
    lit = to_linear(_blurred(view, rng)) * np.float32(2.0 ** rng.uniform(-MOST_EV, MOST_EV))
    noise = float(np.exp(rng.uniform(np.log(2e-4), np.log(2e-2))))
    finished = to_finished(sensor_noise(np.minimum(lit, 1), noise, noise / 2, rng))
    picture = finished * np.float32(255)
    if rng.random() < _TINT_SHARE:
        picture = augment.tint(augment.light(picture, rng), rng)
    if rng.random() < _GREY_SHARE:
        picture = np.broadcast_to(picture.mean(2, keepdims=True), picture.shape)
    if rng.random() < _JPEG_SHARE:
        picture = augment.compress(picture, rng)
    return to_pixels(np.asarray(picture / 255, np.float32))


def _blurred(view: Pixels, rng: Rng) -> Pixels:
    """Put all or one side of a view out of focus, at times."""
    if rng.random() >= _BLUR_SHARE:
        return view
    soft = np.asarray(Image.fromarray(view).filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.5))))
    if rng.random() < 0.5:
        return soft
    axis, half = int(rng.integers(2)), int(rng.integers(view.shape[0] // 4, 3 * view.shape[0] // 4))
    mixed = view.copy()
    near = (slice(half, None),) if axis == 0 else (slice(None), slice(half, None))
    mixed[near] = soft[near]
    return mixed
