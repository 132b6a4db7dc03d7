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
from autocull.series.shot import FULL, Shot
from autocull.series.timeline import Roll

Complex = NDArray[np.complex64]

_PAIRS_AT_ONCE = 32  # what they need fits into a core's cache
_THREADS = 2
_GUESSES = 64
_SEED = 1981
_NEAR = 0.09
"""How far a match may lie beside a similarity, in long sides: about one patch."""

_FAR = 0.15
"""Two matches nearer to each other than this (long sides) tell a shift only: their turn would be noise."""

_FEW = 4
"""Matches that a fit needs at least."""

_BLOCK = 4
"""Patches along a block: as much as a person takes of a photo for whom it was made."""

_MOSTLY = 0.7
"""The share of a block's patches that both frames must show."""

_LEAST_LEFT = 0.05
"""Cosine: keeps frames whose patches all look the same from being told apart by rounding."""

_SCALES = (0.6, 1.7)
_MOST_TURN = 0.4
"""Radians: frames of one series are turned no further against each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Overlays:
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

    Places are complex, x + iy in long sides of their frame; `alike` is `(pairs, n, n)`, cosines.
    """

    first: Complex
    second: Complex
    corner: Complex
    alike: Floats


def overlay(roll: Roll, pairs: Indices) -> Overlays:
    """Lay the first frame of each pair on the second. The pairs do not influence each other."""
    starts = range(0, len(pairs), _PAIRS_AT_ONCE)
    with ThreadPoolExecutor(_THREADS) as pool:  # NumPy lets go of the interpreter while it computes
        parts = list(pool.map(lambda at: _overlay(_batch(roll, pairs[at : at + _PAIRS_AT_ONCE])), starts))
    nothing = np.zeros(0, np.float32)
    columns = ([nothing, *(getattr(part, each.name) for part in parts)] for each in fields(Overlays))
    return Overlays(*(np.concatenate(column) for column in columns))


def _batch(roll: Roll, pairs: Indices) -> _Batch:
    one, other = ([roll.shots[number] for number in side] for side in pairs.T)
    first, second = (
        np.stack([shot.descriptors for shot in shots]).astype(np.float32) / np.float32(FULL)
        for shots in (one, other)
    )
    corner = np.array([_side(shot) for shot in other], np.complex64)
    return _Batch(_places(one), _places(other), corner, first @ second.transpose(0, 2, 1))


def _places(shots: list[Shot]) -> Complex:
    """Where each shot's patches lie, in long sides, as complex numbers."""
    places = np.stack([shot.places for shot in shots])
    sides = np.array([_side(shot) for shot in shots], np.complex64)[:, None]
    return np.asarray(places[:, :, 0] * sides.real + 1j * places[:, :, 1] * sides.imag, np.complex64)


def _side(shot: Shot) -> complex:
    width, height = shot.shape
    return complex(width, height) / max(width, height, 1)


def _overlay(batch: _Batch) -> Overlays:
    matched, there = _matches(batch)
    guesses = _guess(batch.first, there, matched)
    factor, offset = _best(batch.first, there, matched, *guesses)
    explained = _explained(batch.first, there, matched, factor, offset)
    middle = batch.corner / 2
    moved = factor[:, None] * batch.first + offset[:, None]
    seen = _inside(moved, batch.corner)
    alike, usual = _alike_at(batch, moved), batch.alike.mean(axis=(1, 2))[:, None]
    return Overlays(
        shift=factor * middle + offset - middle,
        scale=np.abs(factor),
        turn=np.angle(factor),
        overlap=seen.mean(axis=1, dtype=np.float32),
        agree=_worst_block(alike, seen),
        clear=_worst_block((alike - usual) / (1 - usual + _LEAST_LEFT), seen),
        matches=explained.sum(axis=1),
    )


def _matches(batch: _Batch) -> tuple[Flags, Complex]:
    """Match patches that are each other's nearest: which of the first are matched, and where it puts them."""
    forth, back = batch.alike.argmax(axis=2), batch.alike.argmax(axis=1)
    mutual = np.take_along_axis(back, forth, axis=1) == np.arange(forth.shape[1])
    return mutual, np.take_along_axis(batch.second, forth, axis=1)


