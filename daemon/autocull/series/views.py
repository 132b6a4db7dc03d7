"""Comparison of the views of pairs of shots: whether they show one view, and how it differs between them.

Two frames of one view agree in where their tones rise and fall, however much light each of them got. The
tones are normalised to their neighbourhood and correlated at all small shifts. In brackets of a resting
camera the correlation is 0.5 to 1 down to nearly black frames, and in photos of two views at most 0.4
(docs/experiments.md).

Source: normalised cross-correlation by the Fourier transform, J. P. Lewis, Fast Normalized Cross-Correlation,
1995.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Flags, Floats, Indices
from autocull.measure import TONE_SIDE
from autocull.series.timeline import LIGHT_EXPONENT, ShotTable

_PAIRS_AT_ONCE = 256
"""Pairs per batch, which bounds the memory."""

_NEIGHBOURHOOD = 7
"""Side in cells of the neighbourhood to which tones are normalised."""

_TONE_FLOOR, _CONTRAST_FLOOR = 16, 0.05
"""Tone (0-255) added before the logarithm, and least contrast (EV of the tones): below them is noise."""

HELD_SHIFT, AIMED_SHIFT = 4, 12
"""Shifts in cells: a twelfth of the picture is more than the hand shakes, and a quarter is aiming anew."""

_PADDED = 64
"""Side of the transformed grid: the cells, and zeros for the shifts."""

_DARKEST, _BRIGHTEST = 24, 245
"""Tones (0-255) between which light is measured: beyond them it is clipped or noise."""

MIN_VIEW_LIKENESS = 0.5
"""Least likeness of two frames of one view: unrelated photos of one photographer have at most 0.46."""

_MIN_SHIFTED_LIKENESS = 0.65
"""The same where one is shifted: a single edge across the picture fits another one at some shift."""

_MIN_COARSE_LIKENESS = 0.2
"""Least correlation of the coarse tones that is worth a comparison: of two views 3 % have more."""

_COARSE = 4
"""Side of a coarse cell in cells: about the greatest shift."""

_LOGARITHMS = (LIGHT_EXPONENT * np.log2(np.arange(256) + 1.0)).astype(np.float32)
"""Light (EV) of each tone."""

_LIKENESS_AT_REST = 0.8
"""Likeness without any shift from which none is tried."""

_NO_TONES = np.zeros((TONE_SIDE, TONE_SIDE), np.uint8)
_MIN_CONTENT = 0.1
"""Least share (0-1) of cells that are neither black nor white in a frame that can be compared."""

_MIN_MEASURED_CELLS = 15
"""Least number of cells (of 576) that give the difference in light by their median."""


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """How the views of pairs compare; one entry per pair.

    `likeness` is the correlation (-1 to 1) at the best shift; `shift` `(n, 2)` is that of the second frame
    against the first, down and right, in cells of the tones (48 per side). `light` is how much more light
    (EV) the first frame has than the second.
    """

    likeness: Floats
    shift: Indices
    light: Doubles

    def are_one(self) -> Flags:
        """Return which pairs show one view; one that was shifted by more than a cell must be more alike."""
        limit = np.where(
            np.abs(self.shift).max(axis=1, initial=0) > 1, _MIN_SHIFTED_LIKENESS, MIN_VIEW_LIKENESS
        )
        return np.asarray(self.likeness >= limit)


def compare_views(table: ShotTable, pairs: Indices, max_shift: int = HELD_SHIFT) -> Views:
    """Compare the views of the shots of each pair, at shifts of up to `max_shift` cells (at most 15)."""
    numbers, inverse = np.unique(pairs, return_inverse=True)
    first, second = inverse.reshape(pairs.shape).T
    tones = _stack_tones(table, numbers)
    views = Views(
        np.zeros(len(pairs), np.float32), np.zeros((len(pairs), 2), np.intp), np.zeros(len(pairs), np.float64)
    )
    normal = _normalise_compactly(tones)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        chunk = np.arange(start, min(start + _PAIRS_AT_ONCE, len(pairs)))
        views.light[chunk] = _light_differences(tones, first[chunk], second[chunk])
        views.likeness[chunk] = _likeness_at_rest(normal, first[chunk], second[chunk])
        moved = chunk[views.likeness[chunk] < _LIKENESS_AT_REST]
        views.likeness[moved], views.shift[moved] = _likeness_shifted(
            normal, first[moved], second[moved], max_shift
        )
    return views


def propagate_light(count: int, pairs: Indices, light: Doubles) -> Doubles:
    """Return the light (EV) of each shot against one of its scene, from the differences of pairs."""
    differences: dict[int, dict[int, float]] = defaultdict(dict)
    for (first, second), difference in zip(pairs.tolist(), light.tolist(), strict=True):
        differences[first][second], differences[second][first] = -difference, difference
    lightness = np.full(count, np.nan)
    for start in sorted(differences):
        if not np.isnan(lightness[start]):
            continue
        lightness[start], queue = 0.0, [start]
        for current in queue:
            for neighbour, difference in differences[current].items():
                if np.isnan(lightness[neighbour]):
                    lightness[neighbour] = lightness[current] + difference
                    queue.append(neighbour)
    return lightness


def are_promising(table: ShotTable, pairs: Indices) -> Flags:
    """Return which pairs may show one view, by their coarse tones: quick, and seldom wrong."""
    numbers, inverse = np.unique(pairs, return_inverse=True)
    first, second = inverse.reshape(pairs.shape).T
    coarse = np.concatenate(
        [
            _coarse_tones(_stack_tones(table, numbers[start : start + _PAIRS_AT_ONCE]))
            for start in range(0, max(len(numbers), 1), _PAIRS_AT_ONCE)
        ]
    )
    likeness = np.empty(len(pairs), np.float32)
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        chunk = slice(start, start + _PAIRS_AT_ONCE)
        likeness[chunk] = np.einsum("ni,ni->n", coarse[first[chunk]], coarse[second[chunk]])
    return np.asarray(likeness >= _MIN_COARSE_LIKENESS)


def normalise_tones(tones: NDArray[np.uint8]) -> Floats:
    """Return the logarithms of tones `(n, side, side)`, relative to mean and deviation around each cell."""
    logarithms = np.log2(tones.astype(np.float32) + _TONE_FLOOR)
    centred = logarithms - _local_mean(logarithms)
    return np.asarray(centred / np.sqrt(_local_mean(centred**2) + _CONTRAST_FLOOR**2), np.float32)


def _normalise_compactly(tones: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Return the normalised tones in steps of 1/32: a byte each, so that those of a whole shoot fit."""
    compact = [
        np.rint(32 * normalise_tones(tones[start : start + _PAIRS_AT_ONCE])).clip(-127, 127).astype(np.int8)
        for start in range(0, len(tones), _PAIRS_AT_ONCE)
    ]
    return np.concatenate([_NO_TONES[None][:0].astype(np.int8), *compact])


