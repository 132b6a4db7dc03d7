"""Which shots are worth comparing: those next to each other in time, and those that look alike.

Comparing all with all would cost n² steps. Neighbours in time are found in the order of shooting; shots that
look alike, whatever their clocks say, in an index over their embeddings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Indices
from autocull.series.timeline import Roll

TABLES = 24
_BITS = 24
_LEAF = (
    64  # with 64 numbers each, the largest product that stays on one core in OpenBLAS: no waiting for others
)
_LEAVES_AT_ONCE = 512
_FIRST_BITS = 10
_REACH = 6
_SEED = 20_240_501


def pairs_in_time(roll: Roll, seconds: float) -> Indices:
    """Pair each shot with the six that follow it, as far as their clock puts them within `seconds`.

    Where there is no time, the order of their names stands for it.
    """
    first = np.arange(len(roll))
    found = []
    for step in range(1, _REACH + 1):
        one, other = first[:-step], first[step:]
        together = (roll.clock[one] == roll.clock[other]) & ~(roll.seconds(one, other) > seconds)
        found.append(np.stack([one[together], other[together]], axis=1))
    return unique_pairs(np.concatenate(found), len(roll))


def pairs_alike(roll: Roll, least: float, most: int, tables: int = TABLES) -> Indices:
    """Pair each shot with the `most` that look most like it, with a cosine of at least `least`.

    Cost grows as n log n. Up to 64 shots the pairs are all there are; beyond that, a pair is found the surer
    the more alike it is. Which pairs are found depends on the two shots and on those that look like them,
    never on far ones.

    Source: random hyperplanes, M. Charikar, Similarity estimation techniques from rounding algorithms, STOC
    2002; the tables as prefix trees, M. Bawa et al., LSH forest, WWW 2005; the second look at the nearest
    bucket, Q. Lv et al., Multi-probe LSH, VLDB 2007.
    """
    count = len(roll)
    if count < 2:
        return np.zeros((0, 2), np.intp)
    if count <= _LEAF:
        return _most_alike(roll, _within(roll.vector, np.arange(count)[None], least), most)
    rng = np.random.default_rng(_SEED)
    found = np.zeros((0, 2), np.intp)
    for _ in range(tables):
        planes = rng.standard_normal((roll.vector.shape[1], _BITS), np.float32)
        found = unique_pairs(np.concatenate([found, _in_table(roll.vector, planes, least)]), count)
        if len(found) > 3 * most * count:  # or the pairs of all tables would fill the memory
            found = _most_alike(roll, found, most)
    return _most_alike(roll, found, most)


def unique_pairs(pairs: Indices, count: int) -> Indices:
    """Put pairs of `count` shots in order, each once."""
    low, high = np.minimum(pairs[:, 0], pairs[:, 1]), np.maximum(pairs[:, 0], pairs[:, 1])
    codes = np.sort(low.astype(np.int64) * count + high)
    codes = codes[np.diff(codes, prepend=-1) > 0]
    return np.stack([codes // max(count, 1), codes % max(count, 1)], axis=1).astype(np.intp)


def _in_table(vector: NDArray[np.float32], planes: NDArray[np.float32], least: float) -> Indices:
    """Find the pairs that one table of hyperplanes puts into one leaf."""
    side = vector @ planes
    keys = (side > 0) @ (1 << np.arange(_BITS - 1, -1, -1, dtype=np.int64))
    nearest = np.argmin(np.abs(side[:, :_FIRST_BITS]), axis=1)
    other = keys ^ (1 << (_BITS - 1 - nearest)).astype(np.int64)
    both, who = np.concatenate([keys, other]), np.tile(np.arange(len(vector)), 2)
    order = np.lexsort((who, both))
    leaves = _leaves(both[order])
    found = [np.zeros((0, 2), np.intp)]
    for start in range(0, len(leaves), _LEAVES_AT_ONCE):
        some = leaves[start : start + _LEAVES_AT_ONCE]
        found.append(_within(vector, np.where(some < 0, -1, who[order[some]]), least))
    return np.concatenate(found)


def _leaves(keys: NDArray[np.int64]) -> Indices:
    """Cut sorted keys into leaves, `(leaves, 64)` places in them, filled up with -1.

    A leaf is the shortest prefix that holds no more. Where no bit is left (thousands look the same), it is
    cut into overlapping parts, in order.
    """
    depth = np.full(len(keys), _BITS)
    for bits in range(_BITS - 1, -1, -1):
        begins, ends = _runs(keys >> (_BITS - bits))
        depth[np.repeat(ends - begins <= _LEAF, ends - begins)] = bits
    begins, ends = _runs((keys >> (_BITS - depth)) * (_BITS + 1) + depth)
    full = [np.arange(begin, end - _LEAF // 2, _LEAF // 2) for begin, end in _pairs_over(begins, ends)]
    starts = np.concatenate([begins[ends - begins <= _LEAF], *full])
    stops = np.concatenate([ends[ends - begins <= _LEAF], *(part + _LEAF for part in full)])
    places = starts[:, None] + np.arange(_LEAF)
    inside = (places < stops[:, None]) & (places < len(keys))
    return np.where(inside, places, -1)


def _runs(values: NDArray[np.int64]) -> tuple[Indices, Indices]:
    """Find where runs of equal values begin and end."""
    cuts = np.flatnonzero(np.diff(values)) + 1
    return np.concatenate([[0], cuts]), np.append(cuts, len(values))


def _pairs_over(begins: Indices, ends: Indices) -> list[tuple[int, int]]:
    over = ends - begins > _LEAF
    return list(zip(begins[over].tolist(), ends[over].tolist(), strict=True))


def _within(vector: NDArray[np.float32], leaves: Indices, least: float) -> Indices:
    """Compare the shots of each leaf with each other; a shot may stand twice in a leaf."""
    some = vector[leaves]
    alike = (some @ some.transpose(0, 2, 1) >= least) & (leaves[:, :, None] < leaves[:, None, :])
    leaf, one, two = np.nonzero(alike & (leaves >= 0)[:, :, None])
    return np.stack([leaves[leaf, one], leaves[leaf, two]], axis=1)


def _most_alike(roll: Roll, pairs: Indices, most: int) -> Indices:
    """Keep of the pairs those that are among the `most` alike ones of either shot."""
    cosine = roll.cosine(pairs[:, 0], pairs[:, 1])
    kept = np.zeros(len(pairs), bool)
    for side in (0, 1):
        order = np.lexsort((-cosine, pairs[:, side]))
        sorted_side = pairs[order, side]
        begins = np.searchsorted(sorted_side, sorted_side)
        kept[order[np.arange(len(order)) - begins < most]] = True
    return pairs[kept]
