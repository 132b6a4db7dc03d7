"""Copies: files of one frame, proven by equal pixels up to scale and compression.

Two frames of a burst differ in noise, in what moved, and by the hand that holds the camera: even a small
shift of the whole picture shows in its tones. What is not proven to be a copy is a burst.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Flags, Indices
from autocull.measure import DETAIL_LONG_SIDE
from autocull.series.candidates import find_similar_pairs, unique_pairs
from autocull.series.crops import is_crop
from autocull.series.model import GroupingSettings
from autocull.series.shot import Shot
from autocull.series.timeline import ShotTable, file_number, have_one_file_number, have_other_file_numbers

_MAX_COPIES = 12
"""Most similar shots of a shot that are compared with it as possible copies."""

_COPY_HASH_TABLES = 8
"""Hash tables in the search for copies: at their high cosine few tables miss hardly any."""

_MIN_COPY_COSINE = 0.95
"""Least cosine of a frame and its copy: small and strongly compressed copies have 0.99."""

_TIME_ZONE_STEP = 900.0
"""Seconds: time zones differ by whole quarters of an hour."""

_MAX_TIME_DIFFERENCE = 0.001
"""Seconds up to which the times of copies are equal: files hold milliseconds."""

_MAX_EXPOSURE_DIFFERENCE = 0.1
"""EV up to which the exposures of copies are equal: less than the third of a step, which cameras offer."""

_MAX_SHIFT = 0.05
"""Greatest shift of a copy, in cells of the tones (48 per side): what scaling rounds."""

_MAX_TONE_ERROR, _MAX_TINT_ERROR = 3.0, 3.0
"""Greatest root mean square difference (0-255) of the tones and tints of a copy: what compression changes."""

_DETAIL_STEP = 11
"""Difference in detail (0-255) that compression makes in few cells."""

_MAX_OTHER_DETAIL, _MAX_GAINED_DETAIL = 0.35, 0.03
"""Greatest share (0-1) of cells that differ in detail, and of those in which the softer file has more."""

_MIN_DETAIL = 125
"""Least detail (0-255) of a cell that is compared."""

_MIN_CONTRAST = 2.0
"""Least standard deviation of the tones (0-255) of frames whose equal pixels prove a copy."""


def link_copies(table: ShotTable, settings: GroupingSettings) -> tuple[Indices, NDArray[np.float32]]:
    """Return the pairs of copies of one frame, and their strength (cosine)."""
    similar = find_similar_pairs(table, _MIN_COPY_COSINE, _MAX_COPIES, _COPY_HASH_TABLES)
    pairs = unique_pairs(np.concatenate([similar, _pairs_of_one_number(table)]), len(table))
    first, second = pairs.T
    copies = are_copies(table, first, second, settings)
    return pairs[copies], table.cosine(first[copies], second[copies])


def are_copies(table: ShotTable, first: Indices, second: Indices, settings: GroupingSettings) -> Flags:
    """Return which pairs are the same frame, or a part of it: no fact contradicts, and the pixels prove it.

    Within a second a burst of a camera without sub-seconds is equal in all facts, and so are the renderings
    that some cameras store of one exposure: their file numbers tell them apart, unless the pixels are equal.
    """
    is_copy = table.hash_distance(first, second) <= settings.copy_bits
    is_copy &= table.cosine(first, second) >= _MIN_COPY_COSINE
    is_copy &= ~(table.exposure_difference(first, second) > _MAX_EXPOSURE_DIFFERENCE)
    is_copy &= ~(table.same_clock(first, second) & ~_have_same_time(table, first, second))
    candidates = zip(first[is_copy].tolist(), second[is_copy].tolist(), strict=True)
    is_copy[is_copy] = [_is_proven(table.shots[a], table.shots[b]) for a, b in candidates]
    others = zip(first[~is_copy].tolist(), second[~is_copy].tolist(), strict=True)
    is_copy[~is_copy] = [is_crop(table, a, b) for a, b in others]
    return np.asarray(is_copy)


def _pairs_of_one_number(table: ShotTable) -> Indices:
    """Return the pairs of neighbouring names of one file number, of other sizes: an export may be cropped."""
    names = [shot.path.name for shot in table.shots]
    order = sorted(range(len(table)), key=lambda number: (file_number(names[number]), number))
    pairs = [
        (first, second)
        for first, second in pairwise(order)
        if table.shots[first].shape != table.shots[second].shape
        and have_one_file_number(names[first], names[second])
    ]
    return np.array(pairs, np.intp).reshape(-1, 2)


def _is_proven(first: Shot, second: Shot) -> bool:
    if have_equal_pixels(first, second):
        return True
    return not have_other_file_numbers(first.path.name, second.path.name) and _are_equal_scaled(first, second)


def have_equal_pixels(first: Shot, second: Shot) -> bool:
    """Return whether everything measured in the pixels is equal, as in two files of the same bytes."""
    columns = ("tones", "detail", "tints", "vector", "descriptors", "sharp")
    return (
        first.shape == second.shape
        and first.hash == second.hash
        and float(first.tones.std()) >= _MIN_CONTRAST
        and all(np.array_equal(getattr(first, column), getattr(second, column)) for column in columns)
    )


def _are_equal_scaled(first: Shot, second: Shot) -> bool:
    """Return whether the pixels are equal up to scale and compression."""
    tones, other_tones = (shot.tones.astype(np.float64) for shot in (first, second))
    tint_error = _root_mean_square(first.tints.astype(np.float64) - second.tints)
    if _root_mean_square(tones - other_tones) > _MAX_TONE_ERROR or tint_error > _MAX_TINT_ERROR:
        return False
    return _measure_shift(tones, other_tones) <= _MAX_SHIFT and _have_same_detail(first, second)


def _measure_shift(tones: Doubles, other_tones: Doubles) -> float:
    """Return the length of the shift (cells) that explains most of the difference of two grids of tones.

    Source: B. Lucas and T. Kanade, An iterative image registration technique, IJCAI 1981; one step.
    """
    down, right = np.gradient((tones + other_tones) / 2)
    slopes = np.stack([down.ravel(), right.ravel(), np.ones(tones.size)], axis=1)
    damped = slopes.T @ slopes + np.diag([1.0, 1.0, 0.0])
    shift = np.linalg.solve(damped, slopes.T @ (tones - other_tones).ravel())
    return float(np.hypot(shift[0], shift[1]))


def _have_same_detail(first: Shot, second: Shot) -> bool:
    """Return whether the detail is the same, as far as scale and compression leave it.

    A smaller or more compressed file loses detail everywhere; it gains none anywhere.
    """
    if min(max(first.shape), max(second.shape)) < DETAIL_LONG_SIDE:
        return True
    difference = first.detail.astype(np.int16) - second.detail
    usable = np.maximum(first.detail, second.detail) > _MIN_DETAIL
    gained, lost = (
        int((each & usable).sum()) for each in (difference >= _DETAIL_STEP, -difference >= _DETAIL_STEP)
    )
    total = max(1, int(usable.sum()))
    one_size = first.shape == second.shape
    return min(gained, lost) <= _MAX_GAINED_DETAIL * total and (
        not one_size or gained + lost <= _MAX_OTHER_DETAIL * total
    )


def _root_mean_square(values: Doubles) -> float:
    return float(np.sqrt(np.square(values).mean()))


def _have_same_time(table: ShotTable, first: Indices, second: Indices) -> Flags:
    """Return whether two times are equal, or equal in another time zone."""
    difference: Doubles = np.abs(table.taken[first] - table.taken[second]) % _TIME_ZONE_STEP
    difference = np.minimum(difference, _TIME_ZONE_STEP - difference)
    return np.asarray(difference < _MAX_TIME_DIFFERENCE)