def _likeness_at_rest(normal: NDArray[np.int8], first: Indices, second: Indices) -> Floats:
    pair = [normal[side].reshape(len(side), TONE_SIDE**2).astype(np.float32) for side in (first, second)]
    energy = np.einsum("ni,ni->n", pair[0], pair[0]) * np.einsum("ni,ni->n", pair[1], pair[1])
    return np.asarray(np.einsum("ni,ni->n", *pair) / (np.sqrt(energy) + 1e-6), np.float32)


def _likeness_shifted(
    normal: NDArray[np.int8], first: Indices, second: Indices, max_shift: int
) -> tuple[Floats, Indices]:
    """Return the greatest correlation at any shift, and the shift, down and right."""
    numbers, inverse = np.unique(np.stack([first, second]), return_inverse=True)
    first, second = inverse.reshape(2, -1)
    values = normal[numbers].astype(np.float32)
    energy = np.einsum("nij,nij->n", values, values)
    spectrum = np.fft.rfft2(values, (_PADDED, _PADDED))
    product = np.fft.irfft2(np.conj(spectrum[first]) * spectrum[second], (_PADDED, _PADDED))
    steps = np.arange(-max_shift, max_shift + 1)
    overlap = 1 - np.abs(steps) / TONE_SIDE
    scale = np.sqrt(energy[first] * energy[second])[:, None, None] + 1e-6
    window = product[:, steps[:, None], steps] / (overlap[:, None] * overlap * scale)
    window = window.reshape(len(first), len(steps) ** 2)
    best = window.argmax(axis=1)
    rows, columns = np.divmod(best, len(steps))
    likeness = np.asarray(window[np.arange(len(first)), best], np.float32)
    return likeness, np.stack([steps[rows], steps[columns]], axis=1)


def lack_content(table: ShotTable, frames: Indices) -> Flags:
    """Return which frames are black or white nearly everywhere, so that their view cannot be compared."""
    tones = _stack_tones(table, frames)
    return np.asarray(((tones > _DARKEST) & (tones < _BRIGHTEST)).mean(axis=(1, 2)) < _MIN_CONTENT)


def _light_differences(tones: NDArray[np.uint8], first: Indices, second: Indices) -> Doubles:
    """Return the median difference (EV) of the cells that both show, and of the means where there are few.

    Every second cell of every second row is enough.
    """
    pair = [tones[side][:, ::2, ::2].reshape(len(side), (TONE_SIDE // 2) ** 2) for side in (first, second)]
    inside = [(each > _DARKEST) & (each < _BRIGHTEST) for each in pair]
    difference = _LOGARITHMS[pair[0]] - _LOGARITHMS[pair[1]]
    count = (inside[0] & inside[1]).sum(axis=1)
    ordered = np.sort(np.where(inside[0] & inside[1], difference, np.inf), axis=1)
    median = ordered[np.arange(len(first)), np.maximum(count - 1, 0) // 2]
    light = np.where(count < _MIN_MEASURED_CELLS, difference.mean(axis=1), median)
    return np.asarray(light, np.float64)


def _stack_tones(table: ShotTable, numbers: Indices) -> NDArray[np.uint8]:
    return np.stack([_NO_TONES, *(table.shots[number].tones for number in numbers)])[1:]


def _coarse_tones(tones: NDArray[np.uint8]) -> Floats:
    """Return the normalised tones of coarse cells, one row of unit length per shot."""
    side = TONE_SIDE // _COARSE
    cells = normalise_tones(tones).reshape(len(tones), side, _COARSE, side, _COARSE)
    rows = cells.mean(axis=(2, 4)).reshape(len(tones), side * side)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6), np.float32)


def _local_mean(values: Floats) -> Floats:
    """Return the mean of each cell's neighbourhood, with the border repeated."""
    half = _NEIGHBOURHOOD // 2
    means = values.astype(np.float64)
    for axis in (1, 2):
        width = [(0, 0)] * 3
        width[axis] = (half + 1, half)
        running = np.cumsum(np.pad(means, width, mode="edge"), axis=axis)
        size = running.shape[axis]
        ends, starts = np.arange(_NEIGHBOURHOOD, size), np.arange(size - _NEIGHBOURHOOD)
        means = (running.take(ends, axis) - running.take(starts, axis)) / _NEIGHBOURHOOD
    return np.asarray(means, np.float32)
