"""Evaluation: metrics of the product's own predictions; unreadable files are recorded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from autocull.judge import Settings
from autocull.measure.category import CategoryDetector
from autocull.measure.defects import DefectDetector
from autocull.measure.evidence import Evidence, Face
from autocull.measure.eyes import EyeDetector
from autocull.measure.faces import FaceDetector
from autocull.read.photo import Photo
from autocull.train.data.label_vocabulary import DEFECT_ALIASES, DEFECT_LIMITS, LABELS
from autocull.train.data.manifest import Row
from autocull.train.evaluation import evaluator
from autocull.train.evaluation.evaluator import Evaluation, EvaluationReport
from autocull.vocabulary import CATEGORIES, DEFECTS
from support.evidence_builders import evidence, face, focus


def make_rows(folder: Path, labels: Sequence[tuple[str, int]]) -> list[Row]:
    """Write one grey photo per (label, level); the fake detectors predict by the level."""
    rows = []
    for index, (label, level) in enumerate(labels):
        path = folder / f"{index}.png"
        Image.new("RGB", (200, 160), (level, level, level)).save(path)
        rows.append(Row(path, label, "dev", str(index), "", index + 2, {}))
    return rows


def level_of(photo: Photo) -> float:
    """Return the photo's grey level, 0-1."""
    return float(photo.working[0, 0, 0]) / 255


def run(detector: str, rows: Sequence[Row], **settings: Any) -> EvaluationReport:
    """Evaluate with these settings."""
    return Evaluation(Path("models"), Settings(**settings)).run(detector, rows)


def test_eyes_are_closed_below_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed is the positive label; the limit is the judge's, and changing it changes the metrics."""

    def by_level(self: EyeDetector, crops: Sequence[Any]) -> Any:
        return np.array([crop[0, 0, 0] / 255 for crop in crops])

    monkeypatch.setattr(EyeDetector, "open_probability", by_level)
    monkeypatch.setattr(EyeDetector, "version", "5")
    rows = make_rows(tmp_path, [("closed", 10), ("closed", 100), ("open", 150), ("open", 240)])
    report = run("eyes", rows)
    assert (
        report.metrics.overall.n,
        report.metrics.overall.accuracy,
        report.metrics.overall.auc,
        report.metrics.overall.positive,
    ) == (4, 1.0, 1.0, "closed")
    assert report.metrics.overall.confusion == {
        "closed": {"closed": 2, "open": 0},
        "open": {"closed": 0, "open": 2},
    }
    assert report.models == {"eyes": "5"}
    assert report.limits == {"eyes_open": 0.5}
    stricter = run("eyes", rows, eyes_open=0.7)
    assert stricter.metrics.overall.accuracy == 0.75
    assert stricter.metrics.overall.per_label["open"].recall == 0.5


def test_unreadable_files_are_recorded_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crops and photos: no metric counts them, and each is reported as progress."""
    monkeypatch.setattr(EyeDetector, "open_probability", lambda self, crops: np.array([0.9]))
    monkeypatch.setattr(EyeDetector, "version", "5")
    rows = make_rows(tmp_path, [("open", 10), ("open", 20), ("open", 30)])
    rows[0].path.write_bytes(b"no picture")
    rows[1].path.unlink()
    steps: list[int] = []
    report = Evaluation(tmp_path, Settings(), lambda: steps.append(1)).run("eyes", rows)
    assert (report.metrics.overall.n, len(steps)) == (1, 3)
    assert [row.path for row in report.unreadable] == [str(row.path) for row in rows[:2]]
    monkeypatch.setattr(DefectDetector, "measure", lambda self, photo: dict.fromkeys(DEFECTS, 0.0))
    monkeypatch.setattr(DefectDetector, "version", "5")
    good = [Row(row.path, "good", "dev", "", "", 2, {}) for row in rows]
    report = run("defects", good)
    assert (report.metrics.overall.n, report.metrics.overall.accuracy, report.metrics.overall.per_label) == (
        1,
        None,
        {},
    )
    assert [row.code for row in report.unreadable] == ["not_a_photo", "missing"]


class _FixedEnsemble:
    """An ensemble that returns given evidence, one after the other."""

    def __init__(self, *evidences: Evidence) -> None:
        self._evidences = iter(evidences)
        self.versions = {"faces": "1"}

    def measure(self, photo: Photo) -> Evidence:
        """Return the next evidence."""
        return next(self._evidences)


@pytest.fixture
def set_evidence(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that sets the evidence which the ensemble returns, photo by photo."""

    def install(*evidences: Evidence) -> None:
        monkeypatch.setattr(evaluator, "Ensemble", lambda models: _FixedEnsemble(*evidences))

    return install


def test_blink_without_a_prediction_counts_as_open(tmp_path: Path, set_evidence: Any) -> None:
    """No faces and doubts are counted; `answered` are the metrics without them."""
    doubtful = evidence(faces=(face(0.42),))
    set_evidence(evidence(faces=(face(0.02),)), evidence(faces=(face(),)), evidence(), doubtful)
    rows = make_rows(tmp_path, [("closed", 1), ("open", 2), ("mixed", 3), ("open", 4)])
    report = run("blink", rows)
    assert (report.metrics.overall.n, report.metrics.doubts, report.metrics.no_faces) == (4, 1, 1)
    assert report.metrics.overall.confusion["closed"] == {"closed": 1, "open": 1}
    assert report.metrics.overall.accuracy == 0.75
    assert (report.metrics.answered.n, report.metrics.answered.accuracy) == (2, 1.0)
    assert "calibration_error" not in report.to_json()
    assert report.models == {"faces": "1"}


