"""The evaluation of verdicts on files: sizes, unreadable photos, and its JSON."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from autocull.errors import PhotoError
from autocull.judge import Settings
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame, read_photo
from autocull.train.verdicts.evaluation import VerdictEvaluation
from autocull.train.verdicts.labels import VerdictSample
from support import evidence_builders as builders
from support.cull_run_fakes import FakeWorkers
from support.labelled_photos import dark_evidence, labelled_photo


def measure_by_light(frame: Frame) -> Measurement:
    """Measure that a black photo is too dark, but only if it has few pixels."""
    try:
        photo = read_photo(frame.path)
    except PhotoError as error:
        return Measurement(error)
    is_dark = float(np.mean(photo.working)) < 30 and photo.width < 700
    return Measurement(dark_evidence(0.99) if is_dark else builders.evidence())


@pytest.fixture
def photos(tmp_path: Path) -> list[VerdictSample]:
    """Write a large and a small black photo, a light one, and one that is no photo."""
    for name, size, level in (("large", 900, 5), ("small", 300, 5), ("light", 900, 180)):
        Image.new("RGB", (size, size // 2), (level,) * 3).save(tmp_path / f"{name}.jpg")
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    kinds = {"large": "dark", "small": "dark", "light": "high_key", "broken": "dark"}
    return [labelled_photo(str(tmp_path / f"{name}.jpg"), kind) for name, kind in kinds.items()]


def test_photos_are_judged_at_every_size(photos: list[VerdictSample]) -> None:
    """A photo smaller than a size is left out there; each photo and size is one step of the progress."""
    steps: list[None] = []
    evaluation = VerdictEvaluation(
        settings=Settings(),
        on_progress=lambda: steps.append(None),
        start_workers=lambda: FakeWorkers(measure_by_light),
    )
    report = evaluation.run(photos, ("500", "camera"), 0.01)
    answers = {(outcome.size, outcome.photo.path.stem): outcome.verdict.answer for outcome in report.outcomes}
    assert answers == {
        ("500", "large"): "reject",
        ("500", "light"): "keep",
        ("camera", "large"): "keep",
        ("camera", "small"): "reject",
        ("camera", "light"): "keep",
    }
    assert len(steps) == 8
    assert [each.path.stem for each in report.unreadable] == ["broken"]
    (changes,) = report.changes
    assert (changes.n, changes.to_reject) == (2, 1)
    assert [curve.setting for curve in report.curves] == ["dark_reject"]
    stored = json.loads(json.dumps(report.to_json()))
    assert stored["n"] == 3
    assert stored["photos"][0]["reasons"] == ["too_dark"]
    assert stored["unreadable"][0]["code"] == "not_a_photo"


def test_copies_are_removed(
    photos: list[VerdictSample], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only the user's files stay."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    measured: list[Path] = []

    def measure(frame: Frame) -> Measurement:
        measured.append(frame.path)
        return measure_by_light(frame)

    VerdictEvaluation(settings=Settings(), start_workers=lambda: FakeWorkers(measure)).run(photos, ("500",))
    assert any((tmp_path / "temporary") in path.parents for path in measured)
    assert not list((tmp_path / "temporary").rglob("*.jpg"))
