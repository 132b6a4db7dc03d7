"""Brackets: frames of one view in several exposures, taken to be merged into one picture.

What could be a bracket is one: frames with even steps, frames whose exposures were set by hand, and frames
without any facts whose light differs. Only a burst is none: many frames in a row with one exposure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, islice, pairwise

import numpy as np

from autocull.arrays import Doubles, Indices
from autocull.series.clusters import find_components
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable
from autocull.series.views import lack_content, propagate_light

_MIN_FRAMES, _MAX_FRAMES = 3, 20
"""Frames in one bracket: cameras offer three to nine in even steps, and by hand there are more."""

_TOLERANCE = 0.15
"""EV up to which two exposures are the same: files hold rounded shutter times."""

_LIGHT_TOLERANCE = 0.1
"""EV up to which two frames of one view are equally light."""

_MAX_INVISIBLE_GAP = 600.0
"""Seconds between a bracket and a black or white frame up to which it is one of its frames."""

_SWEEP_TOLERANCE = 0.1
"""EV up to which neighbours of a sweep are equal: a phone's steps may be a sixth of an EV."""

_MAX_REST = 2
"""Most frames of a scene beside a bracket that belong to it, though their exposure is one of its own."""

_MAX_EQUAL_FRAMES = 3
"""Most frames in a row with one exposure that belong to a bracket: more of them are a burst."""

_MIN_EFFECT = 0.3
"""Least change in the picture's light per change in exposure: automatic exposure follows the scene, and the
pictures are equally light."""

Levels = tuple[Doubles, float]
"""The exposures of all shots (EV, more is darker), and the tolerance up to which two are equal."""


def find_brackets(
    table: ShotTable, pairs: Indices, light: Doubles, settings: GroupingSettings
) -> list[Indices]:
    """Find the brackets among `pairs` that show one scene; `light` (EV) is how much more the first has.

    A bracket is three and more consecutive frames that all differ in exposure, over at least
    `settings.bracket_span` (EV), with one focal length, and the light in the picture with them. A repeated
    exposure starts the next bracket. Of the frames between, those whose exposures differ by the span are
    brackets made by hand. Where exposures are unknown, the light itself tells them apart.
    """
    lightness = propagate_light(len(table), pairs, light)
    brackets = [
        bracket
        for scene in find_components(len(table), pairs)
        for bracket in _find_in_scene(
            scene, _levels_of(table, scene, lightness), lightness, settings.bracket_span
        )
    ]
    return _add_invisible(table, brackets)


def _add_invisible(table: ShotTable, brackets: list[Indices]) -> list[Indices]:
    """Add to each bracket the black or white frames right before, between and after its own."""
    free = np.ones(len(table), bool)
    free[np.concatenate([np.zeros(0, np.intp), *brackets])] = False
    complete = []
    for bracket in brackets:
        nearby = np.arange(max(0, bracket[0] - 1), min(len(table), bracket[-1] + 2))
        nearby = nearby[free[nearby]]
        same_clock = table.clock[nearby] == table.clock[bracket[0]]
        late = table.seconds_between(nearby, np.full(len(nearby), bracket[0])) > _MAX_INVISIBLE_GAP
        added = nearby[same_clock & ~late & lack_content(table, nearby)]
        free[added] = False
        complete.append(np.sort(np.concatenate([bracket, added])))
    return complete


def _find_in_scene(scene: Indices, levels: Levels, lightness: Doubles, span: float) -> list[Indices]:
    if levels[1] == _LIGHT_TOLERANCE:
        return _absorb_rests(scene, list(_find_mixed(scene, levels, lightness, span)))
    if _is_sweep(scene, levels, lightness, span):
        return [scene]
    brackets, free = _find_runs(scene, lambda run: _is_distinct(run, levels, lightness, span))
    brackets += [run for part in free for run in _find_mixed(part, levels, lightness, span)]
    return _absorb_rests(scene, brackets)


def _absorb_rests(scene: Indices, brackets: list[Indices]) -> list[Indices]:
    """Add one or two frames of the scene between, before or after brackets to the bracket next to them."""
    number_of = np.full(int(scene[-1]) + 1, -1)
    for number, bracket in enumerate(brackets):
        number_of[bracket] = number
    numbers = number_of[scene]
    for start, end in _find_rests(numbers):
        if end - start <= _MAX_REST:
            numbers[start:end] = numbers[start - 1] if start else numbers[min(end, len(numbers) - 1)]
    return [scene[numbers == number] for number in range(len(brackets))]


