"""Candidate pairs: shots that are neighbours in time, and shots with similar embeddings, found by LSH.

Comparing all shots with each other would take n² steps. Neighbours in time are consecutive in the timeline;
similar shots, at whatever time, are found by locality-sensitive hashing (LSH) of their embeddings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Flags, Indices
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable

_MAX_SIMILAR = 8
"""Most similar shots of a shot that become candidate pairs with it."""

_HASH_TABLES = 24
"""Hash tables of the index: more of them miss fewer similar pairs and take longer."""

_HASH_BITS = 24
"""Hyperplanes per hash table."""

_LEAF_SIZE = 64
"""Most shots of a leaf: with 64 numbers each, the largest product for which OpenBLAS stays on one core."""

_LEAVES_AT_ONCE = 512
"""Leaves that are compared at a time, which bounds the memory."""

_PROBED_BITS = 10
"""Leading bits of which the least certain one is flipped for the second bucket of a shot."""

_NEXT_SHOTS = 6
"""Following shots of the timeline that each shot is paired with: some odd frames do not split a burst."""

_SEED = 20_240_501
"""Seed of the hyperplanes: the same in every run, so that the candidates are the same."""


def find_candidates(table: ShotTable, settings: GroupingSettings, max_gap: float) -> Indices:
    """Return the candidate pairs: neighbours within `max_gap` seconds, and similar shots; each pair once."""
    in_time = find_pairs_in_time(table, max(settings.gap, settings.set_gap, max_gap))
    similar = find_similar_pairs(table, settings.doubt, _MAX_SIMILAR)
    return unique_pairs(np.concatenate([in_time, similar]), len(table))


def find_pairs_in_time(table: ShotTable, seconds: float) -> Indices:
    """Pair each shot with the six that follow it within `seconds` by the same clock.

    Shots without a time are paired in the order of their names.
    """
    first = np.arange(len(table))
    pairs = []
    for step in range(1, _NEXT_SHOTS + 1):
        earlier, later = first[:-step], first[step:]
        in_time = (table.clock[earlier] == table.clock[later]) & ~(
            table.seconds_between(earlier, later) > seconds
        )
        pairs.append(np.stack([earlier[in_time], later[in_time]], axis=1))
    return unique_pairs(np.concatenate(pairs), len(table))


def find_similar_pairs(
    table: ShotTable, min_cosine: float, max_per_shot: int, hash_tables: int = _HASH_TABLES
) -> Indices:
    """Pair each shot with the `max_per_shot` most similar ones, with a cosine of at least `min_cosine` (LSH).

    Cost grows as n log n. Up to 64 shots all pairs are compared; beyond that, the probability that a pair is
    found grows with its cosine. It depends on the two shots and on similar ones, never on dissimilar ones.

    Source: random hyperplanes, M. Charikar, Similarity estimation techniques from rounding algorithms, STOC
    2002; hash tables as prefix trees, M. Bawa et al., LSH forest, WWW 2005; a second bucket for each shot,
    Q. Lv et al., Multi-probe LSH, VLDB 2007.
    """
    count = len(table)
    if count < 2:
        return np.zeros((0, 2), np.intp)
    if count <= _LEAF_SIZE:
        return keep_most_similar(
            table,
            _pairs_in_leaves(table.vector, np.arange(count)[None], min_cosine, max_per_shot),
            max_per_shot,
        )
    rng = np.random.default_rng(_SEED)
    pairs = np.zeros((0, 2), np.intp)
    for _ in range(hash_tables):
        planes = rng.standard_normal((table.vector.shape[1], _HASH_BITS), np.float32)
        pairs = unique_pairs(
            np.concatenate([pairs, _pairs_in_table(table.vector, planes, min_cosine, max_per_shot)]), count
        )
        if len(pairs) > 3 * max_per_shot * count:  # bounds the memory for the pairs of all tables
            pairs = keep_most_similar(table, pairs, max_per_shot)
    return keep_most_similar(table, pairs, max_per_shot)


def unique_pairs(pairs: Indices, count: int) -> Indices:
    """Return each pair of `count` shots once, in order."""
    codes = np.sort(_encode_pairs(pairs, count))
    codes = codes[np.diff(codes, prepend=-1) > 0]
    return np.stack([codes // max(count, 1), codes % max(count, 1)], axis=1).astype(np.intp)


def are_among(pairs: Indices, others: Indices, count: int) -> Flags:
    """Return which pairs of `count` shots are among others, in either direction."""
    return np.isin(_encode_pairs(pairs, count), _encode_pairs(others, count))


def _encode_pairs(pairs: Indices, count: int) -> NDArray[np.int64]:
    """Return a number for each pair of `count` shots, the same in both directions."""
    low, high = np.minimum(pairs[:, 0], pairs[:, 1]), np.maximum(pairs[:, 0], pairs[:, 1])
    return np.asarray(low.astype(np.int64) * count + high)


def _pairs_in_table(
    vector: NDArray[np.float32], planes: NDArray[np.float32], min_cosine: float, max_per_shot: int
) -> Indices:
    """Return the pairs that share a leaf of one hash table, with a cosine of at least `min_cosine`."""
    side = vector @ planes
    keys = (side > 0) @ (1 << np.arange(_HASH_BITS - 1, -1, -1, dtype=np.int64))
    nearest = np.argmin(np.abs(side[:, :_PROBED_BITS]), axis=1)
    probe_keys = keys ^ (1 << (_HASH_BITS - 1 - nearest)).astype(np.int64)
    all_keys, shots = np.concatenate([keys, probe_keys]), np.tile(np.arange(len(vector)), 2)
    order = np.lexsort((shots, all_keys))
    leaves = _split_leaves(all_keys[order])
    chunks = [np.zeros((0, 2), np.intp)]
    for start in range(0, len(leaves), _LEAVES_AT_ONCE):
        batch = leaves[start : start + _LEAVES_AT_ONCE]
        chunks.append(
            _pairs_in_leaves(vector, np.where(batch < 0, -1, shots[order[batch]]), min_cosine, max_per_shot)
        )
    return np.concatenate(chunks)


def _split_leaves(keys: NDArray[np.int64]) -> Indices:
    """Split sorted keys into leaves: `(leaves, 64)` indices of keys, padded with -1.

    A leaf is the shortest prefix with at most 64 keys. Where no bit is left (thousands of equal shots), the
    run is split into overlapping windows, in order.
    """
    depth = np.full(len(keys), _HASH_BITS)
    for bits in range(_HASH_BITS - 1, -1, -1):
        begins, ends = _find_runs(keys >> (_HASH_BITS - bits))
        depth[np.repeat(ends - begins <= _LEAF_SIZE, ends - begins)] = bits
    begins, ends = _find_runs((keys >> (_HASH_BITS - depth)) * (_HASH_BITS + 1) + depth)
    windows = [
        np.arange(begin, end - _LEAF_SIZE // 2, _LEAF_SIZE // 2)
        for begin, end in _oversized_runs(begins, ends)
    ]
    starts = np.concatenate([begins[ends - begins <= _LEAF_SIZE], *windows])
    stops = np.concatenate([ends[ends - begins <= _LEAF_SIZE], *(window + _LEAF_SIZE for window in windows)])
    positions = starts[:, None] + np.arange(_LEAF_SIZE)
    inside = (positions < stops[:, None]) & (positions < len(keys))
    return np.where(inside, positions, -1)


def _find_runs(values: NDArray[np.int64]) -> tuple[Indices, Indices]:
    """Return the begins and ends of the runs of equal values."""
    cuts = np.flatnonzero(np.diff(values)) + 1
    return np.concatenate([[0], cuts]), np.append(cuts, len(values))


def _oversized_runs(begins: Indices, ends: Indices) -> list[tuple[int, int]]:
    oversized = ends - begins > _LEAF_SIZE
    return list(zip(begins[oversized].tolist(), ends[oversized].tolist(), strict=True))


def _pairs_in_leaves(
    vector: NDArray[np.float32], leaves: Indices, min_cosine: float, max_per_shot: int
) -> Indices:
    """Return the pairs within each leaf with at least `min_cosine`; a leaf may hold a shot twice.

    Of leaves whose shots all resemble each other, only the pairs that are among twice `max_per_shot` most
    similar ones of either shot: the others could not be chosen later.
    """
    vectors = vector[leaves]
    cosine = vectors @ vectors.transpose(0, 2, 1)
    different = leaves[:, :, None] != leaves[:, None, :]
    possible = (cosine >= min_cosine) & different & (leaves >= 0)[:, :, None] & (leaves >= 0)[:, None, :]
    kept = 2 * max_per_shot
    crowded = possible.sum(axis=2).max(axis=1, initial=0) > kept
    if crowded.any():
        ranked = np.where(possible[crowded], cosine[crowded], -1)
        least = np.partition(ranked, -kept, axis=2)[:, :, -kept]
        possible[crowded] &= ranked >= np.minimum(least[:, :, None], least[:, None, :])
    leaf, i, j = np.nonzero(possible & (leaves[:, :, None] < leaves[:, None, :]))
    return np.stack([leaves[leaf, i], leaves[leaf, j]], axis=1)


def keep_most_similar(table: ShotTable, pairs: Indices, max_per_shot: int) -> Indices:
    """Keep the pairs that are among the `max_per_shot` most similar ones of either shot."""
    cosine = table.cosine(pairs[:, 0], pairs[:, 1])
    kept = np.zeros(len(pairs), bool)
    for side in (0, 1):
        shots, order = _sort_by_similarity(pairs[:, side], cosine)
        positions = np.arange(len(order))
        begins = np.maximum.accumulate(np.where(np.diff(shots, prepend=-1) > 0, positions, 0))
        kept[order[positions - begins < max_per_shot]] = True
    return pairs[kept]


def _sort_by_similarity(shots: Indices, cosine: NDArray[np.float32]) -> tuple[Indices, Indices]:
    """Return `shots` in order, and the indices that sort them: of each shot the greatest `cosine` first.

    Shot, cosine and index are the bits of one number, since numbers are sorted far faster than rows. The
    cosine gets the bits that are left: 24 for 100,000 shots with 24 pairs each.
    """
    index_bits = len(shots).bit_length()
    cosine_bits = 63 - index_bits - int(shots.max(initial=0)).bit_length()
    distance = np.clip((1 - cosine.astype(np.float64)) / 2, 0, 1) * (2**cosine_bits - 1)
    keys = (shots.astype(np.int64) << cosine_bits) + distance.astype(np.int64)
    keys = np.sort((keys << index_bits) + np.arange(len(shots)))
    return keys >> (index_bits + cosine_bits), keys & (2**index_bits - 1)
