"""Tests of hard negatives: each resembles a defect in one respect and keeps the subject visible."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import hard_negatives, isp
from autocull.train.synthesis.hard_negatives import HARD_NEGATIVES


def make_rng(seed: int = 3) -> np.random.Generator:
    """Make a seeded random generator."""
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def scene() -> Floats:
    """A picture in linear light."""
    return isp.to_linear(data.astronaut()[:240:2, 100:400:2])


@pytest.mark.parametrize("hard_negative", HARD_NEGATIVES, ids=lambda function: function.__name__)
def test_hard_negative_is_linear_light_of_the_same_shape(
    hard_negative: hard_negatives.HardNegative, scene: Floats
) -> None:
    """Each returns other finite light of the same shape, keeps its input, and is reproducible."""
    before = scene.copy()
    result = hard_negative(scene, make_rng())
    assert result.shape == scene.shape
    assert np.isfinite(result).all()
    assert result.min() > -1e-4
    assert not np.allclose(result, scene)
    assert np.array_equal(scene, before)
    assert np.array_equal(result, hard_negative(scene, make_rng()))


def test_subject_masks_are_near_the_centre() -> None:
    """A mask covers a part of the picture, and more of its middle than of its top edge."""
    for seed in range(20):
        mask = hard_negatives.sample_subject_mask(120, 180, make_rng(seed))
        assert mask.shape == (120, 180)
        assert 0.01 < mask.mean() < 0.6
        assert mask[30:90, 45:135].mean() > mask[:10].mean()


def test_composite_follows_the_mask() -> None:
    """The subject is taken from one picture, the background from the other."""
    white, black = np.ones((4, 6, 3), np.float32), np.zeros((4, 6, 3), np.float32)
    mask = np.zeros((4, 6), np.float32)
    mask[:, :3] = 1
    result = hard_negatives.composite(white, black, mask)
    assert (result[:, :3] == 1).all()
    assert (result[:, 3:] == 0).all()


def encoded_median(linear: Floats) -> float:
    """Return the median of the encoded picture, 0-1."""
    return float(np.median(isp.to_encoded(linear)))


def test_night_and_low_key_are_dark_with_bright_parts(scene: Floats) -> None:
    """The median is dark and some pixels are bright, unlike in an underexposed photo."""
    for hard_negative in (hard_negatives.night, hard_negatives.low_key):
        result = hard_negative(scene, make_rng())
        assert encoded_median(result) < 0.6 * encoded_median(scene)
        assert np.quantile(isp.to_encoded(result), 0.999) > 0.5


def test_high_key_is_bright_and_silhouette_has_both(scene: Floats) -> None:
    """High key has a white background; a silhouette has bright sky and a dark shape."""
    assert np.quantile(isp.to_encoded(hard_negatives.high_key(scene, make_rng())), 0.7) > 0.8
    result = isp.to_encoded(hard_negatives.silhouette(scene, make_rng()))
    assert (result > 0.55).mean() > 0.15
    assert (result < 0.3).mean() > 0.03


def test_fog_reduces_contrast(scene: Floats) -> None:
    """Fog lowers the standard deviation of the light."""
    assert hard_negatives.fog(scene, make_rng()).std() < 0.75 * scene.std()


@pytest.mark.parametrize("hard_negative", [hard_negatives.bokeh, hard_negatives.panning])
def test_blurred_background_leaves_the_subject_sharp(
    hard_negative: hard_negatives.HardNegative, scene: Floats
) -> None:
    """One part of the picture is unchanged, the rest loses detail."""
    result = hard_negative(scene, make_rng(8))
    change = np.abs(result - scene).sum(2)
    assert (change < 1e-4).mean() > 0.02
    assert (change > 1e-2).mean() > 0.1
    changed = change > 1e-2
    steps = [np.abs(np.diff(picture.mean(2), axis=1))[changed[:, 1:]].mean() for picture in (result, scene)]
    assert steps[0] < 0.7 * steps[1]


def test_monochrome_has_one_hue(scene: Floats) -> None:
    """In black and white or toned pictures the channels have one ratio everywhere."""
    for seed in range(6):
        result = hard_negatives.monochrome(scene, make_rng(seed))
        ratio = result[..., 2][result[..., 0] > 0.05] / result[..., 0][result[..., 0] > 0.05]
        assert ratio.std() < 1e-3


def test_lighting_negatives_are_hard_negatives() -> None:
    """They are a proper subset."""
    assert set(hard_negatives.HARD_NEGATIVES) > hard_negatives.LIGHTING_NEGATIVES
