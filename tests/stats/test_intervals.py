"""Intervals: around the figure, narrower with more examples, wide where there are few, true in simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.stats.intervals import (
    area_interval,
    compute_intervals,
    difference_interval,
    f1_interval,
    mean_interval,
    share_interval,
)
from autocull.stats.metrics import (
    area_under_curve,
    binary_metrics,
    multiclass_metrics,
    multilabel_metrics,
    two_sided_metrics,
    wilson_interval,
)

NAMES = {"accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc"}
counts = st.integers(0, 60)


@given(counts, counts, counts)
def test_f1_lies_in_its_interval(hits: int, alarms: int, misses: int) -> None:
    """And more examples of the same make it narrower; nothing at all has none."""
    span = f1_interval(hits, alarms, misses)
    if not hits + alarms + misses:
        assert span is None
        return
    assert span is not None
    assert 0 <= span[0] <= 2 * hits / (2 * hits + alarms + misses) + 1e-12
    assert span[1] <= 1
    more = f1_interval(10 * hits, 10 * alarms, 10 * misses)
    assert more is not None
    assert more[1] - more[0] < span[1] - span[0]


@given(st.floats(0, 1), st.integers(1, 80), st.integers(1, 80))
def test_an_area_lies_in_its_interval(area: float, yes: int, no: int) -> None:
    """Whatever the area and the numbers."""
    span = area_interval(area, yes, no)
    assert span is not None
    assert 0 <= span[0] <= area <= span[1] <= 1


def test_a_perfect_area_of_few_is_not_sure() -> None:
    """Six of six in order say less than sixty; the other side of one is its mirror image."""
    few, many = area_interval(1.0, 6, 6), area_interval(1.0, 60, 60)
    assert few is not None
    assert many is not None
    assert few[0] < 0.85 < 0.95 < many[0]
    assert (few[1], many[1]) == (1.0, 1.0)
    mirrored = area_interval(0.0, 6, 6)
    assert mirrored == pytest.approx((0.0, 1 - few[0]))
    assert area_interval(None, 0, 6) is None


def test_the_interval_of_an_area_holds_the_truth() -> None:
    """Of 400 draws from two normal curves whose area is 0.921, about 95 % of the intervals hold that."""
    rng, truth = np.random.default_rng(3), np.repeat([True, False], [20, 40])
    held = 0
    for _ in range(400):
        area = area_under_curve(truth, rng.normal(size=60) + 2.0 * truth)
        span = area_interval(area, 20, 40)
        assert span is not None
        held += span[0] <= 0.9214 <= span[1]
    assert 0.92 <= held / 400 <= 0.99


def test_the_mean_of_independent_figures() -> None:
    """Of one figure it is that figure's; of two alike it is narrower; unknown ones are left out."""
    one = share_interval(30, 40)
    assert mean_interval([(0.75, one)]) == pytest.approx(one)
    assert mean_interval([(0.75, one), (None, None)]) == pytest.approx(one)
    both = mean_interval([(0.75, one), (0.75, one)])
    assert one is not None
    assert both is not None
    assert one[0] < both[0] < 0.75 < both[1] < one[1]
    assert mean_interval([(None, None)]) is None


def test_a_difference_is_chance_or_not() -> None:
    """Newcombe's own example (56/70 against 48/80); few examples hold 0; none say nothing."""
    assert difference_interval((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    few = difference_interval((5, 5), (3, 5))
    assert few is not None
    assert few[0] < 0 < few[1]
    assert difference_interval((1, 2), (0, 0)) is None


def test_every_kind_of_figures_has_its_intervals() -> None:
    """Binary, two-sided, class and label figures: each figure lies in its interval."""
    rng = np.random.default_rng(5)
    truth = rng.random(80) < 0.4
    score = np.clip(rng.normal(0.4 + 0.3 * truth, 0.2), 0, 1)
    names, both = ["a" if each else "b" for each in truth], np.column_stack([score, 1 - score])
    for figures in (
        binary_metrics(truth, score, score > 0.5),
        two_sided_metrics(truth, score, score > 0.5, ("yes", "no")),
        multiclass_metrics(names, both, ("a", "b")),
        multilabel_metrics(np.column_stack([truth, ~truth]), both, ("a", "b"), (0.5, 0.5)),
    ):
        spans = compute_intervals(figures)
        assert set(spans) == NAMES
        for name in NAMES:
            span = spans[name]
            assert span is not None
            assert span[0] < figures[name] < span[1], name


def test_the_overall_interval_is_the_positive_sides() -> None:
    """A two-sided answer's precision is that of its first name."""
    truth, score = np.array([1, 1, 0, 0, 0], bool), np.array([0.9, 0.2, 0.8, 0.1, 0.1])
    figures = two_sided_metrics(truth, score, score > 0.5, ("closed", "open"))
    assert compute_intervals(figures)["precision"] == wilson_interval(0.5, 2)
    nothing = two_sided_metrics(truth[:0], score[:0], score[:0] > 0.5, ("closed", "open"))
    assert set(compute_intervals(nothing).values()) == {None}
