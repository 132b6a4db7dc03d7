"""Confidence intervals: they contain the metric, shrink with more samples, and have the stated coverage."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.stats.intervals import (
    Proportion,
    area_interval,
    compute_intervals,
    difference_interval,
    f1_interval,
    largest_count_within,
    mean_interval,
    share_interval,
    wilson_interval,
)
from autocull.stats.metrics import (
    area_under_curve,
    binary_metrics,
    multiclass_metrics,
    multilabel_metrics,
    two_class_metrics,
)

NAMES = {"accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc"}
counts = st.integers(0, 60)


@given(counts, counts, counts)
def test_f1_is_within_its_interval(hits: int, false_alarms: int, misses: int) -> None:
    """Ten times the counts make it narrower; no counts have no interval."""
    interval = f1_interval(hits, false_alarms, misses)
    if not hits + false_alarms + misses:
        assert interval is None
        return
    assert interval is not None
    assert 0 <= interval[0] <= 2 * hits / (2 * hits + false_alarms + misses) + 1e-12
    assert interval[1] <= 1
    more = f1_interval(10 * hits, 10 * false_alarms, 10 * misses)
    assert more is not None
    assert more[1] - more[0] < interval[1] - interval[0]


@given(st.floats(0, 1), st.integers(1, 80), st.integers(1, 80))
def test_area_is_within_its_interval(area: float, positives: int, negatives: int) -> None:
    """For every area and numbers of samples."""
    interval = area_interval(area, positives, negatives)
    assert interval is not None
    assert 0 <= interval[0] <= area <= interval[1] <= 1


def test_perfect_area_of_few_samples_is_uncertain() -> None:
    """The interval of six samples is wider than that of sixty; that of area 0 is the mirror image."""
    few, many = area_interval(1.0, 6, 6), area_interval(1.0, 60, 60)
    assert few is not None
    assert many is not None
    assert few[0] < 0.85 < 0.95 < many[0]
    assert (few[1], many[1]) == (1.0, 1.0)
    mirrored = area_interval(0.0, 6, 6)
    assert mirrored == pytest.approx((0.0, 1 - few[0]))
    assert area_interval(None, 0, 6) is None


def test_area_interval_has_the_stated_coverage() -> None:
    """About 95 % of the intervals of 400 samples from two normal distributions contain their area, 0.921."""
    rng, truth = np.random.default_rng(3), np.repeat([True, False], [20, 40])
    covered = 0
    for _ in range(400):
        area = area_under_curve(truth, rng.normal(size=60) + 2.0 * truth)
        interval = area_interval(area, 20, 40)
        assert interval is not None
        covered += interval[0] <= 0.9214 <= interval[1]
    assert 0.92 <= covered / 400 <= 0.99


def test_wilson_interval() -> None:
    """The published interval of 8 of 10; it stays within 0 and 1 and shrinks with n."""
    low, high = wilson_interval(0.8, 10) or (0.0, 0.0)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson_interval(1.0, 20) == (pytest.approx(0.839, abs=1e-3), 1.0)
    narrow = wilson_interval(0.8, 1000) or (0.0, 1.0)
    assert narrow[1] - narrow[0] < 0.06
    assert wilson_interval(None, 10) is None
    assert wilson_interval(0.5, 0) is None


def test_interval_of_a_mean() -> None:
    """Of one metric it is that metric's; of two equal ones it is narrower; undefined ones are left out."""
    one = share_interval(30, 40)
    assert mean_interval([(0.75, one)]) == pytest.approx(one)
    assert mean_interval([(0.75, one), (None, None)]) == pytest.approx(one)
    joint = mean_interval([(0.75, one), (0.75, one)])
    assert one is not None
    assert joint is not None
    assert one[0] < joint[0] < 0.75 < joint[1] < one[1]
    assert mean_interval([(None, None)]) is None


def test_interval_of_a_difference() -> None:
    """Newcombe's example (56/70 against 48/80); few samples include 0; no samples have no interval."""
    assert difference_interval(Proportion(56, 70), Proportion(48, 80)) == pytest.approx(
        (0.0524, 0.3339), abs=1e-4
    )
    few = difference_interval(Proportion(5, 5), Proportion(3, 5))
    assert few is not None
    assert few[0] < 0 < few[1]
    assert difference_interval(Proportion(1, 2), Proportion(0, 0)) is None


def test_every_kind_of_metrics_has_intervals() -> None:
    """Each binary, two-sided, multiclass and multilabel metric is within its interval."""
    rng = np.random.default_rng(5)
    truth = rng.random(80) < 0.4
    score = np.clip(rng.normal(0.4 + 0.3 * truth, 0.2), 0, 1)
    names, scores = ["a" if each else "b" for each in truth], np.column_stack([score, 1 - score])
    for metrics in (
        binary_metrics(truth, score, score > 0.5),
        two_class_metrics(truth, score, score > 0.5, ("yes", "no")),
        multiclass_metrics(names, scores, ("a", "b")),
        multilabel_metrics(np.column_stack([truth, ~truth]), scores, ("a", "b"), (0.5, 0.5)),
    ):
        intervals = compute_intervals(metrics)
        assert set(intervals) == NAMES
        for name in NAMES:
            interval = intervals[name]
            assert interval is not None
            assert interval.low < metrics.overall()[name] < interval.high, name


def test_overall_interval_is_that_of_the_positive_label() -> None:
    """The overall precision of two-sided metrics is that of the first label."""
    truth, score = np.array([1, 1, 0, 0, 0], bool), np.array([0.9, 0.2, 0.8, 0.1, 0.1])
    metrics = two_class_metrics(truth, score, score > 0.5, ("closed", "open"))
    assert compute_intervals(metrics)["precision"] == wilson_interval(0.5, 2)
    empty = two_class_metrics(truth[:0], score[:0], score[:0] > 0.5, ("closed", "open"))
    assert set(compute_intervals(empty).values()) == {None}


@pytest.mark.parametrize(("total", "share", "count"), [
    (113, 0.02, -1), (114, 0.02, 0), (193, 0.02, 0), (194, 0.02, 1), (21, 0.1, -1), (22, 0.1, 0),
    (0, 0.5, -1), (0, 1.0, -1), (9, 1.0, 9), (9, 0.0, -1), (900, 0.5, 430),
])  # fmt: skip
def test_largest_count_is_within_the_exact_bound(total: int, share: float, count: int) -> None:
    """The binomial tail of the count is at most 10 %, and that of the next count is more."""
    assert largest_count_within(share, total, 0.9) == count
    if 0 < share < 1:
        chances = [comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(count + 2)]
        assert sum(chances[:-1]) <= 0.1
        assert sum(chances) > 0.1 or count == total
