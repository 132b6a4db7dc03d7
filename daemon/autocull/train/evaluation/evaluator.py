"""Evaluation of the detectors on labelled photos, measured and judged as in the product.

Nothing here is tuned: every limit is that of the settings, and is reported with the metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from autocull.errors import PhotoError
from autocull.judge import Settings, Verdict, judge
from autocull.measure import (
    CategoryDetector,
    DefectDetector,
    Detector,
    Ensemble,
    Evidence,
    EyeDetector,
    FaceDetector,
)
from autocull.read import DecodeBuffer, Photo, read_photo
from autocull.train.data import DEFECT_LIMITS, Row, canonical_defects, read_picture
from autocull.train.evaluation.corruptions import CORRUPTIONS, corrupt
from autocull.train.evaluation.detector_metrics import DetectorMetrics, compute_metrics, list_defects
from autocull.train.evaluation.face_lightness import measure_portrait
from autocull.train.evaluation.predictions import Prediction
from autocull.train.evaluation.subgroups import GroupComparison, compare_groups
from autocull.vocabulary import CATEGORIES, DEFECTS

BLUR_CODES = {"motion_blur": "rejected", "out_of_focus": "rejected", "focus_doubtful": "doubted"}
"""The reason codes for a soft subject, and whether the photo is rejected or doubted for it."""

_SETTINGS_BY_DETECTOR: dict[str, tuple[str, ...]] = {
    "eyes": ("eyes_open",),
    "blink": ("eyes_closed", "eyes_open"),
    "blur": ("focus_doubt", "focus_reject", "focus_second_min"),
    "category": (),
}
"""The settings that decide a detector's predictions; for the defects, `DEFECT_LIMITS`."""


class EvaluationRun(NamedTuple):
    """The predictions for the rows that could be read, and the version of each network that was used."""

    predictions: list[Prediction]
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class UnreadableRow:
    """A row whose file could not be read, and why."""

    path: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """Result of an evaluation.

    `models` are the versions of the networks that were used, `limits` the settings that decided; `groups` is
    the comparison of groups, where it was requested.
    """

    detector: str
    metrics: DetectorMetrics
    models: Mapping[str, str]
    limits: Mapping[str, float]
    unreadable: Sequence[UnreadableRow]
    groups: GroupComparison | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report as `autocull evaluate --json` writes it."""
        return {
            "member": self.detector,
            **self.metrics.to_json(),
            "models": self.models,
            "limits": self.limits,
            "unreadable": [asdict(row) for row in self.unreadable],
        } | ({"by": self.groups.to_json()} if self.groups else {})


@dataclass(slots=True)
class Evaluation:
    """One evaluation: the models folder, the settings, and the photos that could not be read.

    With `with_corruptions` the rows are good photos, and defects are predicted for each as it is and with
    each of `CORRUPTIONS`.
    """

    models: Path
    settings: Settings
    on_progress: Callable[[], None] = lambda: None
    with_corruptions: bool = False
    unreadable: list[UnreadableRow] = field(default_factory=list)

    def run(self, detector: str, rows: Sequence[Row], by: str | None = None) -> EvaluationReport:
        """Evaluate one of `LABELS` on rows with its labels: `predict`, then `summarise`."""
        return self.summarise(detector, self.predict(detector, rows), by)

    def predict(self, detector: str, rows: Sequence[Row]) -> EvaluationRun:
        """Return a detector's predictions; unreadable photos are recorded and left out.

        Raises ModelError where a model is not usable.
        """
        return _PREDICTORS[detector](self, rows)

    def summarise(self, detector: str, run: EvaluationRun, by: str | None = None) -> EvaluationReport:
        """Compute the metrics of a run, and with `by` compare groups of its photos."""
        limits = _deciding_settings(detector, run.predictions)
        return EvaluationReport(
            detector=detector,
            metrics=compute_metrics(detector, run.predictions),
            models=run.versions,
            limits={name: getattr(self.settings, name) for name in limits},
            unreadable=self.unreadable,
            groups=None if by is None else compare_groups(detector, run.predictions, by),
        )

    def read_photos(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Photo]]:
        """Read the rows' photos one by one; the pixels are valid until the next one is read."""
        buffer = DecodeBuffer()
        for row in rows:
            try:
                photo = read_photo(row.path, buffer=buffer)
            except PhotoError as error:
                self._record_unreadable(row, error.code, error.message)
            else:
                yield row, photo
            self.on_progress()

    def read_crops(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Any]]:
        """Read the rows' crops, of any size."""
        for row in rows:
            try:
                crop = read_picture(row.path)
            except OSError as error:
                self._record_unreadable(row, "damaged", str(error))
            else:
                yield row, crop
            self.on_progress()

    def read_corrupted(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Photo]]:
        """Read good photos; yields each as it is, then with each of `CORRUPTIONS`, which is its label."""
        for row, picture in self.read_crops(rows):
            for index, corruption in enumerate((None, *CORRUPTIONS)):
                photo = Photo.from_pixels(corrupt(picture, corruption, (row.line, index)))
                yield (
                    replace(row, label=corruption or "good", extra={**row.extra, "pair": str(row.path)}),
                    photo,
                )

    def _record_unreadable(self, row: Row, code: str, message: str) -> None:
        self.unreadable.append(UnreadableRow(str(row.path), code, message))


