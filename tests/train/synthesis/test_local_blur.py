"""Tests of simulated blur: reproducible captures whose sharpness map and targets match their content."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.read.photo import Box, Pixels
from autocull.train.synthesis import isp
from autocull.train.synthesis.local_blur import (
    BlurSimulation,
    enlarged_sharpness,
    sample_blur_mask,
    simulate_blur,
)
from support.sharpness_metrics import edge_sharpness

FULL_FRAME = Box(0.0, 0.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def picture() -> Pixels:
    """A sharp picture with fine structure."""
    return data.astronaut()[60:180, 150:300]


def test_same_seed_gives_the_same_photo(picture: Pixels) -> None:
    """The generator is the only source of chance, so that a training can be repeated."""
    first, repeated, other = (simulate_blur(picture, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert np.array_equal(first.pixels, repeated.pixels)
    assert np.array_equal(first.sharpness, repeated.sharpness)
    assert first.pixels.shape != other.pixels.shape or not np.array_equal(first.pixels, other.pixels)


def test_targets_sum_to_one_and_every_kind_occurs(picture: Pixels) -> None:
    """P(sharp, defocus, motion) sums to 1; sharp, soft of both kinds, and mild captures all occur."""
    captures = [simulate_blur(picture, np.random.default_rng(seed)) for seed in range(100)]
    assert all(capture.sharpness.shape == capture.pixels.shape[:2] for capture in captures)
    targets = np.stack([capture.target(FULL_FRAME) for capture in captures])
    assert np.allclose(targets.sum(1), 1)
    assert (targets >= 0).all()
    assert [(targets[:, kind] > 0.9).sum() >= 5 for kind in range(3)] == [True] * 3
    assert ((targets[:, 0] > 0.1) & (targets[:, 0] < 0.9)).sum() >= 3
    assert not (targets[:, 1:] > 0).all(axis=1).any(), "no photo is both out of focus and moved"


def test_sharp_captures_have_steeper_edges(picture: Pixels) -> None:
    """Over many captures the median of the sharp ones is above that of the soft ones."""
    captures = [simulate_blur(picture, np.random.default_rng(seed), local_share=0.0) for seed in range(40)]
    sharp = [edge_sharpness(capture.pixels) for capture in captures if capture.sharpness.mean() > 0.9]
    soft = [edge_sharpness(capture.pixels) for capture in captures if capture.sharpness.mean() < 0.1]
    assert np.median(sharp) > 1.5 * np.median(soft)


def test_sharpness_map_matches_local_detail() -> None:
    """Fine structure is lost where the sharpness map is low, and kept where it is high."""
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    ratios = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        capture = simulate_blur(noise, rng, kind_shares=(0.0, 1.0, 0.0), local_share=1.0)
        steps = np.abs(np.diff(capture.pixels.astype(float).mean(2), axis=1))
        kept, lost = capture.sharpness[:, 1:] > 0.65, capture.sharpness[:, 1:] < 0.05
        if kept.any() and lost.any():
            ratios.append(steps[kept].mean() / steps[lost].mean())
    assert len(ratios) >= 4
    assert min(ratios) > 1.3


def test_target_reads_the_middle_of_a_tile() -> None:
    """The border of a tile does not count; a box smaller than a pixel has a target too."""
    sharp = np.zeros((100, 200), np.float32)
    sharp[40:60, 80:120] = 1
    capture = BlurSimulation(np.zeros((100, 200, 3), np.uint8), 2, sharp)
    assert capture.target(Box(0.35, 0.35, 0.65, 0.65)) == pytest.approx([1, 0, 0], abs=0.25)
    assert capture.target(Box(0.39, 0.39, 0.61, 0.61)).tolist() == [1, 0, 0]
    assert capture.target(Box(0.0, 0.0, 0.3, 1.0)).tolist() == [0, 0, 1]
    assert capture.target(Box(0.5, 0.5, 0.501, 0.501)).tolist() == [1, 0, 0]


def test_blur_masks_are_clear_and_cover_a_share(picture: Pixels) -> None:
    """Most pixels are inside or outside, a quarter to three quarters inside, and the masks vary."""
    linear = isp.to_linear(picture)
    masks = [sample_blur_mask(linear, np.random.default_rng(seed)) for seed in range(12)]
    for mask in masks:
        assert mask.shape == linear.shape[:2]
        assert 0.2 < mask.mean() < 0.8
        assert ((mask < 0.05) | (mask > 0.95)).mean() > 0.5
    assert np.std(masks, axis=0).mean() > 0.2


def test_captures_vary_in_size(picture: Pixels) -> None:
    """Reduced and enlarged captures occur within the limits, so that the size does not reveal the target."""
    widths = [simulate_blur(picture, np.random.default_rng(seed)).pixels.shape[1] for seed in range(40)]
    assert min(widths) < 0.75 * 150
    assert 150 < max(widths) <= round(1.8 * 150)


def test_enlarged_photo_is_less_sharp() -> None:
    """Enlarging lowers the sharpness, but never below 0.65."""
    assert enlarged_sharpness(0.6) == enlarged_sharpness(1.0) == 1.0
    assert 0.65 < enlarged_sharpness(1.8) < enlarged_sharpness(1.3) < 1.0
