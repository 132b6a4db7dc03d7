"""An answer knows whether it is right, and how wrong it is."""

from __future__ import annotations

import pytest

from support.fixed_predictions import answer


@pytest.mark.parametrize(
    ("truth", "said", "scores", "error"),
    [
        ("open", "open", {"open": 0.6, "closed": 0.4}, 0.0),
        ("open", "closed", {"open": 0.1, "closed": 0.9}, 0.9),
        ("closed", "cannot_tell", {"open": 0.45, "closed": 0.55}, 0.45),
        ("", "noise", {"noise": 0.9}, 0.9),
        ("noise+too_dark", "noise", {"noise": 0.9, "too_dark": 0.3}, 0.7),
    ],
    ids=["right", "wrong", "no answer", "false alarm", "missed"],
)
def test_the_error_is_how_far_the_worst_label_is_off(
    truth: str, said: str, scores: dict[str, float], error: float
) -> None:
    """Sure errors are near 1, right answers are 0."""
    made = answer(truth, said, scores)
    assert made.correct == (error == 0)
    assert made.error == pytest.approx(error)
