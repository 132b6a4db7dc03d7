"""Brackets: frames of one view in several exposures, taken to be merged into one picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from autocull.arrays import Doubles, Indices
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable

_MIN_FRAMES, _MAX_FRAMES = 3, 9
"""Frames in one bracket, as cameras offer it."""

_TOLERANCE = 0.15
"""EV up to which two exposures are the same, and two steps even: files hold rounded shutter times."""

_MIN_UNEVEN_STEP = 0.6
"""Least step (EV) of a bracket made by hand: automatic exposure changes less between two frames."""

_PAIR_SPANS = 2
"""Least distance of two frames that are a bracket, in units of `bracket_span`."""


def find_brackets(table: ShotTable, scenes: Sequence[Indices], settings: GroupingSettings) -> list[Indices]:
    """Find the brackets in scenes; a scene is the shots of one view, in the order of shooting.

    A bracket is three to nine consecutive frames that all differ in exposure, by even steps over at least
    `settings.bracket_span` (EV), with one focal length. A repeated exposure starts the next bracket. Of the
    frames between, those with large uneven steps are brackets made by hand, and so are two frames without
    others at a double span. Content and time have already made the frames a scene: exposure is the second
    kind of evidence.
    """
    span = settings.bracket_span
    rules = (
        lambda run: _is_even(table, run, span),
        lambda run: _is_uneven(table, run, span),
    )
    brackets: list[Indices] = []
    for scene in scenes:
        free = [scene]
        for is_bracket in rules:
            runs_and_rests = [_find_runs(part, is_bracket) for part in free]
            brackets += [run for runs, _ in runs_and_rests for run in runs]
            free = [part for _, parts in runs_and_rests for part in parts]
        brackets += [part for part in free if len(part) == 2 and _is_uneven(table, part, _PAIR_SPANS * span)]
    return brackets


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


def _is_even(table: ShotTable, run: Indices, span: float) -> bool:
    steps = _exposure_steps(table, run)
    return bool((steps > _TOLERANCE).all() and np.ptp(steps) <= 2 * _TOLERANCE and _reaches(steps, span))


def _is_uneven(table: ShotTable, run: Indices, span: float) -> bool:
    steps = _exposure_steps(table, run)
    return bool((steps >= _MIN_UNEVEN_STEP).all() and _reaches(steps, span))


def _reaches(steps: Doubles, span: float) -> bool:
    return bool(steps.sum() >= span - _TOLERANCE)


def _exposure_steps(table: ShotTable, run: Indices) -> Doubles:
    """Return the steps (EV) between the sorted exposures; NaN without them, or with another lens."""
    basis, focal = table.exposure_basis[run], table.focal[run]
    same_lens = bool((focal == focal[0]).all() or np.isnan(focal).all())
    steps: Doubles = np.diff(np.sort(table.exposure[run]))
    return steps if same_lens and (basis == basis[0]).all() else np.full_like(steps, np.nan)