def _find_rests(numbers: Indices) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of frames without a bracket."""
    start = 0
    for is_rest, run in groupby((numbers == -1).tolist()):
        end = start + len(list(run))
        if is_rest:
            yield start, end
        start = end


def _levels_of(table: ShotTable, scene: Indices, lightness: Doubles) -> Levels:
    """Return the exposures of a scene's frames where they can be compared, else their light.

    Frames of several focal lengths are no bracket. A shutter time or a bias alone that does not change does
    not tell that the exposure did not.
    """
    basis, focal = table.exposure_basis[scene], table.focal[scene]
    if not ((focal == focal[0]).all() or np.isnan(focal).any()):
        return np.full(len(table), np.nan), _TOLERANCE
    exposure = table.exposure
    unequal = float(np.ptp(exposure[scene])) > 2 * _TOLERANCE if (basis == basis[0]).all() else False
    if (basis == "camera").all() or (unequal and basis[0] != "none"):
        return exposure, _TOLERANCE
    return -lightness, _LIGHT_TOLERANCE


def _find_runs(frames: Indices, is_bracket: Callable[[Indices], bool]) -> tuple[list[Indices], list[Indices]]:
    """Return the brackets among consecutive frames, and the parts before, between and after them."""
    start, cuts = 0, [0]
    while start + _MIN_FRAMES <= len(frames):
        ends = range(min(start + _MAX_FRAMES, len(frames)), start + _MIN_FRAMES - 1, -1)
        end = next((end for end in ends if is_bracket(frames[start:end])), None)
        if end is not None:
            cuts += [start, end]
        start = end or start + 1
    cuts.append(len(frames))
    parts = [frames[low:high] for low, high in pairwise(cuts)]
    return parts[1::2], parts[::2]


def _is_sweep(run: Indices, levels: Levels, lightness: Doubles, span: float) -> bool:
    """Return whether exposures change in one direction, with few frames in a row that are equal."""
    steps = np.diff(levels[0][run])
    steps = steps if steps.sum() > 0 else -steps
    if not (steps >= -_SWEEP_TOLERANCE).all():
        return False
    starts = np.concatenate([[-1], np.flatnonzero(steps > _SWEEP_TOLERANCE), [len(steps)]])
    return bool(np.diff(starts).max() <= _MAX_EQUAL_FRAMES) and _is_mixed(run, levels, lightness, span)


def _is_distinct(run: Indices, levels: Levels, lightness: Doubles, span: float) -> bool:
    """Return whether all exposures differ, and the light in the pictures with them."""
    steps = np.diff(np.sort(levels[0][run]))
    return bool((steps > _TOLERANCE).all()) and _is_mixed(run, levels, lightness, span)


def _find_mixed(frames: Indices, levels: Levels, lightness: Doubles, span: float) -> Iterator[Indices]:
    """Yield the parts of consecutive frames whose exposures change by the span, without the bursts between.

    A part that does not reach the span alone includes a frame of the burst beside it.
    """
    exposure, tolerance = levels
    cuts = np.flatnonzero(~(np.abs(np.diff(exposure[frames])) <= tolerance)) + 1
    runs = [run for run in np.split(frames, cuts) if len(run)]
    is_burst = [len(run) > _MAX_EQUAL_FRAMES for run in runs]
    for burst, numbers in groupby(range(len(runs)), is_burst.__getitem__):
        if burst:
            continue
        chosen = list(numbers)
        core = np.concatenate([runs[number] for number in chosen])
        before = runs[chosen[0] - 1][-1:] if chosen[0] else core[:0]
        after = runs[chosen[-1] + 1][:1] if chosen[-1] + 1 < len(runs) else core[:0]
        candidates = (core, [*before, *core], [*core, *after], [*before, *core, *after])
        arrays = (np.array(each, np.intp) for each in candidates)
        yield from islice((each for each in arrays if _is_mixed(each, levels, lightness, span)), 1)


def _is_mixed(frames: Indices, levels: Levels, lightness: Doubles, span: float) -> bool:
    """Return whether exposures differ by the span, and the light in the pictures follows them."""
    exposure = levels[0][frames]
    if len(frames) < 2 or not np.ptp(exposure) >= max(span - _TOLERANCE, _TOLERANCE):
        return False
    centred = exposure - exposure.mean()
    effect = -float(centred @ (lightness[frames] - lightness[frames].mean())) / float(centred @ centred)
    return effect >= _MIN_EFFECT
