"""Moods: good photos that look like bad ones in one respect, with the subject still to be seen."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.arrays import Floats
from autocull.train.synthesis import hard_negatives, isp


def dice(seed: int = 3) -> np.random.Generator:
    """Make dice that fall the same in every run."""
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def scene() -> Floats:
    """A picture in linear light."""
    return isp.to_linear(data.astronaut()[:240:2, 100:400:2])


@pytest.mark.parametrize("mood", hard_negatives.HARD_NEGATIVES, ids=lambda mood: mood.__name__)
def test_a_mood_keeps_the_shape_and_is_light(mood: hard_negatives.HardNegative, scene: Floats) -> None:
    """Each makes other finite light of the same shape, leaves the given one alone, and repeats itself."""
    before = scene.copy()
    seen = mood(scene, dice())
    assert seen.shape == scene.shape
    assert np.isfinite(seen).all()
    assert seen.min() > -1e-4
    assert not np.allclose(seen, scene)
    assert np.array_equal(scene, before)
    assert np.array_equal(seen, mood(scene, dice()))


def test_masks_stand_near_the_middle_and_leave_ground() -> None:
    """A subject covers a part of the picture, more of its middle than of its rim."""
    for seed in range(20):
        mask = hard_negatives.sample_subject_mask(120, 180, dice(seed))
        assert mask.shape == (120, 180)
        assert 0.01 < mask.mean() < 0.6
        assert mask[30:90, 45:135].mean() > mask[:10].mean()


def test_a_composite_shows_each_where_it_belongs() -> None:
    """The subject comes from one picture, the ground from the other."""
    one, other = np.ones((4, 6, 3), np.float32), np.zeros((4, 6, 3), np.float32)
    mask = np.zeros((4, 6), np.float32)
    mask[:, :3] = 1
    seen = hard_negatives.composite(one, other, mask)
    assert (seen[:, :3] == 1).all()
    assert (seen[:, 3:] == 0).all()


def finished_median(linear: Floats) -> float:
    """The median of the picture as it is seen, 0-1."""
    return float(np.median(isp.to_encoded(linear)))


def test_night_and_low_key_are_dark_with_lights(scene: Floats) -> None:
    """Most is dark, and something is lit: that is what tells them from a photo too dark."""
    for mood in (hard_negatives.night, hard_negatives.low_key):
        seen = mood(scene, dice())
        assert finished_median(seen) < 0.6 * finished_median(scene)
        assert np.quantile(isp.to_encoded(seen), 0.999) > 0.5


def test_high_key_is_bright_and_silhouettes_hold_both(scene: Floats) -> None:
    """High key has a white ground; a silhouette has bright sky and a dark shape."""
    assert np.quantile(isp.to_encoded(hard_negatives.high_key(scene, dice())), 0.7) > 0.8
    seen = isp.to_encoded(hard_negatives.silhouette(scene, dice()))
    assert (seen > 0.55).mean() > 0.15
    assert (seen < 0.3).mean() > 0.03


def test_fog_flattens(scene: Floats) -> None:
    """Fog takes contrast, evenly."""
    assert hard_negatives.fog(scene, dice()).std() < 0.75 * scene.std()


@pytest.mark.parametrize("mood", [hard_negatives.bokeh, hard_negatives.panning])
def test_a_soft_ground_leaves_the_subject_sharp(mood: hard_negatives.HardNegative, scene: Floats) -> None:
    """On a part of the picture nothing changes, on the rest detail goes."""
    seen = mood(scene, dice(8))
    change = np.abs(seen - scene).sum(2)
    assert (change < 1e-4).mean() > 0.02
    assert (change > 1e-2).mean() > 0.1
    gone = change > 1e-2
    steps = [np.abs(np.diff(picture.mean(2), axis=1))[gone[:, 1:]].mean() for picture in (seen, scene)]
    assert steps[0] < 0.7 * steps[1]


def test_monochrome_has_one_hue(scene: Floats) -> None:
    """Black and white or toned: the channels are in one proportion everywhere."""
    for seed in range(6):
        seen = hard_negatives.monochrome(scene, dice(seed))
        ratio = seen[..., 2][seen[..., 0] > 0.05] / seen[..., 0][seen[..., 0] > 0.05]
        assert ratio.std() < 1e-3


def test_light_moods_are_moods() -> None:
    """Those that bar exposure faults are among all moods."""
    assert set(hard_negatives.HARD_NEGATIVES) > hard_negatives.LIGHTING_NEGATIVES
