"""Photos taken again: the same dice give the same photo, and the target says what was done to its focus."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from autocull.read.photo import Pixels
from autocull.train import camera, degrade
from autocull.train.degrade import any_camera, blurred, take


@pytest.fixture(scope="module")
def picture() -> Pixels:
    """A sharp picture with fine structure."""
    return data.astronaut()[60:180, 150:300]


def crispness(pixels: Pixels) -> float:
    """The steepest steps of a picture as a share of its tones."""
    light = pixels.mean(2)
    return float(np.quantile(np.abs(np.diff(light, axis=1)), 0.99) / max(light.std(), 1))


def test_the_same_dice_give_the_same_photo(picture: Pixels) -> None:
    """All chance comes from the generator, so a training can be repeated."""
    one, same, other = (blurred(picture, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(one.pixels, same.pixels)
    assert np.array_equal(one.target, same.target)
    assert one.pixels.shape != other.pixels.shape or not np.array_equal(one.pixels, other.pixels)


def test_targets_are_shares_and_every_kind_occurs(picture: Pixels) -> None:
    """P(sharp, defocus, motion) sums to 1; sharp, soft of both kinds, and mild ones all come up."""
    targets = np.stack([blurred(picture, np.random.default_rng(seed)).target for seed in range(100)])
    assert np.allclose(targets.sum(1), 1)
    assert (targets >= 0).all()
    assert [(targets[:, kind] > 0.9).sum() >= 5 for kind in range(3)] == [True] * 3
    assert ((targets[:, 0] > 0.1) & (targets[:, 0] < 0.9)).sum() >= 3
    assert not (targets[:, 1:] > 0).all(axis=1).any(), "no photo is both out of focus and moved"


def test_what_is_called_sharp_is_crisper(picture: Pixels) -> None:
    """Over many takes the sharp ones have steeper edges than the soft ones."""
    takes = [blurred(picture, np.random.default_rng(seed)) for seed in range(40)]
    sharp = [crispness(taken.pixels) for taken in takes if taken.target[0] > 0.9]
    soft = [crispness(taken.pixels) for taken in takes if taken.target[0] < 0.1]
    assert np.median(sharp) > 1.5 * np.median(soft)


def test_sizes_vary_for_sharp_and_soft_alike(picture: Pixels) -> None:
    """Reduced and enlarged takes occur, within the limits: the size does not give the answer away."""
    widths = [blurred(picture, np.random.default_rng(seed)).pixels.shape[1] for seed in range(40)]
    assert min(widths) < 0.75 * 150
    assert 150 < max(widths) <= round(1.8 * 150)


def test_an_enlarged_photo_is_a_little_less_sharp() -> None:
    """Enlarging takes crispness from a label, but never makes a sharp photo a soft one."""
    assert degrade._crispness(0.6) == degrade._crispness(1.0) == 1.0
    assert 0.65 < degrade._crispness(1.8) < degrade._crispness(1.3) < 1.0


def test_a_camera_in_good_order_leaves_the_photo_recognisable(picture: Pixels) -> None:
    """Tone, noise and JPEG of an ordinary camera change a picture by little."""
    linear = camera.to_linear(picture)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        seen = take(linear, any_camera(rng), rng)
        assert seen.shape == picture.shape
        assert seen.dtype == np.uint8
        correlation = np.corrcoef(seen.ravel().astype(float), picture.ravel().astype(float))[0, 1]
        assert correlation > 0.93


def test_each_setting_of_the_camera_shows(picture: Pixels) -> None:
    """Moving any one of the camera's settings changes the photo."""
    linear = camera.to_linear(picture)
    usual = replace(any_camera(np.random.default_rng(0)), reduction=0.0, demosaic="edges", qualities=(90,))
    changes = {
        "shot": 0.02,
        "read": 0.05,
        "demosaic": "bilinear",
        "reduction": 12.0,
        "sharpening": (1.0, 2.0),
        "contrast": -0.6,
        "gamma": 0.6,
        "qualities": (90, 10),
        "subsampling": {0: 2, 1: 2, 2: 0}[usual.subsampling],
    }
    before = take(linear, usual, np.random.default_rng(1))
    for name, value in changes.items():
        changed = replace(usual, **{name: value})
        assert not np.array_equal(before, take(linear, changed, np.random.default_rng(1))), name
    assert set(changes) == set(degrade.Camera.__dataclass_fields__)
    assert np.array_equal(before, take(linear, usual, np.random.default_rng(1)))


def test_a_sensor_without_filter_is_crisper(picture: Pixels) -> None:
    """`demosaic` None leaves out the colour filter's softness."""
    linear = camera.to_linear(picture)
    usual = replace(any_camera(np.random.default_rng(0)), sharpening=(1.0, 0.0), reduction=0.0)
    bare, filtered = (
        crispness(take(linear, replace(usual, demosaic=way), np.random.default_rng(1)))
        for way in (None, "bilinear")
    )
    assert bare > filtered
