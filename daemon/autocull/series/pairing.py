"""Ties between two shots: whether they belong together, from two kinds of evidence at least."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Flags, Indices
from autocull.series.alignment import Overlays, overlay
from autocull.series.candidates import pairs_alike, pairs_in_time, unique_pairs
from autocull.series.focus_stacks import one_focus
from autocull.series.model import Limits
from autocull.series.timeline import Roll

_MOST_ALIKE = 8
"""How many look-alikes of a shot are compared closely."""

COPY = 0.95
"""Cosine of a frame and its copy, at least: small and much compressed ones have 0.99."""

_ZONE_STEP = 900.0
"""Seconds: time zones differ by whole quarters of an hour."""

_SAME_EXPOSURE = 0.1
_SAME_LIGHT = 0.06

_FEWEST_MATCHES = 12
"""Patches that must lie where a similarity puts them: by chance some ten do."""

_LEAST_OVERLAP = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Ties:
    """Pairs of shots that are tied, and how they lie on each other where that was asked.

    `pairs` are of one moment, with their `strength` (cosine). `scene` are pairs that show one scene, moment
    or not: what a set is looked for in. `laid` are those that were laid on each other and agree, with their
    `lying`.
    """

    pairs: Indices
    strength: NDArray[np.float32]
    scene: Indices
    laid: Indices
    lying: Overlays

    def among(self, free: Flags) -> Ties:
        """Keep the ties between shots that are still `free` (one flag per shot)."""
        tied, scene, laid = (
            free[some[:, 0]] & free[some[:, 1]] for some in (self.pairs, self.scene, self.laid)
        )
        lying = select(self.lying, laid)
        return Ties(self.pairs[tied], self.strength[tied], self.scene[scene], self.laid[laid], lying)


def tie(roll: Roll, limits: Limits) -> Ties:
    """Tie the shots that belong together.

    Near in time and alike are two kinds of evidence, and enough. Where one is weak (less alike than a burst,
    later than a burst) or missing (times that cannot be compared), geometry has to stand in for it. Shots of
    two clocks that both run must be as alike as a burst to be asked at all: most of them are of two places.
    """
    in_time = pairs_in_time(roll, max(limits.gap, limits.set_gap))
    pairs = unique_pairs(np.concatenate([in_time, pairs_alike(roll, limits.doubt, _MOST_ALIKE)]), len(roll))
    first, second = pairs.T
    cosine, clock = roll.cosine(first, second), roll.one_clock(first, second)
    seconds = roll.seconds(first, second)
    near, soon = clock & (seconds <= limits.gap), clock & (seconds <= limits.set_gap)
    sure = near & (cosine >= limits.alike)
    worth = cosine >= np.where(soon | roll.no_time(first, second), limits.doubt, limits.alike)
    laid, lying = lay(roll, pairs[~sure & (soon | ~clock) & worth], limits)
    agreed = np.isin(codes(pairs, len(roll)), codes(laid, len(roll)))
    tied = sure | (agreed & (near | ~clock))
    scene = sure | agreed | (soon & (cosine >= limits.alike))
    return Ties(pairs[tied], cosine[tied], pairs[scene], laid, lying)


def lay(roll: Roll, pairs: Indices, limits: Limits) -> tuple[Indices, Overlays]:
    """Lay the frames of each pair on each other; returns those pairs that agree, and how they lie."""
    lying = overlay(roll, pairs)
    agreed = (lying.agree >= limits.agree) & (lying.clear >= limits.clear)
    agreed &= lying.matches >= _FEWEST_MATCHES
    agreed &= lying.overlap >= _LEAST_OVERLAP
    return pairs[agreed], select(lying, agreed)


def select(lying: Overlays, some: Flags | Indices) -> Overlays:
    """Give some of the overlays."""
    return Overlays(*(getattr(lying, each.name)[some] for each in fields(Overlays)))


def codes(pairs: Indices, count: int) -> NDArray[np.int64]:
    """Give each pair of `count` shots a number of its own."""
    return np.asarray(pairs[:, 0].astype(np.int64) * count + pairs[:, 1])


def copies(roll: Roll, first: Indices, second: Indices, limits: Limits) -> Flags:
    """Say which pairs are the same frame: hash, looks, light, focus and the camera's facts agree."""
    same = roll.hash_bits(first, second) <= limits.copy_bits
    same &= roll.cosine(first, second) >= COPY
    same &= np.abs(roll.light[first] - roll.light[second]) <= _SAME_LIGHT
    same &= ~(np.abs(roll.exposure[first] - roll.exposure[second]) > _SAME_EXPOSURE)
    same &= ~(roll.one_clock(first, second) & ~_same_moment(roll, first, second))
    same[same] = one_focus(roll, first[same], second[same], limits.focus_moved)
    return np.asarray(same)


def compatible(roll: Roll, ties: Ties, first: Indices, second: Indices, limits: Limits) -> Flags:
    """Say which pairs may be in one burst: alike enough, or laid on each other, and not known to be later."""
    late = roll.one_clock(first, second) & (roll.seconds(first, second) > limits.moment)
    alike = roll.cosine(first, second) >= limits.apart
    if not alike.all():
        low, high = np.minimum(first, second), np.maximum(first, second)
        alike |= np.isin(codes(np.stack([low, high], axis=1), len(roll)), codes(ties.laid, len(roll)))
    return np.asarray(alike & ~late)


def _same_moment(roll: Roll, first: Indices, second: Indices) -> Flags:
    """Say whether two times are the same, or the same in another zone."""
    apart: Doubles = np.abs(roll.taken[first] - roll.taken[second]) % _ZONE_STEP
    apart = np.minimum(apart, _ZONE_STEP - apart)
    return np.asarray(apart < 0.001)
