"""Exposure: percentiles and clipped shares of the luma."""

from __future__ import annotations

import numpy as np
import pytest

from autocull.measure.exposure import count_small_lights, mean_luma, measure_exposure
from autocull.read.photo import Photo, Pixels


def test_uniform_grey_photo_has_one_tone() -> None:
    """All percentiles are that tone and nothing is clipped."""
    exposure = measure_exposure(Photo.from_pixels(np.full((40, 60, 3), 128, np.uint8)))
    assert exposure.low == exposure.median == exposure.high == pytest.approx(128 / 255)
    assert exposure.clipped_dark == exposure.clipped_bright == 0


def test_percentiles_of_a_ramp() -> None:
    """The 5th, 50th and 95th percentile of a ramp are at these shares of the range."""
    ramp = np.linspace(0, 255, 256, dtype=np.uint8)[None, :, None].repeat(50, 0).repeat(3, 2)
    exposure = measure_exposure(Photo.from_pixels(ramp))
    assert exposure.low == pytest.approx(0.05, abs=0.01)
    assert exposure.median == pytest.approx(0.5, abs=0.01)
    assert exposure.high == pytest.approx(0.95, abs=0.01)


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_clipped_areas_are_shares_of_the_photo(share: float) -> None:
    """Black and white areas are counted separately, as shares of the whole."""
    picture = np.full((100, 100, 3), 120, np.uint8)
    picture[: round(100 * share)] = 0
    picture[-20:] = 255
    exposure = measure_exposure(Photo.from_pixels(picture))
    assert exposure.clipped_dark == pytest.approx(share)
    assert exposure.clipped_bright == pytest.approx(0.2)


def test_nearly_black_is_clipped_and_deep_shadow_is_not() -> None:
    """JPEG leaves black uneven by a few levels; a shadow with detail in it is not clipped."""
    black, shadow = (np.full((20, 20, 3), level, np.uint8) for level in (3, 14))
    assert measure_exposure(Photo.from_pixels(black)).clipped_dark == 1
    assert measure_exposure(Photo.from_pixels(shadow)).clipped_dark == 0


def test_green_weighs_more_than_blue() -> None:
    """Luma follows the eye's sensitivity: pure green is brighter than pure blue."""
    green, blue = np.zeros((10, 10, 3), np.uint8), np.zeros((10, 10, 3), np.uint8)
    green[..., 1] = blue[..., 2] = 255
    assert (
        measure_exposure(Photo.from_pixels(green)).median
        > 3 * measure_exposure(Photo.from_pixels(blue)).median
    )


def starry_sky(stars: int, level: int = 25, seed: int = 0) -> Pixels:
    """Make a dark, slightly noisy sky with this many stars of a few pixels."""
    rng = np.random.default_rng(seed)
    sky = rng.normal(level, 2, (400, 600, 1)).repeat(3, 2)
    for _ in range(stars):
        y, x = rng.integers(2, 396), rng.integers(2, 596)
        sky[y : y + 2, x : x + 2] += rng.uniform(60, 200)
    return np.clip(sky, 0, 255).astype(np.uint8)


def test_stars_are_small_lights_in_the_dark() -> None:
    """More stars fill more blocks; an even sky, its noise included, has none."""
    shares = [count_small_lights(starry_sky(stars)) for stars in (0, 100, 400)]
    assert shares[0] == 0
    assert 0.03 < shares[1] < shares[2] < 0.6


def test_edges_noise_and_large_lights_are_no_small_lights() -> None:
    """A lit window, a bright half and strong noise stand out of no block."""
    window, half = np.full((400, 600, 3), 20, np.uint8), np.full((400, 600, 3), 20, np.uint8)
    window[104:200, 104:200] = 220
    half[:, 296:] = 180
    noise = np.random.default_rng(0).normal(30, 9, (400, 600, 1)).repeat(3, 2).clip(0, 255).astype(np.uint8)
    for picture in (window, half, noise):
        assert count_small_lights(picture) < 0.02


def test_small_lights_are_counted_in_dark_pictures_only() -> None:
    """By day, small bright points are leaves and gravel; a picture smaller than a block is no error."""
    dark, day = (measure_exposure(Photo.from_pixels(starry_sky(300, level))) for level in (25, 130))
    assert dark.lights > 0.1
    assert day.lights == 0
    assert count_small_lights(np.zeros((5, 40, 3), np.uint8)) == 0


def test_mean_luma_is_between_black_and_white() -> None:
    """Half black and half white has a mean of a half."""
    picture = np.zeros((10, 10, 3), np.uint8)
    picture[:5] = 255
    assert mean_luma(picture) == pytest.approx(0.5)
