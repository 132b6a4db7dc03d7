"""The JSON form of metrics: `stored_metrics.json` was written by version 0.1.0 for the same predictions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autocull.stats.intervals import compute_intervals
from autocull.stats.metrics import OVERALL
from autocull.train.data.label_vocabulary import LABELS
from autocull.train.evaluation.dataset_metrics import compute_dataset_metrics
from autocull.train.evaluation.detector_metrics import compute_metrics
from autocull.train.evaluation.series import pair_metrics
from autocull.train.evaluation.subgroups import compare_groups
from support.fixed_predictions import sample_predictions

STORED: Mapping[str, Any] = json.loads((Path(__file__).parent / "stored_metrics.json").read_text("utf-8"))


def as_json(value: Any) -> Any:
    """Return a value as it is after writing and reading, with numbers rounded as in the stored file."""
    return json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 6))


@pytest.mark.parametrize("detector", LABELS)
def test_detector_metrics_keep_their_json(detector: str) -> None:
    """Every key and value, of 24 predictions and of none."""
    metrics = compute_metrics(detector, sample_predictions(detector))
    assert as_json(metrics.to_json()) == STORED["detectors"][detector]
    assert as_json(compute_metrics(detector, []).to_json()) == STORED["empty"][detector]
    assert as_json(compute_intervals(metrics.overall)) == STORED["intervals"][detector]
    assert set(STORED["intervals"][detector]) == set(OVERALL)


@pytest.mark.parametrize(("detector", "by"), [("blink", "lightness"), ("eyes", "source")])
def test_group_comparison_keeps_its_json(detector: str, by: str) -> None:
    """Groups, shares and gaps."""
    comparison = compare_groups(detector, sample_predictions(detector), by)
    assert as_json(comparison.to_json()) == STORED["groups"][detector]


def test_pair_metrics_keep_their_json() -> None:
    """Shares, counts and intervals of pairs."""
    groups, predicted = np.array(list("aaabbcd")), np.array(list("1123324"))
    metrics = pair_metrics(list("aaabbcd"), groups[:, None] == groups, predicted[:, None] == predicted)
    assert as_json(metrics.to_json()) == STORED["pairs"]


@pytest.mark.parametrize("answer", ["one_of", "any_of"])
def test_dataset_metrics_keep_their_json(answer: str) -> None:
    """Metrics, reliability and sources, as in `report.json`."""
    targets = np.eye(2, dtype=np.float32)[np.arange(12) % 2]
    sources = [("web", "film")[index % 3 == 0] for index in range(12)]
    first = np.random.default_rng(3).random(12).round(3)
    predicted = np.column_stack([first, (1 - first).round(3)])
    recipe: Any = SimpleNamespace(classes=("left", "right"), answer=answer)
    metrics = compute_dataset_metrics(recipe, sources, targets, predicted)
    assert as_json(metrics.to_json()) == STORED["datasets"][answer]
