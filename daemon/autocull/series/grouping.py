"""Grouping: from the shots of any number of photos to their series."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from autocull.series.clusters import cluster
from autocull.series.limits import Limits
from autocull.series.neighbours import pairs_alike, pairs_in_time, unique_pairs
from autocull.series.roll import Indices, Roll, wind
from autocull.series.series import Kind, Series
from autocull.series.shot import Shot
from autocull.series.ties import compatible, copies, moments

_MOST_ALIKE = 12
"""How many look-alikes of a shot are compared closely."""


def group(shots: Iterable[Shot], limits: Limits) -> list[Series]:
    """Put every shot into exactly one series, in the order of shooting; a shot without others is a single.

    The result does not depend on the order of the input, nor on shots that have nothing to do with each
    other: a shoot added to an archive changes only the series that it belongs to. Paths must differ.
    """
    roll = wind(shots)
    count = len(roll)
    pairs = np.concatenate([pairs_in_time(roll, limits.gap), pairs_alike(roll, limits.alone, _MOST_ALIKE)])
    pairs = unique_pairs(pairs, count)
    first, second = pairs[:, 0], pairs[:, 1]
    copied = copies(roll, first, second, limits)
    tied = copied | moments(roll, first, second, limits)
    groups = cluster(
        count,
        pairs[tied],
        roll.cosine(first, second)[tied] + copied[tied],
        lambda one, other: compatible(roll, one, other, limits),
    )
    return [_series(roll, members, _kind(roll, members, limits)) for members in groups]


def _kind(roll: Roll, members: Indices, limits: Limits) -> Kind:
    if len(members) == 1:
        return "single"
    first, second = (members[side] for side in np.triu_indices(len(members), 1))
    return "duplicate" if copies(roll, first, second, limits).all() else "burst"


def _series(roll: Roll, members: Indices, kind: Kind) -> Series:
    paths = tuple(roll.shots[number].path for number in members)
    names = "\n".join(sorted(path.as_posix() for path in paths))
    return Series(hashlib.sha256(names.encode()).hexdigest()[:12], kind, paths)
