"""Clustering of linked pairs: compatible clusters without chains, and connected components."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Floats, Indices

CompatibilityCheck = Callable[[Indices, Indices], NDArray[np.bool_]]
"""Returns for pairs of shots (two arrays of one length) whether the two may be in one series."""


def cluster(
    count: int, pairs: Indices, strength: Floats, are_compatible: CompatibilityCheck
) -> list[Indices]:
    """Merge `count` shots along `pairs`, the strongest first, into groups; the others stay alone.

    Two groups are merged only if every shot of one is compatible with every shot of the other: where A
    resembles B and B resembles C, but A differs from C, A and C stay apart. Equal strengths are taken in
    the order of `pairs`.

    Source: complete linkage (T. Sørensen, 1948) in the order of single linkage: the most similar pair
    proposes a merge, and any incompatible pair prevents it.
    """
    group_of = list(range(count))
    groups: dict[int, list[int]] = {number: [number] for number in range(count)}
    rejected_merges: set[tuple[int, int, int, int]] = set()
    for number in np.argsort(-strength, kind="stable").tolist():
        target, source = sorted((group_of[pairs[number, 0]], group_of[pairs[number, 1]]))
        if target == source:
            continue
        attempt = (target, source, len(groups[target]), len(groups[source]))
        if attempt in rejected_merges:
            continue
        if not _are_all_compatible(groups[target], groups[source], are_compatible):
            rejected_merges.add(attempt)
            continue
        for each in groups[source]:
            group_of[each] = target
        groups[target] += groups.pop(source)
    return [np.array(sorted(each), np.intp) for each in groups.values()]


def _are_all_compatible(group: list[int], other_group: list[int], are_compatible: CompatibilityCheck) -> bool:
    first = np.repeat(np.array(group, np.intp), len(other_group))
    second = np.tile(np.array(other_group, np.intp), len(group))
    return bool(are_compatible(first, second).all())


def find_components(count: int, pairs: Indices) -> list[Indices]:
    """Return the connected components of `pairs`, each in order; shots without a pair are left out."""
    root = list(range(count))

    def find_root(number: int) -> int:
        while root[number] != number:
            root[number] = number = root[root[number]]
        return number

    for a, b in pairs.tolist():
        low, high = sorted((find_root(a), find_root(b)))
        root[high] = low
    linked = np.unique(pairs)
    roots = np.array([find_root(number) for number in linked.tolist()], np.intp)
    order = np.argsort(roots, kind="stable")
    cuts = np.flatnonzero(np.diff(roots[order])) + 1
    return [component for component in np.split(linked[order], cuts) if len(component)]
