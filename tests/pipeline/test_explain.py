"""Tests of the analysis of one photo: the verdict of culling, its companion, its maps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from autocull.errors import ModelError, PhotoError
from autocull.judge import Settings, judge
from autocull.measure.models import models_root
from autocull.pipeline.explain import PhotoAnalysis, analyse, build_explanation, find_frame
from autocull.pipeline.worker_main import make_measure


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a portrait whose lower right corner is burnt out."""
    path = tmp_path_factory.mktemp("explaining") / "portrait.png"
    picture = data.astronaut()
    picture[380:, 380:] = 255
    Image.fromarray(picture).save(path)
    return path


@pytest.fixture(scope="module")
def analysis(portrait: Path) -> PhotoAnalysis:
    """Analyse the portrait with the shipped networks."""
    return analyse(portrait, models_root(), Settings())


def test_verdict_is_that_of_culling(portrait: Path, analysis: PhotoAnalysis) -> None:
    """Evidence and verdict are the same as in a worker."""
    measured = make_measure(models_root())(find_frame(portrait)).outcome
    assert measured == analysis.result.evidence
    assert judge(analysis.result.evidence, Settings()) == analysis.result.verdict


def test_settings_are_applied(portrait: Path) -> None:
    """A limit that no photo reaches changes the verdict."""
    strict = analyse(portrait, models_root(), Settings(focus_doubt=1.0))
    assert "focus_doubtful" in {reason.code for reason in strict.result.verdict.reasons}


def test_eyes_and_main_labels_have_pictures(analysis: PhotoAnalysis) -> None:
    """Two eyes, one category, two defects; each map has 8 x 8 cells with probabilities."""
    explanation = build_explanation(analysis)
    assert len(explanation.eyes) == 2
    assert [label.kind for label, _ in explanation.occlusion_maps] == ["category", "defect", "defect"]
    for _, occlusion_map in explanation.occlusion_maps:
        assert occlusion_map.shape == (8, 8)
        assert occlusion_map.min() >= 0
        assert occlusion_map.max() <= 1 + 1e-6
    assert explanation.working is analysis.photo.working


def test_map_of_people_is_highest_at_the_face(analysis: PhotoAnalysis) -> None:
    """The map of the category is high on the portrait's face and not in the burnt corner."""
    (label, occlusion_map) = build_explanation(analysis).occlusion_maps[0]
    assert label.code == "people"
    box = analysis.result.evidence.faces[0].box
    row, column = int((box.y0 + box.y1) * 4), int((box.x0 + box.x1) * 4)
    assert occlusion_map[row, column] > occlusion_map[6:, 6:].mean() + 0.2


def test_configurations_are_those_of_the_detectors(analysis: PhotoAnalysis) -> None:
    """Each detector in the evidence has its configuration."""
    assert set(analysis.configs) == set(analysis.result.evidence.models)
    assert analysis.configs["eyes"]["classes"]


def test_raw_file_and_its_jpeg_are_one_photo(tmp_path: Path) -> None:
    """Whichever of a pair is named, both are its files; another name and a sidecar are not."""
    for name in ("IMG_1.NEF", "IMG_1.JPG", "IMG_10.JPG", "IMG_1.xmp"):
        (tmp_path / name).write_bytes(b"x")
    for name in ("IMG_1.NEF", "IMG_1.JPG"):
        frame = find_frame(tmp_path / name)
        assert frame.path.name == "IMG_1.NEF"
        assert [path.name for path in frame.companions] == ["IMG_1.JPG"]
    assert find_frame(tmp_path / "IMG_10.JPG").files == (tmp_path / "IMG_10.JPG",)


def test_unreadable_photo_is_named(tmp_path: Path) -> None:
    """Missing, empty or something else: the error has the path and its code."""
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "notes.jpg").write_text("to do")
    for name, code in (("none.jpg", "missing"), ("empty.jpg", "empty"), ("notes.jpg", "not_a_photo")):
        with pytest.raises(PhotoError) as caught:
            analyse(tmp_path / name, models_root(), Settings())
        assert caught.value.code == code
        assert caught.value.path == tmp_path / name


def test_missing_model_is_named(tmp_path: Path) -> None:
    """Without the networks there is no analysis."""
    Image.fromarray(np.zeros((60, 90, 3), np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(ModelError, match="faces"):
        analyse(tmp_path / "a.png", tmp_path, Settings())
