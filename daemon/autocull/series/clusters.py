"""From pairs that belong together to groups without chains."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats, Indices

Compatible = Callable[[Indices, Indices], NDArray[np.bool_]]
"""Says of pairs of shots (two arrays of one length) whether the two may be in one series."""


def cluster(count: int, pairs: Indices, strength: Floats, compatible: Compatible) -> list[Indices]:
    """Join `count` shots along `pairs`, the strongest first, into groups; the others stay alone.

    Two groups are joined only where every shot of one is compatible with every shot of the other, so that A
    like B like C does not put A with C when they differ. Equal strengths are taken in the pairs' order.

    Source: complete linkage (T. Sørensen, 1948), with single linkage's order: the nearest pair proposes, the
    farthest may refuse.
    """
    group_of = list(range(count))
    members: dict[int, list[int]] = {number: [number] for number in range(count)}
    refused: set[tuple[int, int, int, int]] = set()
    for number in np.argsort(-strength, kind="stable").tolist():
        one, other = sorted((group_of[pairs[number, 0]], group_of[pairs[number, 1]]))
        if one == other:
            continue
        attempt = (one, other, len(members[one]), len(members[other]))
        if attempt in refused:
            continue
        if not _all_compatible(members[one], members[other], compatible):
            refused.add(attempt)
            continue
        for each in members[other]:
            group_of[each] = one
        members[one] += members.pop(other)
    return [np.array(sorted(each), np.intp) for each in members.values()]


def _all_compatible(one: list[int], other: list[int], compatible: Compatible) -> bool:
    first = np.repeat(np.array(one, np.intp), len(other))
    second = np.tile(np.array(other, np.intp), len(one))
    return bool(compatible(first, second).all())


def components(count: int, pairs: Indices) -> list[Indices]:
    """Give the sets of shots that pairs connect, chains included, each in order; lone shots are left out."""
    root = list(range(count))

    def top(number: int) -> int:
        while root[number] != number:
            root[number] = number = root[root[number]]
        return number

    for one, other in pairs.tolist():
        low, high = sorted((top(one), top(other)))
        root[high] = low
    touched = np.unique(pairs)
    tops = np.array([top(number) for number in touched.tolist()], np.intp)
    order = np.argsort(tops, kind="stable")
    cuts = np.flatnonzero(np.diff(tops[order])) + 1
    return [part for part in np.split(touched[order], cuts) if len(part)]
