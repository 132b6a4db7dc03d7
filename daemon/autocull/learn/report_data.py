"""Data of the report about a taste: recall curves, calibration, feature importance, all out-of-fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from autocull.arrays import Doubles, Flags
from autocull.learn.training import TrainedTaste
from autocull.stats import pairwise_accuracy, reliability
from autocull.taste import GROUPS, NAMES

GROUP_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "eyes": "Open eyes",
        "people": "People and their poses",
        "focus": "Sharpness",
        "light": "Light",
        "defects": "Faults",
        "category": "Kind of picture",
        "looks": "Appearance",
        "series": "Position in its series",
    }
)
"""Titles of the groups of features."""

_POINTS = 60


@dataclass(frozen=True, slots=True, eq=False)
class RecallCurve:
    """Recall, precision and share of photos viewed (0-1 each) at points down a ranking, best photos first."""

    recall: Doubles
    precision: Doubles
    viewed_share: Doubles

    def viewed_share_at(self, recall: float) -> float:
        """Return the share of photos (0-1) to view until `recall` (0-1) of the selects is found."""
        return float(self.viewed_share[np.searchsorted(self.recall, recall - 1e-9)])


def compute_curve(selected: Flags, order: Doubles) -> RecallCurve:
    """Compute the curve of a ranking, highest `order` first; equal values count as one step."""
    _, rank = np.unique(-order, return_inverse=True)
    hits = np.cumsum(np.bincount(rank, weights=selected))
    viewed = np.cumsum(np.bincount(rank))
    return RecallCurve(hits / hits[-1], hits / viewed, viewed / len(order))


def thin_curve(full_curve: RecallCurve) -> RecallCurve:
    """Return at most 60 points of a curve, including both ends."""
    indices = np.unique(np.linspace(0, len(full_curve.recall) - 1, _POINTS).round().astype(int))
    return RecallCurve(
        full_curve.recall[indices], full_curve.precision[indices], full_curve.viewed_share[indices]
    )


def compute_bins(trained: TrainedTaste) -> list[tuple[float, float, int]]:
    """Return (mean probability, share selected, count) of the photos in each tenth of probability."""
    return reliability(trained.oof_probability, trained.examples.selected.astype(np.float64))


def compute_importance(trained: TrainedTaste, seed: int = 0) -> list[tuple[str, float]]:
    """Return how much pairwise accuracy each group of features adds, most important group first.

    Permutation importance (Breiman 2001): a group's values are permuted among the photos of each shoot, and
    the chance that a select ranks above a reject is computed again, out-of-fold.
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
    """Return a permutation of the photos that keeps each within its shoot."""
    permutation = np.arange(len(shoot))
    for number in np.unique(shoot):
        rows = np.flatnonzero(shoot == number)
        permutation[rows] = rng.permutation(rows)
    return permutation.tolist()


def find_disagreements(trained: TrainedTaste, count: int) -> tuple[list[int], list[int]]:
    """Return the rows of the `count` selects of lowest, and of the rejects of highest probability."""
    selected, order = trained.examples.selected, np.argsort(trained.oof_probability, kind="stable")
    low = [int(row) for row in order if selected[row]][:count]
    high = [int(row) for row in order[::-1] if not selected[row]][:count]
    return low, high
