"""Correctness and error of a prediction."""

from __future__ import annotations

import pytest

from support.fixed_predictions import make_prediction


@pytest.mark.parametrize(
    ("truth", "predicted", "scores", "error"),
    [
        ("open", "open", {"open": 0.6, "closed": 0.4}, 0.0),
        ("open", "closed", {"open": 0.1, "closed": 0.9}, 0.9),
        ("closed", "cannot_tell", {"open": 0.45, "closed": 0.55}, 0.45),
        ("", "noise", {"noise": 0.9}, 0.9),
        ("noise+too_dark", "noise", {"noise": 0.9, "too_dark": 0.3}, 0.7),
    ],
    ids=["correct", "wrong", "cannot tell", "false alarm", "missed"],
)
def test_error_is_that_of_the_worst_label(
    truth: str, predicted: str, scores: dict[str, float], error: float
) -> None:
    """Confident errors are near 1, correct predictions are 0."""
    prediction = make_prediction(truth, predicted, scores)
    assert prediction.correct == (error == 0)
    assert prediction.error == pytest.approx(error)
