"""Evaluation: the figures are those of the product's own answers, and what cannot be read is named."""

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
from autocull.train.evaluation.evaluator import Evaluation
from autocull.vocabulary import CATEGORIES, DEFECTS
from support.evidence_builders import evidence, face, focus


def make_rows(folder: Path, labels: Sequence[tuple[str, int]]) -> list[Row]:
    """Write one plain photo per (label, grey level); the level is what the fakes answer by."""
    rows = []
    for index, (label, level) in enumerate(labels):
        path = folder / f"{index}.png"
        Image.new("RGB", (200, 160), (level, level, level)).save(path)
        rows.append(Row(path, label, "dev", str(index), "", index + 2, {}))
    return rows


def level_of(photo: Photo) -> float:
    """Give the photo's grey level, 0-1."""
    return float(photo.working[0, 0, 0]) / 255


def run(member: str, rows: Sequence[Row], **settings: Any) -> dict[str, Any]:
    """Evaluate with the given settings."""
    return Evaluation(Path("models"), Settings(**settings)).run(member, rows)


def test_eyes_are_closed_below_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed is the positive side; the limit is the judge's, and moving it moves the figures."""

    def by_level(self: EyeDetector, crops: Sequence[Any]) -> Any:
        return np.array([crop[0, 0, 0] / 255 for crop in crops])

    monkeypatch.setattr(EyeDetector, "open_probability", by_level)
    monkeypatch.setattr(EyeDetector, "version", "5")
    rows = make_rows(tmp_path, [("closed", 10), ("closed", 100), ("open", 150), ("open", 240)])
    figures = run("eyes", rows)
    assert (figures["n"], figures["accuracy"], figures["auc"], figures["positive"]) == (4, 1.0, 1.0, "closed")
    assert figures["confusion"] == {"closed": {"closed": 2, "open": 0}, "open": {"closed": 0, "open": 2}}
    assert figures["models"] == {"eyes": "5"}
    assert figures["limits"] == {"eyes_open": 0.5}
    stricter = run("eyes", rows, eyes_open=0.7)
    assert stricter["accuracy"] == 0.75
    assert stricter["per_label"]["open"]["recall"] == 0.5


def test_what_cannot_be_read_is_named_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crops and photos alike: no figure counts them, and each is told as a step."""
    monkeypatch.setattr(EyeDetector, "open_probability", lambda self, crops: np.array([0.9]))
    monkeypatch.setattr(EyeDetector, "version", "5")
    rows = make_rows(tmp_path, [("open", 10), ("open", 20), ("open", 30)])
    rows[0].path.write_bytes(b"no picture")
    rows[1].path.unlink()
    steps: list[int] = []
    figures = Evaluation(tmp_path, Settings(), lambda: steps.append(1)).run("eyes", rows)
    assert (figures["n"], len(steps)) == (1, 3)
    assert [each["path"] for each in figures["unreadable"]] == [str(row.path) for row in rows[:2]]
    monkeypatch.setattr(DefectDetector, "measure", lambda self, photo: dict.fromkeys(DEFECTS, 0.0))
    monkeypatch.setattr(DefectDetector, "version", "5")
    good = [Row(row.path, "good", "dev", "", "", 2, {}) for row in rows]
    figures = run("defects", good)
    assert (figures["n"], figures["accuracy"], figures["per_label"]) == (1, None, {})
    assert [each["code"] for each in figures["unreadable"]] == ["not_a_photo", "missing"]


class _Answers:
    """An ensemble that gives the next of some evidences."""

    def __init__(self, *answers: Evidence) -> None:
        self._answers = iter(answers)
        self.versions = {"faces": "1"}

    def measure(self, photo: Photo) -> Evidence:
        """Give the next one."""
        return next(self._answers)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let a test say which evidence the ensemble gives, photo by photo."""

    def install(*evidences: Evidence) -> None:
        monkeypatch.setattr(evaluator, "Ensemble", lambda models: _Answers(*evidences))

    return install


def test_a_blink_without_an_answer_counts_as_none(tmp_path: Path, answers: Any) -> None:
    """No faces and doubts are counted apart; the figures of the answered ones stand beside the whole."""
    doubtful = evidence(faces=(face(0.42),))
    answers(evidence(faces=(face(0.02),)), evidence(faces=(face(),)), evidence(), doubtful)
    rows = make_rows(tmp_path, [("closed", 1), ("open", 2), ("mixed", 3), ("open", 4)])
    figures = run("blink", rows)
    assert (figures["n"], figures["cannot_tell"], figures["no_faces"]) == (4, 1, 1)
    assert figures["confusion"]["closed"] == {"closed": 1, "open": 1}
    assert figures["accuracy"] == 0.75
    assert (figures["answered"]["n"], figures["answered"]["accuracy"]) == (2, 1.0)
    assert "calibration_error" not in figures
    assert figures["models"] == {"faces": "1"}


