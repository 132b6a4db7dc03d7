"""Focus stacks: frames of one view whose sharp region moves, taken to be merged into one picture.

In a stack each frame has more detail than some other frame in one part, and less in another. In a burst the
detail of a part changes where something moved, and then its tone changes as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Flags, Indices, Integers
from autocull.measure import DETAIL_SIDE, TONE_SIDE
from autocull.series.clusters import find_components
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable
from autocull.series.views import MIN_VIEW_LIKENESS, compare_views, propagate_light

Shorts = NDArray[np.int16]

_PAIRS_AT_ONCE = 1024
"""Pairs per batch, which bounds the memory."""

_MIN_DETAIL = 125
"""Least detail (0-255) of a cell that can be sharp or soft; in a flat one, sharpness is not defined."""

_MIN_GAIN = 11
"""Least difference in detail of a clearly sharper cell: 25 is twice the contrast, 11 is 1.35 times."""

_MAX_TONE_CHANGE = 12
"""Greatest difference in tone (0-255) of a cell whose content is the same: defocus changes it less."""

_MAX_EXPOSURE_DIFFERENCE, _MAX_LIGHT_DIFFERENCE = 0.3, 1.0
"""EV up to which exposures, and what lamps and the sun do to the light, are those of one stack."""

_MAX_LIGHT_SPAN = 1.5
"""EV up to which the light of all frames of a stack differs; in a bracket of small steps it differs more."""

_MIN_CELLS = 32
"""Least number of cells (of 256) with detail in which two frames can be compared."""

_MIN_NEARBY_SHARE = 0.15
"""Least share (0-1) of cells that gain, and that lose, against all cells around the same place."""

_COMPARED_FRAMES = 6
"""Other frames, spread over the series, with which each frame is compared."""

_MIN_MEMBERS = 0.5
"""Least share (0-1) of frames whose focus moved: those focused before or behind everything gain nowhere."""


def find_focus_stacks(
    table: ShotTable, pairs: Indices, light: Doubles, settings: GroupingSettings
) -> list[Indices]:
    """Find the stacks among `pairs` of one scene and exposure; `light` (EV) is their difference."""
    other_exposure = table.exposure_difference(pairs[:, 0], pairs[:, 1]) > _MAX_EXPOSURE_DIFFERENCE
    equal = pairs[~other_exposure & (np.abs(light) <= _MAX_LIGHT_DIFFERENCE)]
    lightness = propagate_light(len(table), pairs, light)
    return [
        scene
        for scene in find_components(len(table), equal)
        if np.ptp(lightness[scene]) <= _MAX_LIGHT_SPAN and is_focus_stack(table, scene, settings.focus_moved)
    ]


def is_focus_stack(table: ShotTable, frames: Indices, min_share: float) -> bool:
    """Return whether most frames are, against some other one, sharper in one part and softer in another.

    `min_share` is the least share (0-1) of the cells for both. A frame that is softer everywhere is merely
    out of focus, and one that is sharper everywhere merely in focus.
    """
    count = len(frames)
    step = max(1, count // (_COMPARED_FRAMES + 1))
    reach = step * _COMPARED_FRAMES + 1
    compared = [(a, b) for a in range(count) for b in range(a + step, min(count, a + reach), step)]
    pairs = np.array(compared, np.intp).reshape(-1, 2)
    sharpest = _stack([table.shots[number].detail for number in frames], DETAIL_SIDE).max(axis=0)
    moved = has_moved_focus(table, frames[pairs], sharpest, min_share)
    return len(np.unique(pairs[moved])) >= max(2, _MIN_MEMBERS * count)


def has_moved_focus(table: ShotTable, pairs: Indices, sharpest: Shorts, min_share: float) -> Flags:
    """Return which pairs show one view, of which each frame is sharper in at least `min_share` of the cells.

    A cell counts where the sharper frame is about as sharp as the `sharpest` of all, `(16, 16)`: of two
    frames that are both blurred, each is sharper somewhere. Where the camera moved, a cell counts if it
    differs from all cells around the same place.
    """
    batches = [
        _compute_gains(table, pairs[start : start + _PAIRS_AT_ONCE], sharpest)
        for start in range(0, max(len(pairs), 1), _PAIRS_AT_ONCE)
    ]
    at_rest, nearby = np.concatenate(batches).T
    moved = (at_rest >= min_share) | (nearby >= _MIN_NEARBY_SHARE)
    if not moved.any():
        return np.asarray(moved)
    views = compare_views(table, pairs[moved])
    rests = (views.shift == 0).all(axis=1)
    moved[moved] = (views.likeness >= MIN_VIEW_LIKENESS) & (rests | (nearby[moved] >= _MIN_NEARBY_SHARE))
    return np.asarray(moved)


def _compute_gains(table: ShotTable, pairs: Indices, sharpest: Shorts) -> Doubles:
    """Return for each pair the lesser share of cells that either frame has sharper, `(pairs, 2)`.

    The first is cell by cell, the second against all cells around the same place.
    """
    first, second = (_stack([table.shots[number].detail for number in side], DETAIL_SIDE) for side in pairs.T)
    usable = (np.maximum(first, second) > _MIN_DETAIL) & _have_same_tone(table, pairs)
    in_focus = [usable & (sharpest - each < _MIN_GAIN) for each in (first, second)]
    count = usable.sum(axis=(1, 2))
    shares = [
        _lesser_count(first - second, second - first, in_focus),
        _lesser_count(first - _largest_nearby(second), second - _largest_nearby(first), in_focus),
    ]
    return np.where(count >= _MIN_CELLS, shares / np.maximum(count, 1), 0.0).T


def _lesser_count(gain: Shorts, other_gain: Shorts, in_focus: list[Flags]) -> Integers:
    gains = zip((gain, other_gain), in_focus, strict=True)
    return np.asarray(
        np.minimum(*(((each >= _MIN_GAIN) & usable).sum(axis=(1, 2)) for each, usable in gains))
    )


def _have_same_tone(table: ShotTable, pairs: Indices) -> Flags:
    """Return the cells of each pair whose tone is the same apart from the light of the whole frame."""
    size = TONE_SIDE // DETAIL_SIDE
    first, second = (
        _stack([table.shots[number].tones for number in side], TONE_SIDE)
        .reshape(-1, DETAIL_SIDE, size, DETAIL_SIDE, size)
        .mean(axis=(2, 4))
        for side in pairs.T
    )
    difference = first - second
    middle = np.median(difference.reshape(len(pairs), DETAIL_SIDE**2), axis=1)
    return np.asarray(np.abs(difference - middle[:, None, None]) <= _MAX_TONE_CHANGE)


def _largest_nearby(detail: Shorts) -> Shorts:
    padded = np.pad(detail, [(0, 0), (1, 1), (1, 1)])
    rows = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return np.asarray(np.maximum(np.maximum(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:]))


def _stack(grids: list[NDArray[np.uint8]], side: int) -> Shorts:
    return np.array(grids, np.int16).reshape(len(grids), side, side)
