"""Metrics of each detector, computed from its predictions alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from autocull.stats.calibration import calibration_error, reliability
from autocull.stats.metrics import Metrics, binary_metrics, mean, multiclass_metrics, two_sided_metrics
from autocull.train.data.label_vocabulary import pair_id
from autocull.train.evaluation.predictions import Prediction
from autocull.vocabulary import CATEGORIES, DEFECTS

COMMON_CATEGORIES = ("people", "landscape", "architecture_city", "animals", "other")
"""The categories for which the available sources have enough photos."""

_MEANS = ("accuracy", "balanced_accuracy", "precision", "recall", "f1", "auc")


def compute_metrics(detector: str, predictions: Sequence[Prediction]) -> Metrics:
    """Compute the metrics of a detector's predictions.

    Returns n, accuracy, balanced_accuracy, precision, recall, f1, auc, confusion, per_label, cannot_tell,
    calibration_error where the prediction is a probability, and the detector's own metrics.
    """
    return {"cannot_tell": 0, **_METRICS[detector](predictions)}


def _eye_metrics(predictions: Sequence[Prediction]) -> Metrics:
    """Compute the metrics of eye crops; closed is positive."""
    metrics = two_sided_metrics(*_label_arrays(predictions, "closed"), ("closed", "open"))
    return metrics | {"calibration_error": _calibration(predictions, ("closed", "open"))}


def _blink_metrics(predictions: Sequence[Prediction]) -> Metrics:
    """Compute the metrics of blinks; closed is positive.

    A photo without a prediction counts as not closed; `answered` are the metrics without those photos.
    """
    answered = [prediction for prediction in predictions if prediction.predicted & {"open", "closed"}]
    return {
        **two_sided_metrics(*_label_arrays(predictions, "closed"), ("closed", "open")),
        "answered": binary_metrics(*_label_arrays(answered, "closed")),
        "cannot_tell": _count_label(predictions, "cannot_tell"),
        "no_faces": _count_label(predictions, "no_faces"),
    }


def _blur_metrics(predictions: Sequence[Prediction]) -> Metrics:
    """Compute the metrics of blur; blurred is positive, doubts included; `rejected` leaves doubts out."""
    truth, scores, _ = _label_arrays(predictions, "blurred")
    rejected = np.array(["rejected" in prediction.extra_labels for prediction in predictions], dtype=bool)
    return {
        **two_sided_metrics(*_label_arrays(predictions, "blurred"), ("blurred", "sharp")),
        "rejected": binary_metrics(truth, scores, rejected),
        "cannot_tell": _count_label(predictions, "doubted"),
        "calibration_error": _calibration(predictions, ("blurred", "sharp")),
    }


def _defect_metrics(predictions: Sequence[Prediction]) -> Metrics:
    """Compute the metrics of each defect that occurs: photos with it against photos without any defect.

    Overall metrics are means over the defects. `pairs`, where there are any, counts the pairs of one scene
    with and without the defect that the score ranks correctly.
    """
    per_label = {}
    for label in list_defects(predictions):
        relevant = [
            prediction for prediction in predictions if label in prediction.truth or not prediction.truth
        ]
        per_label[label] = binary_metrics(*_label_arrays(relevant, label))
    overall = {name: mean([label_metrics[name] for label_metrics in per_label.values()]) for name in _MEANS}
    confusion = {label: label_metrics["confusion"] for label, label_metrics in per_label.items()}
    pairs = {label: count for label in per_label if (count := _count_ranked_pairs(predictions, label))["n"]}
    metrics = {"n": len(predictions), **overall, "confusion": confusion, "per_label": per_label}
    return metrics | ({"pairs": pairs} if pairs else {})


def _count_ranked_pairs(predictions: Sequence[Prediction], label: str) -> dict[str, int]:
    """Count pairs with one good photo (`n`), and those where the defective photo scores higher (`right`)."""
    scenes: dict[str, list[Prediction]] = {}
    for prediction in predictions:
        if label in prediction.truth or not prediction.truth:
            scenes.setdefault(pair_id(prediction.row), []).append(prediction)
    pairs = [
        sorted(pair, key=lambda prediction: len(prediction.truth))
        for scene, pair in scenes.items()
        if scene and len(pair) == 2 and pair[0].truth != pair[1].truth
    ]
    correct = sum(bad.scores[label] > good.scores[label] for good, bad in pairs)
    return {"n": len(pairs), "right": correct}


def list_defects(predictions: Sequence[Prediction]) -> list[str]:
    """List the defects that any of the photos has."""
    return [
        label for label in (*DEFECTS, "blur") if any(label in prediction.truth for prediction in predictions)
    ]


def _category_metrics(predictions: Sequence[Prediction]) -> Metrics:
    """Compute the metrics of the category with the highest score.

    `common` is the mean F1 of the `COMMON_CATEGORIES`; `people_landscape` are the metrics of photos of these
    two categories, decided between the two alone.
    """
    scores = np.array([[prediction.scores[name] for name in CATEGORIES] for prediction in predictions])
    truth = [next(iter(prediction.truth)) for prediction in predictions]
    metrics = multiclass_metrics(truth, scores.reshape(-1, len(CATEGORIES)), CATEGORIES)
    two_class = [prediction for prediction in predictions if prediction.truth <= {"people", "landscape"}]
    people, margin, _ = _label_arrays(two_class, "people")
    margin = margin - _label_arrays(two_class, "landscape")[1]
    return metrics | {
        "calibration_error": _calibration(predictions, CATEGORIES),
        "common": mean([metrics["per_label"][name]["f1"] for name in COMMON_CATEGORIES]),
        "people_landscape": binary_metrics(people, margin, margin > 0),
    }


_METRICS: dict[str, Callable[[Sequence[Prediction]], Metrics]] = {
    "eyes": _eye_metrics,
    "blink": _blink_metrics,
    "blur": _blur_metrics,
    "defects": _defect_metrics,
    "category": _category_metrics,
}


def _label_arrays(
    predictions: Sequence[Prediction], label: str
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.bool_]]:
    """Return truth, score and prediction of one label, an array each."""
    return (
        np.array([label in prediction.truth for prediction in predictions], dtype=bool),
        np.array([prediction.scores[label] for prediction in predictions], dtype=np.float64),
        np.array([label in prediction.predicted for prediction in predictions], dtype=bool),
    )


def _count_label(predictions: Sequence[Prediction], label: str) -> int:
    return sum(label in prediction.predicted | prediction.extra_labels for prediction in predictions)


def _calibration(predictions: Sequence[Prediction], labels: Sequence[str]) -> float | None:
    """Return the expected calibration error of the likeliest label; None without predictions."""
    if not predictions:
        return None
    likeliest = [max(labels, key=prediction.scores.__getitem__) for prediction in predictions]
    confidence = [prediction.scores[label] for prediction, label in zip(predictions, likeliest, strict=True)]
    correct = [
        float(label in prediction.truth) for prediction, label in zip(predictions, likeliest, strict=True)
    ]
    return calibration_error(reliability(np.array(confidence), np.array(correct)))
