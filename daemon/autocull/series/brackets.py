"""Brackets: frames of one view in even exposure steps, taken to be merged into one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autocull.arrays import Doubles, Indices
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable

_MIN_FRAMES, _MAX_FRAMES = 3, 9
"""Frames in one bracket, as cameras offer it."""

_TOLERANCE = 0.15
"""EV up to which two exposures are the same, and two steps even: files hold rounded shutter times."""


def find_brackets(table: ShotTable, scenes: Sequence[Indices], settings: GroupingSettings) -> list[Indices]:
    """Find the brackets in scenes; a scene is the shots of one view, in the order of shooting.

    A bracket is three to nine consecutive frames that all differ in exposure, by even steps over at least
    `settings.bracket_span` (EV), with one focal length. A repeated exposure starts the next bracket. Content
    and time have already made the frames a scene: exposure is the second kind of evidence.
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
    """Return whether sorted exposures rise in even steps; missing ones (NaN) do not."""
    steps = np.diff(exposures)
    return bool((steps > _TOLERANCE).all() and np.ptp(steps) <= 2 * _TOLERANCE)
