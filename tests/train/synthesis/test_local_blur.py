"""Photos taken again: the same dice give the same photo, and the target says what was done to its focus."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.read.photo import Box, Pixels
from autocull.train.synthesis import isp
from autocull.train.synthesis import local_blur as takes
from autocull.train.synthesis.local_blur import BlurSimulation, sample_blur_mask, simulate_blur
from support.sharpness_metrics import crispness

WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def picture() -> Pixels:
    """A sharp picture with fine structure."""
    return data.astronaut()[60:180, 150:300]


def test_the_same_dice_give_the_same_photo(picture: Pixels) -> None:
    """All chance comes from the generator, so a training can be repeated."""
    one, same, other = (simulate_blur(picture, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(one.pixels, same.pixels)
    assert np.array_equal(one.sharpness, same.sharpness)
    assert one.pixels.shape != other.pixels.shape or not np.array_equal(one.pixels, other.pixels)


def test_targets_are_shares_and_every_kind_occurs(picture: Pixels) -> None:
    """P(sharp, defocus, motion) sums to 1; sharp, soft of both kinds, and mild ones all come up."""
    made = [simulate_blur(picture, np.random.default_rng(seed)) for seed in range(100)]
    assert all(taken.sharpness.shape == taken.pixels.shape[:2] for taken in made)
    targets = np.stack([taken.target(WHOLE) for taken in made])
    assert np.allclose(targets.sum(1), 1)
    assert (targets >= 0).all()
    assert [(targets[:, kind] > 0.9).sum() >= 5 for kind in range(3)] == [True] * 3
    assert ((targets[:, 0] > 0.1) & (targets[:, 0] < 0.9)).sum() >= 3
    assert not (targets[:, 1:] > 0).all(axis=1).any(), "no photo is both out of focus and moved"


def test_what_is_called_sharp_is_crisper(picture: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over many takes the sharp ones have steeper edges than the soft ones."""
    monkeypatch.setattr(takes, "_LOCAL_SHARE", 0.0)
    made = [simulate_blur(picture, np.random.default_rng(seed)) for seed in range(40)]
    sharp = [crispness(taken.pixels) for taken in made if taken.sharpness.mean() > 0.9]
    soft = [crispness(taken.pixels) for taken in made if taken.sharpness.mean() < 0.1]
    assert np.median(sharp) > 1.5 * np.median(soft)


def test_a_photo_soft_in_part_is_soft_where_it_says(picture: Pixels, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a take that is soft in places, fine structure is lost there and kept elsewhere."""
    monkeypatch.setattr(takes, "_LOCAL_SHARE", 1.0)
    monkeypatch.setattr(takes, "_KIND_SHARES", (0.0, 1.0, 0.0))
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    ratios = []
    for seed in range(12):
        taken = simulate_blur(noise, np.random.default_rng(seed))
        steps = np.abs(np.diff(taken.pixels.astype(float).mean(2), axis=1))
        kept, lost = taken.sharpness[:, 1:] > 0.65, taken.sharpness[:, 1:] < 0.05
        if kept.any() and lost.any():
            ratios.append(steps[kept].mean() / steps[lost].mean())
    assert len(ratios) >= 4
    assert min(ratios) > 1.3


def test_a_tile_is_asked_about_its_middle() -> None:
    """What lies at a tile's rim does not count; a box smaller than a pixel has an answer too."""
    sharp = np.zeros((100, 200), np.float32)
    sharp[40:60, 80:120] = 1
    taken = BlurSimulation(np.zeros((100, 200, 3), np.uint8), 2, sharp)
    assert taken.target(Box(0.35, 0.35, 0.65, 0.65)) == pytest.approx([1, 0, 0], abs=0.25)
    assert taken.target(Box(0.39, 0.39, 0.61, 0.61)).tolist() == [1, 0, 0]
    assert taken.target(Box(0.0, 0.0, 0.3, 1.0)).tolist() == [0, 0, 1]
    assert taken.target(Box(0.5, 0.5, 0.501, 0.501)).tolist() == [1, 0, 0]


def test_places_are_clear_and_take_a_fair_share(picture: Pixels) -> None:
    """Most of the picture is inside or outside, a quarter to three quarters inside; chance moves them."""
    linear = isp.to_linear(picture)
    drawn = [sample_blur_mask(linear, np.random.default_rng(seed)) for seed in range(12)]
    for where in drawn:
        assert where.shape == linear.shape[:2]
        assert 0.2 < where.mean() < 0.8
        assert ((where < 0.05) | (where > 0.95)).mean() > 0.5
    assert np.std(drawn, axis=0).mean() > 0.2


def test_sizes_vary_for_sharp_and_soft_alike(picture: Pixels) -> None:
    """Reduced and enlarged takes occur, within the limits: the size does not give the answer away."""
    widths = [simulate_blur(picture, np.random.default_rng(seed)).pixels.shape[1] for seed in range(40)]
    assert min(widths) < 0.75 * 150
    assert 150 < max(widths) <= round(1.8 * 150)


def test_an_enlarged_photo_is_a_little_less_sharp() -> None:
    """Enlarging takes crispness from a label, but never makes a sharp photo a soft one."""
    assert takes._enlarged_sharpness(0.6) == takes._enlarged_sharpness(1.0) == 1.0
    assert 0.65 < takes._enlarged_sharpness(1.8) < takes._enlarged_sharpness(1.3) < 1.0
