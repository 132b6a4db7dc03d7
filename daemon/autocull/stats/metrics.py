"""Metrics of binary, multiclass and multilabel predictions: accuracy, precision, recall, F1, AUC, confusion.

A metric that the samples do not define (the precision of a label that was never predicted, the recall of one
that never occurs) is None, never 0. Only NumPy is needed, since learning and the evaluation of fixtures work
without the extra "train".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from autocull.arrays import Doubles, Flags

OVERALL = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc")
"""The names of the overall metrics, in the order of tables."""

Confusion = Mapping[str, Mapping[str, int]]
"""Numbers of samples by true label, then by predicted label."""


@dataclass(frozen=True, slots=True)
class BinaryCounts:
    """The confusion of a binary prediction: numbers of samples by prediction and truth."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def positives(self) -> int:
        """The number of samples that are truly positive."""
        return self.true_positive + self.false_negative

    @property
    def negatives(self) -> int:
        """The number of samples that are truly negative."""
        return self.false_positive + self.true_negative


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """What all kinds of metrics have: the number of samples and the overall metrics (0-1, or None)."""

    n: int
    accuracy: float | None
    balanced_accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None

    def overall(self) -> dict[str, float | None]:
        """Return the overall metrics by name."""
        return {name: getattr(self, name) for name in OVERALL}

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in reports."""
        return {"n": self.n, **self.overall()}


@dataclass(frozen=True, kw_only=True)
class BinaryMetrics(Metrics):
    """Metrics of a binary prediction, or of one label against all others."""

    confusion: BinaryCounts

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in reports."""
        return super().to_json() | {"confusion": asdict(self.confusion)}


@dataclass(frozen=True, kw_only=True)
class LabelMetrics(Metrics):
    """Metrics of predictions of several labels, with the binary metrics of each."""

    per_label: Mapping[str, BinaryMetrics]

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in reports."""
        per_label = {label: metrics.to_json() for label, metrics in self.per_label.items()}
        return super().to_json() | {"per_label": per_label}


@dataclass(frozen=True, kw_only=True)
class TwoClassMetrics(LabelMetrics):
    """Metrics of a choice between two labels; overall metrics are those of the label `positive`."""

    positive: str
    confusion: Confusion

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in reports."""
        return super().to_json() | {"positive": self.positive, "confusion": self.confusion}


@dataclass(frozen=True, kw_only=True)
class MulticlassMetrics(LabelMetrics):
    """Metrics of a choice among classes; precision, recall, F1 and AUC are means over the classes (macro)."""

    confusion: Confusion

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in reports."""
        return super().to_json() | {"confusion": self.confusion}


@dataclass(frozen=True, kw_only=True)
class MultilabelMetrics(LabelMetrics):
    """Metrics of labels that do not exclude each other; overall metrics are means over the labels."""

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in reports."""
        confusion = {label: asdict(metrics.confusion) for label, metrics in self.per_label.items()}
        return super().to_json() | {"confusion": confusion}


def binary_metrics(truth: Flags, score: Doubles, predicted: Flags) -> BinaryMetrics:
    """Compute the metrics of a binary prediction; a higher `score` is more positive."""
    counts = BinaryCounts(
        true_positive=int((truth & predicted).sum()),
        false_positive=int((~truth & predicted).sum()),
        false_negative=int((truth & ~predicted).sum()),
        true_negative=int((~truth & ~predicted).sum()),
    )
    hits, errors = counts.true_positive, counts.false_positive + counts.false_negative
    recall, specificity = ratio(hits, counts.positives), ratio(counts.true_negative, counts.negatives)
    return BinaryMetrics(
        n=len(truth),
        accuracy=ratio(hits + counts.true_negative, len(truth)),
        balanced_accuracy=mean([recall, specificity]),
        precision=ratio(hits, hits + counts.false_positive),
        recall=recall,
        f1=ratio(2 * hits, 2 * hits + errors),
        auc=area_under_curve(truth, score),
        confusion=counts,
    )


def two_class_metrics(
    truth: Flags, score: Doubles, predicted: Flags, labels: tuple[str, str]
) -> TwoClassMetrics:
    """Compute the metrics of a choice between two `labels`, the positive one first; `score` is 0-1."""
    positive, negative = labels
    metrics = binary_metrics(truth, score, predicted)
    counts = metrics.confusion
    return TwoClassMetrics(
        n=metrics.n,
        **metrics.overall(),
        positive=positive,
        per_label={positive: metrics, negative: binary_metrics(~truth, 1 - score, ~predicted)},
        confusion={
            positive: {positive: counts.true_positive, negative: counts.false_negative},
            negative: {positive: counts.false_positive, negative: counts.true_negative},
        },
    )


def multiclass_metrics(truth: Sequence[str], scores: Doubles, classes: Sequence[str]) -> MulticlassMetrics:
    """Compute the metrics of a choice among classes; the highest of `scores` `(n, classes)` is predicted."""
    true = np.array([classes.index(label) for label in truth], dtype=np.int64)
    predicted = scores.argmax(axis=1) if len(true) else true
    per_label = {
        label: binary_metrics(true == i, scores[:, i], predicted == i) for i, label in enumerate(classes)
    }
    counts = np.zeros((len(classes), len(classes)), dtype=np.int64)
    np.add.at(counts, (true, predicted), 1)
    overall = mean_metrics(per_label.values())
    overall["accuracy"] = ratio(int((true == predicted).sum()), len(true))
    overall["balanced_accuracy"] = overall["recall"]
    confusion = {
        label: dict(zip(classes, map(int, row), strict=True))
        for label, row in zip(classes, counts, strict=True)
    }
    return MulticlassMetrics(n=len(true), **overall, per_label=per_label, confusion=confusion)


def multilabel_metrics(
    truth: Flags, scores: Doubles, labels: Sequence[str], limits: Sequence[float]
) -> MultilabelMetrics:
    """Compute the metrics of several labels per sample from truth and scores `(n, labels)`.

    A label is predicted where its score is at least its limit. Accuracy counts every label of every sample.
    """
    predicted = scores >= np.asarray(limits)
    per_label = {
        label: binary_metrics(truth[:, i], scores[:, i], predicted[:, i]) for i, label in enumerate(labels)
    }
    overall = mean_metrics(per_label.values())
    overall["accuracy"] = ratio(int((truth == predicted).sum()), truth.size)
    return MultilabelMetrics(n=len(truth), **overall, per_label=per_label)


def mean_metrics(metrics: Iterable[Metrics]) -> dict[str, float | None]:
    """Return the mean of each overall metric, leaving out undefined ones."""
    rows = [each.overall() for each in metrics]
    return {name: mean([row[name] for row in rows]) for name in OVERALL}


def area_under_curve(truth: Flags, score: Doubles) -> float | None:
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


def average_precision(truth: Flags, score: Doubles) -> float | None:
    """Return the mean precision at each positive sample, from the highest score down; None without positives.

    Samples of equal score have one precision, that of all samples down to them.
    """
    if not truth.any():
        return None
    _, rank = np.unique(-score, return_inverse=True)
    hits_at_rank = np.bincount(rank, weights=truth)
    total, hits = np.cumsum(np.bincount(rank)), np.cumsum(hits_at_rank)
    return float((hits_at_rank * hits / total).sum() / hits[-1])


def mean(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values that are not None; None where there are none."""
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def ratio(count: int, total: int) -> float | None:
    """Return `count` / `total`; None where `total` is 0."""
    return count / total if total else None
