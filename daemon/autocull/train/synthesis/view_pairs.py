"""Pairs of simulated views of one photo, as of two frames of one series, with their correspondence.

A view is a part of the photo from a slightly different position, with its own exposure, noise, focus and
development. The random generator is the only source of chance.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from autocull.arrays import Doubles, Floats, Rng
from autocull.read import Pixels
from autocull.train.synthesis import augment
from autocull.train.synthesis.isp import add_sensor_noise, to_encoded, to_linear, to_pixels

MAX_EV = 3.0
"""Largest difference in exposure between a view and the photo, in stops, in either direction."""

_OVERSAMPLING = 2  # a view is rendered at this scale and then averaged, to avoid aliasing
_MIN_OVERLAP = 0.3  # share of the smaller view that both have to show
_TRIES = 20
_MAX_TURN = 0.09  # radians
_CORNER_SHIFT = 0.06  # share of a view's side by which each corner may be moved
_GREY_SHARE, _BLUR_SHARE, _JPEG_SHARE, _TINT_SHARE = 0.15, 0.3, 0.2, 0.4


class ViewPair(NamedTuple):
    """Two views `(size, size, 3)` uint8 and `locations`: where each cell of the first is in the second.

    The cells are those of a grid over the first view, by rows. `locations` is `(cells, 3)` float32: x and y
    in fractions of the second view, and 1 where it shows the same thing, 0 where that is outside or covered.
    """

    first: Pixels
    second: Pixels
    locations: Floats


def sample_view_pair(picture: Pixels, other_picture: Pixels, rng: Rng, size: int, grid: int) -> ViewPair:
    """Sample two views of a picture; a piece of `other_picture` may cover a part of the second."""
    first_matrix, second_matrix = _sample_homographies(rng)
    first, second = warp_picture(picture, first_matrix, size), warp_picture(picture, second_matrix, size)
    locations = compute_correspondence(first_matrix, second_matrix, grid)
    if rng.random() < 0.3:
        second, locations = _add_occluder(second, other_picture, locations, rng)
    if rng.random() < 0.5:
        return ViewPair(add_photometric_noise(first, rng), add_photometric_noise(second, rng), locations)
    return ViewPair(first, add_photometric_noise(second, rng), locations)


def _sample_homographies(rng: Rng) -> tuple[Doubles, Doubles]:
    """Sample the homographies of two views that overlap enough; one may be the complete photo, as in use."""
    full_frame = rng.random() < 0.4
    for _ in range(_TRIES):
        first = (0.0, 0.0, 1.0, 1.0) if full_frame else _sample_window(rng)
        second = _sample_window(rng)
        if _overlap(first, second) >= _MIN_OVERLAP:
            break
    else:
        first = second = (0.0, 0.0, 1.0, 1.0)
    return _view_matrix(first, rng, corner_shift=0 if full_frame else _CORNER_SHIFT), _view_matrix(
        second, rng, corner_shift=_CORNER_SHIFT
    )


def _sample_window(rng: Rng) -> tuple[float, float, float, float]:
    """Sample left, top, width and height of a window: most of the photo, or about half as in a panorama."""
    width, height = rng.uniform(0.55, 1.0, 2) if rng.random() < 0.6 else rng.uniform(0.85, 1.0, 2)
    return rng.uniform(0, 1 - width), rng.uniform(0, 1 - height), width, height


def _overlap(first: tuple[float, ...], second: tuple[float, ...]) -> float:
    """Return the share of the smaller window that both windows show."""
    width, height = (
        min(first[axis] + first[axis + 2], second[axis] + second[axis + 2]) - max(first[axis], second[axis])
        for axis in (0, 1)
    )
    return max(width, 0) * max(height, 0) / min(first[2] * first[3], second[2] * second[3])


def _view_matrix(window: tuple[float, float, float, float], rng: Rng, *, corner_shift: float) -> Doubles:
    """Return the homography from fractions of a view to those of the photo: window, turn, perspective."""
    left, top, width, height = window
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    angle = rng.uniform(-_MAX_TURN, _MAX_TURN) if corner_shift else 0.0
    rotated = (corners - 0.5) @ np.array(
        [(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))]
    ) + 0.5
    shifted = rotated + rng.uniform(-corner_shift, corner_shift, (4, 2))
    return solve_homography(corners, shifted * (width, height) + (left, top))


def solve_homography(points: Doubles, targets: Doubles) -> Doubles:
    """Return the homography `(3, 3)` that maps four points `(4, 2)` to their targets `(4, 2)`."""
    rows = [
        row
        for (x, y), (u, v) in zip(points, targets, strict=True)
        for row in ((x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y))
    ]
    return np.append(np.linalg.solve(np.array(rows), targets.reshape(-1)), 1).reshape(3, 3)


def apply_homography(matrix: Doubles, points: Doubles) -> Doubles:
    """Return points `(n, 2)` mapped by a homography."""
    projected = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(projected[:, :2] / projected[:, 2:])


def compute_correspondence(first_matrix: Doubles, second_matrix: Doubles, grid: int) -> Floats:
    """Return where the centres of a grid's cells over one view are in the other, as `ViewPair.locations`."""
    centres = (np.arange(grid) + 0.5) / grid
    cells = np.stack(np.meshgrid(centres, centres), -1).reshape(-1, 2)
    locations = apply_homography(np.linalg.inv(second_matrix) @ first_matrix, cells)
    inside = ((locations >= 0) & (locations <= 1)).all(1)
    return np.column_stack([locations, inside]).astype(np.float32)


