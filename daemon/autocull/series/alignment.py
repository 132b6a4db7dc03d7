"""Geometry: how one frame lies on another, and how much of what both show agrees there.

Patches of two frames are matched by their descriptors; a similarity (shift, turn, scale) that many matches
share is looked for; then every patch is asked whether the other frame shows the same at its new place. A
backdrop that two photos share is not enough: who stands before it must agree as well.

Source: M. Fischler and R. Bolles, Random sample consensus, Communications of the ACM 24 (1981); similarities
from two points in complex numbers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Flags, Floats, Indices
from autocull.series.shot import INT8_SCALE, Shot
from autocull.series.timeline import ShotTable

Complex = NDArray[np.complex64]

_PAIRS_AT_ONCE = 32  # what they need fits into a core's cache
_THREADS = 2
_HYPOTHESES = 64
_SEED = 1981
_MATCH_RADIUS = 0.09
"""How far a match may lie beside a similarity, in long sides: about one patch."""

_MIN_BASELINE = 0.15
"""Two matches nearer to each other than this (long sides) tell a shift only: their turn would be noise."""

_MIN_MATCHES = 4
"""Matches that a fit needs at least."""

_BLOCK = 4
"""Patches along a block: as much as a person takes of a photo for whom it was made."""

_MIN_VISIBLE_SHARE = 0.7
"""The share of a block's patches that both frames must show."""

_CONTRAST_FLOOR = 0.05
"""Cosine: keeps frames whose patches all look the same from being told apart by rounding."""

_SCALE_RANGE = (0.6, 1.7)
_MAX_TURN = 0.4
"""Radians: frames of one series are turned no further against each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Alignments:
    """How pairs of frames lie on each other; one entry per pair.

    `shift` is where the middle of the first frame lies in the second, minus the second's middle, in long
    sides (complex: x + iy); `scale` how much larger it is there and `turn` its angle (radians). `overlap`
    is the share (0-1) of the first frame that the second shows too, and `matches` the number of matched
    patches that lie where the similarity puts them. `agree` is how much the two frames look the same where
    they differ most: of all blocks of 4 x 4 patches that both show, the least mean cosine (at most 1);
    `clear` is the same of what goes beyond the mean cosine of all their patches, as a share of what could:
    low where there is so little to see (a dark wall) that any part looks like any other.
    """

    shift: Complex
    scale: Floats
    turn: Floats
    overlap: Floats
    agree: Floats
    clear: Floats
    matches: NDArray[np.intp]


class _Batch(NamedTuple):
    """Some pairs: the places of their patches `(pairs, n)`, the second frame's corner, how alike patches are.

    Places are complex, x + iy in long sides of their frame; `cosines` is `(pairs, n, n)`, cosines.
    """

    first: Complex
    second: Complex
    corner: Complex
    cosines: Floats


def align(table: ShotTable, pairs: Indices) -> Alignments:
    """Lay the first frame of each pair on the second. The pairs do not influence each other."""
    starts = range(0, len(pairs), _PAIRS_AT_ONCE)
    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy lets go of the interpreter while it computes
        results = list(
            pool.map(
                lambda start: _align_batch(_make_batch(table, pairs[start : start + _PAIRS_AT_ONCE])), starts
            )
        )
    empty = np.zeros(0, np.float32)
    columns = ([empty, *(getattr(result, each.name) for result in results)] for each in fields(Alignments))
    return Alignments(*(np.concatenate(column) for column in columns))


def _make_batch(table: ShotTable, pairs: Indices) -> _Batch:
    first_shots, second_shots = ([table.shots[number] for number in side] for side in pairs.T)
    first, second = (
        np.stack([shot.descriptors for shot in shots]).astype(np.float32) / np.float32(INT8_SCALE)
        for shots in (first_shots, second_shots)
    )
    corner = np.array([_relative_size(shot) for shot in second_shots], np.complex64)
    return _Batch(
        _patch_positions(first_shots),
        _patch_positions(second_shots),
        corner,
        first @ second.transpose(0, 2, 1),
    )


def _patch_positions(shots: list[Shot]) -> Complex:
    """Where each shot's patches lie, in long sides, as complex numbers."""
    positions = np.stack([shot.positions for shot in shots])
    sides = np.array([_relative_size(shot) for shot in shots], np.complex64)[:, None]
    return np.asarray(positions[:, :, 0] * sides.real + 1j * positions[:, :, 1] * sides.imag, np.complex64)


def _relative_size(shot: Shot) -> complex:
    width, height = shot.shape
    return complex(width, height) / max(width, height, 1)


def _align_batch(batch: _Batch) -> Alignments:
    matched, targets = _match_patches(batch)
    hypotheses = _sample_transforms(batch.first, targets, matched)
    factor, offset = _fit_best(batch.first, targets, matched, *hypotheses)
    inliers = _find_inliers(batch.first, targets, matched, factor, offset)
    middle = batch.corner / 2
    projected = factor[:, None] * batch.first + offset[:, None]
    visible = _is_inside(projected, batch.corner)
    cosines, mean_cosine = _cosines_at(batch, projected), batch.cosines.mean(axis=(1, 2))[:, None]
    return Alignments(
        shift=factor * middle + offset - middle,
        scale=np.abs(factor),
        turn=np.angle(factor),
        overlap=visible.mean(axis=1, dtype=np.float32),
        agree=_min_block_mean(cosines, visible),
        clear=_min_block_mean((cosines - mean_cosine) / (1 - mean_cosine + _CONTRAST_FLOOR), visible),
        matches=inliers.sum(axis=1),
    )


