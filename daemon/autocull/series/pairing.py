"""Linked pairs of shots of one series, each by at least two kinds of evidence; copies and compatibility."""

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
"""Most similar shots of a shot that become candidate pairs with it."""

MIN_COPY_COSINE = 0.95
"""Least cosine of a frame and its copy: small and strongly compressed copies have 0.99."""

_TIME_ZONE_STEP = 900.0
"""Seconds: time zones differ by whole quarters of an hour."""

_MAX_TIME_DIFFERENCE = 0.001
"""Seconds up to which the times of copies are equal: files hold milliseconds."""

_MAX_EXPOSURE_DIFFERENCE = 0.1
"""EV up to which the exposures of copies are equal: less than the third of a step, which cameras offer."""

_MAX_LIGHT_DIFFERENCE = 0.06
"""Difference of the median luma (0-1) up to which copies are equally light: compression changes it less."""

_MIN_MATCHES = 12
"""Least number of inliers of an aligned pair: unrelated frames reach about ten by chance."""

_MIN_OVERLAP = 0.15
"""Least share (0-1) of a frame that the other shows too: of less, hardly a block of patches is visible."""


@dataclass(frozen=True, slots=True, eq=False)
class LinkedPairs:
    """Linked pairs of shots, and the alignment of those that needed one.

    `pairs` are of one moment, with their `strength` (cosine). `scene` are pairs that show one scene, of one
    moment or not; brackets are found among them. `aligned` are the pairs whose alignment is reliable, and
    `alignment` holds their transforms.
    """

    pairs: Indices
    strength: NDArray[np.float32]
    scene: Indices
    aligned: Indices
    alignment: Alignments

    def restrict(self, free: Flags) -> LinkedPairs:
        """Return the links between shots that are still `free` (one flag per shot)."""
        linked, scene, aligned = (
            free[pairs[:, 0]] & free[pairs[:, 1]] for pairs in (self.pairs, self.scene, self.aligned)
        )
        alignment = select_alignments(self.alignment, aligned)
        return LinkedPairs(
            self.pairs[linked], self.strength[linked], self.scene[scene], self.aligned[aligned], alignment
        )


def link_pairs(table: ShotTable, settings: GroupingSettings) -> LinkedPairs:
    """Link pairs of shots of one series.

    Time and similarity are two kinds of evidence, and enough. Where one is weak (less similar or later than
    in a burst) or missing (times that cannot be compared), alignment must replace it. Shots of two running
    clocks must be as similar as in a burst to be aligned at all: most of them are of two places.
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
    """Align the frames of each pair; returns the pairs with a reliable alignment, and their transforms."""
    alignment = align(table, pairs)
    agreed = (alignment.agree >= settings.agree) & (alignment.clear >= settings.clear)
    agreed &= alignment.matches >= _MIN_MATCHES
    agreed &= alignment.overlap >= _MIN_OVERLAP
    return pairs[agreed], select_alignments(alignment, agreed)


def select_alignments(alignment: Alignments, indices: Flags | Indices) -> Alignments:
    """Return some of the alignments."""
    return Alignments(*(getattr(alignment, each.name)[indices] for each in fields(Alignments)))


def encode_pairs(pairs: Indices, count: int) -> NDArray[np.int64]:
    """Return a number for each pair of `count` shots, a different one for every pair."""
    return np.asarray(pairs[:, 0].astype(np.int64) * count + pairs[:, 1])


def are_copies(table: ShotTable, first: Indices, second: Indices, settings: GroupingSettings) -> Flags:
    """Return which pairs are the same frame: hash, embedding, light, exposure, time and focus are equal."""
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
    """Return which pairs may be in one burst: similar or aligned, and not later by the same clock."""
    late = table.same_clock(first, second) & (table.seconds_between(first, second) > settings.moment)
    similar = table.cosine(first, second) >= settings.apart
    if not similar.all():
        low, high = np.minimum(first, second), np.maximum(first, second)
        similar |= np.isin(
            encode_pairs(np.stack([low, high], axis=1), len(table)), encode_pairs(links.aligned, len(table))
        )
    return np.asarray(similar & ~late)


def _have_same_time(table: ShotTable, first: Indices, second: Indices) -> Flags:
    """Return whether two times are equal, or equal in another time zone."""
    difference: Doubles = np.abs(table.taken[first] - table.taken[second]) % _TIME_ZONE_STEP
    difference = np.minimum(difference, _TIME_ZONE_STEP - difference)
    return np.asarray(difference < _MAX_TIME_DIFFERENCE)
