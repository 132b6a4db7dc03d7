"""Ties between two shots: whether they belong together, from two kinds of evidence at least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocull.series.limits import Limits
from autocull.series.roll import Floats, Indices, Roll

_ZONE_STEP = 900.0
"""Seconds: time zones differ by whole quarters of an hour."""

_SAME_EXPOSURE = 0.1
_SAME_LIGHT = 0.06

Flags = NDArray[np.bool_]


def copies(roll: Roll, first: Indices, second: Indices, limits: Limits) -> Flags:
    """Say which pairs are the same frame: hash, looks and light agree, and no fact of the camera differs."""
    same = roll.hash_bits(first, second) <= limits.copy_bits
    same &= roll.cosine(first, second) >= limits.alone
    same &= np.abs(roll.light[first] - roll.light[second]) <= _SAME_LIGHT
    same &= ~(np.abs(roll.exposure[first] - roll.exposure[second]) > _SAME_EXPOSURE)
    same &= ~(roll.one_clock(first, second) & ~_same_moment(roll, first, second))
    return np.asarray(same)


def moments(roll: Roll, first: Indices, second: Indices, limits: Limits) -> Flags:
    """Say which pairs show one moment: near in time and alike; without times, very much alike."""
    cosine, clock = roll.cosine(first, second), roll.one_clock(first, second)
    near = clock & (roll.seconds(first, second) <= limits.gap) & (cosine >= limits.alike)
    return np.asarray(near | (~clock & (cosine >= limits.alone)))


def compatible(roll: Roll, first: Indices, second: Indices, limits: Limits) -> Flags:
    """Say which pairs may be in one series: alike enough, and not known to be of two moments."""
    late = roll.one_clock(first, second) & (roll.seconds(first, second) > limits.moment)
    late &= ~_same_moment(roll, first, second)
    return np.asarray((roll.cosine(first, second) >= limits.apart) & ~late)


def _same_moment(roll: Roll, first: Indices, second: Indices) -> Flags:
    """Say whether two times are the same, or the same in another zone."""
    apart: Floats = np.abs(roll.taken[first] - roll.taken[second]) % _ZONE_STEP
    apart = np.minimum(apart, _ZONE_STEP - apart)
    return np.asarray(apart < 0.001)
