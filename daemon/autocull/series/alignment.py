"""Alignment of pairs of frames by RANSAC: the transform, and how well the frames agree under it.

Patches of two frames are matched by their descriptors. RANSAC finds the similarity transform (shift, turn,
scale) that most matches share. Each patch is then compared with what the other frame shows at the position
that the transform gives. A shared backdrop is not enough: the people in front of it must agree as well.

Source: M. Fischler and R. Bolles, Random sample consensus, Communications of the ACM 24 (1981). Transforms
are estimated from two points, in complex numbers.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from math import isqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Flags, Floats, Indices
from autocull.series.model import GroupingSettings
from autocull.series.shot import INT8_SCALE, Shot
from autocull.series.timeline import ShotTable

Complex = NDArray[np.complex64]

_PAIRS_AT_ONCE = 32
"""Pairs per batch, few enough that their arrays fit into a core's cache."""

_THREADS = 2
"""Threads that align batches at the same time."""

_HYPOTHESES = 64
"""Transforms that RANSAC tries per pair."""

_SEED = 1981
"""Seed of the sampled matches: the same for every pair, so that pairs do not influence each other."""

_MATCH_RADIUS = 0.09
"""Largest residual of an inlier, in long sides: about one patch."""

_MIN_BASELINE = 0.15
"""Least distance of two matches that give a turn and a scale, in long sides: nearer ones give noise."""

_MIN_FIT_MATCHES = 4
"""Least number of inliers for a least-squares fit."""

_MIN_MATCHES = 12
"""Least number of inliers of a reliable alignment: unrelated frames reach about ten by chance."""

_MIN_OVERLAP = 0.15
"""Least overlap (0-1) of a reliable alignment: of less, hardly a block of patches is visible."""

_BLOCK = 4
"""Side of a block in patches (of 12): about the part of a photo that its main person covers."""

_MIN_VISIBLE_SHARE = 0.7
"""Least share (0-1) of a block's patches that both frames must show."""

_CONTRAST_FLOOR = 0.05
"""Cosine, added to the contrast of a pair: where all patches look the same, rounding must not decide."""

_SCALE_RANGE = (0.6, 1.7)
"""Least and greatest scale between two frames of one series: zooming further makes another picture."""

_MAX_TURN = 0.4
"""Greatest turn between two frames of one series, in radians: a hand-held camera tilts less."""


@dataclass(frozen=True, slots=True, eq=False)
class Alignments:
    """Transforms of the first frame of each pair onto the second, and their quality; one entry per pair.

    `pairs` `(n, 2)` holds the indices of the frames. `shift` is the position of the first frame's centre in
    the second, minus the second's centre, in long sides (complex: x + iy); `scale` is the scale factor and
    `turn` the angle (radians). `overlap` is the share (0-1) of the first frame that the second shows too, and
    `matches` the number of inliers. `agree` is the similarity where the two frames differ most: of all blocks
    of 4 x 4 patches that both show, the least mean cosine (at most 1). `clear` is the same for the cosine in
    excess of the mean over all pairs of patches, as a share of the greatest possible excess: low where the
    frames have so little structure (a dark wall) that any part resembles any other.
    """

    pairs: Indices
    shift: Complex
    scale: Floats
    turn: Floats
    overlap: Floats
    agree: Floats
    clear: Floats
    matches: NDArray[np.intp]

    def select(self, indices: Flags | Indices) -> Alignments:
        """Return some of the alignments."""
        return Alignments(*(getattr(self, each.name)[indices] for each in fields(self)))


class _Batch(NamedTuple):
    """Input of some pairs: patch positions `(pairs, n)`, the second frame's corner, cosines `(pairs, n, n)`.

    Positions are complex, x + iy in long sides of their frame.
    """

    pairs: Indices
    first: Complex
    second: Complex
    corner: Complex
    cosines: Floats


_EMPTY = np.zeros(0, np.float32)
_NO_ALIGNMENTS = Alignments(
    pairs=np.zeros((0, 2), np.intp),
    shift=np.zeros(0, np.complex64),
    scale=_EMPTY,
    turn=_EMPTY,
    overlap=_EMPTY,
    agree=_EMPTY,
    clear=_EMPTY,
    matches=np.zeros(0, np.intp),
)


def align_pairs(table: ShotTable, pairs: Indices, settings: GroupingSettings) -> Alignments:
    """Align the frames of each pair by RANSAC; returns the reliable alignments only."""
    alignments = align(table, pairs)
    reliable = (alignments.agree >= settings.agree) & (alignments.clear >= settings.clear)
    reliable &= (alignments.matches >= _MIN_MATCHES) & (alignments.overlap >= _MIN_OVERLAP)
    return alignments.select(reliable)


