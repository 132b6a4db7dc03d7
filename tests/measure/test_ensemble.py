"""The ensemble: evidence holds the result of every detector, and the version of every model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from skimage import data

from autocull.errors import ModelError
from autocull.measure.ensemble import Ensemble
from autocull.measure.evidence import Evidence
from autocull.measure.exposure import measure_exposure
from autocull.measure.models import models_root
from autocull.read.photo import Capture, Photo

NAMES = ("faces", "eyes", "focus", "defects", "category", "likeness")


@pytest.fixture(scope="module")
def portrait() -> Photo:
    """Return a portrait with capture metadata and a remark."""
    return replace(
        Photo.from_pixels(data.astronaut()), capture=Capture(camera="Example One"), remarks=("scaled_down",)
    )


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    """Return the ensemble with the shipped models."""
    return Ensemble(models_root())


@pytest.fixture(scope="module")
def measured(ensemble: Ensemble, portrait: Photo) -> Evidence:
    """Return the evidence of the portrait."""
    return ensemble.measure(portrait)


def test_evidence_holds_the_result_of_each_detector(
    ensemble: Ensemble, portrait: Photo, measured: Evidence
) -> None:
    """Eyes, focus and category are measured with the faces of the same photo."""
    faces = ensemble.faces.measure(portrait)
    assert tuple(replace(face, eyes=()) for face in measured.faces) == faces
    assert tuple(face.eyes for face in measured.faces) == ensemble.eyes.measure(portrait, faces)
    maps = ensemble.category.measure_with_maps(portrait, faces)[1]
    predicted = ensemble.defects.predict(portrait)
    frame_blur = max(predicted["defocus"], predicted["motion_blur"])
    assert measured.focus == ensemble.focus.measure(portrait, faces, maps, frame_blur)
    assert measured.defects == ensemble.defects.measure(portrait, measured.exposure)
    assert measured.category == ensemble.category.measure(portrait, faces)
    assert measured.likeness == ensemble.embedding.measure(portrait)
    assert measured.exposure == measure_exposure(portrait, measured.faces, measured.focus.subject)
    assert measured.exposure.subject is not None
    assert len(measured.faces[0].eyes) == 2
    assert measured.focus.found_by == "eyes"


def test_evidence_holds_the_photos_metadata(portrait: Photo, measured: Evidence) -> None:
    """Kind, size, capture and remarks are those of the photo."""
    assert (measured.kind, measured.width, measured.height) == (
        portrait.kind,
        portrait.width,
        portrait.height,
    )
    assert (measured.capture, measured.remarks) == (portrait.capture, portrait.remarks)


def test_every_model_has_its_version(ensemble: Ensemble, measured: Evidence) -> None:
    """Six models, in the order of measuring, each with a version that is stored with the evidence."""
    assert tuple(ensemble.versions) == NAMES
    assert all(ensemble.versions.values())
    assert measured.models == ensemble.versions


def test_results_do_not_depend_on_earlier_photos(
    ensemble: Ensemble, portrait: Photo, measured: Evidence
) -> None:
    """Measuring another photo in between changes nothing."""
    assert not ensemble.measure(Photo.from_pixels(data.coffee())).faces
    assert ensemble.measure(portrait) == measured


def test_models_are_opened_at_the_first_photo(tmp_path: Path, portrait: Photo) -> None:
    """An ensemble without models can be created; measuring raises an error that names the first model."""
    empty = Ensemble(tmp_path)
    with pytest.raises(ModelError, match="faces"):
        empty.measure(portrait)
