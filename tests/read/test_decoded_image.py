"""Decoded images: the working picture and the crops of stored pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from autocull.read.decoded_image import WORKING_SIDE, DecodedImage
from autocull.read.orientation import apply_orientation
from autocull.read.photo import Box, Pixels
from support.icc_profiles import ADOBE_RGB, rgb_profile

WHOLE = Box(0, 0, 1, 1)
anywhere = st.floats(-0.5, 1.5)


def noise(width: int, height: int) -> Pixels:
    """Make a picture of independent random pixels."""
    return np.random.default_rng(5).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((6000, 40), 1000),
        ((4000, 30), 1000),
        ((8256, 50), 918),
        ((1616, 108), 808),
        ((1025, 9), 1024),
        ((1024, 7), 1024),
        ((959, 700), 959),
        ((30, 4096), 1024),
        ((1, 4000), 1000),
        ((3, 2), 3),
    ],
)
def test_working_picture_has_800_to_1024_pixels(size: tuple[int, int], expected: int) -> None:
    """The working picture is 800-1024 px long, in proportion; small pictures are never enlarged."""
    working = DecodedImage(Image.new("RGB", size)).render_working()
    assert max(working.shape[:2]) == expected <= WORKING_SIDE
    shrunk = max(size) / expected
    assert working.shape[1] == pytest.approx(size[0] / shrunk, abs=1)
    assert working.shape[0] == pytest.approx(size[1] / shrunk, abs=1)


@pytest.mark.parametrize("size", [(4000, 300), (1616, 300)])
def test_working_pixels_are_averages(size: tuple[int, int]) -> None:
    """Noise is averaged out (no pixels are skipped) and the mean brightness stays."""
    pixels = noise(*size)
    working = DecodedImage(Image.fromarray(pixels)).render_working()
    assert working.mean() == pytest.approx(pixels.mean(), abs=0.7)
    assert working.std() < pixels.std() / (size[0] / working.shape[1]) * 1.25


def test_working_picture_is_a_copy() -> None:
    """Overwriting the stored pixels (the next photo in the buffer) does not change a working picture."""
    pixels = noise(64, 48)
    block = np.ascontiguousarray(np.dstack([pixels, pixels[..., :1]])).reshape(-1)
    picture = DecodedImage(Image.frombuffer("RGBX", (64, 48), block, "raw", "RGBX", 0, 1))
    working = picture.render_working()
    block[:] = 0
    assert np.array_equal(working, pixels)
    assert picture.render_working().max() == 0  # and nothing was copied before


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_crops_are_upright(mode: str, orientation: int) -> None:
    """A crop equals the same piece of the picture turned first, in every mode and orientation."""
    image = Image.fromarray(noise(40, 24)).convert(mode)
    picture = DecodedImage(image, orientation)
    upright = np.asarray(apply_orientation(image, orientation).convert("RGB"))
    height, width = upright.shape[:2]
    crop = picture.crop(Box(3 / width, 5 / height, 17 / width, 21 / height), 1)
    assert np.array_equal(crop, upright[5:21, 3:17])
    assert picture.size == (width, height)
    assert np.array_equal(picture.crop(WHOLE, 1), upright)


def test_reduced_crops_are_averages() -> None:
    """`reduce` averages whole blocks of native pixels."""
    pixels = noise(40, 24)
    crop = DecodedImage(Image.fromarray(pixels)).crop(Box(0, 0, 0.5, 0.5), 4)
    blocks = pixels[:12, :20].reshape(3, 4, 5, 4, 3).mean(axis=(1, 3))
    assert crop.shape == (3, 5, 3)
    assert np.abs(crop - blocks).max() <= 0.51


@given(anywhere, anywhere, anywhere, anywhere, st.integers(0, 9))
def test_any_box_gives_at_least_one_pixel(x0: float, y0: float, x1: float, y1: float, reduce: int) -> None:
    """Boxes outside the picture, empty ones and inverted ones are clipped, without an error."""
    crop = DecodedImage(Image.fromarray(noise(7, 5)), 6).crop(Box(x0, y0, x1, y1), reduce)
    assert crop.dtype == np.uint8
    assert crop.ndim == crop.shape[2] == 3
    assert 1 <= crop.shape[0] <= 7
    assert 1 <= crop.shape[1] <= 5


def test_rounding_errors_do_not_enlarge_a_crop() -> None:
    """Fractions that mean whole pixels give exactly these."""
    picture = DecodedImage(Image.new("RGB", (6000, 3)))
    for left in (1, 7, 1103, 2999, 5800):
        assert picture.crop(Box(left / 6000, 0, (left + 100) / 6000, 1), 1).shape == (3, 100, 3)


def test_profile_is_applied_to_working_picture_and_crops() -> None:
    """Both are converted alike; the stored pixels are not."""
    image = Image.new("RGB", (20, 20), (40, 200, 60))
    picture = DecodedImage(image, profile=rgb_profile(ADOBE_RGB, 2.2))
    working, crop = picture.render_working(), picture.crop(Box(0, 0, 0.2, 0.2), 1)
    assert working[0, 0].tolist() == crop[0, 0].tolist() != [40, 200, 60]
    assert image.getpixel((0, 0)) == (40, 200, 60)
