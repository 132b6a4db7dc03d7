"""Metrics of each detector, computed from its predictions alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from autocull.arrays import Doubles, Flags
from autocull.stats import (
    BinaryMetrics,
    LabelMetrics,
    MultilabelMetrics,
    binary_metrics,
    calibration_error,
    mean,
    mean_metrics,
    multiclass_metrics,
    reliability,
    two_class_metrics,
)
from autocull.train.data import pair_id
from autocull.train.evaluation.predictions import Prediction
from autocull.vocabulary import CATEGORIES, DEFECTS

COMMON_CATEGORIES = ("people", "landscape", "architecture_city", "animals", "other")
"""The categories for which the available sources have enough photos."""


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Pairs of photos of one scene, one of them good: `n`, and how many the score ranks correctly."""

    n: int
    right: int


@dataclass(frozen=True, kw_only=True)
class DetectorMetrics:
    """Metrics of a detector's predictions: those of its labels, and the number of doubts."""

    overall: LabelMetrics
    doubts: int = 0

    def numbers(self) -> dict[str, float | None]:
        """Return further numbers by their JSON names."""
        return {"cannot_tell": self.doubts}

    def subsets(self) -> dict[str, BinaryMetrics]:
        """Return the metrics of some of the predictions, or by another criterion, by their JSON names."""
        return {}

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as `autocull evaluate --json` writes them."""
        subsets = {name: metrics.to_json() for name, metrics in self.subsets().items()}
        return self.overall.to_json() | self.numbers() | subsets


@dataclass(frozen=True, kw_only=True)
class CalibratedMetrics(DetectorMetrics):
    """Metrics of a detector whose scores are probabilities, with their expected calibration error."""

    calibration_error: float | None

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as `autocull evaluate --json` writes them."""
        return super().to_json() | {"calibration_error": self.calibration_error}


@dataclass(frozen=True, kw_only=True)
class BlinkMetrics(DetectorMetrics):
    """Metrics of blinks; a photo without a prediction counts as not closed, `answered` leaves it out."""

    answered: BinaryMetrics
    no_faces: int

    def numbers(self) -> dict[str, float | None]:
        """Return the numbers of doubts and of photos without faces."""
        return super().numbers() | {"no_faces": self.no_faces}

    def subsets(self) -> dict[str, BinaryMetrics]:
        """Return the metrics of the photos with a prediction."""
        return {"answered": self.answered}


@dataclass(frozen=True, kw_only=True)
class BlurMetrics(CalibratedMetrics):
    """Metrics of blur, doubts included; in `rejected` only a reject counts as a prediction of blur."""

    rejected: BinaryMetrics

    def subsets(self) -> dict[str, BinaryMetrics]:
        """Return the metrics of rejects."""
        return {"rejected": self.rejected}


@dataclass(frozen=True, kw_only=True)
class DefectMetrics(DetectorMetrics):
    """Metrics of the defects that occur; `pairs` has those with pairs of one scene."""

    pairs: Mapping[str, PairCounts]

    def to_json(self) -> dict[str, Any]:
        """Return the metrics as `autocull evaluate --json` writes them."""
        pairs = {label: asdict(counts) for label, counts in self.pairs.items()}
        return super().to_json() | ({"pairs": pairs} if pairs else {})


@dataclass(frozen=True, kw_only=True)
class CategoryMetrics(CalibratedMetrics):
    """Metrics of categories.

    `common` is the mean F1 of the `COMMON_CATEGORIES`; `people_landscape` are the metrics of photos of these
    two categories, decided between the two alone.
    """

    common: float | None
    people_landscape: BinaryMetrics

    def numbers(self) -> dict[str, float | None]:
        """Return the mean F1 of the common categories and the number of doubts."""
        return {"common": self.common} | super().numbers()

    def subsets(self) -> dict[str, BinaryMetrics]:
        """Return the metrics of people against landscape."""
        return {"people_landscape": self.people_landscape}


def compute_metrics(detector: str, predictions: Sequence[Prediction]) -> DetectorMetrics:
    """Compute the metrics of a detector's predictions."""
    return _METRICS[detector](predictions)


def eye_metrics(predictions: Sequence[Prediction]) -> CalibratedMetrics:
    """Compute the metrics of eye crops; closed is positive."""
    return CalibratedMetrics(
        overall=two_class_metrics(*_label_arrays(predictions, "closed"), ("closed", "open")),
        calibration_error=_calibration(predictions, ("closed", "open")),
    )