def _match_patches(batch: _Batch) -> tuple[Flags, Complex]:
    """Match patches that are each other's nearest: which of the first are matched, and where it puts them."""
    forward, backward = batch.cosines.argmax(axis=2), batch.cosines.argmax(axis=1)
    mutual = np.take_along_axis(backward, forward, axis=1) == np.arange(forward.shape[1])
    return mutual, np.take_along_axis(batch.second, forward, axis=1)


def _sample_transforms(sources: Complex, targets: Complex, matched: Flags) -> tuple[Complex, Complex]:
    """Guess similarities, `(pairs, guesses)` factors and offsets, from one match (a shift) and from two."""
    ranks = np.argsort(~matched, axis=1, kind="stable")
    count = matched.sum(axis=1)[:, None]
    draws = np.random.default_rng(_SEED).random((2, 1, _HYPOTHESES))
    first, second = (np.take_along_axis(ranks, np.asarray(draw * count, np.intp), axis=1) for draw in draws)
    (z1, z2), (w1, w2) = (
        [np.take_along_axis(side, k, axis=1) for k in (first, second)] for side in (sources, targets)
    )
    is_distant = np.abs(z1 - z2) > _MIN_BASELINE
    factor = np.where(is_distant, (w1 - w2) / np.where(is_distant, z1 - z2, 1), 1)
    size = np.abs(factor)
    implausible = (size < _SCALE_RANGE[0]) | (size > _SCALE_RANGE[1]) | (np.abs(np.angle(factor)) > _MAX_TURN)
    factor = np.where(implausible, 1, factor)
    return np.asarray(factor, np.complex64), np.asarray(w1 - factor * z1, np.complex64)


def _fit_best(
    sources: Complex, targets: Complex, matched: Flags, factors: Complex, offsets: Complex
) -> tuple[Complex, Complex]:
    """Choose the guess that explains most matches, and fit it to them (least squares)."""
    votes = np.stack(
        [
            _find_inliers(sources, targets, matched, factors[:, k], offsets[:, k]).sum(axis=1)
            for k in range(_HYPOTHESES)
        ],
        axis=1,
    )
    best = votes.argmax(axis=1)[:, None]
    factor, offset = (np.take_along_axis(each, best, axis=1)[:, 0] for each in (factors, offsets))
    weight = _find_inliers(sources, targets, matched, factor, offset).astype(np.float32)
    total = np.maximum(weight.sum(axis=1), 1)
    z0, w0 = ((weight * side).sum(axis=1) / total for side in (sources, targets))
    z, w = sources - z0[:, None], targets - w0[:, None]
    spread = (weight * np.abs(z) ** 2).sum(axis=1)
    fitted = (weight * np.conj(z) * w).sum(axis=1) / np.maximum(spread, 1e-6)
    good = (total >= _MIN_MATCHES) & (np.abs(fitted) > _SCALE_RANGE[0]) & (np.abs(fitted) < _SCALE_RANGE[1])
    factor = np.asarray(np.where(good, fitted, factor), np.complex64)
    return factor, np.asarray(np.where(good, w0 - factor * z0, offset), np.complex64)


def _find_inliers(
    sources: Complex, targets: Complex, matched: Flags, factor: Complex, offset: Complex
) -> Flags:
    """Say which matches a similarity puts where they are."""
    return np.asarray(matched & _are_close(factor[:, None] * sources + offset[:, None], targets))


def _is_inside(positions: Complex, corner: Complex) -> Flags:
    x, y, right, bottom = positions.real, positions.imag, corner.real[:, None], corner.imag[:, None]
    return np.asarray((x > 0) & (x < right) & (y > 0) & (y < bottom))


def _cosines_at(batch: _Batch, projected: Complex) -> Floats:
    """Say for each patch of the first frame how much the second looks like it where it is moved to."""
    near = _are_close(projected[:, :, None], batch.second[:, None, :])
    return np.asarray(np.where(near, batch.cosines, 0).max(axis=2))


def _min_block_mean(cosines: Floats, visible: Flags) -> Floats:
    """Find the least mean of any block of patches of which most are seen, 0 where there is no such block."""
    side = isqrt(cosines.shape[1])
    cosines = np.where(visible, cosines, 0)
    total, count = (
        _block_sums(each.reshape(-1, side, side)) for each in (cosines, visible.astype(np.float32))
    )
    enough = count >= _MIN_VISIBLE_SHARE * _BLOCK**2
    means = np.where(enough, total / np.maximum(count, 1), 1).min(axis=(1, 2))
    return np.asarray(np.where(enough.any(axis=(1, 2)), means, 0), np.float32)


def _block_sums(grid: Floats) -> Floats:
    """Sum every block of a grid `(pairs, side, side)`, from running sums along both sides."""
    for axis in (1, 2):
        running = np.insert(np.cumsum(grid, axis=axis), 0, 0, axis=axis)
        size = running.shape[axis]
        block = min(_BLOCK, size - 1)
        grid = running.take(range(block, size), axis) - running.take(range(size - block), axis)
    return grid


def _are_close(first: Complex, second: Complex) -> Flags:
    """Say whether two places are one; squares are compared, since the root costs most of the time."""
    dx, dy = first.real - second.real, first.imag - second.imag
    return np.asarray(dx * dx + dy * dy < _MATCH_RADIUS**2)
