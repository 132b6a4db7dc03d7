"""Figures of merit: accuracy, balanced accuracy, precision, recall, F1, area under the curve, confusion.

A figure that the examples do not define (the precision of a label that was never said, the recall of one that
never occurs) is None, never 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Figures = dict[str, Any]


def binary_figures(truth: NDArray[np.bool_], score: NDArray[np.float64], said: NDArray[np.bool_]) -> Figures:
    """Judge a yes-or-no answer: what is true, the score behind the answer (higher is more yes), the answer.

    Returns n, accuracy, balanced_accuracy, precision, recall, f1, auc, and confusion as the counts
    `true_positive`, `false_positive`, `false_negative`, `true_negative`.
    """
    hits, misses = int((truth & said).sum()), int((truth & ~said).sum())
    alarms, quiet = int((~truth & said).sum()), int((~truth & ~said).sum())
    recall, calm = _share(hits, hits + misses), _share(quiet, quiet + alarms)
    return {
        "n": len(truth),
        "accuracy": _share(hits + quiet, len(truth)),
        "balanced_accuracy": mean([recall, calm]),
        "precision": _share(hits, hits + alarms),
        "recall": recall,
        "f1": _share(2 * hits, 2 * hits + misses + alarms),
        "auc": area_under_curve(truth, score),
        "confusion": {
            "true_positive": hits,
            "false_positive": alarms,
            "false_negative": misses,
            "true_negative": quiet,
        },
    }


def two_sided(
    truth: NDArray[np.bool_], score: NDArray[np.float64], said: NDArray[np.bool_], names: tuple[str, str]
) -> Figures:
    """Judge a yes-or-no answer from both its sides; the overall figures are those of the first name."""
    figures = binary_figures(truth, score, said)
    other = binary_figures(~truth, 1 - score, ~said)
    counts = figures["confusion"]
    confusion = {
        names[0]: {names[0]: counts["true_positive"], names[1]: counts["false_negative"]},
        names[1]: {names[0]: counts["false_positive"], names[1]: counts["true_negative"]},
    }
    per_label = {names[0]: figures, names[1]: other}
    return {**figures, "confusion": confusion, "positive": names[0], "per_label": per_label}


def class_figures(truth: Sequence[str], scores: NDArray[np.float64], classes: Sequence[str]) -> Figures:
    """Judge a choice among classes: the true one, and the score of each `(n, classes)`; the highest is said.

    Overall precision, recall, f1 and auc are means over the labels (macro), each label against all others;
    confusion is `{true: {said: count}}`, `per_label` holds the binary figures of each label.
    """
    true = np.array([classes.index(label) for label in truth], dtype=np.int64)
    said = scores.argmax(axis=1) if len(true) else true
    per_label = {label: binary_figures(true == i, scores[:, i], said == i) for i, label in enumerate(classes)}
    confusion = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(confusion, (true, said), 1)
    rows = {
        label: dict(zip(classes, map(int, row), strict=True))
        for label, row in zip(classes, confusion, strict=True)
    }
    accuracy = _share(int((true == said).sum()), len(true))
    return {
        "n": len(true),
        "accuracy": accuracy,
        **_over_labels(per_label, balanced="recall"),
        "confusion": rows,
    }


def label_figures(
    truth: NDArray[np.bool_], scores: NDArray[np.float64], labels: Sequence[str], limits: Sequence[float]
) -> Figures:
    """Judge several yes-or-no answers per example: truth and scores `(n, labels)`, said where score >= limit.

    Overall figures are means over the labels that occur; accuracy counts every answer, confusion per label.
    """
    said = scores >= np.asarray(limits)
    per_label = {
        label: binary_figures(truth[:, i], scores[:, i], said[:, i]) for i, label in enumerate(labels)
    }
    accuracy = _share(int((truth == said).sum()), truth.size)
    confusion = {label: figures["confusion"] for label, figures in per_label.items()}
    overall = _over_labels(per_label, balanced="balanced_accuracy")
    return {"n": len(truth), "accuracy": accuracy, **overall, "confusion": confusion}


def _over_labels(per_label: dict[str, Figures], *, balanced: str) -> Figures:
    """Average the labels' figures; `balanced` names the one that makes the balanced accuracy."""
    columns = {
        name: mean([figures[name] for figures in per_label.values()])
        for name in ("precision", "recall", "f1", "auc")
    }
    return {
        "balanced_accuracy": mean([figures[balanced] for figures in per_label.values()]),
        **columns,
        "per_label": per_label,
    }


def area_under_curve(truth: NDArray[np.bool_], score: NDArray[np.float64]) -> float | None:
    """P(a true example scores higher than a false one), ties counting half; None where one kind is missing.

    Mann and Whitney's U over the number of pairs.
    """
    yes, no = int(truth.sum()), int((~truth).sum())
    if not yes or not no:
        return None
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * no))


def wilson(share: float | None, n: int, z: float = 1.96) -> tuple[float, float] | None:
    """Give the 95 % interval of a share of `n` examples (Wilson 1927); None where there is no share."""
    if share is None or n == 0:
        return None
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, centre - reach), min(1.0, centre + reach)


def mean(values: Sequence[float | None]) -> float | None:
    """Average the values that there are; None where there are none."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
