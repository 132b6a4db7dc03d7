"""Panoramas: frames that overlap in part and lie beside each other, taken to become one picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Indices
from autocull.series.alignment import Overlays
from autocull.series.clusters import components
from autocull.series.model import Limits
from autocull.series.pairing import Ties, lay
from autocull.series.timeline import Roll

Complex = NDArray[np.complex128]

_CONSISTENT = 0.15
"""Long sides: how far two ways of laying frames on each other may differ."""

_CONTRADICTED = 0.2
"""The share of ways that may lead elsewhere: a row of windows is laid on its neighbour now and then."""

_STEP = 0.02
"""Long sides: the least step of a camera that is turned, from one frame to the next."""

_MOVED = 0.05
"""Long sides: a hand-held camera that is not turned moves less."""

_UNHURRIED = 0.3
"""Seconds from frame to frame: who turns the camera and frames anew needs longer; a burst does not."""

_NONE = np.zeros((0, 2), np.intp)

_NEW_GROUND = 0.15
"""Long sides: a step that shows so much that is new is taken on purpose."""


def panoramas(roll: Roll, ties: Ties, limits: Limits) -> list[Indices]:
    """Find the panoramas: frames tied to each other that can be placed side by side, and reach far enough.

    Where the order of shooting is known they have to follow each other in it, stepping on in one way.
    """
    groups = components(len(roll), np.concatenate([ties.pairs, ties.laid]))
    ways = _Ways(ties)
    ways.ask(roll, np.array([(some[0], some[-1]) for some in groups], np.intp).reshape(-1, 2), limits)
    moved = [some for some in groups if ways.moved(some)]
    ways.ask(roll, np.concatenate([_NONE, *(np.stack([g[:-1], g[1:]], axis=1) for g in moved)]), limits)
    return [run for some in moved for run in _runs(roll, some, ways, limits.reach)]


class _Ways:
    """Which pairs lie on each other, and by which way (long sides) the second lies beside the first."""

    def __init__(self, ties: Ties) -> None:
        self.steps: dict[int, dict[int, complex]] = defaultdict(dict)
        self._keep(ties.laid, ties.lying)

    def ask(self, roll: Roll, pairs: Indices, limits: Limits) -> None:
        """Lay those pairs on each other that were not."""
        new = [pair for pair in map(tuple, pairs.tolist()) if pair[1] not in self.steps[pair[0]]]
        self._keep(*lay(roll, np.array(new, np.intp).reshape(-1, 2), limits))

    def moved(self, some: Indices) -> bool:
        """Say whether the camera was turned between these frames, or may have been."""
        ways = [abs(step) for each in some.tolist() for step in self.steps[each].values()]
        return int(some[-1]) not in self.steps[int(some[0])] or max(ways) >= _MOVED

    def _keep(self, pairs: Indices, lying: Overlays) -> None:
        for (one, other), shift in zip(pairs.tolist(), lying.shift.tolist(), strict=True):
            self.steps[one][other], self.steps[other][one] = -shift, shift


def _runs(roll: Roll, some: Indices, ways: _Ways, reach: float) -> Iterator[Indices]:
    """Cut tied frames into panoramas, and what is none."""
    if not roll.one_clock(some[:-1], some[1:]).all():
        places = _place(some.tolist(), ways)
        if places is not None and _reach(places) >= reach:
            yield some
        return
    at = 0
    while at + 1 < len(some):
        end = _run_end(roll, some, at, ways)
        run = some[at:end]
        if len(run) > 1 and _reach(_chain(run.tolist(), ways)) >= reach:
            yield run
            at = end
        else:
            at += 1


def _run_end(roll: Roll, some: Indices, at: int, ways: _Ways) -> int:
    """Go on from frame to frame as long as they lie on each other and the camera is turned on, unhurried."""
    end, steps = at + 1, list[complex]()
    while end < len(some):
        step = ways.steps[int(some[end - 1])].get(int(some[end]))
        hurried = (
            abs(roll.taken[some[end]] - roll.taken[some[end - 1]]) < _UNHURRIED and roll.slack[some[end]] == 0
        )
        if step is None or hurried or not _steps_on(np.cumsum([0, *steps, step])):
            break
        steps.append(step)
        end += 1
    return end


def _place(some: list[int], ways: _Ways) -> Complex | None:
    """Place frames on one plane, in long sides; None where the ways contradict each other too often."""
    places = {some[0]: 0j}
    waiting = [some[0]]
    for here in waiting:
        for there, step in ways.steps[here].items():
            if there not in places:
                places[there] = places[here] + step
                waiting.append(there)
    beside = [
        abs(places[there] - places[here] - step)
        for here in some
        for there, step in ways.steps[here].items()
        if there in places
    ]
    if np.mean(np.array(beside) > _CONSISTENT) > _CONTRADICTED:
        return None
    return np.array([places[each] for each in some], np.complex128)


def _chain(run: list[int], ways: _Ways) -> Complex:
    return np.cumsum([0j, *(ways.steps[one][other] for one, other in pairwise(run))])


def _reach(places: Complex) -> float:
    return float(np.abs(places[:, None] - places).max())


def _axis(places: Complex) -> complex:
    """The direction in which the frames lie apart most, of length 1."""
    apart = (places[:, None] - places).reshape(-1)
    widest = complex(apart[np.abs(apart).argmax()])
    return widest / max(abs(widest), 1e-6)


def _steps_on(places: Complex) -> bool:
    """Say whether frames, in order, step on in one direction, or each by much that is new."""
    steps = np.diff(places)
    forward = (steps * np.conj(_axis(places))).real
    one_way = (forward >= _STEP).all() or (forward <= -_STEP).all()
    return bool(one_way or (np.abs(steps) >= _NEW_GROUND).all())
