"""Reports of trainings with fixed metrics."""

from __future__ import annotations

from typing import Any

import numpy as np

from autocull.stats.metrics import LabelMetrics, multiclass_metrics, multilabel_metrics
from autocull.train.evaluation.dataset_metrics import DatasetMetrics, SourceAccuracy
from autocull.train.recipes.base import TrainingPlan
from autocull.train.reports.model import TrainingReport

SCORES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])


def make_dataset_metrics(overall: LabelMetrics, **changes: Any) -> DatasetMetrics:
    """Make the metrics of a dataset of three samples from two sources."""
    fields = {
        "reliability": [(0.7, 0.5, 2), (0.9, 1.0, 1)],
        "calibration_error": 0.1,
        "per_source": {"web": SourceAccuracy(0.5, 2), "": SourceAccuracy(1.0, 1)},
    }
    return DatasetMetrics(overall=overall, **fields | changes)


MULTICLASS = make_dataset_metrics(multiclass_metrics(["closed", "open", "open"], SCORES, ("closed", "open")))
MULTILABEL = make_dataset_metrics(multilabel_metrics(SCORES > 0.5, SCORES, ("dark", "noise"), (0.5, 0.5)))


def make_report(metrics: DatasetMetrics, **changes: Any) -> TrainingReport[DatasetMetrics]:
    """Make the report of a training with the same metrics for each split."""
    fields = {
        "detector": "eyes",
        "version": "3",
        "architecture": "one neuron",
        "parameters": 1234567,
        "command": "autocull train eyes --data there",
        "seed": 5,
        "plan": TrainingPlan(epochs=2, rate=0.1),
        "temperature": 1.25,
        "parts": {"train": metrics, "validation": metrics, "dev": metrics},
        "history": [{"loss": 1.0, "val_loss": 1.1, "accuracy": 0.5, "val_accuracy": 0.4}] * 2,
        "difference": 0.00012,
        "minutes": 3.0,
    }
    return TrainingReport(**fields | changes)