def test_a_portraits_answer_carries_what_it_is_grouped_by(tmp_path: Path, answers: Any) -> None:
    """The lightness is that of this photo: brighter pixels, a larger number; the face's size is in pixels."""
    answers(evidence(faces=(face(),)), evidence(faces=(face(),)), evidence())
    rows = make_rows(tmp_path, [("open", 60), ("open", 200), ("open", 128)])
    dark, bright, faceless = Evaluation(Path("models"), Settings()).predict("blink", rows).predictions
    assert (
        dark.measurements["lightness"] < faceless.measurements["lightness"] < bright.measurements["lightness"]
    )
    assert dark.measurements["face_size"] == pytest.approx(64)
    assert "face_size" not in faceless.measurements


def test_blur_is_what_the_judge_calls_soft(tmp_path: Path, answers: Any) -> None:
    """A doubt counts as soft, and the rejected ones have figures of their own."""
    blurred = {"defocus": 0.9, "motion_blur": 0.9}
    answers(
        evidence(focus=focus(0.02), defects=blurred),
        evidence(focus=focus(0.3)),
        evidence(focus=focus(0.95)),
        evidence(focus=focus(0.1, motion=0.9), defects=blurred),
    )
    rows = make_rows(tmp_path, [("defocus", 1), ("blurred", 2), ("sharp", 3), ("motion", 4)])
    figures = run("blur", rows)
    assert (figures["accuracy"], figures["auc"], figures["cannot_tell"]) == (1.0, 1.0, 1)
    assert figures["rejected"]["recall"] == pytest.approx(2 / 3)
    assert figures["rejected"]["precision"] == 1.0
    assert set(figures["limits"]) == {"focus_doubt", "focus_reject", "focus_second_min"}


def test_each_defect_is_held_against_the_good_photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A noisy photo is no example of a photo that is not dark; blur is either kind."""

    def by_level(self: DefectDetector, photo: Photo) -> dict[str, float]:
        level = level_of(photo)
        return {**dict.fromkeys(DEFECTS, 0.0), "too_dark": 1 - level, "noise": level, "defocus": level}

    monkeypatch.setattr(DefectDetector, "measure", by_level)
    monkeypatch.setattr(DefectDetector, "version", "5")
    rows = make_rows(
        tmp_path, [("dark", 5), ("noisy;blur", 250), ("clean", 120), ("good", 130), ("dark|noisy", 20)]
    )
    figures = run("defects", rows)
    assert set(figures["per_label"]) == {"too_dark", "noise", "blur"}
    assert figures["per_label"]["too_dark"]["n"] == 4
    assert figures["per_label"]["too_dark"]["auc"] == 1.0
    assert figures["per_label"]["noise"]["auc"] == 0.5
    assert figures["per_label"]["blur"]["recall"] == 1.0
    assert figures["auc"] == pytest.approx(2.5 / 3)
    assert figures["n"] == 5
    assert figures["limits"].keys() == {"dark_doubt", "noise_doubt", "focus_second_min"}


def test_the_likeliest_category_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The confusion names what was taken for what."""

    def by_level(self: CategoryDetector, photo: Photo, faces: Sequence[Face]) -> dict[str, float]:
        dark = level_of(photo) < 0.5
        return {**dict.fromkeys(CATEGORIES, 0.01), "food" if dark else "people": 0.9}

    monkeypatch.setattr(CategoryDetector, "measure", by_level)
    monkeypatch.setattr(CategoryDetector, "version", "5")
    monkeypatch.setattr(FaceDetector, "measure", lambda self, photo: ())
    monkeypatch.setattr(FaceDetector, "version", "4")
    rows = make_rows(tmp_path, [("food", 5), ("people", 250), ("people", 10)])
    figures = run("category", rows)
    assert figures["accuracy"] == pytest.approx(2 / 3)
    assert figures["confusion"]["people"]["food"] == 1
    assert figures["people_landscape"]["n"] == 2
    assert figures["models"] == {"faces": "4", "category": "5"}


def test_the_limits_are_settings_and_the_labels_known() -> None:
    """Whatever decides an evaluation is a setting; every defect has one."""
    fields = set(Settings.model_fields)
    assert {DEFECT_LIMITS[label] for label in (*DEFECTS, "blur")} <= fields
    assert set(LABELS) == {"eyes", "blink", "blur", "defects", "category"}
    assert set(DEFECT_ALIASES.values()) <= {*DEFECTS, "blur"}


def test_the_shipped_eyes_know_open_from_closed(shared_data: Path) -> None:
    """On people never trained on, by the product's own way; a floor, not a pinned value."""
    from autocull.measure.models import models_root
    from autocull.train.data.manifest import read_manifest

    rows = read_manifest(shared_data / "eyes" / "manifest.csv", labels=LABELS["eyes"])
    dev = [row for row in rows if row.split == "dev"][::4]
    figures = Evaluation(models_root(), Settings()).run("eyes", dev)
    assert figures["accuracy"] > 0.93
    assert figures["auc"] > 0.98
    assert figures["unreadable"] == []
