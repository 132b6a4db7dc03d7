"""Predictions with given labels and scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autocull.train.data.manifest import Row
from autocull.train.evaluation.predictions import Prediction


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
