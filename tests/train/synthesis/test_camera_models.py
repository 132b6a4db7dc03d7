"""Cameras: each of their settings shows in the photo, and each kind of camera is what it is called."""

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
from support.sharpness_metrics import crispness


@pytest.fixture(scope="module")
def picture() -> Pixels:
    """A sharp picture with fine structure."""
    return data.astronaut()[60:180, 150:300]


def test_a_camera_in_good_order_leaves_the_photo_recognisable(picture: Pixels) -> None:
    """Tone, noise and JPEG of an ordinary camera change a picture by little."""
    linear = isp.to_linear(picture)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        seen = simulate_capture(linear, sample_camera(rng), rng)
        assert seen.shape == picture.shape
        assert seen.dtype == np.uint8
        correlation = np.corrcoef(seen.ravel().astype(float), picture.ravel().astype(float))[0, 1]
        assert correlation > 0.93


def test_each_setting_of_the_camera_shows(picture: Pixels) -> None:
    """Moving any one of the camera's settings changes the photo."""
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


def test_a_sensor_without_filter_is_crisper(picture: Pixels) -> None:
    """`demosaic` None leaves out the colour filter's softness."""
    linear = isp.to_linear(picture)
    usual = replace(sample_camera(np.random.default_rng(0)), sharpening=(1.0, 0.0), reduction=0.0)
    bare, filtered = (
        crispness(simulate_capture(linear, replace(usual, demosaic=way), np.random.default_rng(1)))
        for way in (None, "bilinear")
    )
    assert bare > filtered


def test_kinds_of_cameras_differ_as_they_are_called() -> None:
    """The usual camera has less noise and better files than any; a video camera smooths and sharpens more."""

    def median(draw: Callable[[np.random.Generator], camera_models.CameraModel], of: str) -> float:
        cameras = [draw(np.random.default_rng(seed)) for seed in range(60)]
        values = {
            "noise": [isp.noise_level(each.shot, each.read) for each in cameras],
            "quality": [min(each.qualities) for each in cameras],
            "reduction": [each.reduction for each in cameras],
            "sharpening": [each.sharpening[1] for each in cameras],
        }
        return float(np.median(values[of]))

    assert median(sample_usual_camera, "noise") < 0.6 * median(sample_camera, "noise")
    assert median(sample_usual_camera, "quality") > median(sample_camera, "quality")
    assert median(sample_video_camera, "reduction") > 0 == median(sample_usual_camera, "reduction")
    assert median(sample_video_camera, "sharpening") > 1.5 * median(sample_usual_camera, "sharpening")


def test_a_filmed_movement_has_gaps() -> None:
    """A long movement of few frames is a row of points; without frames it is drawn in one go."""
    drawn, filmed = (
        sample_motion_kernel(np.random.default_rng(4), 1, (60.0, 61.0), film_share=share)
        for share in (0.0, 1.0)
    )
    assert (filmed > 0).sum() < 0.7 * (drawn > 0).sum()
    assert blur_kernels.kernel_spread(filmed) == pytest.approx(blur_kernels.kernel_spread(drawn), rel=0.3)
