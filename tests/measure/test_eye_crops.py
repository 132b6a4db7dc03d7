"""Eye crops for display: those of the measured eyes, in their order, each of its own face."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from autocull.measure.ensemble import Ensemble
from autocull.measure.evidence import Evidence
from autocull.measure.eyes import CROP_SIDE, crop_eyes
from autocull.measure.models import Model, models_root
from autocull.read.photo import Photo
from support.evidence_builders import evidence, face


@pytest.fixture(scope="module")
def framing() -> float:
    """Return the framing with which the shipped eyes network was trained."""
    return float(Model.open(models_root(), "eyes").config["preprocessing"]["framing"])


@pytest.fixture(scope="module")
def portrait() -> tuple[Photo, Evidence]:
    """Return a portrait and its evidence."""
    photo = Photo.from_pixels(data.astronaut())
    return photo, Ensemble(models_root()).measure(photo)


def test_both_eyes_of_a_portrait_are_cropped(portrait: tuple[Photo, Evidence], framing: float) -> None:
    """Left before right, each with its evidence and its own pixels."""
    photo, measured = portrait
    crops = crop_eyes(photo, measured, framing)
    assert [crop.face_index for crop in crops] == [0, 0]
    assert tuple(crop.eye for crop in crops) == measured.faces[0].eyes
    assert all(crop.pixels.shape == (CROP_SIDE, CROP_SIDE, 3) for crop in crops)
    assert crops[0].eye.box.x0 < crops[1].eye.box.x0
    assert np.abs(crops[0].pixels.astype(int) - crops[1].pixels).mean() > 5


def test_unmeasured_eyes_are_not_cropped(portrait: tuple[Photo, Evidence], framing: float) -> None:
    """A face with one measured eye has one crop; a face without eye points has none."""
    photo, measured = portrait
    whole = measured.faces[0]
    one = replace(measured, faces=(replace(whole, eyes=whole.eyes[1:]), whole))
    assert [crop.face_index for crop in crop_eyes(photo, one, framing)] == [0, 1, 1]
    assert crop_eyes(photo, one, framing)[0].eye == whole.eyes[1]
    assert crop_eyes(photo, evidence(faces=(face(),)), framing) == []
    assert crop_eyes(photo, evidence(), framing) == []
