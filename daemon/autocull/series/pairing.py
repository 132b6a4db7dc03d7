"""Ties between two shots: whether they belong together, from two kinds of evidence at least."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Flags, Indices
from autocull.series.alignment import Alignments, align
from autocull.series.candidates import find_pairs_in_time, find_similar_pairs, unique_pairs
from autocull.series.focus_stacks import have_same_focus
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable

_MAX_SIMILAR = 8
"""How many look-alikes of a shot are compared closely."""

MIN_COPY_COSINE = 0.95
"""Cosine of a frame and its copy, at least: small and much compressed ones have 0.99."""

_TIME_ZONE_STEP = 900.0
"""Seconds: time zones differ by whole quarters of an hour."""

_MAX_EXPOSURE_DIFFERENCE = 0.1
_MAX_LIGHT_DIFFERENCE = 0.06

_MIN_MATCHES = 12
"""Patches that must lie where a similarity puts them: by chance some ten do."""

_MIN_OVERLAP = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class LinkedPairs:
    """Pairs of shots that are tied, and how they lie on each other where that was asked.

    `pairs` are of one moment, with their `strength` (cosine). `scene` are pairs that show one scene, moment
    or not: what a set is looked for in. `aligned` are those that were laid on each other and agree, with
    their `alignment`.
    """

    pairs: Indices
    strength: NDArray[np.float32]
    scene: Indices
    aligned: Indices
    alignment: Alignments

    def restrict(self, free: Flags) -> LinkedPairs:
        """Keep the ties between shots that are still `free` (one flag per shot)."""
        linked, scene, aligned = (
            free[pairs[:, 0]] & free[pairs[:, 1]] for pairs in (self.pairs, self.scene, self.aligned)
        )
        alignment = select_alignments(self.alignment, aligned)
        return LinkedPairs(
            self.pairs[linked], self.strength[linked], self.scene[scene], self.aligned[aligned], alignment
        )


def link_pairs(table: ShotTable, settings: GroupingSettings) -> LinkedPairs:
    """Tie the shots that belong together.

    Near in time and alike are two kinds of evidence, and enough. Where one is weak (less alike than a burst,
    later than a burst) or missing (times that cannot be compared), geometry has to stand in for it. Shots of
    two clocks that both run must be as alike as a burst to be asked at all: most of them are of two places.
    """
    in_time = find_pairs_in_time(table, max(settings.gap, settings.set_gap))
    pairs = unique_pairs(
        np.concatenate([in_time, find_similar_pairs(table, settings.doubt, _MAX_SIMILAR)]), len(table)
    )
    first, second = pairs.T
    cosine, clock = table.cosine(first, second), table.same_clock(first, second)
    seconds = table.seconds_between(first, second)
    within_burst_gap, within_set_gap = (
        clock & (seconds <= settings.gap),
        clock & (seconds <= settings.set_gap),
    )
    sure = within_burst_gap & (cosine >= settings.alike)
    plausible = cosine >= np.where(
        within_set_gap | table.lacks_time(first, second), settings.doubt, settings.alike
    )
    aligned, alignment = align_pairs(table, pairs[~sure & (within_set_gap | ~clock) & plausible], settings)
    agreed = np.isin(encode_pairs(pairs, len(table)), encode_pairs(aligned, len(table)))
    linked = sure | (agreed & (within_burst_gap | ~clock))
    scene = sure | agreed | (within_set_gap & (cosine >= settings.alike))
    return LinkedPairs(pairs[linked], cosine[linked], pairs[scene], aligned, alignment)


def align_pairs(table: ShotTable, pairs: Indices, settings: GroupingSettings) -> tuple[Indices, Alignments]:
    """Lay the frames of each pair on each other; returns those pairs that agree, and how they lie."""
    alignment = align(table, pairs)
    agreed = (alignment.agree >= settings.agree) & (alignment.clear >= settings.clear)
    agreed &= alignment.matches >= _MIN_MATCHES
    agreed &= alignment.overlap >= _MIN_OVERLAP
    return pairs[agreed], select_alignments(alignment, agreed)


def select_alignments(alignment: Alignments, indices: Flags | Indices) -> Alignments:
    """Give some of the overlays."""
    return Alignments(*(getattr(alignment, each.name)[indices] for each in fields(Alignments)))


def encode_pairs(pairs: Indices, count: int) -> NDArray[np.int64]:
    """Give each pair of `count` shots a number of its own."""
    return np.asarray(pairs[:, 0].astype(np.int64) * count + pairs[:, 1])


def are_copies(table: ShotTable, first: Indices, second: Indices, settings: GroupingSettings) -> Flags:
    """Say which pairs are the same frame: hash, looks, light, focus and the camera's facts agree."""
    is_copy = table.hash_distance(first, second) <= settings.copy_bits
    is_copy &= table.cosine(first, second) >= MIN_COPY_COSINE
    is_copy &= np.abs(table.light[first] - table.light[second]) <= _MAX_LIGHT_DIFFERENCE
    is_copy &= ~(np.abs(table.exposure[first] - table.exposure[second]) > _MAX_EXPOSURE_DIFFERENCE)
    is_copy &= ~(table.same_clock(first, second) & ~_have_same_time(table, first, second))
    is_copy[is_copy] = have_same_focus(table, first[is_copy], second[is_copy], settings.focus_moved)
    return np.asarray(is_copy)


def are_compatible(
    table: ShotTable, links: LinkedPairs, first: Indices, second: Indices, settings: GroupingSettings
) -> Flags:
    """Say which pairs may be in one burst: alike enough, or laid on each other, and not known to be later."""
    late = table.same_clock(first, second) & (table.seconds_between(first, second) > settings.moment)
    similar = table.cosine(first, second) >= settings.apart
    if not similar.all():
        low, high = np.minimum(first, second), np.maximum(first, second)
        similar |= np.isin(
            encode_pairs(np.stack([low, high], axis=1), len(table)), encode_pairs(links.aligned, len(table))
        )
    return np.asarray(similar & ~late)


def _have_same_time(table: ShotTable, first: Indices, second: Indices) -> Flags:
    """Say whether two times are the same, or the same in another zone."""
    difference: Doubles = np.abs(table.taken[first] - table.taken[second]) % _TIME_ZONE_STEP
    difference = np.minimum(difference, _TIME_ZONE_STEP - difference)
    return np.asarray(difference < 0.001)
