"""Crops: files that show a part of another file's frame, proven by a common origin and by their pixels.

A zoomed or recomposed frame resembles a crop. So the names or the times of both must be those of one frame,
and the tones of the smaller one must be those of a part of the larger one.
"""

from __future__ import annotations

import numpy as np

from autocull.arrays import Doubles
from autocull.measure import TONE_SIDE
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable, have_one_file_number

_SHARES = np.linspace(0.4, 1.0, 31)
"""Shares of the larger picture's width that a crop may have."""

_OFFSETS = 25
"""Positions of the crop that are tried along each side, from one border to the other."""

_COMPARED_SIDE = 12
"""Cells along each side at which a crop and a part are compared: the part has fewer than the crop."""

_REFINEMENTS = (0.02, 0.005)
"""Steps in shares and positions around the best one, of the searches after the first."""

_MIN_CORRELATION, _MAX_ERROR = 0.985, 8.0
"""Least correlation, and greatest root mean square error (0-255), of the tones of a crop and its part."""

_MAX_PIXELS = 0.97
"""Greatest share of the larger file's pixels that a crop has."""

_NARROWEST = 0.9
"""Greatest share of the picture, by area, that is a crop and not only rounded."""


def is_crop(table: ShotTable, first: int, second: int) -> bool:
    """Return whether one shot shows a part of the other's frame."""
    larger, smaller = sorted((table.shots[first], table.shots[second]), key=_count_pixels, reverse=True)
    if larger.shape == smaller.shape or _count_pixels(smaller) > _MAX_PIXELS * _count_pixels(larger):
        return False
    return _have_one_origin(table, first, second) and _matches_part(larger, smaller)


def _count_pixels(shot: Shot) -> int:
    return shot.shape[0] * shot.shape[1]


def _have_one_origin(table: ShotTable, first: int, second: int) -> bool:
    """Return whether the names count as one frame's, and no time or exposure contradicts."""
    pair = np.array([first]), np.array([second])
    if table.same_clock(*pair)[0] and table.taken[first] != table.taken[second]:
        return False
    if bool(table.exposure_difference(*pair)[0] > 0):
        return False
    return have_one_file_number(table.shots[first].path.name, table.shots[second].path.name)


def _matches_part(larger: Shot, smaller: Shot) -> bool:
    """Return whether the tones of the smaller picture are those of a real part of the larger one."""
    size = TONE_SIDE // _COMPARED_SIDE
    tones = larger.tones.astype(np.float64)
    part = (
        smaller.tones.astype(np.float64).reshape(_COMPARED_SIDE, size, _COMPARED_SIDE, size).mean(axis=(1, 3))
    )
    aspect = (smaller.shape[1] / smaller.shape[0]) / (larger.shape[1] / larger.shape[0])
    shares = _SHARES[(_SHARES * aspect <= 1) & (_SHARES**2 * aspect <= _NARROWEST)]
    positions = [(x, y) for x in np.linspace(0, 1, _OFFSETS) for y in np.linspace(0, 1, _OFFSETS)]
    trials = [(share, x * (1 - share), y * (1 - share * aspect)) for share in shares for x, y in positions]
    best = _find_best(tones, part, np.array(trials), aspect)
    for step in _REFINEMENTS:
        around = np.array(np.meshgrid(*[np.arange(-2, 3) * step] * 3)).reshape(3, -1).T
        best = _find_best(tones, part, best + around, aspect)
    best_part = _sample_parts(tones, best[None], aspect)[0]
    error = float(np.sqrt(np.square(best_part - part).mean()))
    return error <= _MAX_ERROR and _correlate(best_part[None], part)[0] >= _MIN_CORRELATION


def _find_best(tones: Doubles, part: Doubles, trials: Doubles, aspect: float) -> Doubles:
    """Return the trial (share, left, top) whose part of the tones correlates best."""
    if not len(trials):
        return np.array([1.0, 0.0, 0.0])
    scores = [
        _correlate(_sample_parts(tones, trials[start : start + 1024], aspect), part)
        for start in range(0, len(trials), 1024)
    ]
    return np.asarray(trials[int(np.concatenate(scores).argmax())])


def _sample_parts(tones: Doubles, trials: Doubles, aspect: float) -> Doubles:
    """Return the mean tones of the cells of each part, `(trials, side, side)`, from running sums."""
    sums = np.pad(np.cumsum(np.cumsum(tones, axis=0), axis=1), ((1, 0), (1, 0)))
    edges = np.linspace(0, 1, _COMPARED_SIDE + 1)
    share, left, top = trials.T[:, :, None]
    columns = ((left + share * edges) * TONE_SIDE).clip(0, TONE_SIDE)
    rows = ((top + share * aspect * edges) * TONE_SIDE).clip(0, TONE_SIDE)
    corner = _interpolate(sums, rows, columns)
    total = np.diff(np.diff(corner, axis=1), axis=2)
    area = np.diff(rows, axis=1)[:, :, None] * np.diff(columns, axis=1)[:, None, :]
    return np.asarray(total / np.maximum(area, 1e-6))


def _interpolate(sums: Doubles, rows: Doubles, columns: Doubles) -> Doubles:
    """Return the running sums at fractional rows and columns, `(trials, rows, columns)`."""
    top, left = (each.astype(np.intp).clip(0, TONE_SIDE - 1) for each in (rows, columns))
    down, right = (rows - top)[:, :, None], (columns - left)[:, None, :]
    top, left = top[:, :, None], left[:, None, :]
    above = sums[top, left] * (1 - right) + sums[top, left + 1] * right
    below = sums[top + 1, left] * (1 - right) + sums[top + 1, left + 1] * right
    return np.asarray(above * (1 - down) + below * down)


def _correlate(parts: Doubles, part: Doubles) -> Doubles:
    """Return the correlation (-1 to 1) of each of `parts` with `part`."""
    centred = parts - parts.mean(axis=(1, 2), keepdims=True)
    other = part - part.mean()
    energy = np.square(centred).sum(axis=(1, 2)) * np.square(other).sum()
    return np.asarray((centred * other).sum(axis=(1, 2)) / (np.sqrt(energy) + 1e-6))
