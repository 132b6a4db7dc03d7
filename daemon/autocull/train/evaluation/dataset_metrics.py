"""Metrics of a trained network on a dataset, from its predicted probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autocull.arrays import Doubles, Floats
from autocull.stats import (
    Interval,
    LabelMetrics,
    ReliabilityBin,
    calibration_error,
    confidences,
    multiclass_metrics,
    multilabel_metrics,
    reliability,
    wilson_interval,
)
from autocull.train.recipes import Recipe

_LIMIT = 0.5


@dataclass(frozen=True, slots=True)
class SourceAccuracy:
    """The accuracy (0-1) of the `n` samples of one source."""

    accuracy: float
    n: int

    @property
    def interval(self) -> Interval | None:
        """The interval of the accuracy, counted per sample."""
        return wilson_interval(self.accuracy, self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetMetrics:
    """Metrics of a network on one dataset, with its calibration and the accuracy of each source."""

    overall: LabelMetrics
    reliability: Sequence[ReliabilityBin]
    calibration_error: float
    per_source: Mapping[str, SourceAccuracy]

    @property
    def n(self) -> int:
        """The number of samples."""
        return self.overall.n

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as they are stored in reports."""
        return self.overall.to_json() | {
            "reliability": self.reliability,
            "calibration_error": self.calibration_error,
            "per_source": {name: (source.accuracy, source.n) for name, source in self.per_source.items()},
        }


def compute_dataset_metrics(
    recipe: Recipe, sources: Sequence[str], targets: Floats, predicted: Doubles
) -> DatasetMetrics:
    """Compute the metrics of probabilities `predicted` against `targets`, both `(samples, classes)`."""
    if recipe.answer == "one_of":
        truth = targets.argmax(axis=1)
        overall: LabelMetrics = multiclass_metrics(
            [recipe.classes[int(index)] for index in truth], predicted, recipe.classes
        )
        correct = (predicted.argmax(axis=1) == truth).astype(np.float64)
    else:
        limits = [_LIMIT] * len(recipe.classes)
        overall = multilabel_metrics(targets >= _LIMIT, predicted, recipe.classes, limits)
        correct = ((targets >= _LIMIT) == (predicted >= _LIMIT)).mean(axis=1)
    bins = reliability(*confidences(predicted, targets, recipe.answer))
    return DatasetMetrics(
        overall=overall,
        reliability=bins,
        calibration_error=calibration_error(bins),
        per_source=_compute_source_accuracies(sources, correct),
    )


def _compute_source_accuracies(sources: Sequence[str], correct: Doubles) -> dict[str, SourceAccuracy]:
    names = np.array(sources)
    return {
        str(name): SourceAccuracy(float(correct[names == name].mean()), int((names == name).sum()))
        for name in np.unique(names)
    }
