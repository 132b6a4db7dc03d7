"""The statistics, which need NumPy alone, compared with scikit-learn and SciPy."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats as scipy_stats
from sklearn import metrics as sklearn_metrics

from autocull import stats
from autocull.stats.calibration import log_loss, probabilities
from autocull.stats.intervals import largest_count_within, share_interval
from autocull.stats.metrics import (
    area_under_curve,
    average_precision,
    binary_metrics,
    multiclass_metrics,
    multilabel_metrics,
)

RNG = np.random.default_rng(11)
TRUTH = RNG.random(200) < 0.3
SCORE = np.round(np.clip(RNG.normal(0.3 + 0.3 * TRUTH, 0.2), 0, 1), 1)  # with equal scores
CLASSES = ("cat", "dog", "owl")


def test_stats_need_numpy_alone() -> None:
    """The installation without the extra "train" has neither SciPy nor scikit-learn."""
    allowed = {"numpy", "lazy_loader", "autocull", *sys.stdlib_module_names}
    for file in Path(stats.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert {name.partition(".")[0] for name in names} <= allowed, file
            assert all(
                name.startswith(("autocull.arrays", "autocull.stats")) for name in names if "autocull" in name
            )


def test_binary_metrics_equal_scikit_learns() -> None:
    """All of them, on scores with equal values."""
    predicted = SCORE > 0.4
    metrics = binary_metrics(TRUTH, SCORE, predicted)
    tn, fp, fn, tp = sklearn_metrics.confusion_matrix(TRUTH, predicted).ravel()
    assert metrics.confusion.positives == tp + fn
    assert metrics.confusion.false_positive == fp
    assert metrics.confusion.true_negative == tn
    assert metrics.overall() == pytest.approx(
        {
            "accuracy": sklearn_metrics.accuracy_score(TRUTH, predicted),
            "balanced_accuracy": sklearn_metrics.balanced_accuracy_score(TRUTH, predicted),
            "precision": sklearn_metrics.precision_score(TRUTH, predicted),
            "recall": sklearn_metrics.recall_score(TRUTH, predicted),
            "f1": sklearn_metrics.f1_score(TRUTH, predicted),
            "auc": sklearn_metrics.roc_auc_score(TRUTH, SCORE),
        }
    )


def test_ranking_metrics_equal_scikit_learns() -> None:
    """Area under the ROC curve and average precision, with equal scores."""
    assert area_under_curve(TRUTH, SCORE) == pytest.approx(sklearn_metrics.roc_auc_score(TRUTH, SCORE))
    expected = sklearn_metrics.average_precision_score(TRUTH, SCORE)
    assert average_precision(TRUTH, SCORE) == pytest.approx(expected)


def test_multiclass_metrics_equal_scikit_learns() -> None:
    """Macro averages, and the confusion of true and predicted classes."""
    scores = RNG.dirichlet(np.ones(3), 90)
    truth = [CLASSES[index] for index in RNG.integers(0, 3, 90)]
    predicted = [CLASSES[index] for index in scores.argmax(axis=1)]
    metrics = multiclass_metrics(truth, scores, CLASSES)
    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(
        truth, predicted, average="macro"
    )
    assert (metrics.precision, metrics.recall, metrics.f1) == pytest.approx((precision, recall, f1))
    assert metrics.balanced_accuracy == pytest.approx(recall)
    assert metrics.auc == pytest.approx(
        sklearn_metrics.roc_auc_score(truth, scores, multi_class="ovr", labels=CLASSES)
    )
    confusion = sklearn_metrics.confusion_matrix(truth, predicted, labels=CLASSES)
    assert [list(row.values()) for row in metrics.confusion.values()] == confusion.tolist()


def test_multilabel_metrics_equal_scikit_learns() -> None:
    """Macro averages over labels that do not exclude each other."""
    truth, scores = RNG.random((60, 3)) < 0.4, RNG.random((60, 3))
    metrics = multilabel_metrics(truth, scores, CLASSES, (0.5, 0.5, 0.5))
    precision, recall, f1, _ = sklearn_metrics.precision_recall_fscore_support(
        truth, scores >= 0.5, average="macro"
    )
    assert (metrics.precision, metrics.recall, metrics.f1) == pytest.approx((precision, recall, f1))
    assert metrics.auc == pytest.approx(sklearn_metrics.roc_auc_score(truth, scores))


def test_log_loss_equals_scikit_learns() -> None:
    """Of softmax probabilities against one class per sample."""
    logits = RNG.normal(0, 2, (50, 3)).astype(np.float32)
    classes = RNG.integers(0, 3, 50)
    expected = sklearn_metrics.log_loss(classes, probabilities(logits, "one_of"), labels=range(3))
    assert log_loss(logits, np.eye(3, dtype=np.float32)[classes], "one_of", 1.0) == pytest.approx(expected)


@pytest.mark.parametrize(("count", "total"), [(0, 7), (3, 10), (56, 70), (9, 9)])
def test_wilson_interval_equals_scipys(count: int, total: int) -> None:
    """But for the quantile, which is rounded to 1.96."""
    expected = scipy_stats.binomtest(count, total).proportion_ci(method="wilson")
    assert share_interval(count, total) == pytest.approx((expected.low, expected.high), abs=1e-5)


@pytest.mark.parametrize(("share", "total"), [(0.02, 300), (0.1, 45), (0.4, 1000)])
def test_exact_bound_equals_scipys(share: float, total: int) -> None:
    """The one-sided bound of the largest count is within the share, that of the next count is not."""
    count = largest_count_within(share, total, 0.9)

    def upper_bound(count: int) -> float:
        return float(scipy_stats.binomtest(count, total, alternative="less").proportion_ci(0.9, "exact").high)

    assert upper_bound(count) <= share < upper_bound(count + 1)