def warp_picture(picture: Pixels, matrix: Doubles, size: int) -> Pixels:
    """Render the view of a picture, `size` px square; `matrix` maps fractions of the view to the picture's.

    Beyond its border the picture is mirrored.
    """
    height, width = picture.shape[:2]
    fine_size = size * _OVERSAMPLING
    margin_y, margin_x = height // 4, width // 4
    padded = np.pad(picture, ((margin_y, margin_y), (margin_x, margin_x), (0, 0)), mode="reflect")
    pixel_matrix = np.diag([width, height, 1.0]) @ matrix @ np.diag([1 / fine_size, 1 / fine_size, 1.0])
    padded_matrix = np.array([(1, 0, margin_x), (0, 1, margin_y), (0, 0, 1.0)]) @ pixel_matrix
    coefficients = (padded_matrix / padded_matrix[2, 2]).reshape(-1)[:8].tolist()
    image = Image.fromarray(padded).transform(
        (fine_size, fine_size), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(image.reduce(_OVERSAMPLING))


def _add_occluder(view: Pixels, other_picture: Pixels, locations: Floats, rng: Rng) -> tuple[Pixels, Floats]:
    """Cover a part of the view by a piece of another picture, as a person who walks into the frame does."""
    size = view.shape[0]
    width, height = (int(size * rng.uniform(0.15, 0.4)) for _ in range(2))
    left, top = int(rng.integers(size - width)), int(rng.integers(size - height))
    piece = Image.fromarray(other_picture).resize((width, height), Image.Resampling.BILINEAR)
    result = view.copy()
    result[top : top + height, left : left + width] = np.asarray(piece)
    x, y = locations[:, 0] * size - left, locations[:, 1] * size - top
    covered = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return result, np.column_stack([locations[:, :2], locations[:, 2] * ~covered]).astype(np.float32)


def add_photometric_noise(view: Pixels, rng: Rng) -> Pixels:
    """Change exposure, noise, focus, colour and compression of a view at random."""
    exposed = to_linear(_blur_sometimes(view, rng)) * np.float32(2.0 ** rng.uniform(-MAX_EV, MAX_EV))
    noise = float(np.exp(rng.uniform(np.log(2e-4), np.log(2e-2))))
    encoded = to_encoded(add_sensor_noise(np.minimum(exposed, 1), noise, noise / 2, rng))
    picture = encoded * np.float32(255)
    if rng.random() < _TINT_SHARE:
        picture = augment.shift_colour(augment.vary_light(picture, rng), rng)
    if rng.random() < _GREY_SHARE:
        picture = np.broadcast_to(picture.mean(2, keepdims=True), picture.shape)
    if rng.random() < _JPEG_SHARE:
        picture = augment.compress(picture, rng)
    return to_pixels(np.asarray(picture / 255, np.float32))


def _blur_sometimes(view: Pixels, rng: Rng) -> Pixels:
    """Blur a view completely or on one side, in the share `_BLUR_SHARE` of all cases."""
    if rng.random() >= _BLUR_SHARE:
        return view
    blurred = np.asarray(Image.fromarray(view).filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.5))))
    if rng.random() < 0.5:
        return blurred
    axis, boundary = int(rng.integers(2)), int(rng.integers(view.shape[0] // 4, 3 * view.shape[0] // 4))
    result = view.copy()
    region = (slice(boundary, None),) if axis == 0 else (slice(None), slice(boundary, None))
    result[region] = blurred[region]
    return result