def blink_metrics(predictions: Sequence[Prediction]) -> BlinkMetrics:
    """Compute the metrics of blinks; closed is positive."""
    answered = [prediction for prediction in predictions if prediction.predicted & {"open", "closed"}]
    return BlinkMetrics(
        overall=two_class_metrics(*_label_arrays(predictions, "closed"), ("closed", "open")),
        answered=binary_metrics(*_label_arrays(answered, "closed")),
        doubts=_count_label(predictions, "cannot_tell"),
        no_faces=_count_label(predictions, "no_faces"),
    )


def blur_metrics(predictions: Sequence[Prediction]) -> BlurMetrics:
    """Compute the metrics of blur; blurred is positive."""
    truth, scores, blurred = _label_arrays(predictions, "blurred")
    rejected = np.array(["rejected" in prediction.extra_labels for prediction in predictions], dtype=bool)
    return BlurMetrics(
        overall=two_class_metrics(truth, scores, blurred, ("blurred", "sharp")),
        rejected=binary_metrics(truth, scores, rejected),
        doubts=_count_label(predictions, "doubted"),
        calibration_error=_calibration(predictions, ("blurred", "sharp")),
    )


def defect_metrics(predictions: Sequence[Prediction]) -> DefectMetrics:
    """Compute the metrics of each defect that occurs: photos with it against photos without any defect."""
    per_label = {}
    for label in list_defects(predictions):
        relevant = [
            prediction for prediction in predictions if label in prediction.truth or not prediction.truth
        ]
        per_label[label] = binary_metrics(*_label_arrays(relevant, label))
    pairs = {label: _count_ranked_pairs(predictions, label) for label in per_label}
    means = mean_metrics(per_label.values())
    return DefectMetrics(
        overall=MultilabelMetrics(n=len(predictions), **means, per_label=per_label),
        pairs={label: counts for label, counts in pairs.items() if counts.n},
    )


def _count_ranked_pairs(predictions: Sequence[Prediction], label: str) -> PairCounts:
    """Count the pairs of one scene with and without the defect, and those that the score ranks correctly."""
    scenes: dict[str, list[Prediction]] = {}
    for prediction in predictions:
        if label in prediction.truth or not prediction.truth:
            scenes.setdefault(pair_id(prediction.row), []).append(prediction)
    pairs = [
        sorted(pair, key=lambda prediction: len(prediction.truth))
        for scene, pair in scenes.items()
        if scene and len(pair) == 2 and pair[0].truth != pair[1].truth
    ]
    right = sum(bad.scores[label] > good.scores[label] for good, bad in pairs)
    return PairCounts(n=len(pairs), right=right)


def list_defects(predictions: Sequence[Prediction]) -> list[str]:
    """List the defects that any of the photos has."""
    return [
        label for label in (*DEFECTS, "blur") if any(label in prediction.truth for prediction in predictions)
    ]


def category_metrics(predictions: Sequence[Prediction]) -> CategoryMetrics:
    """Compute the metrics of the category with the highest score."""
    scores = np.array([[prediction.scores[name] for name in CATEGORIES] for prediction in predictions])
    truth = [next(iter(prediction.truth)) for prediction in predictions]
    overall = multiclass_metrics(truth, scores.reshape(-1, len(CATEGORIES)), CATEGORIES)
    two_class = [prediction for prediction in predictions if prediction.truth <= {"people", "landscape"}]
    people, margin, _ = _label_arrays(two_class, "people")
    margin = margin - _label_arrays(two_class, "landscape")[1]
    return CategoryMetrics(
        overall=overall,
        calibration_error=_calibration(predictions, CATEGORIES),
        common=mean([overall.per_label[name].f1 for name in COMMON_CATEGORIES]),
        people_landscape=binary_metrics(people, margin, margin > 0),
    )


_METRICS: dict[str, Callable[[Sequence[Prediction]], DetectorMetrics]] = {
    "eyes": eye_metrics,
    "blink": blink_metrics,
    "blur": blur_metrics,
    "defects": defect_metrics,
    "category": category_metrics,
}


def _label_arrays(predictions: Sequence[Prediction], label: str) -> tuple[Flags, Doubles, Flags]:
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
