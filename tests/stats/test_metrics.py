"""Metrics against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autocull.stats.metrics import (
    BinaryCounts,
    area_under_curve,
    average_precision,
    binary_metrics,
    mean,
    multiclass_metrics,
    multilabel_metrics,
    two_class_metrics,
)


def test_binary_metrics() -> None:
    """3 of 4 positives found, 1 false alarm among 6 negatives: every metric by hand."""
    truth = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], dtype=bool)
    score = np.array([0.9, 0.8, 0.7, 0.2, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1])
    metrics = binary_metrics(truth, score, score > 0.5)
    assert metrics.n == 10
    assert metrics.accuracy == pytest.approx(0.8)
    assert metrics.balanced_accuracy == pytest.approx((3 / 4 + 5 / 6) / 2)
    assert metrics.precision == pytest.approx(3 / 4)
    assert metrics.recall == pytest.approx(3 / 4)
    assert metrics.f1 == pytest.approx(3 / 4)
    assert metrics.auc == pytest.approx(23 / 24)
    assert metrics.confusion == BinaryCounts(
        true_positive=3, false_positive=1, false_negative=1, true_negative=5
    )


def test_undefined_metrics_are_none() -> None:
    """Without positives there is no recall and no area; without positive predictions no precision."""
    truth, score = np.zeros(3, dtype=bool), np.zeros(3)
    metrics = binary_metrics(truth, score, score > 1)
    assert metrics.accuracy == 1.0
    assert metrics.balanced_accuracy == 1.0
    assert (metrics.precision, metrics.recall, metrics.f1, metrics.auc) == (None,) * 4
    empty = binary_metrics(truth[:0], score[:0], truth[:0])
    assert (empty.n, empty.accuracy, empty.balanced_accuracy) == (0, None, None)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=1, max_size=40),
)
def test_area_is_the_share_of_ordered_pairs(samples: list[tuple[bool, int]]) -> None:
    """Of (positive, negative) pairs, the share that the score orders correctly; equal scores count half."""
    truth, score = (np.array(column) for column in zip(*samples, strict=True))
    pairs = [np.sign(a - b) / 2 + 0.5 for a in score[truth] for b in score[~truth]]
    area = area_under_curve(truth, score.astype(float))
    assert area is None if not pairs else area == pytest.approx(np.mean(pairs))


def test_average_precision_is_the_mean_at_each_positive() -> None:
    """1/1 and 2/3 in order; equal scores share their precision; without positives it is undefined."""
    truth = np.array([True, False, True, False])
    assert average_precision(truth, np.array([4.0, 3, 2, 1])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(truth, np.zeros(4)) == 0.5
    assert average_precision(np.zeros(2, dtype=bool), np.zeros(2)) is None


def test_two_class_metrics() -> None:
    """Overall metrics are those of the first label; each label has metrics, and the confusion both."""
    truth, score = np.array([1, 1, 0, 0, 0], bool), np.array([0.9, 0.2, 0.8, 0.1, 0.1])
    metrics = two_class_metrics(truth, score, score > 0.5, ("closed", "open"))
    assert metrics.overall() == metrics.per_label["closed"].overall()
    assert metrics.per_label["open"].recall == pytest.approx(2 / 3)
    assert metrics.per_label["open"].auc == metrics.auc
    assert metrics.confusion == {"closed": {"closed": 1, "open": 1}, "open": {"closed": 1, "open": 2}}


def test_multiclass_metrics() -> None:
    """Overall metrics are means over the labels; the confusion counts true and predicted labels."""
    scores = np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    metrics = multiclass_metrics(["cat", "cat", "dog", "owl"], scores, ("cat", "dog", "owl"))
    assert metrics.n == 4
    assert metrics.accuracy == pytest.approx(3 / 4)
    assert metrics.balanced_accuracy == pytest.approx((1 / 2 + 1 + 1) / 3)
    assert metrics.precision == pytest.approx((1 + 1 / 2 + 1) / 3)
    assert metrics.confusion["cat"] == {"cat": 1, "dog": 1, "owl": 0}
    assert metrics.per_label["dog"].precision == pytest.approx(1 / 2)
    assert metrics.per_label["owl"].auc == 1.0


def test_metrics_of_no_samples_are_none() -> None:
    """As for a manifest of which no photo could be read."""
    metrics = multiclass_metrics([], np.zeros((0, 2)), ("cat", "dog"))
    assert (metrics.n, metrics.accuracy, metrics.auc) == (0, None, None)


def test_multilabel_metrics() -> None:
    """Each label has its own limit; accuracy counts every label of every sample."""
    truth = np.array([[1, 0], [0, 1], [0, 0]], dtype=bool)
    scores = np.array([[0.9, 0.6], [0.2, 0.9], [0.1, 0.4]])
    metrics = multilabel_metrics(truth, scores, ("dark", "noise"), (0.5, 0.5))
    assert metrics.n == 3
    assert metrics.accuracy == pytest.approx(5 / 6)
    assert metrics.auc == 1.0
    assert metrics.per_label["noise"].confusion.false_positive == 1
    raised = multilabel_metrics(truth, scores, ("dark", "noise"), (0.5, 0.7))
    assert raised.accuracy == 1.0


def test_mean_leaves_out_none() -> None:
    """None does not count as 0."""
    assert mean([1.0, None, 0.5]) == 0.75
    assert mean([None]) is None
