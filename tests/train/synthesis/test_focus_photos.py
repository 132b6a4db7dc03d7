"""Whole photos with a measured blur: what they count as, and how they are joined to mosaics."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from autocull.train.synthesis.blur_kernels import disc_kernel, gaussian_kernel
from autocull.train.synthesis.focus_photos import make_blurred_photos, make_mosaic, softness_of


def detail(pixels: np.ndarray) -> float:
    """Return the mean step between neighbours."""
    return float(np.abs(np.diff(pixels.astype(float), axis=1)).mean())


@pytest.mark.parametrize("seed", range(6))
def test_a_good_and_a_blurred_photo_are_made_by_one_camera(seed: int) -> None:
    """Both have the picture's size; what counts as soft has lost detail, the good one has not."""
    picture = data.astronaut()[:300, :400]
    good, blurred = make_blurred_photos(picture, np.random.default_rng(seed))
    assert good.pixels.shape == blurred.pixels.shape == picture.shape
    assert good.pixels.dtype == np.uint8
    assert (good.kind, good.soft) == ("good", 0.0)
    assert blurred.kind in {"defocus", "motion"}
    assert 0 <= blurred.soft <= 1
    assert detail(blurred.pixels) < detail(good.pixels)
    if blurred.soft == 1:
        assert detail(blurred.pixels) < 0.8 * detail(good.pixels)


def test_both_kinds_of_blur_and_many_extents_occur() -> None:
    """Over some seeds there is missed focus and movement, from hardly any blur to much."""
    picture = data.astronaut()[:200]
    photos = [list(make_blurred_photos(picture, np.random.default_rng(seed)))[1] for seed in range(20)]
    assert {each.kind for each in photos} == {"defocus", "motion"}
    assert min(each.soft for each in photos) < 0.8
    assert max(each.soft for each in photos) == 1


def test_the_same_seed_makes_the_same_photos() -> None:
    """A fit can be repeated."""
    first, again = (
        list(make_blurred_photos(data.astronaut()[:100, :100], np.random.default_rng(3))) for _ in range(2)
    )
    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(first, again, strict=True))


def test_softness_is_a_share_of_the_picture() -> None:
    """The same kernel matters less in a larger picture; a wider one more."""
    kernel = gaussian_kernel(1.0)
    assert softness_of(kernel, 300) == 1
    assert softness_of(kernel, 1200) == 0
    assert 0 < softness_of(kernel, 600) < 1
    assert softness_of(disc_kernel(8.0), 1024) == 1


def test_a_mosaic_joins_four_photos_without_scaling_them() -> None:
    """Its sides are twice those of the smallest photo, and each quarter is one photo's pixels."""
    pictures = [np.full((30 + n, 50 - n, 3), 10 * n, np.uint8) for n in range(4)]
    mosaic = make_mosaic(pictures)
    assert mosaic.shape == (60, 94, 3)
    quarters = [mosaic[y, x, 0] for y in (5, 55) for x in (5, 90)]
    assert quarters == [0, 10, 20, 30]
