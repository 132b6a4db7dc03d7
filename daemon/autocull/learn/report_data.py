"""What a lesson looks like as figures to draw: all of it on shoots that the judging heads had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from autocull.arrays import Doubles, Flags
from autocull.learn.training import Lesson
from autocull.stats.calibration import reliability
from autocull.stats.ranking import found_first
from autocull.taste.features import GROUPS, NAMES

SIGNALS: Mapping[str, str] = MappingProxyType(
    {
        "eyes": "Open eyes",
        "people": "People, and how they are turned",
        "focus": "Sharpness",
        "light": "Light",
        "defects": "Faults",
        "category": "Kind of picture",
        "looks": "What it looks like",
        "series": "Place in its series",
    }
)
"""The groups of features, as a photographer would call them."""

_POINTS = 60


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Going down an order: at each of some points the `recall` reached (0-1), the `precision` (0-1) of what
    was looked at, and the share of all photos that was `looked` at (0-1).
    """

    recall: Doubles
    precision: Doubles
    looked: Doubles

    def looked_at(self, recall: float) -> float:
        """Give the share of photos (0-1) to look at until so much of the selects is found."""
        return float(self.looked[np.searchsorted(self.recall, recall - 1e-9)])


def curve(selected: Flags, order: Doubles) -> Curve:
    """Go down an order, equals together, best first."""
    _, place = np.unique(-order, return_inverse=True)
    hits = np.cumsum(np.bincount(place, weights=selected))
    seen = np.cumsum(np.bincount(place))
    return Curve(hits / hits[-1], hits / seen, seen / len(order))


def thinned(found: Curve) -> Curve:
    """Keep some sixty points of a curve, its ends among them."""
    kept = np.unique(np.linspace(0, len(found.recall) - 1, _POINTS).round().astype(int))
    return Curve(found.recall[kept], found.precision[kept], found.looked[kept])


def bins(lesson: Lesson) -> list[tuple[float, float, int]]:
    """Group the photos by probability: (mean probability, share selected, count) of each tenth."""
    return reliability(lesson.blind, lesson.examples.selected.astype(np.float64))


def signals(lesson: Lesson, seed: int = 0) -> list[tuple[str, float]]:
    """Say how much worse the order becomes without each group of features, the most missed first.

    Permutation importance (Breiman 2001): a group's values are exchanged between photos of one shoot, and the
    chance that a select comes before a reject is measured again, on heads that had not seen the shoot.
    """
    examples, heads = lesson.examples, lesson.profile.heads
    rows = np.arange(len(examples))
    exchanged = _exchanged(examples.shoot, np.random.default_rng(seed))

    def order(seen: Doubles) -> float:
        logits = heads.logits(seen.astype(np.float32))[rows, lesson.fold]
        return found_first(examples.selected, examples.shoot, logits.astype(np.float64))

    whole, lost = order(examples.seen.astype(np.float64)), []
    for group, names in GROUPS.items():
        columns = [NAMES.index(name) for name in names]
        without = examples.seen.astype(np.float64)
        without[:, columns] = without[exchanged][:, columns]
        lost.append((group, whole - order(without)))
    return sorted(lost, key=lambda each: -each[1])


def _exchanged(shoot: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator) -> list[int]:
    """Give each photo another one of its shoot."""
    found = np.arange(len(shoot))
    for number in np.unique(shoot):
        here = np.flatnonzero(shoot == number)
        found[here] = rng.permutation(here)
    return found.tolist()


def disagreements(lesson: Lesson, count: int) -> tuple[list[int], list[int]]:
    """Name the selects of the lowest and the rejects of the highest probability, so many each at most."""
    chosen, order = lesson.examples.selected, np.argsort(lesson.blind, kind="stable")
    low = [int(row) for row in order if chosen[row]][:count]
    high = [int(row) for row in order[::-1] if not chosen[row]][:count]
    return low, high
