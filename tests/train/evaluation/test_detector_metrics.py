"""Metrics of each detector, from its predictions."""

from __future__ import annotations

import pytest

from autocull.train.data.label_vocabulary import LABELS
from autocull.train.evaluation.detector_metrics import (
    PairCounts,
    blink_metrics,
    blur_metrics,
    category_metrics,
    compute_metrics,
    defect_metrics,
    eye_metrics,
    list_defects,
)
from autocull.train.evaluation.predictions import Prediction
from autocull.vocabulary import CATEGORIES
from support.fixed_predictions import make_prediction


def binary(
    truth: str, predicted: str, probability: float, first: str, second: str, **changes: object
) -> Prediction:
    """Make a prediction of one of two labels; `probability` is that of the first."""
    return make_prediction(truth, predicted, {first: probability, second: 1 - probability}, **changes)


def eyes(truth: str, closed: float) -> Prediction:
    """Make a prediction of the eye detector from the probability of closed."""
    return binary(truth, "closed" if closed > 0.5 else "open", closed, "closed", "open")


def category(truth: str, **scores: float) -> Prediction:
    """Make a prediction of the category detector; categories without a score have 0.01."""
    all_scores = {**dict.fromkeys(CATEGORIES, 0.01), **scores}
    return make_prediction(truth, max(all_scores, key=all_scores.__getitem__), all_scores)


def test_eyes_have_a_calibration_error() -> None:
    """Two predictions of 0.9, one of them wrong, have an error of 0.4."""
    metrics = eye_metrics([eyes("closed", 0.9), eyes("open", 0.9)])
    assert metrics.calibration_error == pytest.approx(0.4)
    assert (metrics.overall.accuracy, metrics.overall.positive, metrics.doubts) == (0.5, "closed", 0)


def test_blink_without_a_prediction_is_counted_separately() -> None:
    """`answered` leaves out doubts and photos without faces; overall they count as not closed."""
    predictions = [
        binary("closed", label, 0.6, "closed", "open")
        for label in ("closed", "cannot_tell", "no_faces", "open")
    ]
    metrics = blink_metrics(predictions)
    assert (metrics.overall.recall, metrics.answered.recall) == (0.25, 0.5)
    assert (metrics.doubts, metrics.no_faces, metrics.answered.n) == (1, 1, 2)


def test_doubted_blur_is_not_rejected() -> None:
    """Both count as blurred; `rejected` are the metrics of rejects alone."""
    predictions = [
        binary("blurred", "blurred", 0.7, "blurred", "sharp", extra_labels=frozenset({"doubted"})),
        binary("blurred", "blurred", 0.9, "blurred", "sharp", extra_labels=frozenset({"rejected"})),
        binary("sharp", "sharp", 0.2, "blurred", "sharp"),
    ]
    metrics = blur_metrics(predictions)
    assert (metrics.overall.recall, metrics.rejected.recall, metrics.doubts) == (1.0, 0.5, 1)
    assert metrics.calibration_error == pytest.approx(0.2)


def test_defects_that_do_not_occur_are_left_out() -> None:
    """A label that no photo has is no part of the means."""
    scores = {"noise": 0.9, "too_dark": 0.1}
    predictions = [
        make_prediction("noise", "noise", scores),
        make_prediction("", "noise", scores),
        make_prediction("", "", {"noise": 0.2}),
    ]
    assert list_defects(predictions) == ["noise"]
    metrics = defect_metrics(predictions)
    assert set(metrics.overall.per_label) == {"noise"}
    assert (metrics.overall.auc, metrics.overall.precision, metrics.overall.n) == (0.75, 0.5, 3)


def test_pairs_of_one_scene_are_counted() -> None:
    """Ranked correctly is a pair with the higher score on the noisy photo; other scenes have no pair."""

    def photo(truth: str, noise: float, pair: str) -> Prediction:
        return make_prediction(truth, "", {"noise": noise, "too_dark": 0.1}, extra={"pair": pair})

    right = [photo("noise", 0.4, "a"), photo("", 0.3, "a"), photo("", 0.1, "b"), photo("noise", 0.2, "b")]
    wrong = [photo("noise", 0.1, "c"), photo("", 0.3, "c")]
    equal = [photo("noise", 0.3, "h"), photo("", 0.3, "h")]
    none = [
        photo("noise", 0.4, ""),
        photo("", 0.3, ""),
        photo("noise", 0.4, "d"),
        photo("too_dark", 0.4, "e"),
    ]
    twice = [photo("", 0.1, "f"), photo("", 0.2, "f"), photo("noise", 0.3, "f"), photo("", 0.3, "e")]
    pairs = defect_metrics([*right, *wrong, *equal, *none, *twice]).pairs
    assert pairs == {"noise": PairCounts(n=4, right=2), "too_dark": PairCounts(n=1, right=0)}
    assert "pairs" not in defect_metrics(none[:2]).to_json()


def test_people_landscape_leaves_out_other_categories() -> None:
    """A people photo predicted as food, with a lower score for landscape, is correct between the two."""
    predictions = [
        category("people", food=0.6, people=0.3, landscape=0.1),
        category("landscape", landscape=0.9),
        category("landscape", people=0.9),
        category("animals", animals=0.9),
        category("food", people=0.9),
    ]
    metrics = category_metrics(predictions)
    assert (metrics.people_landscape.n, metrics.people_landscape.accuracy) == (3, 2 / 3)
    assert metrics.people_landscape.auc == 0.5


def test_common_categories_leave_out_rare_ones() -> None:
    """Food and plants are part of the overall metrics, but not of the mean of the common categories."""
    predictions = [category(name, **{name: 0.9}) for name in CATEGORIES if name != "food"]
    metrics = category_metrics([*predictions, category("food", macro_plants=0.9)])
    assert metrics.common == 1.0
    assert metrics.overall.f1 < 1


@pytest.mark.parametrize("detector", LABELS)
def test_metrics_of_no_predictions_are_none(detector: str) -> None:
    """As for a manifest of which no photo could be read."""
    metrics = compute_metrics(detector, [])
    assert (metrics.overall.n, metrics.overall.accuracy, metrics.overall.auc) == (0, None, None)
    assert metrics.to_json().get("calibration_error") is None