def _predict_eyes(evaluation: Evaluation, rows: Sequence[Row]) -> EvaluationRun:
    """Predict closed or open by the network alone: closed below `eyes_open`."""
    detector, predictions = EyeDetector(evaluation.models), []
    for row, crop in evaluation.read_crops(rows):
        probability = float(detector.open_probability([crop])[0])
        predicted = "open" if probability >= evaluation.settings.eyes_open else "closed"
        predictions.append(
            _make_prediction(row, row.label, predicted, {"closed": 1 - probability, "open": probability})
        )
    return EvaluationRun(predictions, _versions([detector]))


def _predict_blink(evaluation: Evaluation, rows: Sequence[Row]) -> EvaluationRun:
    """Predict by the judge whether a photo has a prominent pair of closed eyes."""
    ensemble, predictions = Ensemble(evaluation.models), []
    for row, photo, evidence, verdict in _judge_rows(evaluation, ensemble, rows):
        probability = 1.0 if verdict.eyes_open is None else verdict.eyes_open
        truth = "open" if row.label == "open" else "closed"
        prediction = _make_prediction(
            row, truth, verdict.eyes, {"closed": 1 - probability, "open": probability}
        )
        predictions.append(replace(prediction, measurements=measure_portrait(photo, evidence.faces)))
    return EvaluationRun(predictions, ensemble.versions)


def _predict_blur(evaluation: Evaluation, rows: Sequence[Row]) -> EvaluationRun:
    """Predict by the judge whether the subject is soft: soft is what has a focus reason."""
    ensemble, predictions = Ensemble(evaluation.models), []
    for row, _, evidence, verdict in _judge_rows(evaluation, ensemble, rows):
        codes = {reason.code for reason in verdict.reasons} & BLUR_CODES.keys()
        truth = "sharp" if row.label == "sharp" else "blurred"
        scores = {"blurred": 1 - evidence.focus.sharp, "sharp": evidence.focus.sharp}
        prediction = _make_prediction(row, truth, "blurred" if codes else "sharp", scores)
        predictions.append(replace(prediction, extra_labels=frozenset(BLUR_CODES[code] for code in codes)))
    return EvaluationRun(predictions, ensemble.versions)


def _predict_defects(evaluation: Evaluation, rows: Sequence[Row]) -> EvaluationRun:
    """Predict each defect by the network alone: present from the limit of doubt on.

    A photo with one defect is no negative sample of another: only good photos are predicted for all defects.
    """
    detector, predictions = DefectDetector(evaluation.models), []
    for row, photo in (
        evaluation.read_corrupted(rows) if evaluation.with_corruptions else evaluation.read_photos(rows)
    ):
        probabilities = detector.measure(photo)
        scores = probabilities | {"blur": max(probabilities["motion_blur"], probabilities["defocus"])}
        truth = canonical_defects(row.label)
        labels = truth or {*DEFECTS, "blur"}
        predicted = {
            name for name in labels if scores[name] >= getattr(evaluation.settings, DEFECT_LIMITS[name])
        }
        predictions.append(Prediction(row, truth, frozenset(predicted), scores))
    return EvaluationRun(predictions, _versions([detector]))


def _predict_category(evaluation: Evaluation, rows: Sequence[Row]) -> EvaluationRun:
    """Predict the category with the highest score."""
    face_detector, detector = FaceDetector(evaluation.models), CategoryDetector(evaluation.models)
    predictions = []
    for row, photo in evaluation.read_photos(rows):
        scores = detector.measure(photo, face_detector.measure(photo))
        predictions.append(_make_prediction(row, row.label, max(CATEGORIES, key=scores.__getitem__), scores))
    return EvaluationRun(predictions, _versions([face_detector, detector]))


_PREDICTORS: dict[str, Callable[[Evaluation, Sequence[Row]], EvaluationRun]] = {
    "eyes": _predict_eyes,
    "blink": _predict_blink,
    "blur": _predict_blur,
    "defects": _predict_defects,
    "category": _predict_category,
}


def _judge_rows(
    evaluation: Evaluation, ensemble: Ensemble, rows: Sequence[Row]
) -> Iterator[tuple[Row, Photo, Evidence, Verdict]]:
    """Measure and judge the rows' photos."""
    for row, photo in evaluation.read_photos(rows):
        evidence = ensemble.measure(photo)
        yield row, photo, evidence, judge(evidence, evaluation.settings)


def _deciding_settings(detector: str, predictions: Sequence[Prediction]) -> Sequence[str]:
    """Return the names of the settings that decided these predictions."""
    if detector != "defects":
        return _SETTINGS_BY_DETECTOR[detector]
    return sorted({DEFECT_LIMITS[name] for name in list_defects(predictions)})


def _make_prediction(row: Row, truth: str, predicted: str, scores: Mapping[str, float]) -> Prediction:
    return Prediction(row, frozenset({truth}), frozenset({predicted}), scores)


def _versions(detectors: Sequence[Detector]) -> dict[str, str]:
    return {detector.name: detector.version for detector in detectors}
