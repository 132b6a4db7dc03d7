"""How well an order ranks selects above rejects within a shoot, and a bootstrap comparison of two orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from autocull.arrays import Doubles, Flags, Integers
from autocull.stats.metrics import area_under_curve

MIN_SHOOTS_COMPARED = 5
"""The fewest shoots with selects and rejects from which an interval is meaningful."""

_RESAMPLES = 4000
_TAIL_PERCENT = 2.5  # percent on each side of a 95 % interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two orders of the same photos, compared on `shoots` shoots.

    `taste` and `plain` are the probability (0-1) that a select comes before a reject of the same shoot;
    `lead` is their difference.
    """

    taste: Estimate
    plain: Estimate
    lead: Estimate
    shoots: int

    @property
    def wins(self) -> bool:
        """Whether the taste is significantly better than the plain ensemble and than chance."""
        return self.shoots >= MIN_SHOOTS_COMPARED and self.taste.low > 0.5 and self.lead.low > 0


def compare(
    selected: Flags, shoot: Integers, taste_score: Doubles, plain_score: Doubles, seed: int = 0
) -> Comparison:
    """Compare two orders by resampling whole shoots (Efron 1979): photos of one shoot are not independent.

    Each select is compared with the rejects of its own shoot, as in culling; every select has the same
    weight. Shoots with only selects or only rejects are left out.
    """
    rows = np.array(
        list(_compare_per_shoot(selected, shoot, taste_score, plain_score)), dtype=np.float64
    ).reshape(-1, 3)
    if not len(rows):
        undefined = Estimate(0.5, 0.0, 1.0)
        return Comparison(undefined, undefined, Estimate(0.0, -1.0, 1.0), 0)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=_RESAMPLES)
    selects = rows[:, 2]
    sums = weights @ np.column_stack([rows[:, :2] * selects[:, None], selects])
    resampled = sums[:, :2] / sums[:, 2:]
    means = (rows[:, :2] * selects[:, None]).sum(axis=0) / selects.sum()
    return Comparison(
        taste=_percentile_interval(float(means[0]), resampled[:, 0]),
        plain=_percentile_interval(float(means[1]), resampled[:, 1]),
        lead=_percentile_interval(float(means[0] - means[1]), resampled[:, 0] - resampled[:, 1]),
        shoots=len(rows),
    )


def pairwise_accuracy(selected: Flags, shoot: Integers, order: Doubles) -> float:
    """Return the probability (0-1) that a select comes before a reject of its shoot; 0.5 without any pair."""
    rows = list(_compare_per_shoot(selected, shoot, order, order))
    return sum(row[0] * row[2] for row in rows) / sum(row[2] for row in rows) if rows else 0.5


def _compare_per_shoot(
    selected: Flags, shoot: Integers, taste_score: Doubles, plain_score: Doubles
) -> Iterator[tuple[float, float, int]]:
    for number in np.unique(shoot):
        in_shoot = shoot == number
        taste_auc = area_under_curve(selected[in_shoot], taste_score[in_shoot])
        plain_auc = area_under_curve(selected[in_shoot], plain_score[in_shoot])
        if taste_auc is not None and plain_auc is not None:
            yield taste_auc, plain_auc, int(selected[in_shoot].sum())


def _percentile_interval(value: float, resampled: Doubles) -> Estimate:
    low, high = np.percentile(resampled, [_TAIL_PERCENT, 100 - _TAIL_PERCENT])
    return Estimate(value, float(low), float(high))
