"""95 % intervals of figures that are no plain share: balanced accuracy, F1, area under the curve, gaps.

All come from counts, so that few examples and perfect answers have honest intervals too. They hold for
examples that do not depend on each other: tiles of one photo or frames of one clip deserve wider ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt

from autocull.stats.metrics import Figures, mean, wilson

Interval = tuple[float, float]
_Known = tuple[float, Interval]
_Z = 1.96


def intervals_of(figures: Figures) -> dict[str, Interval | None]:
    """Give the interval of accuracy, balanced_accuracy, precision, recall, f1 and auc; None where undefined.

    Takes binary, two-sided, class and label figures. Means over labels take the labels' intervals together as
    if they were independent, which they are not quite.
    """
    if "positive" in figures:
        return intervals_of(figures["per_label"][figures["positive"]])
    if "per_label" not in figures:
        return _of_counts(figures)
    labels = [(label, _of_counts(label)) for label in figures["per_label"].values()]
    classes = "true_positive" not in next(iter(figures["confusion"].values()), {})
    together = {
        name: mean_interval([(own[name], spans[name]) for own, spans in labels])
        for name in ("balanced_accuracy", "precision", "recall", "f1", "auc")
    }
    if classes:
        together["balanced_accuracy"] = together["recall"]
    return {"accuracy": wilson(figures["accuracy"], figures["n"])} | together


def _of_counts(figures: Figures) -> dict[str, Interval | None]:
    """Give the intervals of binary figures."""
    hits, alarms, misses, quiet = (
        figures["confusion"][name]
        for name in ("true_positive", "false_positive", "false_negative", "true_negative")
    )
    recall, calm = share_interval(hits, hits + misses), share_interval(quiet, quiet + alarms)
    sides = [(_share(hits, hits + misses), recall), (_share(quiet, quiet + alarms), calm)]
    return {
        "accuracy": wilson(figures["accuracy"], figures["n"]),
        "balanced_accuracy": mean_interval(sides),
        "precision": share_interval(hits, hits + alarms),
        "recall": recall,
        "f1": f1_interval(hits, alarms, misses),
        "auc": area_interval(figures["auc"], hits + misses, alarms + quiet),
    }


def share_interval(part: int, whole: int) -> Interval | None:
    """Give Wilson's interval of a count; None of nothing."""
    return wilson(_share(part, whole), whole)


def f1_interval(hits: int, alarms: int, misses: int) -> Interval | None:
    """Give the interval of F1: it grows with hits / (hits + alarms + misses), which is a share."""
    span = share_interval(hits, hits + alarms + misses)
    return None if span is None else (2 * span[0] / (1 + span[0]), 2 * span[1] / (1 + span[1]))


def area_interval(area: float | None, yes: int, no: int) -> Interval | None:
    """Give the interval of an area under the curve from `yes` and `no` examples (Newcombe 2006, method 5)."""
    if area is None:
        return None
    grown = (yes + no) / 2 - 1

    def outside(value: float) -> float:
        spread = value * (1 - value) * (1 + grown * ((1 - value) / (2 - value) + value / (1 + value)))
        return (area - value) ** 2 - _Z**2 * spread / (yes * no)

    return _root(outside, 0.0, area), _root(outside, 1.0, area)


def _root(outside: Callable[[float], float], far: float, near: float) -> float:
    """Halve the way between a value outside the interval (or at its end) and one inside, 50 times."""
    for _ in range(50):
        middle = (far + near) / 2
        far, near = (middle, near) if outside(middle) > 0 else (far, middle)
    return far


def mean_interval(values: Sequence[tuple[float | None, Interval | None]]) -> Interval | None:
    """Give the interval of a mean of independent figures (MOVER, Zou and Donner 2008)."""
    known: list[_Known] = [(value, span) for value, span in values if value is not None and span is not None]
    centre = mean([value for value, _ in known])
    if centre is None:
        return None
    below = sqrt(sum((value - low) ** 2 for value, (low, _) in known)) / len(known)
    above = sqrt(sum((high - value) ** 2 for value, (_, high) in known)) / len(known)
    return max(0.0, centre - below), min(1.0, centre + above)


def difference_interval(one: tuple[int, int], other: tuple[int, int]) -> Interval | None:
    """Give the interval of share `one` minus share `other`, each (part, whole) (Newcombe 1998, method 10)."""
    p, q = _share(*one), _share(*other)
    of_p, of_q = share_interval(*one), share_interval(*other)
    if p is None or q is None or of_p is None or of_q is None:
        return None
    below = sqrt((p - of_p[0]) ** 2 + (of_q[1] - q) ** 2)
    above = sqrt((of_p[1] - p) ** 2 + (q - of_q[0]) ** 2)
    return p - q - below, p - q + above


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
