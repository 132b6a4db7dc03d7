"""What a lesson looks like as figures to draw: all of it on shoots that the judging heads had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from autocull.arrays import Doubles, Flags
from autocull.learn.training import TrainedTaste
from autocull.stats.calibration import reliability
from autocull.stats.ranking import pairwise_accuracy
from autocull.taste.features import GROUPS, NAMES

GROUP_TITLES: Mapping[str, str] = MappingProxyType(
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
class RecallCurve:
    """Going down an order: at each of some points the `recall` reached (0-1), the `precision` (0-1) of what
    was looked at, and the share of all photos that was `viewed_share` at (0-1).
    """

    recall: Doubles
    precision: Doubles
    viewed_share: Doubles

    def viewed_share_at(self, recall: float) -> float:
        """Give the share of photos (0-1) to look at until so much of the selects is found."""
        return float(self.viewed_share[np.searchsorted(self.recall, recall - 1e-9)])


def compute_curve(selected: Flags, order: Doubles) -> RecallCurve:
    """Go down an order, equals together, best first."""
    _, rank = np.unique(-order, return_inverse=True)
    hits = np.cumsum(np.bincount(rank, weights=selected))
    viewed = np.cumsum(np.bincount(rank))
    return RecallCurve(hits / hits[-1], hits / viewed, viewed / len(order))


def thin_curve(full_curve: RecallCurve) -> RecallCurve:
    """Keep some sixty points of a curve, its ends among them."""
    indices = np.unique(np.linspace(0, len(full_curve.recall) - 1, _POINTS).round().astype(int))
    return RecallCurve(
        full_curve.recall[indices], full_curve.precision[indices], full_curve.viewed_share[indices]
    )


def compute_bins(trained: TrainedTaste) -> list[tuple[float, float, int]]:
    """Group the photos by probability: (mean probability, share selected, count) of each tenth."""
    return reliability(trained.oof_probability, trained.examples.selected.astype(np.float64))


def compute_importance(trained: TrainedTaste, seed: int = 0) -> list[tuple[str, float]]:
    """Say how much worse the order becomes without each group of features, the most missed first.

    Permutation importance (Breiman 2001): a group's values are exchanged between photos of one shoot, and the
    chance that a select comes before a reject is measured again, on heads that had not seen the shoot.
    """
    examples, heads = trained.examples, trained.profile.heads
    rows = np.arange(len(examples))
    permutation = _permute_within_shoots(examples.shoot, np.random.default_rng(seed))

    def compute_accuracy(features: Doubles) -> float:
        logits = heads.logits(features.astype(np.float32))[rows, trained.fold]
        return pairwise_accuracy(examples.selected, examples.shoot, logits.astype(np.float64))

    full_accuracy, losses = compute_accuracy(examples.features.astype(np.float64)), []
    for group, names in GROUPS.items():
        columns = [NAMES.index(name) for name in names]
        permuted = examples.features.astype(np.float64)
        permuted[:, columns] = permuted[permutation][:, columns]
        losses.append((group, full_accuracy - compute_accuracy(permuted)))
    return sorted(losses, key=lambda each: -each[1])


def _permute_within_shoots(
    shoot: np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator
) -> list[int]:
    """Give each photo another one of its shoot."""
    permutation = np.arange(len(shoot))
    for number in np.unique(shoot):
        rows = np.flatnonzero(shoot == number)
        permutation[rows] = rng.permutation(rows)
    return permutation.tolist()


def find_disagreements(trained: TrainedTaste, count: int) -> tuple[list[int], list[int]]:
    """Name the selects of the lowest and the rejects of the highest probability, so many each at most."""
    selected, order = trained.examples.selected, np.argsort(trained.oof_probability, kind="stable")
    low = [int(row) for row in order if selected[row]][:count]
    high = [int(row) for row in order[::-1] if not selected[row]][:count]
    return low, high
