"""Metrics of binary, multiclass and multilabel predictions: accuracy, precision, recall, F1, AUC, confusion.

A metric that the samples do not define (the precision of a label that was never predicted, the recall of one
that never occurs) is None, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Metrics = dict[str, Any]


def binary_metrics(
    truth: NDArray[np.bool_], score: NDArray[np.float64], predicted: NDArray[np.bool_]
) -> Metrics:
    """Compute the metrics of a binary prediction from truth, score (higher is more positive) and prediction.

    Returns n, accuracy, balanced_accuracy, precision, recall, f1, auc, and confusion as the counts
    `true_positive`, `false_positive`, `false_negative`, `true_negative`.
    """
    hits, misses = int((truth & predicted).sum()), int((truth & ~predicted).sum())
    false_alarms, true_negatives = int((~truth & predicted).sum()), int((~truth & ~predicted).sum())
    recall, specificity = _share(hits, hits + misses), _share(true_negatives, true_negatives + false_alarms)
    return {
        "n": len(truth),
        "accuracy": _share(hits + true_negatives, len(truth)),
        "balanced_accuracy": mean([recall, specificity]),
        "precision": _share(hits, hits + false_alarms),
        "recall": recall,
        "f1": _share(2 * hits, 2 * hits + misses + false_alarms),
        "auc": area_under_curve(truth, score),
        "confusion": {
            "true_positive": hits,
            "false_positive": false_alarms,
            "false_negative": misses,
            "true_negative": true_negatives,
        },
    }


def two_sided_metrics(
    truth: NDArray[np.bool_], score: NDArray[np.float64], predicted: NDArray[np.bool_], names: tuple[str, str]
) -> Metrics:
    """Compute the metrics of a binary prediction for each of its two labels; the first one's are overall."""
    metrics = binary_metrics(truth, score, predicted)
    negative_metrics = binary_metrics(~truth, 1 - score, ~predicted)
    counts = metrics["confusion"]
    confusion = {
        names[0]: {names[0]: counts["true_positive"], names[1]: counts["false_negative"]},
        names[1]: {names[0]: counts["false_positive"], names[1]: counts["true_negative"]},
    }
    per_label = {names[0]: metrics, names[1]: negative_metrics}
    return {**metrics, "confusion": confusion, "positive": names[0], "per_label": per_label}


def multiclass_metrics(truth: Sequence[str], scores: NDArray[np.float64], classes: Sequence[str]) -> Metrics:
    """Compute the metrics of a choice among classes; the highest of `scores` `(n, classes)` is predicted.

    Overall precision, recall, f1 and auc are means over the labels (macro), each label against all others;
    confusion is `{true: {predicted: count}}`, `per_label` holds the binary metrics of each label.
    """
    true = np.array([classes.index(label) for label in truth], dtype=np.int64)
    predicted = scores.argmax(axis=1) if len(true) else true
    per_label = {
        label: binary_metrics(true == i, scores[:, i], predicted == i) for i, label in enumerate(classes)
    }
    confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(confusion, (true, predicted), 1)
    rows = {
        label: dict(zip(classes, map(int, row), strict=True))
        for label, row in zip(classes, confusion, strict=True)
    }
    accuracy = _share(int((true == predicted).sum()), len(true))
    return {
        "n": len(true),
        "accuracy": accuracy,
        **_average_over_labels(per_label, balanced="recall"),
        "confusion": rows,
    }


def multilabel_metrics(
    truth: NDArray[np.bool_], scores: NDArray[np.float64], labels: Sequence[str], limits: Sequence[float]
) -> Metrics:
    """Compute the metrics of several labels per sample from truth and scores `(n, labels)`.

    A label is predicted where its score is at least its limit. Overall metrics are means over the labels for
    which they are defined; accuracy counts every label of every sample, confusion is per label.
    """
    predicted = scores >= np.asarray(limits)
    per_label = {
        label: binary_metrics(truth[:, i], scores[:, i], predicted[:, i]) for i, label in enumerate(labels)
    }
    accuracy = _share(int((truth == predicted).sum()), truth.size)
    confusion = {label: metrics["confusion"] for label, metrics in per_label.items()}
    overall = _average_over_labels(per_label, balanced="balanced_accuracy")
    return {"n": len(truth), "accuracy": accuracy, **overall, "confusion": confusion}


def _average_over_labels(per_label: dict[str, Metrics], *, balanced: str) -> Metrics:
    """Average the labels' metrics; `balanced` names the one whose mean is the balanced accuracy."""
    columns = {
        name: mean([metrics[name] for metrics in per_label.values()])
        for name in ("precision", "recall", "f1", "auc")
    }
    return {
        "balanced_accuracy": mean([metrics[balanced] for metrics in per_label.values()]),
        **columns,
        "per_label": per_label,
    }


def area_under_curve(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float | None:
    """Return the area under the ROC curve; None where one kind is missing.

    It is the probability that a positive sample scores higher than a negative one, equal scores counting
    half: Mann and Whitney's U over the number of pairs.
    """
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def wilson_interval(share: float | None, n: int, z: float = 1.96) -> tuple[float, float] | None:
    """Return the 95 % interval of a share of `n` samples (Wilson 1927); None where there is no share."""
    if share is None or n == 0:
        return None
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half_width = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - half_width), min(1.0, centre + half_width)


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are not None; None where there are none."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def _share(count: int, total: int) -> float | None:
    return count / total if total else None