def test_blink_predictions_carry_measurements(tmp_path: Path, set_evidence: Any) -> None:
    """Lightness grows with the photo's level; the face size is in pixels."""
    set_evidence(evidence(faces=(face(),)), evidence(faces=(face(),)), evidence())
    rows = make_rows(tmp_path, [("open", 60), ("open", 200), ("open", 128)])
    dark, bright, faceless = Evaluation(Path("models"), Settings()).predict("blink", rows).predictions
    assert (
        dark.measurements["lightness"] < faceless.measurements["lightness"] < bright.measurements["lightness"]
    )
    assert dark.measurements["face_size"] == pytest.approx(64)
    assert "face_size" not in faceless.measurements


def test_blur_is_predicted_by_the_judge(tmp_path: Path, set_evidence: Any) -> None:
    """A doubt counts as blurred; `rejected` are the metrics of rejects alone."""
    blurred = {"defocus": 0.9, "motion_blur": 0.9}
    set_evidence(
        evidence(focus=focus(0.02), defects=blurred),
        evidence(focus=focus(0.3)),
        evidence(focus=focus(0.95)),
        evidence(focus=focus(0.1, motion=0.9), defects=blurred),
    )
    rows = make_rows(tmp_path, [("defocus", 1), ("blurred", 2), ("sharp", 3), ("motion", 4)])
    report = run("blur", rows)
    assert (report.metrics.overall.accuracy, report.metrics.overall.auc, report.metrics.doubts) == (
        1.0,
        1.0,
        1,
    )
    assert report.metrics.rejected.recall == pytest.approx(2 / 3)
    assert report.metrics.rejected.precision == 1.0
    assert set(report.limits) == {"focus_doubt", "focus_reject", "focus_second_min"}


def test_each_defect_is_compared_with_good_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A noisy photo is no negative sample of a dark one; blur is either kind of it."""

    def by_level(self: DefectDetector, photo: Photo) -> dict[str, float]:
        level = level_of(photo)
        return {**dict.fromkeys(DEFECTS, 0.0), "too_dark": 1 - level, "noise": level, "defocus": level}

    monkeypatch.setattr(DefectDetector, "measure", by_level)
    monkeypatch.setattr(DefectDetector, "version", "5")
    rows = make_rows(
        tmp_path, [("dark", 5), ("noisy;blur", 250), ("clean", 120), ("good", 130), ("dark|noisy", 20)]
    )
    report = run("defects", rows)
    assert set(report.metrics.overall.per_label) == {"too_dark", "noise", "blur"}
    assert report.metrics.overall.per_label["too_dark"].n == 4
    assert report.metrics.overall.per_label["too_dark"].auc == 1.0
    assert report.metrics.overall.per_label["noise"].auc == 0.5
    assert report.metrics.overall.per_label["blur"].recall == 1.0
    assert report.metrics.overall.auc == pytest.approx(2.5 / 3)
    assert report.metrics.overall.n == 5
    assert report.limits.keys() == {"dark_doubt", "noise_doubt", "focus_second_min"}


def test_category_with_the_highest_score_is_predicted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The confusion counts true and predicted categories."""

    def by_level(self: CategoryDetector, photo: Photo, faces: Sequence[Face]) -> dict[str, float]:
        dark = level_of(photo) < 0.5
        return {**dict.fromkeys(CATEGORIES, 0.01), "food" if dark else "people": 0.9}

    monkeypatch.setattr(CategoryDetector, "measure", by_level)
    monkeypatch.setattr(CategoryDetector, "version", "5")
    monkeypatch.setattr(FaceDetector, "measure", lambda self, photo: ())
    monkeypatch.setattr(FaceDetector, "version", "4")
    rows = make_rows(tmp_path, [("food", 5), ("people", 250), ("people", 10)])
    report = run("category", rows)
    assert report.metrics.overall.accuracy == pytest.approx(2 / 3)
    assert report.metrics.overall.confusion["people"]["food"] == 1
    assert report.metrics.people_landscape.n == 2
    assert report.models == {"faces": "4", "category": "5"}


def test_every_limit_is_a_setting() -> None:
    """Every defect has one, and every label belongs to a detector or a defect."""
    fields = set(Settings.model_fields)
    assert {DEFECT_LIMITS[label] for label in (*DEFECTS, "blur")} <= fields
    assert set(LABELS) == {"eyes", "blink", "blur", "defects", "category"}
    assert set(DEFECT_ALIASES.values()) <= {*DEFECTS, "blur"}


def test_shipped_eye_network_is_accurate(shared_data: Path) -> None:
    """On people who are not in the training data; a lower bound, not a pinned value."""
    from autocull.measure.models import models_root
    from autocull.train.data.manifest import read_manifest

    rows = read_manifest(shared_data / "eyes" / "manifest.csv", labels=LABELS["eyes"])
    dev = [row for row in rows if row.split == "dev"][::4]
    report = Evaluation(models_root(), Settings()).run("eyes", dev)
    assert report.metrics.overall.accuracy > 0.93
    assert report.metrics.overall.auc > 0.98
    assert report.unreadable == []
