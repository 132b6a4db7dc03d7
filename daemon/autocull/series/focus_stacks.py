"""Focus stacks: frames of one view whose sharp region moves, taken to be merged into one picture.

In a stack each frame has more detail than some other frame in one part, and less in another. In a burst the
detail of a part changes where something moved, and then its tone changes as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

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
    scenes = [
        scene for scene in find_components(len(table), equal) if np.ptp(lightness[scene]) <= _MAX_LIGHT_SPAN
    ]
    return list(compress(scenes, are_focus_stacks(table, scenes, settings.focus_moved)))


def are_focus_stacks(table: ShotTable, groups: Sequence[Indices], min_share: float) -> list[bool]:
    """Return for each group whether most frames gain sharpness in one part, and lose it in another.

    That is against some other frame of the group, in at least `min_share` (0-1) of the cells each. A frame
    that is softer everywhere is merely out of focus, and one that is sharper everywhere merely in focus. All
    groups are compared in one pass.
    """
    if not groups:
        return []
    sizes = np.array([len(frames) for frames in groups], np.intp)
    details = _stack([table.shots[number].detail for number in np.concatenate(groups)], DETAIL_SIDE)
    sharpest = np.maximum.reduceat(details, np.cumsum(sizes) - sizes)
    chosen = [frames[_choose_pairs(len(frames))] for frames in groups]
    group_of = np.repeat(np.arange(len(groups)), [len(pairs) for pairs in chosen])
    pairs = np.concatenate(chosen)
    moved = has_moved_focus(table, pairs, sharpest, group_of, min_share)
    members = np.unique(group_of[moved][:, None] * len(table) + pairs[moved]) // len(table)
    counts = np.bincount(members, minlength=len(groups))
    return [bool(each) for each in counts >= np.maximum(2, _MIN_MEMBERS * sizes)]


def _choose_pairs(count: int) -> Indices:
    """Return the positions of the compared pairs among `count` frames, `(pairs, 2)`."""
    step = max(1, count // (_COMPARED_FRAMES + 1))
    reach = step * _COMPARED_FRAMES + 1
    compared = [(a, b) for a in range(count) for b in range(a + step, min(count, a + reach), step)]
    return np.array(compared, np.intp).reshape(-1, 2)


def has_moved_focus(
    table: ShotTable, pairs: Indices, sharpest: Shorts, group_of: Indices, min_share: float
) -> Flags:
    """Return which pairs show one view, of which each frame is sharper in at least `min_share` of the cells.

    `sharpest` `(groups, 16, 16)` is the greatest detail in each group, and `group_of` the group of each pair.
    A cell counts where the sharper frame is about as sharp as the sharpest: of two frames that are both
    blurred, each is sharper somewhere. Where the camera moved, a cell counts if it differs from all cells
    around the same place.
    """
    moved = np.zeros(len(pairs), bool)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        chunk = slice(start, start + _PAIRS_AT_ONCE)
        moved[chunk] = _have_moved(table, pairs[chunk], sharpest[group_of[chunk]], min_share)
    return moved


def _have_moved(table: ShotTable, pairs: Indices, sharpest: Shorts, min_share: float) -> Flags:
    at_rest, nearby = _compute_gains(table, pairs, sharpest).T
    moved = (at_rest >= min_share) | (nearby >= _MIN_NEARBY_SHARE)
    if not moved.any():
        return np.asarray(moved)
    views = compare_views(table, pairs[moved])
    rests = (views.shift == 0).all(axis=1)
    moved[moved] = (views.likeness >= MIN_VIEW_LIKENESS) & (rests | (nearby[moved] >= _MIN_NEARBY_SHARE))
    return np.asarray(moved)


def _compute_gains(table: ShotTable, pairs: Indices, sharpest: Shorts) -> Doubles:
    """Return for each pair the lesser share of cells that either frame has sharper, `(pairs, 2)`.

    The first is cell by cell, the second against all cells around the same place. What concerns one frame is
    computed once, in however many pairs it is.
    """
    numbers, inverse = np.unique(pairs, return_inverse=True)
    sides = inverse.reshape(pairs.shape).T
    detail = _stack([table.shots[number].detail for number in numbers], DETAIL_SIDE)
    largest, tones = _largest_nearby(detail), _mean_tones(table, numbers)
    first, second = (detail[side] for side in sides)
    usable = (np.maximum(first, second) > _MIN_DETAIL) & _have_same_tone(*(tones[side] for side in sides))
    in_focus = [usable & (sharpest - each < _MIN_GAIN) for each in (first, second)]
    count = usable.sum(axis=(1, 2))
    shares = [
        _lesser_count(first - second, second - first, in_focus),
        _lesser_count(first - largest[sides[1]], second - largest[sides[0]], in_focus),
    ]
    return np.where(count >= _MIN_CELLS, shares / np.maximum(count, 1), 0.0).T


def _lesser_count(gain: Shorts, other_gain: Shorts, in_focus: list[Flags]) -> Integers:
    gains = zip((gain, other_gain), in_focus, strict=True)
    return np.asarray(
        np.minimum(*(((each >= _MIN_GAIN) & usable).sum(axis=(1, 2)) for each, usable in gains))
    )


def _mean_tones(table: ShotTable, frames: Indices) -> Doubles:
    """Return the mean tones of each frame at the cells of its detail, `(frames, 16, 16)`."""
    size = TONE_SIDE // DETAIL_SIDE
    tones = _stack([table.shots[number].tones for number in frames], TONE_SIDE)
    return np.asarray(tones.reshape(-1, DETAIL_SIDE, size, DETAIL_SIDE, size).mean(axis=(2, 4)))


def _have_same_tone(first: Doubles, second: Doubles) -> Flags:
    """Return the cells of each pair whose tone is the same apart from the light of the whole frame."""
    difference = first - second
    middle = np.median(difference.reshape(len(difference), DETAIL_SIDE**2), axis=1)
    return np.asarray(np.abs(difference - middle[:, None, None]) <= _MAX_TONE_CHANGE)


def _largest_nearby(detail: Shorts) -> Shorts:
    padded = np.pad(detail, [(0, 0), (1, 1), (1, 1)])
    rows = np.maximum(np.maximum(padded[:, :-2], padded[:, 1:-1]), padded[:, 2:])
    return np.asarray(np.maximum(np.maximum(rows[:, :, :-2], rows[:, :, 1:-1]), rows[:, :, 2:]))


def _stack(grids: Sequence[NDArray[np.uint8]], side: int) -> Shorts:
    return np.array(grids, np.int16).reshape(len(grids), side, side)
