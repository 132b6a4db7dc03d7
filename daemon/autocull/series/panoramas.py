"""Panoramas: partly overlapping frames of one view, taken to be merged into one picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Indices
from autocull.series.alignment import Alignments, align_pairs
from autocull.series.clusters import find_components
from autocull.series.model import GroupingSettings
from autocull.series.pairing import LinkedPairs
from autocull.series.timeline import ShotTable

Complex = NDArray[np.complex128]

_MAX_RESIDUAL = 0.15
"""Long sides: greatest residual of a displacement against the positions of its two frames."""

_MAX_CONTRADICTING = 0.2
"""Greatest share (0-1) of displacements with a larger residual: repeated content, such as a row of windows,
is now and then aligned one window off.
"""

_MIN_STEP = 0.02
"""Long sides: least step from one frame to the next of a camera that is turned."""

_MIN_MOVEMENT = 0.05
"""Long sides: least movement of a camera that is turned; one that is merely held by hand moves less."""

_MIN_INTERVAL = 0.3
"""Seconds: least time between two frames. Turning the camera takes longer; a burst is faster."""

_NO_PAIRS = np.zeros((0, 2), np.intp)

_MIN_NEW_CONTENT = 0.15
"""Long sides: least step that is deliberate in any direction, because so much of the frame is new."""


def find_panoramas(table: ShotTable, links: LinkedPairs, settings: GroupingSettings) -> list[Indices]:
    """Find the panoramas: linked frames whose alignments place them side by side, far enough apart.

    Where the order of shooting is known, they must be consecutive in it and advance in one direction.
    """
    groups = find_components(len(table), np.concatenate([links.pairs, links.alignments.pairs]))
    graph = _DisplacementGraph(links.alignments)
    graph.align_missing(
        table, np.array([(indices[0], indices[-1]) for indices in groups], np.intp).reshape(-1, 2), settings
    )
    moved_groups = [indices for indices in groups if graph.is_moved(indices)]
    graph.align_missing(
        table,
        np.concatenate([_NO_PAIRS, *(np.stack([g[:-1], g[1:]], axis=1) for g in moved_groups)]),
        settings,
    )
    return [run for indices in moved_groups for run in _find_runs(table, indices, graph, settings.reach)]


class _DisplacementGraph:
    """Displacements (long sides) of one frame of each aligned pair against the other, in both directions."""

    def __init__(self, alignments: Alignments) -> None:
        self.steps: dict[int, dict[int, complex]] = defaultdict(dict)
        self._add(alignments)

    def align_missing(self, table: ShotTable, pairs: Indices, settings: GroupingSettings) -> None:
        """Align the pairs that have no alignment yet."""
        missing = [pair for pair in map(tuple, pairs.tolist()) if pair[1] not in self.steps[pair[0]]]
        self._add(align_pairs(table, np.array(missing, np.intp).reshape(-1, 2), settings))

    def is_moved(self, indices: Indices) -> bool:
        """Return whether the camera was turned between these frames, or may have been."""
        distances = [abs(step) for each in indices.tolist() for step in self.steps[each].values()]
        return int(indices[-1]) not in self.steps[int(indices[0])] or max(distances) >= _MIN_MOVEMENT

    def _add(self, alignments: Alignments) -> None:
        for (first, second), shift in zip(alignments.pairs.tolist(), alignments.shift.tolist(), strict=True):
            self.steps[first][second], self.steps[second][first] = -shift, shift


def _find_runs(
    table: ShotTable, indices: Indices, graph: _DisplacementGraph, min_reach: float
) -> Iterator[Indices]:
    """Yield the panoramas among linked frames."""
    if not table.same_clock(indices[:-1], indices[1:]).all():
        positions = _compute_positions(indices.tolist(), graph)
        if positions is not None and _compute_reach(positions) >= min_reach:
            yield indices
        return
    start = 0
    while start + 1 < len(indices):
        end = _find_run_end(table, indices, start, graph)
        run = indices[start:end]
        if len(run) > 1 and _compute_reach(_chain_positions(run.tolist(), graph)) >= min_reach:
            yield run
            start = end
        else:
            start += 1


def _find_run_end(table: ShotTable, indices: Indices, start: int, graph: _DisplacementGraph) -> int:
    """Return the end of the longest run from `start` of aligned frames of a camera that advances slowly."""
    end, steps = start + 1, list[complex]()
    while end < len(indices):
        step = graph.steps[int(indices[end - 1])].get(int(indices[end]))
        too_fast = (
            abs(table.taken[indices[end]] - table.taken[indices[end - 1]]) < _MIN_INTERVAL
            and table.slack[indices[end]] == 0
        )
        if step is None or too_fast or not _is_advancing(np.cumsum([0, *steps, step])):
            break
        steps.append(step)
        end += 1
    return end


def _compute_positions(indices: list[int], graph: _DisplacementGraph) -> Complex | None:
    """Return the frames' positions in one plane (long sides), None if too many displacements disagree."""
    positions = {indices[0]: 0j}
    queue = [indices[0]]
    for current in queue:
        for neighbour, step in graph.steps[current].items():
            if neighbour not in positions:
                positions[neighbour] = positions[current] + step
                queue.append(neighbour)
    residuals = [
        abs(positions[neighbour] - positions[current] - step)
        for current in indices
        for neighbour, step in graph.steps[current].items()
        if neighbour in positions
    ]
    if np.mean(np.array(residuals) > _MAX_RESIDUAL) > _MAX_CONTRADICTING:
        return None
    return np.array([positions[each] for each in indices], np.complex128)


def _chain_positions(run: list[int], graph: _DisplacementGraph) -> Complex:
    return np.cumsum([0j, *(graph.steps[first][second] for first, second in pairwise(run))])


def _compute_reach(positions: Complex) -> float:
    return float(np.abs(positions[:, None] - positions).max())


def _main_axis(positions: Complex) -> complex:
    """Return the direction between the two frames farthest apart, of length 1."""
    offsets = (positions[:, None] - positions).reshape(-1)
    widest = complex(offsets[np.abs(offsets).argmax()])
    return widest / max(abs(widest), 1e-6)


def _is_advancing(positions: Complex) -> bool:
    """Return whether frames, in order, advance in one direction, or each by a deliberate step."""
    steps = np.diff(positions)
    forward = (steps * np.conj(_main_axis(positions))).real
    one_way = (forward >= _MIN_STEP).all() or (forward <= -_MIN_STEP).all()
    return bool(one_way or (np.abs(steps) >= _MIN_NEW_CONTENT).all())
