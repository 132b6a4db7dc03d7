"""Linked pairs of shots of one series, each by at least two kinds of evidence, and compatible pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autocull.arrays import Doubles, Flags, Indices
from autocull.series.alignment import Alignments, align_pairs
from autocull.series.candidates import are_among, find_candidates, keep_most_similar
from autocull.series.model import GroupingSettings
from autocull.series.timeline import ShotTable
from autocull.series.views import are_promising, compare_views

QUICK_GAP = 1.0
"""Seconds between two similar frames within which nobody walks around the subject."""

_MIN_SHIFT, _MAX_LIGHT_DIFFERENCE = 0.15, 1.5
"""Long sides and EV: frames that are aligned with less shift and differ more in light must show one view."""

_MAX_VIEW_GAP = 600.0
"""Seconds between two frames of one view up to which they may be of one set: exposures are set by hand."""

_MAX_ALIGNED = 4
"""Most similar shots of a shot that are aligned with it: in a shoot of one scene all shots are similar."""

_LATE_NEIGHBOURS = 2
"""Following shots that are compared although they are later than in a series: a chain of them is enough."""

_EQUAL_LIGHT = 0.35
"""Difference in brightness (EV) below which frames that are linked for certain are equally light."""


@dataclass(frozen=True, slots=True, eq=False)
class LinkedPairs:
    """Linked pairs of shots, and the alignment of those that needed one.

    `pairs` are of one moment, with their `strength` (cosine). `scene` are pairs that show one scene, of one
    moment or not, and `light` how much more of it (EV) the first has; sets are found among them.
    `alignments` are the reliable ones of the pairs that needed one.
    """

    pairs: Indices
    strength: NDArray[np.float32]
    scene: Indices
    light: Doubles
    alignments: Alignments

    def restrict(self, free: Flags) -> LinkedPairs:
        """Return the links between shots that are still `free` (one flag per shot)."""
        linked, scene, aligned = (
            free[pairs[:, 0]] & free[pairs[:, 1]] for pairs in (self.pairs, self.scene, self.alignments.pairs)
        )
        return LinkedPairs(
            self.pairs[linked],
            self.strength[linked],
            self.scene[scene],
            self.light[scene],
            self.alignments.select(aligned),
        )


def link_pairs(table: ShotTable, settings: GroupingSettings) -> LinkedPairs:
    """Link pairs of shots of one series: find candidates, then align those whose evidence is weak.

    Time and similarity are two kinds of evidence, and enough. Where one is weak (less similar or later than
    in a burst) or missing (times that cannot be compared), alignment must replace it. Shots of two running
    clocks must be as similar as in a burst to be aligned at all: most of them are of two places. Similar
    frames more than a second apart must show one view or be aligned: the camera may have walked on.
    """
    pairs = find_candidates(table, settings, _MAX_VIEW_GAP)
    first, second = pairs.T
    cosine, same_clock = table.cosine(first, second), table.same_clock(first, second)
    seconds = table.seconds_between(first, second)
    within_gap, within_set_gap = (same_clock & (seconds <= gap) for gap in (settings.gap, settings.set_gap))
    similar = cosine >= settings.alike
    certain = within_gap & similar
    quick = certain & _are_in_quick_run(table, pairs)
    lenient = within_set_gap | table.lacks_time(first, second)
    plausible = (within_set_gap | ~same_clock) & (cosine >= np.where(lenient, settings.doubt, settings.alike))
    neighbours = within_set_gap | ((second - first <= _LATE_NEIGHBOURS) & (seconds <= _MAX_VIEW_GAP))
    comparable = (same_clock & neighbours) | table.lacks_time(first, second)
    light: Doubles = table.brightness[first] - table.brightness[second]
    compared = comparable & ~(quick & (np.abs(light) < _EQUAL_LIGHT))
    light[quick & ~compared] = 0.0
    unclear = compared & ~similar
    compared[unclear] = are_promising(table, pairs[unclear])
    one_view = _compare_light(table, pairs, compared, light)
    weak = pairs[plausible & ~quick & ~(certain & one_view)]
    alignments = align_pairs(table, keep_most_similar(table, weak, _MAX_ALIGNED), settings)
    contradicted = pairs[~one_view & (np.abs(light) > _MAX_LIGHT_DIFFERENCE)]
    alignments = _drop_contradicted(alignments, contradicted, len(table))
    aligned = are_among(pairs, alignments.pairs, len(table))
    one_view |= _compare_light(table, pairs, aligned & comparable & ~compared, light)
    certain &= quick | one_view | aligned
    linked = certain | (aligned & (within_gap | ~same_clock))
    scene = certain | one_view | (within_set_gap & (aligned | similar))
    return LinkedPairs(pairs[linked], cosine[linked], pairs[scene], light[scene], alignments)


def _drop_contradicted(alignments: Alignments, pairs: Indices, count: int) -> Alignments:
    """Drop the alignments with hardly a shift of `pairs` that do not show one view, and differ in light."""
    rests = np.abs(alignments.shift) < _MIN_SHIFT
    return alignments.select(~(rests & are_among(alignments.pairs, pairs, count)))


def _are_in_quick_run(table: ShotTable, pairs: Indices) -> Flags:
    """Return which pairs have no pause between any neighbours from the first to the second."""
    everyone = np.arange(len(table))
    pauses = ~(table.seconds_between(everyone[:-1], everyone[1:]) <= QUICK_GAP)
    count = np.concatenate([[0], np.cumsum(pauses)])
    return np.asarray(count[pairs[:, 0]] == count[pairs[:, 1]])


def _compare_light(table: ShotTable, pairs: Indices, compared: Flags, light: Doubles) -> Flags:
    """Compare the views of some pairs, and set their `light`; returns which of all pairs show one view."""
    views = compare_views(table, pairs[compared])
    one_view = np.zeros(len(pairs), bool)
    one_view[compared] = views.are_one()
    light[compared] = views.light
    return one_view


def are_compatible(
    table: ShotTable, links: LinkedPairs, first: Indices, second: Indices, settings: GroupingSettings
) -> Flags:
    """Return which pairs may be in one burst: similar or aligned, and not later by the same clock."""
    late = table.same_clock(first, second) & (table.seconds_between(first, second) > settings.moment)
    similar = table.cosine(first, second) >= settings.apart
    if not similar.all():
        similar |= are_among(np.stack([first, second], axis=1), links.alignments.pairs, len(table))
    return np.asarray(similar & ~late)
