"""Brackets: the same view in even exposure steps, taken to become one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autocull.arrays import Doubles, Indices
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable

_MIN_FRAMES, _MAX_FRAMES = 3, 9
"""Frames that cameras take for one bracket."""

_TOLERANCE = 0.15
"""EV within which two exposures are the same, and two steps even: shutters are rounded in what files say."""


def find_brackets(table: ShotTable, scenes: Sequence[Indices], settings: GroupingSettings) -> list[Indices]:
    """Find the brackets in scenes, each of which are shots of one view in the order of shooting.

    A bracket is three or more frames in a row that all differ in exposure, by even steps that span enough,
    with one focal length. The same exposure again begins the next one. That the frames show the same and
    were taken within seconds is what makes them a scene: exposure is the second kind of evidence.
    """
    return [run for scene in scenes for run in _find_in_scene(table, scene, settings.bracket_span)]


def _find_in_scene(table: ShotTable, scene: Indices, span: float) -> Iterator[Indices]:
    start = 0
    while start + _MIN_FRAMES <= len(scene):
        ends = range(min(start + _MAX_FRAMES, len(scene)), start + _MIN_FRAMES - 1, -1)
        end = next((end for end in ends if _is_bracket(table, scene[start:end], span)), None)
        if end is not None:
            yield scene[start:end]
        start = end or start + 1


def _is_bracket(table: ShotTable, run: Indices, span: float) -> bool:
    exposures, focal = np.sort(table.exposure[run]), table.focal[run]
    same_lens = bool((focal == focal[0]).all() or np.isnan(focal).all())
    return same_lens and _is_even(exposures) and bool(exposures[-1] - exposures[0] >= span - _TOLERANCE)


def _is_even(exposures: Doubles) -> bool:
    """Say whether sorted exposures rise in even steps; unknown ones (NaN) do not."""
    steps = np.diff(exposures)
    return bool((steps > _TOLERANCE).all() and np.ptp(steps) <= 2 * _TOLERANCE)