def align(table: ShotTable, pairs: Indices) -> Alignments:
    """Align the first frame of each pair with the second. The pairs do not influence each other."""
    batches = [pairs[start : start + _PAIRS_AT_ONCE] for start in range(0, len(pairs), _PAIRS_AT_ONCE)]
    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy releases the interpreter's lock while it computes
        results = [_NO_ALIGNMENTS, *pool.map(lambda batch: _align_batch(_make_batch(table, batch)), batches)]
    columns = ([getattr(result, each.name) for result in results] for each in fields(Alignments))
    return Alignments(*(np.concatenate(column) for column in columns))


def _make_batch(table: ShotTable, pairs: Indices) -> _Batch:
    first_shots, second_shots = ([table.shots[number] for number in side] for side in pairs.T)
    first, second = (
        np.stack([shot.descriptors for shot in shots]).astype(np.float32) / np.float32(INT8_SCALE)
        for shots in (first_shots, second_shots)
    )
    corner = np.array([_relative_size(shot) for shot in second_shots], np.complex64)
    return _Batch(
        pairs,
        _patch_positions(first_shots),
        _patch_positions(second_shots),
        corner,
        first @ second.transpose(0, 2, 1),
    )


def _patch_positions(shots: list[Shot]) -> Complex:
    """Return the positions of each shot's patches in long sides, as complex numbers."""
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
        pairs=batch.pairs,
        shift=factor * middle + offset - middle,
        scale=np.abs(factor),
        turn=np.angle(factor),
        overlap=visible.mean(axis=1, dtype=np.float32),
        agree=_min_block_mean(cosines, visible),
        clear=_min_block_mean((cosines - mean_cosine) / (1 - mean_cosine + _CONTRAST_FLOOR), visible),
        matches=inliers.sum(axis=1),
    )


def _match_patches(batch: _Batch) -> tuple[Flags, Complex]:
    """Match mutual nearest neighbours; returns which patches of the first are matched, and their targets."""
    forward, backward = batch.cosines.argmax(axis=2), batch.cosines.argmax(axis=1)
    mutual = np.take_along_axis(backward, forward, axis=1) == np.arange(forward.shape[1])
    return mutual, np.take_along_axis(batch.second, forward, axis=1)


def _sample_transforms(sources: Complex, targets: Complex, matched: Flags) -> tuple[Complex, Complex]:
    """Sample transforms, `(pairs, hypotheses)` factors and offsets, from two matches each.

    Where the two are too near to each other, or the result is implausible, it is the shift of the first.
    """
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
    """Choose the hypothesis with the most inliers, and refine it on them by least squares."""
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
    good = (
        (total >= _MIN_FIT_MATCHES) & (np.abs(fitted) > _SCALE_RANGE[0]) & (np.abs(fitted) < _SCALE_RANGE[1])
    )
    factor = np.asarray(np.where(good, fitted, factor), np.complex64)
    return factor, np.asarray(np.where(good, w0 - factor * z0, offset), np.complex64)


def _find_inliers(
    sources: Complex, targets: Complex, matched: Flags, factor: Complex, offset: Complex
) -> Flags:
    """Return which matches a transform maps close to their target."""
    return np.asarray(matched & _are_close(factor[:, None] * sources + offset[:, None], targets))


def _is_inside(positions: Complex, corner: Complex) -> Flags:
    x, y, right, bottom = positions.real, positions.imag, corner.real[:, None], corner.imag[:, None]
    return np.asarray((x > 0) & (x < right) & (y > 0) & (y < bottom))


def _cosines_at(batch: _Batch, projected: Complex) -> Floats:
    """Return for each patch of the first frame its cosine with the second at the projected position."""
    near = _are_close(projected[:, :, None], batch.second[:, None, :])
    return np.asarray(np.where(near, batch.cosines, 0).max(axis=2))


def _min_block_mean(cosines: Floats, visible: Flags) -> Floats:
    """Return the least mean of the blocks of which most patches are visible, 0 where there is none."""
    side = isqrt(cosines.shape[1])
    cosines = np.where(visible, cosines, 0)
    total, count = (
        _block_sums(each.reshape(-1, side, side)) for each in (cosines, visible.astype(np.float32))
    )
    enough = count >= _MIN_VISIBLE_SHARE * _BLOCK**2
    means = np.where(enough, total / np.maximum(count, 1), 1).min(axis=(1, 2))
    return np.asarray(np.where(enough.any(axis=(1, 2)), means, 0), np.float32)


def _block_sums(grid: Floats) -> Floats:
    """Return the sum of every block of a grid `(pairs, side, side)`, from running sums along both axes."""
    for axis in (1, 2):
        running = np.insert(np.cumsum(grid, axis=axis), 0, 0, axis=axis)
        size = running.shape[axis]
        block = min(_BLOCK, size - 1)
        grid = running.take(range(block, size), axis) - running.take(range(size - block), axis)
    return grid


def _are_close(first: Complex, second: Complex) -> Flags:
    """Return whether positions are within the match radius; compares squares, since roots are slow."""
    dx, dy = first.real - second.real, first.imag - second.imag
    return np.asarray(dx * dx + dy * dy < _MATCH_RADIUS**2)