def _guess(here: Complex, there: Complex, matched: Flags) -> tuple[Complex, Complex]:
    """Guess similarities, `(pairs, guesses)` factors and offsets, from one match (a shift) and from two."""
    ranks = np.argsort(~matched, axis=1, kind="stable")
    count = matched.sum(axis=1)[:, None]
    draws = np.random.default_rng(_SEED).random((2, 1, _GUESSES))
    one, other = (np.take_along_axis(ranks, np.asarray(draw * count, np.intp), axis=1) for draw in draws)
    (z1, z2), (w1, w2) = (
        [np.take_along_axis(side, k, axis=1) for k in (one, other)] for side in (here, there)
    )
    apart = np.abs(z1 - z2) > _FAR
    factor = np.where(apart, (w1 - w2) / np.where(apart, z1 - z2, 1), 1)
    size = np.abs(factor)
    wild = (size < _SCALES[0]) | (size > _SCALES[1]) | (np.abs(np.angle(factor)) > _MOST_TURN)
    factor = np.where(wild, 1, factor)
    return np.asarray(factor, np.complex64), np.asarray(w1 - factor * z1, np.complex64)


def _best(
    here: Complex, there: Complex, matched: Flags, factors: Complex, offsets: Complex
) -> tuple[Complex, Complex]:
    """Choose the guess that explains most matches, and fit it to them (least squares)."""
    votes = np.stack(
        [_explained(here, there, matched, factors[:, k], offsets[:, k]).sum(axis=1) for k in range(_GUESSES)],
        axis=1,
    )
    chosen = votes.argmax(axis=1)[:, None]
    factor, offset = (np.take_along_axis(each, chosen, axis=1)[:, 0] for each in (factors, offsets))
    weight = _explained(here, there, matched, factor, offset).astype(np.float32)
    total = np.maximum(weight.sum(axis=1), 1)
    z0, w0 = ((weight * side).sum(axis=1) / total for side in (here, there))
    z, w = here - z0[:, None], there - w0[:, None]
    spread = (weight * np.abs(z) ** 2).sum(axis=1)
    fitted = (weight * np.conj(z) * w).sum(axis=1) / np.maximum(spread, 1e-6)
    good = (total >= _FEW) & (np.abs(fitted) > _SCALES[0]) & (np.abs(fitted) < _SCALES[1])
    factor = np.asarray(np.where(good, fitted, factor), np.complex64)
    return factor, np.asarray(np.where(good, w0 - factor * z0, offset), np.complex64)


def _explained(here: Complex, there: Complex, matched: Flags, factor: Complex, offset: Complex) -> Flags:
    """Say which matches a similarity puts where they are."""
    return np.asarray(matched & _close(factor[:, None] * here + offset[:, None], there))


def _inside(places: Complex, corner: Complex) -> Flags:
    x, y, right, bottom = places.real, places.imag, corner.real[:, None], corner.imag[:, None]
    return np.asarray((x > 0) & (x < right) & (y > 0) & (y < bottom))


def _alike_at(batch: _Batch, moved: Complex) -> Floats:
    """Say for each patch of the first frame how much the second looks like it where it is moved to."""
    near = _close(moved[:, :, None], batch.second[:, None, :])
    return np.asarray(np.where(near, batch.alike, 0).max(axis=2))


def _worst_block(alike: Floats, seen: Flags) -> Floats:
    """Find the least mean of any block of patches of which most are seen, 0 where there is no such block."""
    side = isqrt(alike.shape[1])
    alike = np.where(seen, alike, 0)
    total, count = (_block_sums(each.reshape(-1, side, side)) for each in (alike, seen.astype(np.float32)))
    enough = count >= _MOSTLY * _BLOCK**2
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


def _close(here: Complex, there: Complex) -> Flags:
    """Say whether two places are one; squares are compared, since the root costs most of the time."""
    across, down = here.real - there.real, here.imag - there.imag
    return np.asarray(across * across + down * down < _NEAR**2)
