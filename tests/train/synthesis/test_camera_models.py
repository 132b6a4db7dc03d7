"""Tests of the camera models: every parameter changes the photo, and the kinds differ as named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from autocull.read.photo import Pixels
from autocull.train.synthesis import blur_kernels, camera_models, isp
from autocull.train.synthesis.camera_models import (
    sample_camera,
    sample_motion_kernel,
    sample_usual_camera,
    sample_video_camera,
    simulate_capture,
)
from support.sharpness_metrics import edge_sharpness


@pytest.fixture(scope="module")
def picture() -> Pixels:
    """A sharp picture with fine structure."""
    return data.astronaut()[60:180, 150:300]


def test_ordinary_camera_changes_the_photo_little(picture: Pixels) -> None:
    """Tone, noise and JPEG of an ordinary camera leave a picture highly correlated with the original."""
    linear = isp.to_linear(picture)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        photo = simulate_capture(linear, sample_camera(rng), rng)
        assert photo.shape == picture.shape
        assert photo.dtype == np.uint8
        correlation = np.corrcoef(photo.ravel().astype(float), picture.ravel().astype(float))[0, 1]
        assert correlation > 0.93


def test_each_parameter_changes_the_photo(picture: Pixels) -> None:
    """Changing any single parameter of the camera model changes the photo."""
    linear = isp.to_linear(picture)
    usual = replace(sample_camera(np.random.default_rng(0)), reduction=0.0, demosaic="edges", qualities=(90,))
    changes = {
        "shot": 0.02,
        "read": 0.05,
        "grain": 1.5,
        "demosaic": "bilinear",
        "reduction": 12.0,
        "sharpening": (1.0, 2.0),
        "contrast": -0.6,
        "gamma": 0.6,
        "qualities": (90, 10),
        "subsampling": {0: 2, 1: 2, 2: 0}[usual.subsampling],
    }
    before = simulate_capture(linear, usual, np.random.default_rng(1))
    for name, value in changes.items():
        changed = replace(usual, **{name: value})
        assert not np.array_equal(before, simulate_capture(linear, changed, np.random.default_rng(1))), name
    assert set(changes) == set(camera_models.CameraModel.__dataclass_fields__)
    assert np.array_equal(before, simulate_capture(linear, usual, np.random.default_rng(1)))


def test_sensor_without_colour_filter_is_sharper(picture: Pixels) -> None:
    """With `demosaic` None there is no loss of sharpness by the colour filter."""
    linear = isp.to_linear(picture)
    usual = replace(sample_camera(np.random.default_rng(0)), sharpening=(1.0, 0.0), reduction=0.0)
    without_filter, with_filter = (
        edge_sharpness(simulate_capture(linear, replace(usual, demosaic=method), np.random.default_rng(1)))
        for method in (None, "bilinear")
    )
    assert without_filter > with_filter


def test_kinds_of_cameras_differ_as_named() -> None:
    """A usual camera has less noise and a higher quality; a video camera reduces noise and sharpens more."""

    def median_of(sample: Callable[[np.random.Generator], camera_models.CameraModel], quantity: str) -> float:
        cameras = [sample(np.random.default_rng(seed)) for seed in range(60)]
        values = {
            "noise": [isp.noise_level(each.shot, each.read) for each in cameras],
            "quality": [min(each.qualities) for each in cameras],
            "reduction": [each.reduction for each in cameras],
            "sharpening": [each.sharpening[1] for each in cameras],
        }
        return float(np.median(values[quantity]))

    assert median_of(sample_usual_camera, "noise") < 0.6 * median_of(sample_camera, "noise")
    assert median_of(sample_usual_camera, "quality") > median_of(sample_camera, "quality")
    assert median_of(sample_video_camera, "reduction") > 0 == median_of(sample_usual_camera, "reduction")
    assert median_of(sample_video_camera, "sharpening") > 1.5 * median_of(sample_usual_camera, "sharpening")


def test_film_kernel_has_gaps() -> None:
    """A long movement of few frames is a row of points; without frames it is continuous."""
    continuous, film = (
        sample_motion_kernel(np.random.default_rng(4), 1, (60.0, 61.0), film_share=share)
        for share in (0.0, 1.0)
    )
    assert (film > 0).sum() < 0.7 * (continuous > 0).sum()
    assert blur_kernels.kernel_spread(film) == pytest.approx(blur_kernels.kernel_spread(continuous), rel=0.3)
