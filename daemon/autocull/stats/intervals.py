"""95 % confidence intervals of metrics: shares, balanced accuracy, F1, area under the curve, differences.

All are computed from counts, so that they stay valid for few samples and for perfect predictions. They assume
independent samples: for tiles of one photo or frames of one clip the true intervals are wider.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp, lgamma, log, log1p, sqrt

from autocull.stats.metrics import Metrics, mean, wilson_interval

Interval = tuple[float, float]
_Estimate = tuple[float, Interval]
_Z = 1.96


def compute_intervals(metrics: Metrics) -> dict[str, Interval | None]:
    """Return the interval of each overall metric (accuracy to auc); None where the metric is undefined.

    Takes binary, two-sided, multiclass and multilabel metrics. Intervals of means over labels assume that the
    labels are independent, which they are only approximately.
    """
    if "positive" in metrics:
        return compute_intervals(metrics["per_label"][metrics["positive"]])
    if "per_label" not in metrics:
        return _binary_intervals(metrics)
    labels = [(label, _binary_intervals(label)) for label in metrics["per_label"].values()]
    multiclass = "true_positive" not in next(iter(metrics["confusion"].values()), {})
    joint = {
        name: mean_interval([(binary[name], spans[name]) for binary, spans in labels])
        for name in ("balanced_accuracy", "precision", "recall", "f1", "auc")
    }
    if multiclass:
        joint["balanced_accuracy"] = joint["recall"]
    return {"accuracy": wilson_interval(metrics["accuracy"], metrics["n"])} | joint


def _binary_intervals(metrics: Metrics) -> dict[str, Interval | None]:
    """Return the intervals of binary metrics."""
    tp, fp, fn, tn = (
        metrics["confusion"][name]
        for name in ("true_positive", "false_positive", "false_negative", "true_negative")
    )
    recall, specificity = share_interval(tp, tp + fn), share_interval(tn, tn + fp)
    sides = [(_share(tp, tp + fn), recall), (_share(tn, tn + fp), specificity)]
    return {
        "accuracy": wilson_interval(metrics["accuracy"], metrics["n"]),
        "balanced_accuracy": mean_interval(sides),
        "precision": share_interval(tp, tp + fp),
        "recall": recall,
        "f1": f1_interval(tp, fp, fn),
        "auc": area_interval(metrics["auc"], tp + fn, fp + tn),
    }


def share_interval(count: int, total: int) -> Interval | None:
    """Return Wilson's interval of `count` of `total`; None where `total` is 0."""
    return wilson_interval(_share(count, total), total)


def f1_interval(tp: int, fp: int, fn: int) -> Interval | None:
    """Return the interval of F1, which is a monotonic function of the share tp / (tp + fp + fn)."""
    span = share_interval(tp, tp + fp + fn)
    return None if span is None else (2 * span[0] / (1 + span[0]), 2 * span[1] / (1 + span[1]))


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

    return _bisect(excess, 0.0, area), _bisect(excess, 1.0, area)


def _bisect(excess: Callable[[float], float], far: float, near: float) -> float:
    """Bisect 50 times between a value outside the interval (`far`) and one inside (`near`)."""
    for _ in range(50):
        middle = (far + near) / 2
        far, near = (middle, near) if excess(middle) > 0 else (far, middle)
    return far


def mean_interval(values: Sequence[tuple[float | None, Interval | None]]) -> Interval | None:
    """Return the interval of a mean of independent metrics (MOVER, Zou and Donner 2008)."""
    estimates: list[_Estimate] = [
        (value, span) for value, span in values if value is not None and span is not None
    ]
    centre = mean([value for value, _ in estimates])
    if centre is None:
        return None
    below = sqrt(sum((value - low) ** 2 for value, (low, _) in estimates)) / len(estimates)
    above = sqrt(sum((high - value) ** 2 for value, (_, high) in estimates)) / len(estimates)
    return max(0.0, centre - below), min(1.0, centre + above)


def difference_interval(first: tuple[int, int], second: tuple[int, int]) -> Interval | None:
    """Return the interval of share `first` minus share `second`, each (count, total).

    Newcombe 1998, method 10.
    """
    p, q = _share(*first), _share(*second)
    p_interval, q_interval = share_interval(*first), share_interval(*second)
    if p is None or q is None or p_interval is None or q_interval is None:
        return None
    below = sqrt((p - p_interval[0]) ** 2 + (q_interval[1] - q) ** 2)
    above = sqrt((p_interval[1] - p) ** 2 + (q - q_interval[0]) ** 2)
    return p - q - below, p - q + above


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


def _share(count: int, total: int) -> float | None:
    return count / total if total else None
