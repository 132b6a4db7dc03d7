"""Answers for tests: what is true, what was said, and how probable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autocull.train.data.manifest import Row
from autocull.train.evaluation.predictions import Prediction


def answer(truth: str, said: str, scores: dict[str, float] | None = None, **changes: Any) -> Prediction:
    """Make an answer; labels are joined by "+", and none is "". `changes` are fields of the row or of it."""
    own = {name: changes.pop(name) for name in ("aside", "measured") if name in changes}
    row = Row(
        **{"path": Path("a.png"), "label": truth, "split": "dev", "group": "g", "source": "s", "line": 2}
        | {"extra": {}}
        | changes
    )
    return Prediction(row, _labels(truth), _labels(said), scores or {}, **own)


def _labels(joined: str) -> frozenset[str]:
    return frozenset(filter(None, joined.split("+")))
