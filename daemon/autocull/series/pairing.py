"""Linked pairs of shots of one series, each by at least two kinds of evidence; copies and compatibility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Flags, Indices
from autocull.series.alignment import Alignments, align_pairs
from autocull.series.candidates import are_among, find_candidates, find_similar_pairs
from autocull.series.focus_stacks import have_same_focus
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable, have_other_file_numbers

_MAX_COPIES = 12
"""Most similar shots of a shot that are compared with it as possible copies."""

_COPY_HASH_TABLES = 8
"""Hash tables in the search for copies: at their high cosine few tables miss hardly any."""

_MIN_COPY_COSINE = 0.95
"""Least cosine of a frame and its copy: small and strongly compressed copies have 0.99."""

_TIME_ZONE_STEP = 900.0
"""Seconds: time zones differ by whole quarters of an hour."""

_MAX_TIME_DIFFERENCE = 0.001
"""Seconds up to which the times of copies are equal: files hold milliseconds."""

_MAX_EXPOSURE_DIFFERENCE = 0.1
"""EV up to which the exposures of copies are equal: less than the third of a step, which cameras offer."""

_MAX_LIGHT_DIFFERENCE = 0.06
"""Difference of the median luma (0-1) up to which copies are equally light: compression changes it less."""


@dataclass(frozen=True, slots=True, eq=False)
class LinkedPairs:
    """Linked pairs of shots, and the alignment of those that needed one.

    `pairs` are of one moment, with their `strength` (cosine). `scene` are pairs that show one scene, of one
    moment or not; brackets are found among them. `alignments` are the reliable ones of the pairs that needed
    one.
    """

    pairs: Indices
    strength: NDArray[np.float32]
    scene: Indices
    alignments: Alignments

    def restrict(self, free: Flags) -> LinkedPairs:
        """Return the links between shots that are still `free` (one flag per shot)."""
        linked, scene, aligned = (
            free[pairs[:, 0]] & free[pairs[:, 1]] for pairs in (self.pairs, self.scene, self.alignments.pairs)
        )
        return LinkedPairs(
            self.pairs[linked], self.strength[linked], self.scene[scene], self.alignments.select(aligned)
        )


def link_pairs(table: ShotTable, settings: GroupingSettings) -> LinkedPairs:
    """Link pairs of shots of one series: find candidates, then align those whose evidence is weak.

    Time and similarity are two kinds of evidence, and enough. Where one is weak (less similar or later than
    in a burst) or missing (times that cannot be compared), alignment must replace it. Shots of two running
    clocks must be as similar as in a burst to be aligned at all: most of them are of two places.
    """
    pairs = find_candidates(table, settings)
    first, second = pairs.T
    cosine, same_clock = table.cosine(first, second), table.same_clock(first, second)
    seconds = table.seconds_between(first, second)
    within_gap, within_set_gap = (same_clock & (seconds <= gap) for gap in (settings.gap, settings.set_gap))
    similar = cosine >= settings.alike
    certain = within_gap & similar
    lenient = within_set_gap | table.lacks_time(first, second)
    plausible = (within_set_gap | ~same_clock) & (cosine >= np.where(lenient, settings.doubt, settings.alike))
    alignments = align_pairs(table, pairs[plausible & ~certain], settings)
    aligned = are_among(pairs, alignments.pairs, len(table))
    linked = certain | (aligned & (within_gap | ~same_clock))
    scene = certain | aligned | (within_set_gap & similar)
    return LinkedPairs(pairs[linked], cosine[linked], pairs[scene], alignments)


def link_copies(table: ShotTable, settings: GroupingSettings) -> tuple[Indices, NDArray[np.float32]]:
    """Return the pairs of copies of one frame, and their strength (cosine)."""
    pairs = find_similar_pairs(table, _MIN_COPY_COSINE, _MAX_COPIES, _COPY_HASH_TABLES)
    first, second = pairs.T
    copies = are_copies(table, first, second, settings)
    return pairs[copies], table.cosine(first[copies], second[copies])


def are_copies(table: ShotTable, first: Indices, second: Indices, settings: GroupingSettings) -> Flags:
    """Return which pairs are the same frame: hash, embedding, light, exposure, time and focus are equal.

    Within a second a burst of a camera without sub-seconds is equal in all of these, and so are the
    renderings that some cameras store of one exposure: their file numbers tell them apart.
    """
    is_copy = table.hash_distance(first, second) <= settings.copy_bits
    is_copy &= table.cosine(first, second) >= _MIN_COPY_COSINE
    is_copy &= np.abs(table.light[first] - table.light[second]) <= _MAX_LIGHT_DIFFERENCE
    is_copy &= ~(table.exposure_difference(first, second) > _MAX_EXPOSURE_DIFFERENCE)
    is_copy &= ~(table.same_clock(first, second) & ~_have_same_time(table, first, second))
    is_copy[is_copy] = ~_have_other_numbers(table, first[is_copy], second[is_copy])
    is_copy[is_copy] = have_same_focus(table, first[is_copy], second[is_copy], settings.focus_moved)
    return np.asarray(is_copy)


def are_compatible(
    table: ShotTable, links: LinkedPairs, first: Indices, second: Indices, settings: GroupingSettings
) -> Flags:
    """Return which pairs may be in one burst: similar or aligned, and not later by the same clock."""
    late = table.same_clock(first, second) & (table.seconds_between(first, second) > settings.moment)
    similar = table.cosine(first, second) >= settings.apart
    if not similar.all():
        similar |= are_among(np.stack([first, second], axis=1), links.alignments.pairs, len(table))
    return np.asarray(similar & ~late)


def _have_other_numbers(table: ShotTable, first: Indices, second: Indices) -> Flags:
    names = [shot.path.name for shot in table.shots]
    pairs = zip(first.tolist(), second.tolist(), strict=True)
    return np.array([have_other_file_numbers(names[a], names[b]) for a, b in pairs], bool)


def _have_same_time(table: ShotTable, first: Indices, second: Indices) -> Flags:
    """Return whether two times are equal, or equal in another time zone."""
    difference: Doubles = np.abs(table.taken[first] - table.taken[second]) % _TIME_ZONE_STEP
    difference = np.minimum(difference, _TIME_ZONE_STEP - difference)
    return np.asarray(difference < _MAX_TIME_DIFFERENCE)
