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
from dataclasses import dataclass, fields

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

_NO_TONES = np.zeros((TONE_SIDE, TONE_SIDE), np.uint8)
_MIN_CONTENT = 0.1
"""Least share (0-1) of cells that are neither black nor white in a frame that can be compared."""

_MIN_MEASURED_CELLS = 60
"""Least number of cells (of 2,304) that give the difference in light by their median."""


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
    batches = [
        _compare_batch(table, pairs[start : start + _PAIRS_AT_ONCE], max_shift)
        for start in range(0, max(len(pairs), 1), _PAIRS_AT_ONCE)
    ]
    return Views(
        *(np.concatenate([getattr(each, column.name) for each in batches]) for column in fields(Views))
    )


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


def _compare_batch(table: ShotTable, pairs: Indices, max_shift: int) -> Views:
    numbers, inverse = np.unique(pairs, return_inverse=True)
    first, second = inverse.reshape(pairs.shape).T
    tones = _stack_tones(table, numbers)
    normal = normalise_tones(tones)
    energy = np.einsum("nij,nij->n", normal, normal)
    spectrum = np.fft.rfft2(normal, (_PADDED, _PADDED))
    product = np.fft.irfft2(np.conj(spectrum[first]) * spectrum[second], (_PADDED, _PADDED))
    steps = np.arange(-max_shift, max_shift + 1)
    window = product[:, steps[:, None], steps]
    overlap = 1 - np.abs(steps) / TONE_SIDE
    scale = np.sqrt(energy[first] * energy[second])[:, None, None] + 1e-6
    window = window / (overlap[:, None] * overlap * scale)
    rows, columns = np.divmod(window.reshape(len(pairs), len(steps) ** 2).argmax(axis=1), len(steps))
    return Views(
        likeness=np.asarray(window[np.arange(len(pairs)), rows, columns], np.float32),
        shift=np.stack([steps[rows], steps[columns]], axis=1),
        light=_light_differences(tones, first, second),
    )


def lack_content(table: ShotTable, frames: Indices) -> Flags:
    """Return which frames are black or white nearly everywhere, so that their view cannot be compared."""
    tones = _stack_tones(table, frames)
    return np.asarray(((tones > _DARKEST) & (tones < _BRIGHTEST)).mean(axis=(1, 2)) < _MIN_CONTENT)


def _light_differences(tones: NDArray[np.uint8], first: Indices, second: Indices) -> Doubles:
    """Return the median difference (EV) of the cells that both show, and of the means where there are few."""
    logarithms = np.log2(tones.reshape(len(tones), TONE_SIDE**2).astype(np.float64) + 1)
    inside = ((tones > _DARKEST) & (tones < _BRIGHTEST)).reshape(len(tones), TONE_SIDE**2)
    both = inside[first] & inside[second]
    difference = logarithms[first] - logarithms[second]
    few = both.sum(axis=1) < _MIN_MEASURED_CELLS
    median = np.nanmedian(np.where(both | few[:, None], difference, np.nan), axis=1)
    return np.asarray(LIGHT_EXPONENT * np.where(few, difference.mean(axis=1), median))


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
