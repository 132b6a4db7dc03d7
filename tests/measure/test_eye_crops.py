"""Eye crops: those that were judged, in their order, upright and of their own face."""

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
    """The framing that the shipped eyes network was trained with."""
    return float(Model.open(models_root(), "eyes").config["preprocessing"]["framing"])


@pytest.fixture(scope="module")
def portrait() -> tuple[Photo, Evidence]:
    """A portrait and what the ensemble measured in it."""
    photo = Photo.from_pixels(data.astronaut())
    return photo, Ensemble(models_root()).measure(photo)


def test_both_eyes_of_a_portrait_are_cut_out(portrait: tuple[Photo, Evidence], framing: float) -> None:
    """Left before right, with what was measured, each an eye's own picture and not the same one."""
    photo, seen = portrait
    crops = crop_eyes(photo, seen, framing)
    assert [crop.face_index for crop in crops] == [0, 0]
    assert tuple(crop.eye for crop in crops) == seen.faces[0].eyes
    assert all(crop.pixels.shape == (CROP_SIDE, CROP_SIDE, 3) for crop in crops)
    assert crops[0].eye.box.x0 < crops[1].eye.box.x0
    assert np.abs(crops[0].pixels.astype(int) - crops[1].pixels).mean() > 5


def test_an_eye_that_was_not_judged_is_not_shown(portrait: tuple[Photo, Evidence], framing: float) -> None:
    """Of a face with one judged eye there is one crop; of one without points none."""
    photo, seen = portrait
    whole = seen.faces[0]
    one = replace(seen, faces=(replace(whole, eyes=whole.eyes[1:]), whole))
    assert [crop.face_index for crop in crop_eyes(photo, one, framing)] == [0, 1, 1]
    assert crop_eyes(photo, one, framing)[0].eye == whole.eyes[1]
    assert crop_eyes(photo, evidence(faces=(face(),)), framing) == []
    assert crop_eyes(photo, evidence(), framing) == []
