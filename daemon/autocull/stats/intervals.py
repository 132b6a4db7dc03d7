"""95 % confidence intervals of metrics: shares, balanced accuracy, F1, area under the curve, differences.

All are computed from counts, so that they stay valid for few samples and for perfect predictions. They assume
independent samples: for tiles of one photo or frames of one clip the true intervals are wider.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from typing import Any, NamedTuple

from autocull.stats.metrics import (
    OVERALL,
    BinaryMetrics,
    LabelMetrics,
    MultilabelMetrics,
    TwoClassMetrics,
    mean,
    ratio,
)

_Z = 1.96


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """A count `n` of `of` samples."""

    n: int
    of: int

    @property
    def share(self) -> float | None:
        """The share (0-1); None where there are no samples."""
        return ratio(self.n, self.of)

    @property
    def interval(self) -> Interval | None:
        """Wilson's interval of the share; None where there are no samples."""
        return share_interval(self.n, self.of)

    def to_json(self) -> dict[str, Any]:
        """Return counts, share and interval as they are stored in reports."""
        return {"n": self.n, "of": self.of, "share": self.share, "interval": self.interval}


def compute_intervals(metrics: BinaryMetrics | LabelMetrics) -> dict[str, Interval | None]:
    """Return the interval of each overall metric by its name; None where the metric is undefined.

    Intervals of means over labels assume that the labels are independent, which they are only approximately.
    """
    if isinstance(metrics, BinaryMetrics):
        return _binary_intervals(metrics)
    if isinstance(metrics, TwoClassMetrics):
        return _binary_intervals(metrics.per_label[metrics.positive])
    labels = [(label, _binary_intervals(label)) for label in metrics.per_label.values()]
    intervals = {
        name: mean_interval([(label.overall()[name], own[name]) for label, own in labels]) for name in OVERALL
    }
    intervals["accuracy"] = wilson_interval(metrics.accuracy, metrics.n)
    if not isinstance(metrics, MultilabelMetrics):
        intervals["balanced_accuracy"] = intervals["recall"]
    return intervals


def _binary_intervals(metrics: BinaryMetrics) -> dict[str, Interval | None]:
    counts = metrics.confusion
    hits, correct_negatives = counts.true_positive, counts.true_negative
    recall = share_interval(hits, counts.positives)
    specificity = share_interval(correct_negatives, counts.negatives)
    return {
        "accuracy": wilson_interval(metrics.accuracy, metrics.n),
        "balanced_accuracy": mean_interval(
            [(metrics.recall, recall), (ratio(correct_negatives, counts.negatives), specificity)]
        ),
        "precision": share_interval(hits, hits + counts.false_positive),
        "recall": recall,
        "f1": f1_interval(hits, counts.false_positive, counts.false_negative),
        "auc": area_interval(metrics.auc, counts.positives, counts.negatives),
    }


def wilson_interval(share: float | None, n: int) -> Interval | None:
    """Return the interval of a share of `n` samples (Wilson 1927); None where there is no share."""
    if share is None or n == 0:
        return None
    centre = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half_width = _Z * sqrt(share * (1 - share) / n + _Z**2 / (4 * n * n)) / (1 + _Z**2 / n)
    return Interval(max(0.0, centre - half_width), min(1.0, centre + half_width))


def share_interval(count: int, total: int) -> Interval | None:
    """Return Wilson's interval of `count` of `total`; None where `total` is 0."""
    return wilson_interval(ratio(count, total), total)


def f1_interval(hits: int, false_alarms: int, misses: int) -> Interval | None:
    """Return the interval of F1, which is a monotonic function of the share hits / (hits + errors)."""
    interval = share_interval(hits, hits + false_alarms + misses)
    if interval is None:
        return None
    return Interval(2 * interval.low / (1 + interval.low), 2 * interval.high / (1 + interval.high))


def area_interval(area: float | None, positives: int, negatives: int) -> Interval | None:
    """Return the interval of an area under the curve (Newcombe 2006, method 5).

    `positives` and `negatives` are the numbers of samples of each kind.
    """
    if area is None:
        return None
    half_size = (positives + negatives) / 2 - 1

    def excess(value: float) -> float:
        spread = value * (1 - value) * (1 + half_size * ((1 - value) / (2 - value) + value / (1 + value)))
        return (area - value) ** 2 - _Z**2 * spread / (positives * negatives)

    return Interval(_bisect(excess, 0.0, area), _bisect(excess, 1.0, area))


def _bisect(excess: Callable[[float], float], far: float, near: float) -> float:
    """Bisect 50 times between a value outside the interval (`far`) and one inside (`near`)."""
    for _ in range(50):
        middle = (far + near) / 2
        far, near = (middle, near) if excess(middle) > 0 else (far, middle)
    return far


def mean_interval(values: Sequence[tuple[float | None, Interval | None]]) -> Interval | None:
    """Return the interval of a mean of independent metrics (MOVER, Zou and Donner 2008)."""
    estimates = [
        (value, interval) for value, interval in values if value is not None and interval is not None
    ]
    centre = mean([value for value, _ in estimates])
    if centre is None:
        return None
    below = sqrt(sum((value - interval.low) ** 2 for value, interval in estimates)) / len(estimates)
    above = sqrt(sum((interval.high - value) ** 2 for value, interval in estimates)) / len(estimates)
    return Interval(max(0.0, centre - below), min(1.0, centre + above))


def difference_interval(first: Proportion, second: Proportion) -> Interval | None:
    """Return the interval of the share `first` minus the share `second` (Newcombe 1998, method 10)."""
    p, q = first.share, second.share
    p_interval, q_interval = first.interval, second.interval
    if p is None or q is None or p_interval is None or q_interval is None:
        return None
    below = sqrt((p - p_interval.low) ** 2 + (q_interval.high - q) ** 2)
    above = sqrt((p_interval.high - p) ** 2 + (q - q_interval.low) ** 2)
    return Interval(p - q - below, p - q + above)


def largest_count_within(share: float, total: int, confidence: float) -> int:
    """Return the largest count of `total` whose exact upper bound is at most `share`; -1 if there is none.

    The bound is one-sided (Clopper and Pearson 1934): if the true share is `share`, a count of at most this
    size has a probability of at most 1 - `confidence`. Pure Python, as the base install has no SciPy.
    """
    if not 0 < share < 1:
        return total if share >= 1 and total else -1
    count, tail = -1, 0.0
    while count < total:
        tail += _binomial_probability(count + 1, total, share)
        if tail > 1 - confidence:
            break
        count += 1
    return count


def _binomial_probability(count: int, total: int, share: float) -> float:
    log_ways = lgamma(total + 1) - lgamma(count + 1) - lgamma(total - count + 1)
    return exp(log_ways + count * log(share) + (total - count) * log1p(-share))
