"""Brackets: the same view in even exposure steps, taken to become one picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autocull.arrays import Doubles, Indices
from autocull.series.model import Limits
from autocull.series.timeline import Roll

_FEWEST, _MOST = 3, 9
"""Frames that cameras take for one bracket."""

_SAME = 0.15
"""EV within which two exposures are the same, and two steps even: shutters are rounded in what files say."""


def brackets(roll: Roll, scenes: Sequence[Indices], limits: Limits) -> list[Indices]:
    """Find the brackets in scenes, each of which are shots of one view in the order of shooting.

    A bracket is three or more frames in a row that all differ in exposure, by even steps that span enough,
    with one focal length. The same exposure again begins the next one. That the frames show the same and
    were taken within seconds is what makes them a scene: exposure is the second kind of evidence.
    """
    return [run for scene in scenes for run in _in_scene(roll, scene, limits.bracket_span)]


def _in_scene(roll: Roll, scene: Indices, span: float) -> Iterator[Indices]:
    at = 0
    while at + _FEWEST <= len(scene):
        ends = range(min(at + _MOST, len(scene)), at + _FEWEST - 1, -1)
        end = next((end for end in ends if _is_bracket(roll, scene[at:end], span)), None)
        if end is not None:
            yield scene[at:end]
        at = end or at + 1


def _is_bracket(roll: Roll, run: Indices, span: float) -> bool:
    exposures, focal = np.sort(roll.exposure[run]), roll.focal[run]
    one_lens = bool((focal == focal[0]).all() or np.isnan(focal).all())
    return one_lens and _even(exposures) and bool(exposures[-1] - exposures[0] >= span - _SAME)


def _even(exposures: Doubles) -> bool:
    """Say whether sorted exposures rise in even steps; unknown ones (NaN) do not."""
    steps = np.diff(exposures)
    return bool((steps > _SAME).all() and np.ptp(steps) <= 2 * _SAME)
