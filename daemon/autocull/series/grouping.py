"""Grouping: from the shots of any number of photos to their series."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autocull.arrays import Flags, Indices
from autocull.series.brackets import brackets
from autocull.series.candidates import pairs_alike
from autocull.series.clusters import cluster, components
from autocull.series.focus_stacks import is_focus_stack
from autocull.series.model import Kind, Limits, Series, series_id
from autocull.series.pairing import COPY, Ties, compatible, copies, tie
from autocull.series.panoramas import panoramas
from autocull.series.shot import Shot
from autocull.series.timeline import Roll, wind

_MOST_COPIES = 12
"""How many look-alikes of a shot are asked whether they are its copies."""

Found = list[tuple[Kind, Indices]]


def group(shots: Iterable[Shot], limits: Limits) -> list[Series]:
    """Put every shot into exactly one series, in the order of shooting; a shot without others is a single.

    The result does not depend on the order of the input, nor on shots that have nothing to do with each
    other: a shoot added to an archive changes only the series that it belongs to. Paths must differ.
    """
    roll = wind(shots)
    frames = _frames(roll, limits)
    found = _group(roll.only(np.array([frame[0] for frame in frames], np.intp)), limits)
    whole = [(kind, np.sort(np.concatenate([frames[number] for number in some]))) for kind, some in found]
    whole = [("duplicate" if kind == "single" and len(some) > 1 else kind, some) for kind, some in whole]
    return [_series(roll, kind, some) for kind, some in sorted(whole, key=lambda each: int(each[1][0]))]


def _frames(roll: Roll, limits: Limits) -> list[Indices]:
    """Put copies of one frame together; what follows sees each frame once."""
    pairs = pairs_alike(roll, COPY, _MOST_COPIES, tables=8)
    first, second = pairs.T
    same = copies(roll, first, second, limits)

    strength = roll.cosine(first, second)[same]
    return cluster(len(roll), pairs[same], strength, lambda one, other: copies(roll, one, other, limits))


def _group(roll: Roll, limits: Limits) -> Found:
    """Find the sets first, which are kept whole; the rest are bursts of one moment, and singles."""
    ties = tie(roll, limits)
    found: Found = [("bracket", run) for run in brackets(roll, components(len(roll), ties.scene), limits)]
    free = _free(len(roll), found)
    found += [("panorama", some) for some in panoramas(roll, ties.among(free), limits)]
    free = _free(len(roll), found)
    return found + _moments(roll, ties.among(free), free, limits)


def _free(count: int, found: Found) -> Flags:
    """Flag the shots that are in nothing found so far."""
    free = np.ones(count, bool)
    for _, some in found:
        free[some] = False
    return free


def _moments(roll: Roll, ties: Ties, free: Flags, limits: Limits) -> Found:
    groups = cluster(
        len(roll), ties.pairs, ties.strength, lambda one, other: compatible(roll, ties, one, other, limits)
    )
    return [(_kind(roll, some, limits), some) for some in groups if free[some[0]]]


def _kind(roll: Roll, some: Indices, limits: Limits) -> Kind:
    if len(some) == 1:
        return "single"
    return "focus_stack" if is_focus_stack(roll, some, limits.focus_moved) else "burst"


def _series(roll: Roll, kind: Kind, some: Indices) -> Series:
    """Name a series by its members, so that it has the same name in every run over the same photos."""
    paths = tuple(roll.shots[number].path for number in some)
    return Series(series_id(paths), kind, paths)
