"""Predictions with given labels and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from autocull.arrays import Rng
from autocull.train.data.manifest import Row
from autocull.train.evaluation.predictions import Prediction
from autocull.vocabulary import CATEGORIES, DEFECTS


def make_prediction(
    truth: str, predicted: str, scores: dict[str, float] | None = None, **changes: Any
) -> Prediction:
    """Make a prediction; labels are joined by "+", "" is none. `changes` are fields of it or of its row."""
    own_fields = {name: changes.pop(name) for name in ("extra_labels", "measurements") if name in changes}
    row = Row(
        **{"path": Path("a.png"), "label": truth, "split": "dev", "group": "g", "source": "s", "line": 2}
        | {"extra": {}}
        | changes
    )
    return Prediction(row, _labels(truth), _labels(predicted), scores or {}, **own_fields)


def _labels(joined: str) -> frozenset[str]:
    return frozenset(filter(None, joined.split("+")))


def sample_predictions(detector: str, count: int = 24) -> list[Prediction]:
    """Return predictions of a detector that depend on `count` alone, for every label and source."""
    rng = np.random.default_rng(count)
    return [_sample_prediction(detector, index, rng) for index in range(count)]


def _sample_prediction(detector: str, index: int, rng: Rng) -> Prediction:
    source = ("web", "film", "")[index % 3]
    if detector == "category":
        scores = dict(zip(CATEGORIES, map(float, rng.dirichlet(np.ones(len(CATEGORIES)))), strict=True))
        truth = CATEGORIES[index % len(CATEGORIES)]
        return make_prediction(truth, max(scores, key=scores.__getitem__), scores, source=source)
    if detector == "defects":
        scores = {label: round(float(rng.random()), 3) for label in (*DEFECTS, "blur")}
        truth = ("noise", "", "too_dark", "")[index % 4]
        predicted = "+".join(label for label in ("noise", "too_dark") if scores[label] > 0.5)
        return make_prediction(truth, predicted, scores, source=source, extra={"pair": str(index // 2)})
    return _sample_binary_prediction(detector, index, source, round(float(rng.random()), 3))


def _sample_binary_prediction(detector: str, index: int, source: str, probability: float) -> Prediction:
    positive, negative = ("blurred", "sharp") if detector == "blur" else ("closed", "open")
    predicted = positive if probability > 0.5 else negative
    if detector == "blink" and index % 5 == 0:
        predicted = ("cannot_tell", "no_faces")[index % 2]
    doubtful = detector == "blur" and predicted == positive
    return make_prediction(
        positive if index % 2 else negative,
        predicted,
        {positive: probability, negative: round(1 - probability, 3)},
        source=source,
        extra_labels=frozenset({"doubted" if index % 4 else "rejected"} if doubtful else ()),
        measurements={"lightness": float(index)} if detector == "blink" and index % 7 else {},
    )
